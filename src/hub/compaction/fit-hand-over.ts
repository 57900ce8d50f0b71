// Fits a hand-over into a number of bytes. Promises: pure, deterministic; the text of what comes back is never longer.
import { emptyHandOver, type HandOver } from "./hand-over.ts";
import { writeHandOver } from "./write-hand-over.ts";

/** The hand-over with as much as fits into so many UTF-8 bytes of `writeHandOver`'s text. */
export function fitHandOver(handOver: HandOver, bytes: number): HandOver {
  return Buffer.byteLength(writeHandOver(handOver)) <= bytes ? handOver : emptyHandOver();
}
