// Sets of characters, as ranges of code points. Promises sorted ranges that neither meet nor overlap, so that equal sets have equal ranges.

/** A set of code points: sorted ranges, both ends included, with a gap between any two. */
export type CodePoints = readonly (readonly [first: number, last: number])[];

/** The last code point that there is. */
export const LAST_CODE_POINT = 0x10ffff;

/** Every code point. */
export const ANY: CodePoints = [[0, LAST_CODE_POINT]];

/** The set of these ranges, in any order, overlapping or not. */
export function union(...sets: readonly CodePoints[]): CodePoints {
  const sorted = sets.flat().toSorted((left, right) => left[0] - right[0]);
  const merged: [number, number][] = [];
  for (const [first, last] of sorted) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** All code points that are not in the set. */
export function complement(set: CodePoints): CodePoints {
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [first, last] of set) {
    if (first > next) gaps.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= LAST_CODE_POINT) gaps.push([next, LAST_CODE_POINT]);
  return gaps;
}

/** The code points that are in both sets. */
export function intersection(left: CodePoints, right: CodePoints): CodePoints {
  return complement(union(complement(left), complement(right)));
}

/** Whether the code point is in the set. */
export function contains(set: CodePoints, point: number): boolean {
  return set.some(([first, last]) => point >= first && point <= last);
}

/** The set of the characters of a text. */
export function pointsOf(text: string): CodePoints {
  return union(Array.from(text, (character): [number, number] => [codePoint(character), codePoint(character)]));
}

/** The code point of a text's first character; 0 of an empty text. */
export function codePoint(text: string): number {
  return text.codePointAt(0) ?? 0;
}

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
const CASE_BIT = 0x20;

/** The set with the other case of each of its ASCII letters. */
export function withBothCases(set: CodePoints): CodePoints {
  const upper = intersection(set, [[UPPER_A, UPPER_Z]]);
  const lower = intersection(set, [[UPPER_A + CASE_BIT, UPPER_Z + CASE_BIT]]);
  return union(set, shift(upper, CASE_BIT), shift(lower, -CASE_BIT));
}

function shift(set: CodePoints, by: number): CodePoints {
  return set.map(([first, last]) => [first + by, last + by]);
}
