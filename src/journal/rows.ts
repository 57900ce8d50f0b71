// Writes the rows of turns and attempts. Promises that a turn whose beginning and end come in one batch costs one INSERT,
// and that rows told twice (after a crash of the writer) are written once.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Usage } from "../hub/usage.ts";
import type { AttemptRow, BeginRow, EndRow, Row } from "./message.ts";

/** Gives the column for a record that came in the batch. */
export type PlaceOf = (record: BeginRow["request"] | null) => string | null;

export interface Rows {
  /** Writes a batch's rows. With `again` they may have been written before. */
  write(rows: readonly Row[], placeOf: PlaceOf, again: boolean): void;
  /** The newest turn's number. */
  newest(): number;
  /** Forgets what it knew: after a rollback. */
  reset(): void;
}

const BEGIN_COLUMNS = ["seq", "id", "at", "dialect", "session", "client", "request"];
const OUTCOME_COLUMNS = "state duration_ms first_token_ms model provider target_model response_id status fault detail";
const USAGE_COLUMNS = "input_tokens output_tokens cached_tokens cache_write_tokens reasoning_tokens usage_estimated";
const END_COLUMNS = `${OUTCOME_COLUMNS} ${USAGE_COLUMNS} losses reply`.split(" ");
const marks = (count: number): string => Array(count).fill("?").join(", ");

/** Prepares the writing of rows over an open log. */
export function makeRows(database: DatabaseSync): Rows {
  const insertOpen = database.prepare(
    `INSERT OR IGNORE INTO turns (${BEGIN_COLUMNS.join(", ")}, state) VALUES (${marks(BEGIN_COLUMNS.length)}, 'open')`,
  );
  const insertWhole = database.prepare(
    `INSERT OR IGNORE INTO turns (${[...BEGIN_COLUMNS, ...END_COLUMNS].join(", ")}) VALUES (${marks(BEGIN_COLUMNS.length + END_COLUMNS.length)})`,
  );
  // A reply that was written before its batch was lost stays.
  const sets = END_COLUMNS.map((column) => (column === "reply" ? "reply = coalesce(?, reply)" : `${column} = ?`)).join(", ");
  const update = database.prepare(`UPDATE turns SET ${sets} WHERE id = ?`);
  const insertAttempt = database.prepare(`INSERT OR IGNORE INTO attempts VALUES (${marks(14)})`);
  const findTurn = database.prepare("SELECT seq FROM turns WHERE id = ?");
  const newestTurn = database.prepare("SELECT coalesce(max(seq), 0) AS seq FROM turns");

  // Turns that have begun and not ended, by id: spares a lookup for each attempt.
  const open = new Map<string, number>();
  let newest = 0;
  const reset = (): void => {
    open.clear();
    newest = Number(newestTurn.get()?.["seq"] ?? 0);
  };
  reset();

  const numberOf = (id: string): number | undefined => {
    const seq = open.get(id) ?? findTurn.get(id)?.["seq"];
    return typeof seq === "number" ? seq : undefined;
  };

  return {
    reset,
    newest: () => newest,
    write: (rows, placeOf, again) => {
      const begun = new Map<string, SQLInputValue[]>();
      for (const row of rows) {
        switch (row.row) {
          case "begin": {
            if (again && numberOf(row.id) !== undefined) break;
            newest += 1;
            open.set(row.id, newest);
            begun.set(row.id, beginValues(newest, row, placeOf));
            break;
          }
          case "attempt": {
            const turn = numberOf(row.turn);
            if (turn !== undefined) insertAttempt.run(...attemptValues(turn, row, placeOf));
            break;
          }
          case "end": {
            const begin = begun.get(row.id);
            if (begin === undefined) update.run(...endValues(row, placeOf), row.id);
            else insertWhole.run(...begin, ...endValues(row, placeOf));
            begun.delete(row.id);
            open.delete(row.id);
          }
        }
      }
      for (const values of begun.values()) insertOpen.run(...values);
    },
  };
}

function beginValues(seq: number, row: BeginRow, placeOf: PlaceOf): SQLInputValue[] {
  return [seq, row.id, row.at, row.dialect, row.session, row.client, placeOf(row.request)];
}

function attemptValues(turn: number, row: AttemptRow, placeOf: PlaceOf): SQLInputValue[] {
  const { number, at, headersMs, firstByteMs, durationMs, provider, model, url, status, fault, detail } = row;
  const places = [placeOf(row.request), placeOf(row.reply)];
  return [turn, number, at, headersMs, firstByteMs, durationMs, provider, model, url, status, fault, detail, ...places];
}

const NO_USAGE = [null, null, null, null, null, null];

function endValues(row: EndRow, placeOf: PlaceOf): SQLInputValue[] {
  const { state, durationMs, firstTokenMs, model, provider, targetModel, responseId, status, fault, detail, usage } = row;
  const counts = usage === null ? NO_USAGE : usageValues(usage);
  const losses = row.losses.length === 0 ? null : JSON.stringify(row.losses);
  const outcome = [state, durationMs, firstTokenMs, model, provider, targetModel, responseId, status, fault, detail];
  return [...outcome, ...counts, losses, placeOf(row.reply)];
}

function usageValues(usage: Usage): number[] {
  return [usage.input, usage.output, usage.cached, usage.cacheWrite, usage.reasoning, usage.estimated ? 1 : 0];
}
