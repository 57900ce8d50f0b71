// The tables of log.db and how they came to be. Promises that an older file is brought up to date in one transaction for
// each version, and that a newer one is left alone.
import type { DatabaseSync } from "node:sqlite";

// Each entry brings the file from its index to the next version; entries are never changed, only added.
const MIGRATIONS: readonly string[] = [
  `
  -- One row for each client request. Times in milliseconds; "at" since the epoch. "request" and "reply" are places (JSON).
  CREATE TABLE turns (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    dialect TEXT NOT NULL,
    session TEXT,
    client TEXT,
    duration_ms REAL,
    first_token_ms REAL,
    model TEXT,
    provider TEXT,
    target_model TEXT,
    response_id TEXT,
    status INTEGER,
    fault TEXT,
    detail TEXT,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cached_tokens INTEGER,
    cache_write_tokens INTEGER,
    reasoning_tokens INTEGER,
    usage_estimated INTEGER,
    losses TEXT,
    request TEXT,
    reply TEXT
  ) STRICT;
  -- Turns that did not go well are few and looked for; to index all of them would cost each turn as much as its row.
  CREATE INDEX turns_not_done ON turns (state, seq) WHERE state <> 'done';
  -- One row for each upstream call.
  CREATE TABLE attempts (
    turn INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    headers_ms REAL,
    first_byte_ms REAL,
    duration_ms REAL NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    url TEXT NOT NULL,
    status INTEGER,
    fault TEXT,
    detail TEXT,
    request TEXT,
    reply TEXT,
    PRIMARY KEY (turn, number)
  ) STRICT, WITHOUT ROWID;
  -- Compressed bytes (zstd): heads and bodies of a batch, or slices of large bodies. "last_turn" is the newest turn that has
  -- records in it; null for slices, which later turns may share.
  CREATE TABLE blocks (
    id INTEGER PRIMARY KEY,
    last_turn INTEGER,
    size INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  -- Stretches of large bodies, each stored once; "hash" is the first 16 bytes of SHA-256.
  CREATE TABLE slices (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    block INTEGER NOT NULL,
    at INTEGER NOT NULL,
    size INTEGER NOT NULL
  ) STRICT;
  `,
];

/** The version that this code reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Thrown for a file that a newer version of the program has written. */
class NewerSchemaError extends Error {
  constructor(version: number) {
    super(`log.db was written by a newer version (schema ${version}, this one knows ${SCHEMA_VERSION})`);
    this.name = "NewerSchemaError";
  }
}

/** The schema version of a file; 0 for a new one. */
export function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
}

/** Brings the tables up to date. Throws where a newer version of the program has written them. */
export function migrate(database: DatabaseSync): void {
  const version = schemaVersion(database);
  if (version > SCHEMA_VERSION) throw new NewerSchemaError(version);
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index >= version) database.exec(`BEGIN IMMEDIATE; ${migration} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
