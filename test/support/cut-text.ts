// Text in pieces, as networks deliver it. Promises that the pieces join to the text; a piece may be empty.
import fc from "fast-check";

/** The text cut at the given places (each taken modulo the length), between any two UTF-16 units. */
function cutText(text: string, places: readonly number[]): string[] {
  const ends = places.map((place) => place % (text.length + 1)).toSorted((one, other) => one - other);
  const pieces: string[] = [];
  let from = 0;
  for (const end of [...ends, text.length]) {
    pieces.push(text.slice(from, end));
    from = end;
  }
  return pieces;
}

/** Every way to cut: nowhere, at some places, or after every unit. */
export function cutsOf(text: string): fc.Arbitrary<string[]> {
  const some = fc.array(fc.nat(), { maxLength: 8 }).map((places) => cutText(text, places));
  return fc.oneof(some, fc.constant(text.split("")));
}
