// Token counts: whatever an upstream says, the client gets counts within the contract's bounds.
import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateUsage, writeUsage, type Usage } from "../../src/hub/usage.ts";

const count = fc.oneof(fc.nat(1000), fc.double(), fc.constantFrom(-5, Number.NaN, Infinity, 0.5));
const usage: fc.Arbitrary<Usage> = fc.record({
  input: count,
  output: count,
  cached: count,
  cacheWrite: count,
  reasoning: count,
  estimated: fc.boolean(),
});

test("counts are whole, details are within their sums, and the total is the sum", () => {
  fc.assert(
    fc.property(usage, (given) => {
      const { input_tokens, input_tokens_details, output_tokens, output_tokens_details, total_tokens } = writeUsage(given);
      const all = [
        input_tokens,
        output_tokens,
        total_tokens,
        ...Object.values(input_tokens_details),
        ...Object.values(output_tokens_details),
      ];
      for (const one of all) expect(Number.isInteger(one) && one >= 0).toBe(true);
      expect(total_tokens).toBe(input_tokens + output_tokens);
      expect(input_tokens_details.cached_tokens).toBeLessThanOrEqual(input_tokens);
      expect(input_tokens_details.cache_write_tokens).toBeLessThanOrEqual(input_tokens);
      expect(output_tokens_details.reasoning_tokens).toBeLessThanOrEqual(output_tokens);
    }),
  );
});

test("counts that no reply has are cut, so that their total is a number still", () => {
  const absurd: Usage = { input: Number.MAX_VALUE, output: Number.MAX_VALUE, cached: 0, cacheWrite: 0, reasoning: 0, estimated: false };
  expect(Number.isSafeInteger(writeUsage(absurd).total_tokens)).toBe(true);
});

test("sound counts stay as they are", () => {
  const sound: Usage = { input: 20, output: 9, cached: 4, cacheWrite: 2, reasoning: 3, estimated: false };
  expect(writeUsage(sound)).toEqual({
    input_tokens: 20,
    input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
    output_tokens: 9,
    output_tokens_details: { reasoning_tokens: 3 },
    total_tokens: 29,
  });
});

test("an estimate is marked, rounds up, and counts nothing for nothing", () => {
  expect(estimateUsage(10, 5, 1, 4)).toEqual({ input: 3, output: 2, cached: 0, cacheWrite: 0, reasoning: 1, estimated: true });
  expect(estimateUsage(0, 0, 0, 4)).toMatchObject({ input: 0, output: 0, reasoning: 0 });
});
