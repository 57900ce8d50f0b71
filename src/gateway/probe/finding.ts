// What a probe finds out, one question at a time. Promises that a verdict is of what the server did, never of what it is called, and that
// what must be written down for it is in the words of the hub's own types.
import type { Capabilities, Quirks } from "../../contract.ts";

/** `yes`: the server takes or does it; `no`: it refuses or ignores it; `unknown`: its answer does not tell. */
export type Verdict = "yes" | "no" | "unknown";

/** One line of the report. */
export interface Finding {
  /** A few words that name what was asked: stable, and unique in a report. */
  topic: string;
  verdict: Verdict;
  /** What was seen, in a clause; may quote the server. */
  words: string;
  /** What follows for the target, whether or not it is known already. */
  capabilities?: Partial<Capabilities>;
  quirks?: Partial<Quirks>;
}

/** Makes a finding. */
export function finding(topic: string, verdict: Verdict, words: string, follows: Pick<Finding, "capabilities" | "quirks"> = {}): Finding {
  return { topic, verdict, words, ...follows };
}
