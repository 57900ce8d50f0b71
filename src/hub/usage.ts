// Token counts as the hub holds them, and their estimate where an upstream gives none. Promises the contract's bounds:
// total = input + output, cached never above input, reasoning never above output.

/** Counts of a reply. `input` includes cached, `output` includes reasoning. */
export interface Usage {
  input: number;
  output: number;
  cached: number;
  cacheWrite: number;
  reasoning: number;
  /** True where the numbers are ours, not the upstream's. */
  estimated: boolean;
}

/** Where no model was asked. */
export const NO_USAGE: Usage = { input: 0, output: 0, cached: 0, cacheWrite: 0, reasoning: 0, estimated: false };

/** Usage as it stands in a Response object. */
export interface WireUsage {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number; cache_write_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
}

/** No reply has more: a sum of larger counts may be no integer any more, and `null` on the wire. */
const MOST_TOKENS = 2 ** 40;

const whole = (value: number): number => (Number.isFinite(value) && value > 0 ? Math.min(Math.round(value), MOST_TOKENS) : 0);

/** Counts within the contract's bounds, whatever the upstream said. */
function boundUsage(usage: Usage): Usage {
  const input = whole(usage.input);
  const output = whole(usage.output);
  return {
    input,
    output,
    cached: Math.min(whole(usage.cached), input),
    cacheWrite: Math.min(whole(usage.cacheWrite), input),
    reasoning: Math.min(whole(usage.reasoning), output),
    estimated: usage.estimated,
  };
}

/** The wire form of bounded counts. */
export function writeUsage(usage: Usage): WireUsage {
  const bound = boundUsage(usage);
  return {
    input_tokens: bound.input,
    input_tokens_details: { cached_tokens: bound.cached, cache_write_tokens: bound.cacheWrite },
    output_tokens: bound.output,
    output_tokens_details: { reasoning_tokens: bound.reasoning },
    total_tokens: bound.input + bound.output,
  };
}

/** Bytes of prompt JSON per token before a target has told us better: English prose and code in common vocabularies. */
export const BYTES_PER_TOKEN = 4;

/** An estimate from sizes: bytes of the request body, bytes of the text, reasoning and arguments that came back. */
export function estimateUsage(inputBytes: number, outputBytes: number, reasoningBytes: number, bytesPerToken: number): Usage {
  const tokens = (bytes: number): number => Math.ceil(bytes / bytesPerToken);
  return boundUsage({
    input: tokens(inputBytes),
    output: tokens(outputBytes),
    cached: 0,
    cacheWrite: 0,
    reasoning: tokens(reasoningBytes),
    estimated: true,
  });
}

/** The counts of two upstream calls as one. */
export function addUsage(one: Usage, other: Usage): Usage {
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    cached: one.cached + other.cached,
    cacheWrite: one.cacheWrite + other.cacheWrite,
    reasoning: one.reasoning + other.reasoning,
    estimated: one.estimated || other.estimated,
  };
}
