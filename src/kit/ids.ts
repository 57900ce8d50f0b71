// Ids that we mint: a prefix of the wire's, then letters and digits only. Promises at most 64 characters, unique among
// all processes, and that the ids of one reply share their first half, as OpenAI's do.
import { randomFillSync } from "node:crypto";

/** Makes ids for one reply: the same call yields a new id each time. */
export type IdSource = (prefix: string) => string;

const POOL_BYTES = 8192;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Random bytes as hex, from a pool so that an id costs no system call. */
function randomHex(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const hex = pool.toString("hex", used, used + bytes);
  used += bytes;
  return hex;
}

/** An id source for one reply: `resp_`, `msg_`, `rs_`, ... + 32 characters common to the reply + 16 of a counter and chance. */
export function createIdSource(): IdSource {
  const stem = randomHex(16);
  let count = 0;
  return (prefix) => `${prefix}_${stem}${(count++).toString(16).padStart(6, "0")}${randomHex(5)}`;
}

/** A turn's id: sortable by time, then by chance. `at` is milliseconds since the epoch. */
export function turnId(at: number): string {
  return `turn_${at.toString(16).padStart(12, "0")}${randomHex(10)}`;
}
