// Takes secrets out of whole buffers. Promises that bytes without a secret are neither copied nor changed, and that
// offsets into the old bytes can be carried over to the new.
import { REDACTED } from "./redact-headers.ts";
import type { FindSecrets, Ranges } from "./redact.ts";

/** Bytes after redaction. */
export interface Redacted {
  bytes: Buffer;
  /** How many secrets were taken out between two offsets of the old bytes. */
  count(from: number, to: number): number;
  /** Where an offset of the old bytes is now. */
  moved(offset: number): number;
}

// Strings of this size are cheap to make and to throw away; at 1 MB one costs more than the search in it (measured).
const WINDOW = 256 << 10;
// Longer than the longest match of any pattern and the margin together: what a window sees in part, the next sees whole.
const OVERLAP = 20 << 10;
// A window may begin within a word, where an edge would be seen that is none: what begins so early, the one before has seen.
const MARGIN = 2 << 10;
const MARK = Buffer.from(REDACTED);

/** Replaces every secret in the bytes by `[redacted]`. */
export function redactBytes(bytes: Buffer, find: FindSecrets): Redacted {
  const ranges = findInBytes(bytes, find);
  if (ranges.length === 0) return { bytes, count: () => 0, moved: (offset) => offset };
  return cutOut(bytes, ranges);
}

function findInBytes(bytes: Buffer, find: FindSecrets): Ranges {
  if (bytes.length <= WINDOW) return find(bytes.toString("latin1"));
  const pairs: [number, number][] = [];
  for (let start = 0; start < bytes.length; start += WINDOW - OVERLAP) {
    const found = find(bytes.toString("latin1", start, Math.min(bytes.length, start + WINDOW)));
    for (let index = 0; index < found.length; index += 2) {
      const [from, to] = [found[index] ?? 0, found[index + 1] ?? 0];
      if (start === 0 || from >= MARGIN) pairs.push([start + from, start + to]);
    }
    if (start + WINDOW >= bytes.length) break;
  }
  return merge(pairs);
}

/** The same secret may have been found by two windows, by one of them only in part. */
function merge(pairs: [number, number][]): Ranges {
  const ranges: Ranges = [];
  for (const [start, end] of pairs.toSorted((a, b) => a[0] - b[0])) {
    const last = ranges.at(-1);
    if (last !== undefined && start < last) ranges[ranges.length - 1] = Math.max(last, end);
    else ranges.push(start, end);
  }
  return ranges;
}

function cutOut(bytes: Buffer, ranges: Ranges): Redacted {
  const kept: Buffer[] = [];
  let from = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    kept.push(bytes.subarray(from, ranges[index]), MARK);
    from = ranges[index + 1] ?? from;
  }
  kept.push(bytes.subarray(from));
  return {
    bytes: Buffer.concat(kept),
    count: (start, end) => startsBefore(ranges, end) - startsBefore(ranges, start),
    moved: (offset) => {
      let shift = 0;
      for (let index = 0; index < ranges.length; index += 2) {
        const [start, end] = [ranges[index] ?? 0, ranges[index + 1] ?? 0];
        if (start >= offset) break;
        shift += MARK.length - (end - start);
      }
      return offset + shift;
    },
  };
}

function startsBefore(ranges: Ranges, offset: number): number {
  let count = 0;
  for (let index = 0; index < ranges.length && (ranges[index] ?? 0) < offset; index += 2) count += 1;
  return count;
}
