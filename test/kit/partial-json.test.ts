// One string out of JSON that still arrives: the same as JSON.parse, over any cut, and every part of it as early as it is there.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StringField } from "../../src/kit/partial-json.ts";
import { cutsOf } from "../support/cut-text.ts";

function read(pieces: readonly string[]): { text: string; parts: string[]; place: string } {
  const field = new StringField("input");
  const parts = pieces.map((piece) => field.feed(piece));
  parts.push(field.finish());
  return { text: parts.join(""), parts, place: field.place };
}

describe("the string under a key", () => {
  test.each([
    ['{"input":"abc"}', "abc", "closed"],
    [' { "input" : "abc" } ', "abc", "closed"],
    ['{"x":1,"y":{"input":"no"},"z":["input","no"],"input":"yes"}', "yes", "closed"],
    ['{"inp\\u0075t":"yes"}', "yes", "closed"],
    ['{"input":"a\\n\\t\\"\\\\\\/\\u00e9"}', 'a\n\t"\\/é', "closed"],
    ['{"input":"\\ud83d\\ude00"}', "😀", "closed"],
    ['{"input":"😀"}', "😀", "closed"],
    ['{"input":"one","input":"two"}', "one", "closed"],
    ['{"input":""}', "", "closed"],
    ['{"input":"cut', "cut", "inside"],
    ['{"input":"cut\\', "cut", "inside"],
    ['{"input":"cut\\u00e', "cut", "inside"],
    ['{"input":"lone \\ud83d"}', "lone \ud83d", "closed"],
    ['{"input":["no"]}', "", "seeking"],
    ['{"input":{"input":"no"}}', "", "seeking"],
    ['["input","no"]', "", "seeking"],
    ["input", "", "seeking"],
    // Not JSON, yet what models write: raw line breaks, escapes that JSON does not know, hex that is none.
    ['{"input":"a\nb"}', "a\nb", "closed"],
    ['{"input":"\\d+\\q"}', "\\d+\\q", "closed"],
    ['{"input":"\\u00zz"}', "\\u00zz", "closed"],
  ])("%j", (json, text, place) => {
    expect(read([json])).toMatchObject({ text, place });
    expect(read(json.split(""))).toMatchObject({ text, place });
  });

  test("the text comes as it arrives, without half a character", () => {
    expect(read(['{"input":"ab', "c\\", "nd\\ud83d", "\\ude", '00e"}']).parts).toEqual(["ab", "c", "\nd", "", "😀e", ""]);
  });
});

test("any object with the key gives what JSON.parse gives, in whole characters, over any cut", () => {
  const values = fc.record({
    before: fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
    input: fc.string({ unit: "binary", maxLength: 40 }),
    after: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 2 }),
  });
  const escaped = (json: string): string =>
    json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const others = (fields: object): string[] =>
    Object.entries(fields)
      .filter(([key]) => key !== "input")
      .map(([key, value]) => `${JSON.stringify(key)} : ${JSON.stringify(value)}`);
  const cases = values.chain(({ before, input, after }) => {
    const json = `{${[...others(before), `"input" : ${JSON.stringify(input)}`, ...others(after)].join(" , ")}}`;
    return fc.constantFrom(json, escaped(json)).chain((text) => fc.tuple(fc.constant(input), cutsOf(text)));
  });
  fc.assert(
    fc.property(cases, ([input, pieces]) => {
      const { text, parts, place } = read(pieces);
      expect(text).toBe(input);
      expect(place).toBe("closed");
      for (const part of parts) expect(part.isWellFormed()).toBe(true);
    }),
    { numRuns: 500 },
  );
});
