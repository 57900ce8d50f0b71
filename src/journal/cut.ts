// Cuts large bodies where their content says so (a gear hash), so that a history that grows, or differs in the middle,
// is cut at the same places as before. Promises: the slices joined are the bytes, and equal stretches give equal slices
// soon after they begin. Changing a number here costs new copies of what is stored, never correctness.

const SHORTEST = 2 << 10;
const LONGEST = 64 << 10;
// One place in 4096 ends a slice: with the shortest length, some 6 KB on average.
const MASK = 0xfff << 20;
// A gear hash in 32 bits forgets a byte after 32 more: what lies further back from a possible cut need not be read.
const MEMORY = 32;

const GEAR = makeGear();

/** The ends of the slices, in order; the last is the length of the bytes. */
export function cutPoints(bytes: Uint8Array): number[] {
  const ends: number[] = [];
  let start = 0;
  while (start < bytes.length) {
    start = nextCut(bytes, start);
    ends.push(start);
  }
  return ends;
}

function nextCut(bytes: Uint8Array, start: number): number {
  const end = Math.min(bytes.length, start + LONGEST);
  let hash = 0;
  let index = start + SHORTEST - MEMORY;
  const first = Math.min(end, start + SHORTEST);
  // The casts are safe: every index is below `end`, and the table has an entry for every byte.
  for (; index < first; index += 1) hash = ((hash << 1) + (GEAR[bytes[index] as number] as number)) | 0;
  for (; index < end; index += 1) {
    hash = ((hash << 1) + (GEAR[bytes[index] as number] as number)) | 0;
    if ((hash & MASK) === 0) return index + 1;
  }
  return end;
}

/** 256 well-mixed constants, the same in every process (xorshift, Marsaglia 2003). */
function makeGear(): Int32Array {
  const gear = new Int32Array(256);
  let state = 0x9e3779b9 | 0;
  for (let index = 0; index < gear.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    gear[index] = state;
  }
  return gear;
}
