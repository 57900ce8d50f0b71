// Reasoning that is put back stands before its calls, once, and only where the client sent none of its own.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Item } from "../../src/hub/item.ts";
import type { Recall } from "../../src/hub/restore-reasoning.ts";
import { restoreReasoning } from "../../src/hub/restore-reasoning.ts";
import { call, custom, found, output, said as answer, search, user as wordOf } from "./history.ts";

const user = wordOf("hi");
const said = answer("ok");
const reasoning = (seal?: string): Item => ({ type: "reasoning", summary: [], ...(seal === undefined ? {} : { encrypted_content: seal }) });

const SEALS: Record<string, readonly string[]> = { a: ["s1", "s2"], c: ["s3"] };
SEALS["b"] = SEALS["a"] ?? [];
const restore = (items: Item[]): Item[] => restoreReasoning(items, (one) => SEALS[one.call_id ?? ""]);

test("the reasoning of parallel calls comes before the first of them, and before what was said", () => {
  expect(restore([user, said, call("a"), call("b"), output("a"), output("b")])).toEqual([
    user,
    reasoning("s1"),
    reasoning("s2"),
    said,
    call("a"),
    call("b"),
    output("a"),
    output("b"),
  ]);
});

test("each stretch gets its own", () => {
  expect(restore([user, call("a"), output("a"), call("c"), output("c"), said])).toEqual([
    user,
    reasoning("s1"),
    reasoning("s2"),
    call("a"),
    output("a"),
    reasoning("s3"),
    call("c"),
    output("c"),
    said,
  ]);
});

test("two replies in one stretch keep their order", () => {
  expect(restore([call("a"), call("c")])).toEqual([reasoning("s1"), reasoning("s2"), call("a"), reasoning("s3"), call("c")]);
});

test("reasoning without a seal gives way to it", () => {
  expect(restore([reasoning(), call("c")])).toEqual([reasoning("s3"), call("c")]);
});

test("sealed reasoning of the client's own stays alone, and unknown calls as they are", () => {
  for (const items of [[reasoning("own"), call("a")], [call("x"), output("x")], [reasoning(), said], []])
    expect(restore(items)).toEqual(items);
});

test("a call is of the current turn after the last word of a user or an agent", () => {
  const seen: [string | null, boolean][] = [];
  const agent: Item = { type: "agent_message", author: "x", recipient: "y", text: "go" };
  for (const word of [user, agent])
    restoreReasoning([user, call("a"), output("a"), word, call("b")], (one, current) => void seen.push([one.call_id, current]));
  expect(seen).toEqual([
    ["a", false],
    ["b", true],
    ["a", false],
    ["b", true],
  ]);
});

test("of any history everything else stays in order, and a second time changes nothing", () => {
  const id = fc.constantFrom("a", "b", "c");
  const anyItem = fc.oneof(
    id.map((one) => call(one)),
    id.map(custom),
    id.map(search),
    id.map((one) => output(one)),
    id.map(found),
    fc.constantFrom(user, said, reasoning(), reasoning("own")),
  );
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 12 }), fc.func(fc.boolean()), (items, knows) => {
      const known = new Map<string, readonly string[]>();
      const recall: Recall = (one) => {
        const name = one.call_id ?? "";
        if (!knows(name)) return undefined;
        if (!known.has(name)) known.set(name, [`sealed ${name}`]);
        return known.get(name);
      };
      const restored = restoreReasoning(items, recall);
      const others = (list: readonly Item[]): Item[] => list.filter((item) => item.type !== "reasoning");
      expect(others(restored)).toEqual(others(items));
      expect(restoreReasoning(restored, recall)).toEqual(restored);
    }),
  );
});
