// Old tool results that are cut to head and tail.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ageResults } from "../../src/hub/age-results.ts";
import type { Item } from "../../src/hub/item.ts";
import { LossList } from "../../src/hub/loss.ts";
import { call, customOutput, output, user } from "./history.ts";

const RULE = { keepLast: 1, overBytes: 512 };
const long = `head${"x".repeat(5000)}tail`;

function age(items: readonly Item[], rule = RULE): { items: readonly Item[]; losses: string[] } {
  const losses = new LossList();
  const aged = ageResults(items, rule, losses);
  return { items: aged, losses: losses.list().map((loss) => `${loss.kind} ${loss.feature}`) };
}

function textAt(items: readonly Item[], index: number): string {
  const item = items[index];
  return item?.type === "function_call_output" && typeof item.output === "string" ? item.output : "";
}

test("a long old result keeps its head and tail and says what is missing; the latest is whole", () => {
  const { items, losses } = age([call("1"), output("1", long), call("2"), output("2", long)]);
  expect(textAt(items, 1)).toMatch(/^headx{252}\n\[4496 bytes of this older tool result were left out here[^\n]*\]\nx{252}tail$/);
  expect(textAt(items, 3)).toBe(long);
  expect(losses).toEqual(["dropped aged.function_call_output[1]"]);
});

test("every cut is a loss of its own", () => {
  expect(age([output("1", long), customOutput("2", long), output("3")]).losses).toEqual([
    "dropped aged.function_call_output[0]",
    "dropped aged.custom_tool_call_output[1]",
  ]);
});

test("short results, messages and images are as they were", () => {
  const image: Item = { type: "function_call_output", call_id: "2", output: [{ type: "input_image", image_url: "data:," }] };
  const items = [user(long), output("1", "short"), image, output("3", long)];
  expect(age(items).items).toBe(items);
});

test("the text among a result's parts is cut, the other parts stay", () => {
  const parts: Item = {
    type: "function_call_output",
    call_id: "1",
    output: [
      { type: "input_text", text: long },
      { type: "input_image", image_url: "data:," },
    ],
  };
  const [aged] = age([parts, output("2")]).items;
  expect(JSON.stringify(aged).length).toBeLessThan(900);
  expect(JSON.stringify(aged)).toContain("data:,");
});

test("no cut makes a result longer, breaks a character, or changes when it is made again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (text) => {
      const once = age([output("1", text), output("2")], { keepLast: 1, overBytes: 600 });
      const cut = textAt(once.items, 0);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(Buffer.byteLength(text));
      if (text.isWellFormed()) expect(cut).not.toContain("\ufffd");
    }),
  );
});
