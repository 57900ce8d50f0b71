// Fits a hand-over into a number of bytes: each field has a share that is its own, and what one does not use goes to the others by
// rank. Promises: pure, deterministic; the text of what comes back is never longer than asked.
import { cutMiddle } from "./cut-middle.ts";
import { emptyHandOver, handOverFields, type HandOver } from "./hand-over.ts";
import { entryBytes, fieldBytes, frameBytes, leftOutNote, writeHandOver } from "./write-hand-over.ts";

/** Who is served first with what others left, and how much of the whole is each one's own, of 100. */
const shares: readonly (readonly [keyof HandOver, number])[] = [
  ["constraints", 28],
  ["open_calls", 14],
  ["task", 20],
  ["failures", 9],
  ["next", 7],
  ["plan", 6],
  ["decisions", 7],
  ["files", 6],
  ["commands", 3],
];

/** The least that is left of an entry before whole entries are dropped, in bytes. */
const least: Record<keyof HandOver, number> = {
  task: 40,
  constraints: 120,
  decisions: 120,
  files: 80,
  commands: 80,
  open_calls: 90,
  plan: 60,
  failures: 200,
  next: 40,
};

/** The entry cut so that its line takes at most so many bytes. */
function cutEntry(entry: string, bytes: number): string {
  if (entryBytes(entry) <= bytes) return entry;
  const frame = entryBytes("");
  const cut = cutMiddle(entry, bytes - frame - 2 * (entry.slice(0, bytes).split("\n").length - 1));
  // Lines in the tail are indented too; where that is too much, the entry becomes one line.
  return entryBytes(cut) <= bytes ? cut : cutMiddle(entry.replaceAll(/\s+/g, " "), bytes - frame);
}

/** The length to which entries must be cut so that all of them fit: short ones keep what they have, long ones share the rest. */
function fairLength(sizes: readonly number[], bytes: number): number {
  let room = bytes;
  let left = sizes.length;
  for (const size of sizes.toSorted((one, other) => one - other)) {
    if (size * left > room) return Math.floor(room / left);
    room -= size;
    left -= 1;
  }
  return Infinity;
}

/** How many entries fit even at their least, counted from the first one. */
function fitting(sizes: readonly number[], bytes: number, floor: number): number {
  let room = bytes;
  for (const [place, size] of sizes.entries()) {
    room -= Math.min(size, floor);
    if (room < 0) return place;
  }
  return sizes.length;
}

/** The entries cut, long ones first, so that all of them fit; they fit at their least. */
function cutAll(entries: readonly string[], bytes: number): string[] {
  const length = fairLength(entries.map(entryBytes), bytes);
  return entries.map((entry) => cutEntry(entry, length));
}

/** As many entries as fit: the newest, and with `firstShare` some of the first; long ones are cut before any is dropped. */
function fitEntries(entries: readonly string[], bytes: number, floor: number, firstShare: number): string[] {
  const sizes = entries.map(entryBytes);
  if (fitting(sizes, bytes, floor) === sizes.length) return cutAll(entries, bytes);
  const room = bytes - entryBytes(leftOutNote(sizes.length));
  const first = fitting(sizes, room * firstShare, floor);
  const newest = fitting(sizes.toReversed(), room * (1 - firstShare), floor);
  if (first + newest === 0) return [];
  const kept = cutAll([...entries.slice(0, first), ...entries.slice(sizes.length - newest)], room);
  return [...kept.slice(0, first), leftOutNote(sizes.length - first - newest), ...kept.slice(first)];
}

/** The bytes for each field: its need where its share or what is left covers that. */
function allot(needs: ReadonlyMap<keyof HandOver, number>, bytes: number): Map<keyof HandOver, number> {
  const given = new Map<keyof HandOver, number>();
  let left = bytes;
  for (const [name, share] of shares) {
    const own = Math.min(needs.get(name) ?? 0, Math.floor((bytes * share) / 100));
    given.set(name, own);
    left -= own;
  }
  for (const [name] of shares) {
    const own = given.get(name) ?? 0;
    const more = Math.min(left, (needs.get(name) ?? 0) - own);
    given.set(name, own + more);
    left -= more;
  }
  return given;
}

/** The hand-over with as much as fits into so many UTF-8 bytes of `writeHandOver`'s text; empty where nothing does. */
export function fitHandOver(handOver: HandOver, bytes: number): HandOver {
  if (Buffer.byteLength(writeHandOver(handOver)) <= bytes) return handOver;
  const fields = handOverFields.filter((name) => handOver[name].length > 0);
  const needs = new Map(fields.map((name) => [name, fieldBytes(handOver[name])]));
  const room = bytes - frameBytes(fields);
  const fitted = emptyHandOver();
  if (!(room > 0)) return fitted;
  for (const [name, own] of allot(needs, room)) {
    const field = handOver[name];
    const entries = fitEntries(typeof field === "string" ? [field] : field, own, least[name], name === "constraints" ? 0.3 : 0);
    if (name === "task" || name === "next") fitted[name] = entries.join("\n");
    else fitted[name] = entries;
  }
  return Buffer.byteLength(writeHandOver(fitted)) <= bytes ? fitted : emptyHandOver();
}
