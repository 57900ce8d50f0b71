// Losses: each is said once, in order, and in a header that any HTTP stack takes.
import { expect, test } from "vitest";
import { LossList } from "../../src/hub/loss.ts";

test("a loss of one kind and feature is kept once, with its first words", () => {
  const losses = new LossList();
  losses.add("dropped", "tool.web_search", "first");
  losses.add("lowered", "tool.custom", "emulated");
  losses.add("dropped", "tool.web_search", "again");
  losses.add("lowered", "tool.web_search", "in another way");
  expect(losses.list()).toEqual([
    { kind: "dropped", feature: "tool.web_search", detail: "first" },
    { kind: "lowered", feature: "tool.custom", detail: "emulated" },
    { kind: "lowered", feature: "tool.web_search", detail: "in another way" },
  ]);
  expect(losses.header()).toBe("dropped tool.web_search, lowered tool.custom, lowered tool.web_search");
});

test("none is an empty header", () => {
  expect(new LossList().header()).toBe("");
});

test("a hostile request fills neither the list nor the header, nor breaks it", () => {
  const losses = new LossList();
  losses.add("dropped", "part.é\r\nset-cookie: x=1", "injected");
  for (let count = 0; count < 5000; count++) losses.add("dropped", `input[${count}]`, "again");
  expect(losses.list().length).toBeLessThanOrEqual(200);
  expect(losses.header().length).toBeLessThanOrEqual(1000);
  expect(losses.header()).toMatch(/^[\x20-\x7e]*$/);
});
