// Rebuilds records from blocks and slices. Promises the exact bytes that were stored; what is no longer there, or damaged,
// is said in `lost` and never guessed.
import type { DatabaseSync } from "node:sqlite";
import { asList, asObject, asString, parseJson } from "../kit/json.ts";
import { unpackBlock } from "./block.ts";
import type { Place } from "./place.ts";
import { readPlace } from "./place.ts";

/** A message as the log has it. */
export interface StoredRecord {
  start: string;
  headers: [string, string][];
  /** The content-encoding that the body had on the wire; it is stored decoded. */
  encoding: string | null;
  /** Null where no body is stored: `lost` says why. */
  body: Buffer | null;
  /** Bytes of the body on the wire, after decoding and before redaction. */
  size: number;
  /** How many secrets were taken out. */
  redactions: number;
  /** Why there is no body: `capture` (the configuration keeps none), `shed` (given up under pressure), `damaged`. */
  lost: string | null;
}

type ReadRecord = (column: unknown) => StoredRecord | null;

// Enough for the slices of a few long histories; a block is some 2 MB.
const MOST_BLOCKS = 32;

/** Makes the reader of records over an open log; gives null where the column says that there is none. */
export function makeReadRecord(database: DatabaseSync): ReadRecord {
  const findBlock = database.prepare("SELECT data FROM blocks WHERE id = ?");
  const findSlice = database.prepare("SELECT block, at, size FROM slices WHERE id = ?");
  const blocks = new Map<number, Buffer>();

  const stretch = (id: number, at: number, size: number): Buffer => {
    let block = blocks.get(id);
    if (block === undefined) {
      const data = findBlock.get(id)?.["data"];
      if (!(data instanceof Uint8Array)) throw new Error(`block ${id} is missing`);
      block = unpackBlock(data);
      if (blocks.size >= MOST_BLOCKS) blocks.delete(blocks.keys().next().value ?? 0);
      blocks.set(id, block);
    }
    if (at + size > block.length) throw new Error(`block ${id} is too short`);
    return block.subarray(at, at + size);
  };

  const sliced = (runs: [number, number][]): Buffer => {
    const slices: Buffer[] = [];
    for (const [first, count] of runs) {
      for (let id = first; id < first + count; id += 1) {
        const { block, at, size } = findSlice.get(id) ?? {};
        if (typeof block !== "number" || typeof at !== "number" || typeof size !== "number") throw new Error(`slice ${id} is missing`);
        slices.push(stretch(block, at, size));
      }
    }
    return Buffer.concat(slices);
  };

  const bodyOf = (place: Place): Buffer | null => {
    if (place.body === undefined) return null;
    return place.slices === undefined ? Buffer.from(stretch(place.block, place.at + place.head, place.body)) : sliced(place.slices);
  };

  return (column) => {
    const place = readPlace(column);
    if (place === undefined) return null;
    const size = place.wire ?? place.body ?? 0;
    const redactions = place.redactions ?? 0;
    try {
      return { ...readHead(stretch(place.block, place.at, place.head)), body: bodyOf(place), size, redactions, lost: place.lost ?? null };
    } catch {
      return { start: "", headers: [], encoding: null, body: null, size, redactions, lost: "damaged" };
    }
  };
}

function readHead(bytes: Buffer): Pick<StoredRecord, "start" | "headers" | "encoding"> {
  const wire = asObject(parseJson(bytes.toString("utf8")));
  const headers = asList(wire?.["headers"]).map((header): [string, string] => [
    asString(asList(header)[0]) ?? "",
    asString(asList(header)[1]) ?? "",
  ]);
  return { start: asString(wire?.["start"]) ?? "", headers, encoding: asString(wire?.["encoding"]) ?? null };
}
