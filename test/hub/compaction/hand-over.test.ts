// What a model answers is read however it is mistyped, and two hand-overs become one in which the newer state counts.
import { describe, expect, test } from "vitest";
import { emptyHandOver, handOverSchema, readHandOver, type HandOver } from "../../../src/hub/compaction/hand-over.ts";
import { mergeHandOver } from "../../../src/hub/compaction/merge-hand-over.ts";
import { findHandOver, writeHandOver } from "../../../src/hub/compaction/write-hand-over.ts";

const some = (fields: Partial<HandOver>): HandOver => ({ ...emptyHandOver(), ...fields });

describe("a model's answer", () => {
  test("is read as it is asked for", () => {
    const whole = some({ task: "Port it.", constraints: ["Never push."], open_calls: ["exec (c1): {}"], next: "Run the tests." });
    expect(readHandOver(structuredClone(whole))).toEqual(whole);
    expect(handOverSchema["required"]).toEqual(Object.keys(whole));
  });

  test.each([
    ["other spellings", { Task: "T", openCalls: ["a"] }, some({ task: "T", open_calls: ["a"] })],
    ["one object around it", { hand_over: { task: "T" } }, some({ task: "T" })],
    ["a text for a list", { constraints: "- one\n- two\n\n" }, some({ constraints: ["one", "two"] })],
    ["a list for a text", { next: ["first", "then"] }, some({ next: "first\nthen" })],
    ["objects in a list", { files: [{ path: "a.ts", state: "edited" }, null, 3] }, some({ files: ["path: a.ts; state: edited", "3"] })],
    ["an object for a list", { files: { "a.ts": "edited", "b.ts": "" } }, some({ files: ["a.ts: edited"] })],
  ])("is read with %s", (_, json, expected) => {
    expect(readHandOver(json)).toEqual(expected);
  });

  test.each([[undefined], [null], ["text"], [[]], [{}], [{ answer: 42 }], [{ task: "", files: [] }], [{ task: null }]])(
    "%j says nothing",
    (json) => {
      expect(readHandOver(json)).toBeUndefined();
    },
  );
});

describe("the text", () => {
  test("leaves out empty fields, and reads back, in the midst of another text too", () => {
    const whole = some({
      task: "Port it.\n\n## Plan\nas agreed",
      constraints: ["- dashes", "two\nlines"],
      failures: ["`npm test` → exit 1\nFAIL a"],
    });
    const text = writeHandOver(whole);
    expect(text).not.toContain("## Decisions");
    expect(findHandOver(`Before.\n${text}\nAfter.\n- no entry`)).toEqual(whole);
    expect(findHandOver("Nothing of the kind.")).toBeUndefined();
    expect(writeHandOver(emptyHandOver())).toBe("");
  });
});

describe("an older and a newer hand-over", () => {
  test("keep both's demands once, and the newer state of one thing", () => {
    const older = some({
      task: "Port it.\nNewest request: Do a.",
      constraints: ["Never push."],
      files: ["a.ts: edited, last +1 -0", "b.ts: read"],
      commands: ["`npm test` → exit 1"],
      plan: ["[now] one"],
      failures: ["`npm test` → exit 1\nFAIL a", "`make docs` → exit 2"],
      open_calls: ["exec (c1): {}"],
    });
    const newer = some({
      task: "Do b.",
      constraints: ["Never  push.", "Only tabs."],
      files: ["a.ts: read", "b.ts: edited"],
      commands: ["`npm test` → exit 0"],
      plan: ["[done] one"],
    });
    expect(mergeHandOver(older, newer)).toEqual(
      some({
        task: "Port it.\nNewest request: Do b.",
        constraints: ["Never push.", "Do a.", "Only tabs."],
        files: ["a.ts: edited, last +1 -0", "b.ts: edited"],
        commands: ["`npm test` → exit 0"],
        plan: ["[done] one"],
        failures: ["`make docs` → exit 2"],
      }),
    );
  });

  test("keep calls that were open while nothing has happened since", () => {
    const older = some({ open_calls: ["exec (c1): {}"], next: "Wait." });
    expect(mergeHandOver(older, some({ task: "Hurry." })).open_calls).toEqual(["exec (c1): {}"]);
    expect(mergeHandOver(older, some({ next: "Done." })).open_calls).toEqual([]);
  });
});
