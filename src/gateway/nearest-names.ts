// Names near to one that leads nowhere. Promises few, and work bounded whatever the client sent.
import { nearest } from "../config/suggest.ts";

/** Names longer than this are not compared: nobody mistypes one of that length. */
const LONGEST = 100;

/** At most three of `names` that may have been meant: those that hold the name (`gpt-oss` in `gpt-oss:20b`), else the nearest by spelling. */
export function nearestNames(name: string, names: readonly string[]): string[] {
  if (name.length > LONGEST) return [];
  const wanted = name.toLowerCase();
  const holding = wanted.length < 3 ? [] : names.filter((candidate) => candidate.toLowerCase().includes(wanted));
  if (holding.length > 0) return holding.slice(0, 3);
  const near = nearest(name, names);
  return near === undefined ? [] : [near];
}
