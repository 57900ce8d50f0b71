// Where a JSON value ends: the scanner against JSON.parse, over any cut.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonEnd } from "../../src/kit/json-end.ts";
import type { JsonState } from "../../src/kit/json-end.ts";
import { parseJson } from "../../src/kit/json.ts";
import { cutsOf } from "../support/cut-text.ts";

function scan(pieces: readonly string[]): { state: JsonState; rest: string } {
  const end = new JsonEnd();
  for (const piece of pieces) end.feed(piece);
  return { state: end.finish(), rest: end.rest };
}

describe("the verdict on a text", () => {
  test.each<[string, JsonState, string]>([
    ["", "open", ""],
    ["  \n", "open", ""],
    ["{", "open", ""],
    ['{"a"', "open", ""],
    ['{"a":1,', "open", ""],
    ['{"a":[1,{"b":"}"}]}', "complete", ""],
    ['{"a":1}{"b":2}', "complete", '{"b":2}'],
    ['{"a":1} \n', "complete", " \n"],
    ["[1,]", "broken", ""],
    ['{"a":1,}', "broken", ""],
    ["{a:1}", "broken", ""],
    ["[1}", "broken", ""],
    ["]", "broken", ""],
    ['"a\\u00', "open", ""],
    ['"a\\u00zz"', "broken", ""],
    ['"a\\q"', "broken", ""],
    ['"a\nb"', "broken", ""],
    ["tru", "open", ""],
    ["true", "complete", ""],
    ["trux", "broken", ""],
    ["12", "complete", ""],
    ["12 x", "complete", " x"],
    ["012", "complete", "12"],
    ["-", "open", ""],
    ["-x", "broken", ""],
    ["1.", "open", ""],
    ["1.e", "broken", ""],
    ["1e+", "open", ""],
    ["[1e+5]", "complete", ""],
    ["[-0.5E-7,0]", "complete", ""],
  ])("%j is %s", (text, state, rest) => {
    expect(scan([text])).toEqual({ state, rest });
    expect(scan(text.split(""))).toEqual({ state, rest });
  });

  test("a bare number is whole only when something follows or nothing more comes", () => {
    const end = new JsonEnd();
    expect(end.feed("12")).toBe("open");
    expect(end.feed("3")).toBe("open");
    expect(end.finish()).toBe("complete");
  });
});

test("any JSON is complete at its end, and no earlier part of it is broken", () => {
  const texts = fc.jsonValue({ maxDepth: 4 }).chain((value) => {
    const text = fc.constantFrom(JSON.stringify(value), JSON.stringify(value, null, 2));
    return text.chain((json) => fc.tuple(fc.constant(json), cutsOf(json)));
  });
  fc.assert(
    fc.property(texts, ([text, pieces]) => {
      expect(scan(pieces)).toEqual({ state: "complete", rest: "" });
      for (const length of [0, text.length >> 1, text.length - 1]) expect(scan([text.slice(0, length)]).state).not.toBe("broken");
    }),
    { numRuns: 300 },
  );
});

test("any text at all is judged as JSON.parse judges it", () => {
  const tokens = fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "a", "\\", "u0041", "true", "nul", "-", "0", "7", ".", "e", " ", "\n");
  const texts = fc.array(tokens, { maxLength: 12 }).map((list) => list.join(""));
  const seen = { complete: 0, broken: 0, open: 0 };
  fc.assert(
    fc.property(texts, (text) => {
      const { state, rest } = scan(text.split(""));
      seen[state] += 1;
      expect(state === "complete" && rest.trim() === "").toBe(parseJson(text) !== undefined);
      // What is broken stays so, however it goes on.
      if (state === "broken") for (const more of ['"', "}", "]", '"}', "0"]) expect(parseJson(text + more)).toBeUndefined();
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(seen.complete, seen.broken, seen.open)).toBeGreaterThan(50);
});
