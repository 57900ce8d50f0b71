// What the load driver is asked to do and what it tells, as the runner hands it over: plain JSON on the command line and on stdout.

/** The protocol of the replies: what a first token looks like, and what a stream must end with. */
export type LoadDialect = "chat" | "responses";

/** One run of the load driver. */
export interface LoadPlan {
  url: string;
  dialect: LoadDialect;
  /** File with the request's body. */
  body: string;
  stream: boolean;
  /** Tokens that each reply must hold, in order. */
  tokens: number;
  /** Closed loop: this many connections, each with one request at a time. Open loop: at most this many. */
  connections: number;
  /** Open loop: requests a second, each measured from the moment it was due. Absent = closed loop. */
  rate?: number;
  /** Time each stream from its last token to its terminal event. */
  ending?: boolean;
  /** Of a hundred clients of streams, so many hang up in the middle. */
  hangUp?: number;
  durationS: number;
  warmupS: number;
}

/** Milliseconds. */
export interface Percentiles {
  count: number;
  p50: number;
  p90: number;
  p99: number;
}

/** What a run showed. */
export interface LoadResult {
  /** Requests answered, warm-up and all. */
  completed: number;
  /** Good replies a second within the measured time. */
  rate: number;
  /** Clients that hung up. */
  hungUp: number;
  /** Everything that must not happen. */
  bad: { status: number; truncated: number; content: number; error: number; timeout: number; unfinished: number };
  /** Replies that were read to the last token; the others are checked for their end alone. */
  readWhole: number;
  firstToken: Percentiles;
  /** From the last token to the terminal event, where the plan asks for it. */
  ending: Percentiles;
  total: Percentiles;
  /** CPU that the driver itself used, in milliseconds, and the share of a core that it was. */
  driverMs: number;
  driverLoad: number;
}

/** Sum of everything that must not happen. */
export function countBad(result: LoadResult): number {
  return Object.values(result.bad).reduce((sum, count) => sum + count, 0);
}

/** The middle values of samples, in the unit of the samples. */
export function percentiles(samples: readonly number[]): Percentiles {
  const sorted = Float64Array.from(samples).toSorted();
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** The value in the middle; the mean of two where there is none. NaN where there are no values. */
export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((left, right) => left - right);
  const low = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (low + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2;
}
