// What is left of a conversation that is too long.
import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyHandOver } from "../../src/hub/compaction/hand-over.ts";
import { writeHandOver } from "../../src/hub/compaction/write-hand-over.ts";
import type { Item } from "../../src/hub/item.ts";
import { LossList } from "../../src/hub/loss.ts";
import { repairItems } from "../../src/hub/repair.ts";
import { truncateItems } from "../../src/hub/truncate.ts";
import { call, output, said, thought, user } from "./history.ts";

const rules: Item = { type: "message", role: "developer", content: [{ type: "input_text", text: "rules" }] };
const tools: Item = { type: "additional_tools", role: "developer", tools: [] };
const folded = user(writeHandOver({ ...emptyHandOver(), task: "Port it." }));
const one = (): number => 1;

test("the oldest exchanges go first and whole: a user message with its answer, calls and outputs", () => {
  const items = [rules, user("a"), thought("t"), call("1"), output("1"), said("x"), user("b"), said("y"), user("c")];
  expect(truncateItems(items, 1, one)).toEqual({ items: [rules, user("b"), said("y"), user("c")], dropped: [1, 2, 3, 4, 5] });
  expect(truncateItems(items, 6, one).items).toEqual([rules, user("c")]);
});

test("rules, tools and the folded beginning stay wherever they stand", () => {
  const items = [folded, said("w"), user("a"), rules, tools, said("x"), user("b")];
  expect(truncateItems(items, 1000, one).items).toEqual([folded, rules, tools, user("b")]);
});

test("within the last exchange the oldest steps go, each with its outputs; the latest stays", () => {
  const items = [
    user("do"),
    thought("t1"),
    call("1"),
    call("2"),
    output("1"),
    output("2"),
    thought("t2"),
    call("3"),
    output("3"),
    call("4"),
    output("4"),
  ];
  expect(truncateItems(items, 1, one).items).toEqual([user("do"), thought("t2"), call("3"), output("3"), call("4"), output("4")]);
  expect(truncateItems(items, 1000, one).items).toEqual([user("do"), call("4"), output("4")]);
});

test("nothing is left out where nothing is in excess, or nothing may go", () => {
  expect(truncateItems([user("a"), said("b"), user("c")], 0, one).dropped).toEqual([]);
  expect(truncateItems([rules, user("a")], 1000, one).dropped).toEqual([]);
  expect(truncateItems([], 1000, one)).toEqual({ items: [], dropped: [] });
  expect(truncateItems([call("1"), output("1")], 1000, one).dropped).toEqual([]);
});

const anyItem = fc
  .constantFrom<Item>(rules, tools, user("u"), said("s"), thought("t"), call("1"), output("1"), call("2"), output("2"))
  .map((item) => structuredClone(item));

test("a repaired history is still one after any cut, and keeps its last user message", () => {
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 30 }), fc.nat(30), (items, excess) => {
      const whole = repairItems(items, new LossList());
      const cut = truncateItems(whole, excess, one);
      expect(cut.items.length + cut.dropped.length).toBe(whole.length);
      expect(repairItems(cut.items, new LossList())).toEqual(cut.items);
      const isUser = (item: Item): boolean => item.type === "message" && item.role === "user";
      expect(cut.items.findLast(isUser)).toBe(whole.findLast(isUser));
    }),
  );
});
