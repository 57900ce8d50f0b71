// Work with a bound on its time.
import { expect, test } from "vitest";
import { withinTime } from "../../src/kit/time-limit.ts";

test("work that ends gives its result, and throws what it throws", () => {
  expect(withinTime(1000, () => 7)).toBe(7);
  expect(() =>
    withinTime(1000, () => {
      throw new RangeError("no");
    }),
  ).toThrow(RangeError);
  expect(withinTime(1000, () => "again")).toBe("again");
});

test("a pattern that would never end is broken off", () => {
  expect(withinTime(50, () => /^(a+)+$/.test(`${"a".repeat(60)}b`))).toBeUndefined();
  expect(withinTime(1000, () => 7)).toBe(7);
});
