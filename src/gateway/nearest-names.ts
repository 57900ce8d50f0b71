// Names near to a mistyped one. Promises few, the nearest first, and work bounded whatever the client sent.

/** Longer names are not compared: nobody mistypes one of that length. */
const LONGEST = 64;

/** At most three of `names` that may have been meant by `name`: it holds them or is held by them, or few letters differ. */
export function nearestNames(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  if (wanted === "" || wanted.length > LONGEST) return [];
  return names
    .slice(0, 2000)
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, wanted.length / 3))
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

function distanceOf(wanted: string, candidate: string): number {
  if (candidate.length > LONGEST) return Infinity;
  const [short, long] = wanted.length < candidate.length ? [wanted, candidate] : [candidate, wanted];
  if (short.length >= 3 && long.includes(short)) return 1;
  // Each letter too many costs one, so that most names need no comparing.
  if (long.length - short.length > Math.max(2, wanted.length / 3)) return Infinity;
  return editDistance(wanted, candidate);
}

/** Levenshtein's distance: letters to put in, take out or change. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const change = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
