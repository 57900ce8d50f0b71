// Repair of histories: whatever a client sends, an upstream gets calls with their outputs, and no text is lost.
import { describe, expect, test } from "vitest";
import type { Item } from "../../src/hub/item.ts";
import { call, custom, customOutput, found, output, repair, said, search, thought, user } from "./history.ts";

const MISSING = "Interrupted: the client gave no result for this call. It may have run, wholly or in part, or not at all.";

test("a sound history stays as it is, object for object", () => {
  const items = [
    { type: "additional_tools", role: "developer", tools: [] } satisfies Item,
    user("do"),
    thought("hm"),
    said("let me see"),
    call("a"),
    thought("and"),
    call("b"),
    output("a"),
    output("b"),
    custom("c"),
    customOutput("c"),
    search("s"),
    found("s"),
    thought("so"),
    said("done"),
    user("thanks"),
  ];
  const repaired = repair(items);
  expect(repaired.losses).toBe("");
  expect(repaired.items.length).toBe(items.length);
  for (const [index, item] of repaired.items.entries()) expect(item).toBe(items[index]);
});

describe("outputs go to their calls", () => {
  test.each<[string, Item[], string[], string]>([
    ["missing", [call("a"), user("go on")], ["call a", `output a: ${MISSING}`, "user: go on"], "lowered history.missing_output"],
    [
      "missing at the end",
      [call("a"), call("b"), output("b")],
      ["call a", "call b", `output a: ${MISSING}`, "output b: output of b"],
      "lowered history.missing_output",
    ],
    ["late", [call("a"), user("wait"), output("a")], ["call a", "output a: output of a", "user: wait"], "lowered history.order"],
    ["early", [output("a"), call("a")], ["call a", "output a: output of a"], "lowered history.order"],
    [
      "in another order",
      [call("a"), call("b"), output("b"), output("a")],
      ["call a", "call b", "output a: output of a", "output b: output of b"],
      "",
    ],
    ["after a text", [call("a"), said("running"), output("a")], ["assistant: running", "call a", "output a: output of a"], ""],
    [
      "after a text between",
      [call("a"), said("and"), call("b"), output("a"), output("b")],
      ["assistant: and", "call a", "call b", "output a: output of a", "output b: output of b"],
      "",
    ],
    [
      "after a thought",
      [call("a"), thought("hm"), output("a"), said("ok")],
      ["call a", "output a: output of a", "reasoning: hm", "assistant: ok"],
      "",
    ],
    [
      "one after another",
      [call("a"), output("a"), call("b"), output("b")],
      ["call a", "output a: output of a", "call b", "output b: output of b"],
      "",
    ],
  ])("%s", (_name, items, text, losses) => {
    expect(repair(items)).toMatchObject({ text, losses });
  });

  test("a missing output is of its call's kind", () => {
    expect(repair([custom("c"), search("s")]).items.slice(2)).toMatchObject([
      { type: "custom_tool_call_output", call_id: "c", output: MISSING },
      { type: "tool_search_output", call_id: "s", status: "incomplete", execution: "client", tools: [] },
    ]);
  });
});

describe("outputs without a call", () => {
  test("are quoted, with their images", () => {
    const image: Item = {
      type: "function_call_output",
      call_id: "x",
      output: [
        { type: "input_text", text: "see" },
        { type: "input_image", image_url: "data:," },
      ],
    };
    const { text, losses } = repair([user("hi"), output("gone"), image]);
    expect(text).toEqual([
      "user: hi",
      "user: [Output of a tool call that is not part of this conversation]\noutput of gone",
      "user: [Output of a tool call that is not part of this conversation] | see | input_image",
    ]);
    expect(losses).toBe("lowered history.orphan_output");
  });

  test("further ones of an answered call are quoted after its group", () => {
    const { text, losses } = repair([call("a"), call("b"), output("a", "first"), output("a", "second"), output("b")]);
    expect(text).toEqual([
      "call a",
      "call b",
      "output a: first",
      "output b: output of b",
      "user: [Further output of the tool call a]\nsecond",
    ]);
    expect(losses).toBe("lowered history.further_output");
  });

  test("a search result gets a call, so that its tools stay", () => {
    expect(repair([user("hi"), found("s")])).toMatchObject({
      text: ["user: hi", "call s", "found s: 1"],
      losses: "lowered history.orphan_output",
    });
    expect(repair([search("s"), found("s"), found("s")]).text).toEqual(["call s", "found s: 1", "call s_2", "found s_2: 1"]);
  });
});

