// Reads the log: lists turns, finds one, and gives back its records. Promises a connection that can only read, so that it
// works beside a running gateway and can do it no harm, and bytes exactly as they were stored.
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Loss } from "../hub/loss.ts";
import type { Usage } from "../hub/usage.ts";
import { logPath } from "./database.ts";
import type { TurnState } from "./journal.ts";
import { makeReadRecord } from "./read-record.ts";
import type { StoredRecord } from "./read-record.ts";
import { toAttempt, toTurn } from "./read-rows.ts";
import { SCHEMA_VERSION, schemaVersion } from "./schema.ts";

/** A turn as the log has it. Times in milliseconds. */
export interface LoggedTurn {
  /** Counts up in the order of arrival; `before` of a listing. */
  seq: number;
  id: string;
  at: number;
  state: TurnState;
  dialect: string;
  session: string | null;
  client: string | null;
  durationMs: number | null;
  firstTokenMs: number | null;
  model: string | null;
  provider: string | null;
  targetModel: string | null;
  responseId: string | null;
  status: number | null;
  fault: string | null;
  detail: string | null;
  usage: Usage | null;
  losses: Loss[];
}

/** An upstream call as the log has it. */
export interface LoggedAttempt {
  number: number;
  at: number;
  headersMs: number | null;
  firstByteMs: number | null;
  durationMs: number;
  provider: string;
  model: string;
  url: string;
  status: number | null;
  fault: string | null;
  detail: string | null;
}

/** A turn's records: what the client sent and got, and both sides of each upstream call. Null where there was none. */
export interface TurnRecords {
  clientRequest: StoredRecord | null;
  clientReply: StoredRecord | null;
  attempts: (LoggedAttempt & { request: StoredRecord | null; reply: StoredRecord | null })[];
}

/** What to list; newest first. */
export interface ListOptions {
  limit: number;
  /** Only turns older than the one with this `seq`. */
  before?: number;
  /** Only turns newer than the one with this `seq`. */
  after?: number;
  state?: string;
  /** The model asked for or the one that answered. */
  model?: string;
  session?: string;
}

/** What an id leads to: one turn, none, or several whose ids begin so. */
export type Found = { kind: "turn"; turn: LoggedTurn } | { kind: "none" } | { kind: "several"; ids: string[] };

export interface Query {
  list(options: ListOptions): LoggedTurn[];
  /** Finds by turn id, response id, or a beginning of either that only one turn has; `last` is the newest turn. */
  find(id: string): Found;
  /** The records of a turn that `list` or `find` gave. */
  records(turn: Pick<LoggedTurn, "seq">): TurnRecords;
  close(): void;
  [Symbol.dispose](): void;
}

/** Thrown where there is no log to read, or none that this version can read; the message says why. */
export class NoLogError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NoLogError";
  }
}

/** Opens the log of a data directory for reading. */
export function openQuery(dataDir: string): Query {
  const path = logPath(dataDir);
  if (!existsSync(path)) throw new NoLogError(`there is no log at ${path}: it is made when the gateway runs`);
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  database.exec("PRAGMA query_only = ON");
  const version = schemaVersion(database);
  if (version === 0 || version > SCHEMA_VERSION) {
    database.close();
    throw new NoLogError(version === 0 ? `the log at ${path} is still empty` : `the log at ${path} is of a newer version`);
  }
  const readRecord = makeReadRecord(database);
  return {
    list: (options) => list(database, options),
    find: (id) => find(database, id),
    records: ({ seq }) => {
      const turn = database.prepare("SELECT request, reply FROM turns WHERE seq = ?").get(seq);
      const attempts = database.prepare("SELECT * FROM attempts WHERE turn = ? ORDER BY number").all(seq);
      return {
        clientRequest: readRecord(turn?.["request"]),
        clientReply: readRecord(turn?.["reply"]),
        attempts: attempts.map((row) => ({ ...toAttempt(row), request: readRecord(row["request"]), reply: readRecord(row["reply"]) })),
      };
    },
    close: () => database.close(),
    [Symbol.dispose]: () => database.close(),
  };
}

function list(database: DatabaseSync, options: ListOptions): LoggedTurn[] {
  const wheres: string[] = [];
  const values: (string | number)[] = [];
  const only = (where: string, ...given: (string | number)[]): void => {
    wheres.push(where);
    values.push(...given);
  };
  if (options.before !== undefined) only("seq < ?", options.before);
  if (options.after !== undefined) only("seq > ?", options.after);
  // Said in the words of the partial index, which is not used otherwise.
  if (options.state !== undefined && options.state !== "done") only("state <> 'done'");
  if (options.state !== undefined) only("state = ?", options.state);
  if (options.model !== undefined) only("(model = ? OR target_model = ?)", options.model, options.model);
  if (options.session !== undefined) only("session = ?", options.session);
  const where = wheres.length === 0 ? "" : `WHERE ${wheres.join(" AND ")}`;
  // A listing that goes on from a turn wants the ones right after it, not the newest.
  const order = options.after === undefined ? "DESC" : "ASC";
  const rows = database.prepare(`SELECT * FROM turns ${where} ORDER BY seq ${order} LIMIT ?`).all(...values, options.limit);
  return rows.map(toTurn);
}

const MOST_NAMED = 5;

function find(database: DatabaseSync, id: string): Found {
  const one = (sql: string, ...values: string[]): LoggedTurn | undefined => {
    const row = database.prepare(sql).get(...values);
    return row === undefined ? undefined : toTurn(row);
  };
  const exact =
    id === "last"
      ? one("SELECT * FROM turns ORDER BY seq DESC LIMIT 1")
      : (one("SELECT * FROM turns WHERE id = ?", id) ?? one("SELECT * FROM turns WHERE response_id = ?", id));
  if (exact !== undefined) return { kind: "turn", turn: exact };
  if (id === "" || id === "last") return { kind: "none" };
  // No character of an id comes after this one.
  const end = `${id}\u{10ffff}`;
  const rows = database
    .prepare(`SELECT * FROM turns WHERE id >= ? AND id < ? OR response_id >= ? AND response_id < ? LIMIT ${MOST_NAMED}`)
    .all(id, end, id, end)
    .map(toTurn);
  if (rows[0] === undefined) return { kind: "none" };
  return rows.length === 1 ? { kind: "turn", turn: rows[0] } : { kind: "several", ids: rows.map((row) => row.id) };
}
