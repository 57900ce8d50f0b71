// What is known of an upstream call when it is over.
import type { Headers } from "../contract.ts";
import type { Fault } from "../hub/fault.ts";

/** How an attempt went; times are milliseconds from its start. */
export interface AttemptOutcome {
  fault: Fault | null;
  status: number | null;
  headers: Headers;
  /** The reply's bytes as they came. */
  chunks: Uint8Array[];
  headersMs: number | null;
  firstByteMs: number | null;
  durationMs: number;
}
