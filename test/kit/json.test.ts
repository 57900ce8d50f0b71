// The small readings of JSON: a wrong shape is undefined, never a throw.
import { expect, test } from "vitest";
import { asList, asNumber, asObject, asString, defined, isObject, parseJson } from "../../src/kit/json.ts";

const VALUES: unknown[] = [undefined, null, "", "a", 0, 1.5, Number.NaN, Infinity, true, false, [], [1], {}, { a: 1 }];

function readings(read: (value: unknown) => unknown): unknown[] {
  return VALUES.map(read).filter((value) => value !== undefined);
}

test("each reading takes its own shape and nothing else", () => {
  expect(readings(asString)).toEqual(["", "a"]);
  expect(readings(asNumber)).toEqual([0, 1.5]);
  expect(readings(asObject)).toEqual([{}, { a: 1 }]);
  expect(VALUES.filter(isObject)).toEqual([{}, { a: 1 }]);
  expect(VALUES.map(asList).filter((list) => list.length > 0)).toEqual([[1]]);
});

test("text that is no JSON reads as undefined", () => {
  for (const text of ["", "{", "nul", "{'a':1}", "[1,]", '"\\x"', "\uFEFF{}"]) expect(parseJson(text)).toBeUndefined();
  expect(parseJson("null")).toBeNull();
  expect(parseJson(' {"a":[1,"\\ud83d\\ude00"]} ')).toEqual({ a: [1, "😀"] });
  expect(parseJson("[".repeat(200_000))).toBeUndefined();
});

test("a record keeps every field but those that are undefined", () => {
  const record = defined({ a: undefined, b: null, c: 0, d: "" });
  expect(Object.keys(record)).toEqual(["b", "c", "d"]);
});
