// What a call that states no usage teaches of its target, and what it may cost.
import { expect, test } from "vitest";
import { Calibration } from "../../../src/gateway/estimate.ts";
import type { Target } from "../../../src/gateway/target.ts";
import { calibrateByCount } from "../../../src/gateway/tokens/count-request.ts";
import type { TokenCounter } from "../../../src/gateway/tokens/counter.ts";
import { target } from "../fake-target.ts";

const REQUEST = { url: "http://acme.example/v1/chat/completions", headers: {}, body: Buffer.from("x".repeat(3000)) };
const KEY = "acme/qwen3";
const QWEN: Target = { ...target({}), model: "qwen3" };

/** A counter that gives these counts, and how often it was asked. */
function counterOf(...counts: (number | null)[]): TokenCounter & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    count: (family) => {
      asked.push(family);
      return Promise.resolve(counts.shift() ?? null);
    },
  };
}

const afterwards = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("its count becomes the ratio of the next estimates, and nothing waits for it", async () => {
  const calibration = new Calibration();
  const tokens = counterOf(1000);
  calibrateByCount({ calibration, tokens }, QWEN, REQUEST);
  expect(tokens.asked).toEqual([]);
  expect(calibration.bytesPerToken(KEY)).toBe(4);
  await afterwards();
  expect(tokens.asked).toEqual(["qwen"]);
  expect(calibration.bytesPerToken(KEY)).toBe(3);
});

test("what the target states counts more, and ends the counting", async () => {
  const calibration = new Calibration();
  calibration.learnCount(KEY, 3000, 1000);
  calibration.learn(KEY, 3000, 600);
  expect(calibration.bytesPerToken(KEY)).toBe(5);
  calibration.learnCount(KEY, 3000, 1000);
  expect(calibration.bytesPerToken(KEY)).toBe(5);
  const tokens = counterOf(1000);
  calibrateByCount({ calibration, tokens }, QWEN, REQUEST);
  await afterwards();
  expect(tokens.asked).toEqual([]);
});

test("a busy target is counted only now and then", () => {
  const calibration = new Calibration();
  expect([0, 1, 9_999, 10_000, 10_001].map((now) => calibration.isCountDue(KEY, now))).toEqual([true, false, false, true, false]);
  expect(calibration.isCountDue("acme/other", 1)).toBe(true);
});

test("a model of no family, and a count that failed, teach nothing", async () => {
  const calibration = new Calibration();
  const tokens = counterOf(null);
  calibrateByCount({ calibration, tokens }, target({}), REQUEST);
  calibrateByCount({ calibration, tokens }, QWEN, REQUEST);
  await afterwards();
  expect(tokens.asked).toEqual(["qwen"]);
  expect(calibration.known(KEY)).toBeUndefined();
});
