// The tables of state.db and how they came to be. Promises that an older file is brought up to date in one transaction for
// each version, and that a newer one is left alone.
import type { DatabaseSync } from "node:sqlite";

// Each entry brings the file from its index to the next version; entries are never changed, only added.
const MIGRATIONS: readonly string[] = [
  `
  -- Who may see what: the hash of a client's key, or "anonymous".
  CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  -- Texts (JSON), each kept once; "hash" is the first 16 bytes of SHA-256, "refs" the number of rows that point here. The text stands
  -- apart, so that counting does not write it anew.
  CREATE TABLE contents (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, refs INTEGER NOT NULL) STRICT;
  CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
  -- Histories as a tree: a node is one item after all those above it, and "hash" covers them all (and the owner, who is the root).
  -- Two histories share what they have in common. "refs" counts children and the responses that end here.
  CREATE TABLE nodes (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    owner INTEGER NOT NULL,
    parent INTEGER NOT NULL,
    item TEXT NOT NULL,
    content INTEGER NOT NULL,
    refs INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX nodes_by_item ON nodes (item, owner);
  -- Responses. Times in milliseconds since the epoch. "input" is the node of the last input item, "output" that of the last output item
  -- (0 = none), "head" the Response object without output, instructions and tools. "events": 0 none, 1 being kept, 2 over, 3 forgotten;
  -- "passing" is 1 while something of the row is to change with time: it runs, is deleted, or has events.
  CREATE TABLE responses (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner INTEGER NOT NULL,
    at INTEGER NOT NULL,
    ended INTEGER,
    status TEXT NOT NULL,
    store INTEGER NOT NULL,
    background INTEGER NOT NULL,
    include TEXT NOT NULL,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    head TEXT NOT NULL,
    instructions INTEGER,
    tools INTEGER,
    events INTEGER NOT NULL,
    deleted INTEGER,
    passing INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX responses_passing ON responses (seq) WHERE passing = 1;
  -- The stream of a background response: runs of whole SSE frames, "first" is the sequence number of the first of them.
  CREATE TABLE events (
    response INTEGER NOT NULL,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    frames BLOB NOT NULL,
    PRIMARY KEY (response, first)
  ) STRICT;
  CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    owner INTEGER NOT NULL,
    at INTEGER NOT NULL,
    used INTEGER NOT NULL,
    metadata TEXT NOT NULL
  ) STRICT;
  CREATE INDEX conversations_by_use ON conversations (used);
  CREATE TABLE conversation_items (
    conversation INTEGER NOT NULL,
    place INTEGER NOT NULL,
    item TEXT NOT NULL,
    content INTEGER NOT NULL,
    PRIMARY KEY (conversation, place)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX conversation_items_by_item ON conversation_items (item, conversation);
  `,
];

/** Brings the tables up to date. Throws where a newer version of the program has written them. */
export function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > MIGRATIONS.length) {
    throw new Error(`state.db was written by a newer version (schema ${version}, this one knows ${MIGRATIONS.length})`);
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index >= version) database.exec(`BEGIN IMMEDIATE; ${migration} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
