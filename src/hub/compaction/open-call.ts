// How a call without output stands in a hand-over, and which call an entry speaks of.
import type { ReadCall } from "./read-call.ts";

/** `name (call id): arguments`. */
export function writeOpenCall(call: ReadCall): string {
  return `${call.name} (${call.callId}): ${call.given.trim()}`;
}

/** The call id of such an entry; undefined for any other text. */
export function openCallId(entry: string): string | undefined {
  return /^[^\s(]{1,300} \(([^()\s]{1,300})\): /.exec(entry)?.[1];
}
