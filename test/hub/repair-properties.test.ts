// Repair of any history at all: pairs hold, a second repair changes nothing, no text is lost.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Item } from "../../src/hub/item.ts";
import { call, custom, customOutput, found, output, repair, said, search, thought, user } from "./history.ts";

const id = fc.constantFrom("a", "b", "c", "a_2", "");
const anyItem: fc.Arbitrary<Item> = fc.oneof(
  fc.string({ maxLength: 3 }).map(user),
  fc.string({ maxLength: 3 }).map(said),
  fc.nat(999).map((number) => thought(`t${number}`)),
  fc.tuple(id, fc.constantFrom("exec", "exec", "exec", "")).map(([callId, name]) => call(callId, name)),
  id.map(custom),
  fc.constantFrom("s", "a", null).map(search),
  fc.tuple(id, fc.nat(999)).map(([callId, number]) => output(callId, `out${number}`)),
  fc.tuple(id, fc.nat(999)).map(([callId, number]) => customOutput(callId, `out${number}`)),
  fc.constantFrom("s", "a", null).map(found),
  fc.constantFrom<Item>({ type: "opaque", wire: { type: "web_search_call" } }, { type: "additional_tools", role: "developer", tools: [] }),
);
const histories = fc.array(anyItem, { maxLength: 25 });

function isCallText(line: string): boolean {
  return line.startsWith("call ");
}

test("any history becomes one in which calls and outputs pair, group by group", () => {
  fc.assert(
    fc.property(histories, (items) => {
      const { text } = repair(items);
      const ids = text.filter(isCallText).map((line) => line.slice(5));
      expect(new Set(ids).size).toBe(ids.length);
      let open: string[] = [];
      for (const [index, line] of text.entries()) {
        if (isCallText(line)) open.push(line.slice(5));
        else if (/^(output|found) /.test(line)) {
          expect(line.split(/[ :]/)[1]).toBe(open.shift());
          // No call between the outputs of one group.
          if (open.length > 0) expect(text[index + 1]).toMatch(/^(output|found) /);
        } else if (!line.startsWith("reasoning")) expect(open).toEqual([]);
      }
      expect(open).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test("a second repair changes nothing and finds nothing", () => {
  fc.assert(
    fc.property(histories, (items) => {
      const once = repair(items);
      const twice = repair(once.items);
      expect(twice.text).toEqual(once.text);
      expect(twice.losses).toBe("");
      for (const [index, item] of twice.items.entries()) expect(item).toBe(once.items[index]);
    }),
    { numRuns: 1000 },
  );
});

test("no text is lost, and the items given are not changed", () => {
  fc.assert(
    fc.property(histories, (items) => {
      const before = structuredClone(items);
      const { items: repaired } = repair(items);
      expect(items).toEqual(before);
      const all = JSON.stringify(repaired);
      const unnamed = new Set(items.map((item) => (item.type === "function_call" && item.name === "" ? item.call_id : undefined)));
      for (const item of items) {
        if (item.type === "message")
          for (const part of item.content) expect(all).toContain("text" in part ? JSON.stringify(part.text).slice(1, -1) : "");
        const text = item.type === "function_call_output" || item.type === "custom_tool_call_output" ? item.output : "";
        if (text !== "" && "call_id" in item && !unnamed.has(item.call_id ?? "")) expect(all).toContain(text);
      }
      const count = (type: string, list: readonly Item[]): number => list.filter((item) => item.type === type).length;
      expect(count("custom_tool_call", repaired)).toBe(count("custom_tool_call", items));
      expect(count("opaque", repaired)).toBe(count("opaque", items));
    }),
    { numRuns: 1000 },
  );
});
