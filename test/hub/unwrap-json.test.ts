// Answers that should be JSON alone: what stands around the one value goes, and of several none is chosen.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "../../src/kit/json.ts";
import { unwrapJson } from "../../src/hub/unwrap-json.ts";

describe("the value of an answer", () => {
  test.each([
    ['{"a":1}', '{"a":1}'],
    [' {"a":1}\n', ' {"a":1}\n'],
    ["7", "7"],
    ['"word"', '"word"'],
    ['```json\n{"a":1}\n```', '{"a":1}'],
    ["```\n[1,2]\n```\n", "[1,2]"],
    ["```json\n3\n```", "3"],
    ['Here you are:\n```json\n{"a":1}\n```\nAnything else?', '{"a":1}'],
    ['The answer is {"a":{"b":[1]}}.', '{"a":{"b":[1]}}'],
    ['For {name} of [the list: {"a":1}', '{"a":1}'],
    ['{"a":"}{"} it is', '{"a":"}{"}'],
  ])("%j", (answer, text) => {
    expect(unwrapJson(answer)?.text).toBe(text);
  });

  test.each([
    ["none", "I cannot say."],
    ["an empty answer", ""],
    ["a number among prose", "There are 7 of them."],
    ["two values", '{"a":1} or {"a":2}'],
    ["a value and a footnote", '{"a":1} as said in [1]'],
    ["a torso", '{"a":1'],
    ["a fence that holds no JSON", "```json\n{'a':1}\n```"],
  ])("%s is none", (_, answer) => {
    expect(unwrapJson(answer)).toBeUndefined();
  });

  test("of prose without brackets around any value it is that value", () => {
    const prose = fc.string({ unit: fc.constantFrom("a", " ", "\n", ".", '"', "é", "}", "]", "1"), maxLength: 20 });
    const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
    fc.assert(
      fc.property(prose, value, prose, fc.boolean(), (before, inner, after, isWide) => {
        const text = JSON.stringify(inner, null, isWide ? 2 : 0);
        const answer = `${before} ${text} ${after}`;
        // A quote on either side makes a JSON string of the whole, which then is the value.
        fc.pre(parseJson(answer.trim()) === undefined || `${before}${after}`.trim() === "");
        expect(unwrapJson(answer)?.text.trim()).toBe(text);
      }),
    );
  });

  test("a text of a million brackets is given up", () => {
    expect(unwrapJson("[".repeat(1_000_000))).toBeUndefined();
    expect(unwrapJson("{x".repeat(1_000_000))).toBeUndefined();
  });
});
