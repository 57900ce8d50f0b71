// Keeps large bodies as slices, each stored once: the histories that agents send again with every turn cost only what is
// new in them. Promises that all it writes lies within the caller's transaction.
import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { packBlock } from "./block.ts";
import { cutPoints } from "./cut.ts";

/** Runs of consecutive slices: [first id, count]. */
export type Runs = [number, number][];

export interface Slices {
  /** Stores a body; gives the slices that make it up. */
  add(bytes: Buffer): Runs;
  /** Writes the new bytes that are still held back; to be called before the commit. */
  finish(): void;
  /** Forgets what it knew: after a rollback. */
  reset(): void;
}

const BLOCK_SIZE = 1 << 20;
const MOST_KNOWN = 50_000;

/** Makes the store of slices over an open log; `takeBlock` gives the next free block id, `writeBlock` stores one. */
export function makeSlices(
  database: DatabaseSync,
  takeBlock: () => number,
  writeBlock: (id: number, size: number, data: Buffer) => void,
): Slices {
  const find = database.prepare("SELECT id FROM slices WHERE hash = ?");
  const insert = database.prepare("INSERT INTO slices (id, hash, block, at, size) VALUES (?, ?, ?, ?, ?)");
  const newest = database.prepare("SELECT coalesce(max(id), 0) AS id FROM slices");
  // Lookups in memory spare most of those on disk; the oldest half is dropped when there are too many.
  let known = new Map<string, number>();
  let next = 0;
  let held: Buffer[] = [];
  let heldSize = 0;
  let block = 0;

  const reset = (): void => {
    known = new Map();
    held = [];
    heldSize = 0;
    next = Number(newest.get()?.["id"] ?? 0) + 1;
  };
  reset();

  const finish = (): void => {
    if (heldSize === 0) return;
    writeBlock(block, heldSize, packBlock(held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held, heldSize)));
    held = [];
    heldSize = 0;
  };

  const store = (bytes: Buffer, digest: Buffer): number => {
    if (heldSize >= BLOCK_SIZE) finish();
    if (heldSize === 0) block = takeBlock();
    const id = next;
    next += 1;
    insert.run(id, digest, block, heldSize, bytes.length);
    held.push(bytes);
    heldSize += bytes.length;
    return id;
  };

  const idOf = (bytes: Buffer): number => {
    const digest = hash("sha256", bytes, "buffer").subarray(0, 16);
    const key = digest.toString("latin1");
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    const stored = find.get(digest)?.["id"];
    const id = typeof stored === "number" ? stored : store(bytes, digest);
    if (known.size >= MOST_KNOWN) known = new Map([...known].slice(MOST_KNOWN / 2));
    known.set(key, id);
    return id;
  };

  return {
    add: (bytes) => {
      const runs: Runs = [];
      let start = 0;
      for (const end of cutPoints(bytes)) {
        const id = idOf(bytes.subarray(start, end));
        const run = runs.at(-1);
        if (run !== undefined && run[0] + run[1] === id) run[1] += 1;
        else runs.push([id, 1]);
        start = end;
      }
      return runs;
    },
    finish,
    reset,
  };
}
