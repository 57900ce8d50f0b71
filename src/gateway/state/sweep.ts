// Retention: what is too old, or more than may be kept, goes; and what was kept for some minutes only. Promises small steps, so that no
// turn waits long for one, and that histories which newer responses need stay whole.
import type { DatabaseSync } from "node:sqlite";
import type { Conversations } from "./conversations.ts";
import type { Events } from "./events.ts";
import type { Responses } from "./responses.ts";

/** Milliseconds for which a stream, and a response with `store: false`, are kept after their end. */
const PASSING_MS = 10 * 60_000;
/** Milliseconds after which a deleted response is removed: a turn that continues it may still be running. */
const HIDDEN_MS = 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
const MEBIBYTE = 1024 * 1024;
/** Rows of one step, and pages that it gives back to the file system. */
const STEP_ROWS = 20;
const STEP_PAGES = 200;
/** Over the bound, room is made down to this part of it, so that not every turn makes room. */
const ROOM = 0.9;

/** What to keep. */
export interface Retention {
  keepDays: number;
  maxMb: number;
}

/** One step of a sweep. True = there is more to do. */
export type Sweep = (now: number) => boolean;

/** Makes the sweep. A step belongs in a transaction. */
export function makeSweep(
  database: DatabaseSync,
  responses: Responses,
  conversations: Conversations,
  events: Events,
  { keepDays, maxMb }: Retention,
): Sweep {
  const passing = database.prepare(`
    SELECT seq, deleted, store FROM responses
    WHERE passing = 1 AND (deleted < ? OR (deleted IS NULL AND ended < ?)) LIMIT ${STEP_ROWS}
  `);
  const oldest = database.prepare(
    `SELECT seq, at FROM responses WHERE status NOT IN ('queued', 'in_progress') ORDER BY seq LIMIT ${STEP_ROWS}`,
  );
  const unused = database.prepare("SELECT id FROM conversations ORDER BY used LIMIT 1");
  const count = (pragma: string): number => Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0);
  const pageSize = count("page_size");
  const used = (): number => (count("page_count") - count("freelist_count")) * pageSize;
  let making = false;

  const removePassing = (now: number): number => {
    const rows = passing.all(now - HIDDEN_MS, now - PASSING_MS);
    for (const row of rows) {
      const seq = Number(row["seq"]);
      if (row["deleted"] !== null || row["store"] === 0) responses.remove(seq);
      else events.forget(seq);
    }
    return rows.length;
  };
  const removeOld = (now: number): number => {
    const rows = oldest.all().filter((row) => Number(row["at"]) < now - keepDays * DAY_MS);
    for (const row of rows) responses.remove(Number(row["seq"]));
    return rows.length;
  };
  const makeRoom = (): number => {
    const bytes = used();
    if (bytes > maxMb * MEBIBYTE) making = true;
    if (bytes <= maxMb * MEBIBYTE * ROOM) making = false;
    if (!making) return 0;
    const rows = oldest.all();
    for (const row of rows) responses.remove(Number(row["seq"]));
    if (rows.length > 0) return rows.length;
    const conversation = unused.get()?.["id"];
    if (conversation === undefined) making = false;
    else conversations.remove(Number(conversation));
    return conversation === undefined ? 0 : 1;
  };
  const giveBack = (): number => {
    const free = count("freelist_count");
    if (free > 0) database.exec(`PRAGMA incremental_vacuum(${STEP_PAGES})`);
    return free > STEP_PAGES ? 1 : 0;
  };
  return (now) => removePassing(now) + removeOld(now) + makeRoom() + giveBack() > 0;
}
