// Ids that we mint: what every client and vendor takes as an id, and never the same twice.
import { expect, test } from "vitest";
import { createIdSource, turnId } from "../../src/kit/ids.ts";

test("ids have their prefix, 64 characters at most, and letters and digits alone", () => {
  const ids = createIdSource();
  for (const prefix of ["resp", "msg", "rs", "fc", "ctc", "tsc", "call"]) {
    const id = ids(prefix);
    expect(id).toMatch(new RegExp(`^${prefix}_[a-z0-9]+$`));
    expect(id.length).toBeLessThanOrEqual(64);
  }
});

test("ids are unique within a reply and among replies", () => {
  const made = new Set<string>();
  for (let reply = 0; reply < 200; reply++) {
    const ids = createIdSource();
    for (let count = 0; count < 50; count++) made.add(ids("msg"));
  }
  expect(made.size).toBe(10_000);
});

test("the ids of one reply share their first half", () => {
  const ids = createIdSource();
  const halves = [ids("resp"), ids("msg"), ids("rs")].map((id) => id.slice(id.indexOf("_") + 1).slice(0, 32));
  expect(new Set(halves).size).toBe(1);
  expect(createIdSource()("resp")).not.toContain(halves[0]);
});

test("a later turn has the greater id", () => {
  const early = turnId(Date.parse("2026-01-01"));
  const late = turnId(Date.parse("2026-01-01") + 1);
  expect([late, early].toSorted()).toEqual([early, late]);
  expect(early).toMatch(/^turn_[0-9a-f]+$/);
  expect(turnId(5)).not.toBe(turnId(5));
});
