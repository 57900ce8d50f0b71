// Writes batches to an open log: redacts them, packs their bytes into blocks and slices, and writes their rows, one
// transaction for each batch. Promises that a batch is written whole or not at all.
import type { DatabaseSync } from "node:sqlite";
import type { Json } from "../kit/json.ts";
import { isObject } from "../kit/json.ts";
import { packBlock } from "./block.ts";
import type { BatchMessage, Packed, Row } from "./message.ts";
import type { Place } from "./place.ts";
import type { FindSecrets } from "./redact.ts";
import { redactBytes } from "./redact-bytes.ts";
import { REDACTED } from "./redact-headers.ts";
import { makeRows } from "./rows.ts";
import { makeSlices } from "./slices.ts";

export interface Store {
  /** Writes a batch; throws SQLite's error where the disk or the file refuses, having undone everything. */
  write(batch: BatchMessage): void;
  /** Marks turns that are still open as interrupted; gives their number. */
  markInterrupted(): number;
}

/** Makes the writer of batches over an open log. */
export function makeStore(database: DatabaseSync, findSecrets: FindSecrets): Store {
  const rows = makeRows(database);
  const insertBlock = database.prepare("INSERT INTO blocks (id, last_turn, size, data) VALUES (?, ?, ?, ?)");
  const newestBlock = database.prepare("SELECT coalesce(max(id), 0) AS id FROM blocks");
  const [begin, commit, rollback] = [database.prepare("BEGIN IMMEDIATE"), database.prepare("COMMIT"), database.prepare("ROLLBACK")];
  let lastBlock = Number(newestBlock.get()?.["id"] ?? 0);
  const takeBlock = (): number => (lastBlock += 1);
  const slices = makeSlices(database, takeBlock, (id, size, data) => insertBlock.run(id, null, size, data));

  const writeBatch = (batch: BatchMessage): void => {
    const list = readRows(batch.rows, findSecrets);
    if (batch.arena === undefined) {
      rows.write(list, () => null, true);
      return;
    }
    const arena = redactBytes(Buffer.from(batch.arena, 0, batch.used), findSecrets);
    const block = takeBlock();
    const placeOf = (packed: Packed | null): string | null => {
      if (packed === null) return null;
      const end = packed.at + packed.head;
      const place: Place = { block, at: arena.moved(packed.at), head: arena.moved(end) - arena.moved(packed.at) };
      let redactions = arena.count(packed.at, end);
      if (packed.lost !== undefined) {
        place.lost = packed.lost;
      } else if (packed.large !== undefined && batch.large !== undefined) {
        const body = redactBytes(Buffer.from(batch.large, packed.large, packed.body), findSecrets);
        redactions += body.count(0, packed.body);
        place.body = body.bytes.length;
        place.slices = slices.add(body.bytes);
      } else {
        place.body = arena.moved(end + packed.body) - arena.moved(end);
        redactions += arena.count(end, end + packed.body);
      }
      if (place.body !== packed.body) place.wire = packed.body;
      if (redactions > 0) place.redactions = redactions;
      return JSON.stringify(place);
    };
    rows.write(list, placeOf, false);
    slices.finish();
    insertBlock.run(block, rows.newest(), arena.bytes.length, packBlock(arena.bytes));
  };

  const forget = (): void => {
    rows.reset();
    slices.reset();
    lastBlock = Number(newestBlock.get()?.["id"] ?? 0);
  };

  return {
    write: (batch) => {
      begin.run();
      try {
        writeBatch(batch);
        commit.run();
      } catch (error) {
        if (database.isTransaction) rollback.run();
        forget();
        throw error;
      }
    },
    markInterrupted: () => {
      const changes = database.prepare("UPDATE turns SET state = 'interrupted' WHERE state = 'open' AND state <> 'done'").run().changes;
      return Number(changes);
    },
  };
}

/** The rows of a batch, secrets taken out of every text in them. */
function readRows(text: string, findSecrets: FindSecrets): Row[] {
  // The text was written by the collector of this very process as a list of rows.
  const rows = JSON.parse(text) as Json;
  return (findSecrets(text).length === 0 ? rows : redactStrings(rows, findSecrets)) as unknown as Row[];
}

function redactStrings(value: Json, findSecrets: FindSecrets): Json {
  if (typeof value === "string") return redactString(value, findSecrets);
  if (Array.isArray(value)) return value.map((entry) => redactStrings(entry, findSecrets));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, entry === undefined ? entry : redactStrings(entry, findSecrets)]),
  );
}

function redactString(text: string, findSecrets: FindSecrets): string {
  const ranges = findSecrets(text);
  let out = "";
  let from = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    out += text.slice(from, ranges[index]) + REDACTED;
    from = ranges[index + 1] ?? from;
  }
  return out + text.slice(from);
}