describe("call ids", () => {
  test("that are used again are made different, each output with its own call", () => {
    const items = [
      call("1"),
      output("1", "one"),
      user("next"),
      call("1"),
      output("1", "two"),
      call("1"),
      call("1"),
      output("1", "three"),
      output("1", "four"),
    ];
    expect(repair(items)).toMatchObject({
      text: [
        "call 1",
        "output 1: one",
        "user: next",
        "call 1_2",
        "output 1_2: two",
        "call 1_3",
        "call 1_4",
        "output 1_3: three",
        "output 1_4: four",
      ],
      losses: "lowered history.call_id",
    });
  });

  test("of a call that was broken off do not take the output of a later one", () => {
    expect(repair([call("1"), user("again"), call("1"), output("1", "two")]).text).toEqual([
      "call 1",
      `output 1: ${MISSING}`,
      "user: again",
      "call 1_2",
      "output 1_2: two",
    ]);
  });

  test("never become one that is there", () => {
    expect(
      repair([call("a"), output("a"), call("a"), output("a"), call("a_2"), output("a_2")]).text.filter((line) => line.startsWith("call")),
    ).toEqual(["call a", "call a_3", "call a_2"]);
    const long = "x".repeat(64);
    for (const line of repair([call(long), output(long), call(long), output(long)]).text)
      expect(line.split(/[ :]/)[1]?.length).toBeLessThanOrEqual(64);
  });

  test("that are missing are minted, and outputs without one taken in order", () => {
    expect(repair([search(null), found(null), call(""), call(""), output("", "x"), output("", "y")]).text).toEqual([
      "call call_at_0",
      "found call_at_0: 1",
      "call call_at_2",
      "call call_at_3",
      "output call_at_2: x",
      "output call_at_3: y",
    ]);
  });

  test("are the same in the next turn", () => {
    const items = [call("1"), output("1"), call("1"), output("1"), search(null), found(null)];
    const longer = [...items, user("more"), call("1"), output("1")];
    expect(repair(longer).text.slice(0, items.length)).toEqual(repair(items).text);
  });
});

describe("what says nothing", () => {
  test.each<[string, Item[], string[], string]>([
    ["empty messages", [user(""), said(""), { type: "message", role: "user", content: [] }, user("hi")], ["user: hi"], ""],
    [
      "an image is not empty",
      [
        {
          type: "message",
          role: "user",
          content: [
            { type: "input_text", text: "" },
            { type: "input_image", image_url: "data:," },
          ],
        },
      ],
      ["user:  | input_image"],
      "",
    ],
    [
      "calls without a name, with their outputs",
      [call("a", ""), call("b"), output("a"), output("b")],
      ["call b", "output b: output of b"],
      "dropped history.unnamed_call",
    ],
    [
      "reasoning of a turn broken off",
      [user("hi"), thought("x"), thought("y"), user("again"), thought("z")],
      ["user: hi", "user: again"],
      "dropped history.reasoning",
    ],
    ["reasoning before an empty message", [thought("x"), said(""), user("hi")], ["user: hi"], "dropped history.reasoning"],
    ["what was sealed after an answer stays", [said("hi"), thought("x"), user("on")], ["assistant: hi", "reasoning: x", "user: on"], ""],
    ["reasoning before an answer stays", [thought("x"), thought("y"), said("hi")], ["reasoning: x", "reasoning: y", "assistant: hi"], ""],
  ])("%s", (_name, items, text, losses) => {
    expect(repair(items)).toMatchObject({ text, losses });
  });
});
