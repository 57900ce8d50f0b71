// Opens state.db. Promises owner-only files, settings that cannot be changed later made before the first table, and that a damaged
// file is set aside under a new name, and said so, instead of stopping every turn.
import { DatabaseSync } from "node:sqlite";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { isDamage, makeDataDirectory, putAside } from "../../journal/database.ts";
import { migrate } from "./schema.ts";

/** An open state.db, and where a damaged one was put. */
export interface OpenedState {
  database: DatabaseSync;
  setAside?: string;
}

/** Opens the file, new or old; throws where the directory cannot be written or the file is of a newer version. */
export function openDatabase(dataDir: string): OpenedState {
  makeDataDirectory(dataDir);
  const path = join(dataDir, "state.db");
  try {
    return { database: openFile(path) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const setAside = putAside(path);
    return { database: openFile(path), setAside };
  }
}

function openFile(path: string): DatabaseSync {
  // SQLite gives its WAL files the mode of the database file, so the file is made first.
  closeSync(openSync(path, "a", 0o600));
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    // WAL with NORMAL loses nothing when the process dies. Checkpoints are made by a thread of their own: they wait for the disk.
    // Rows are small and found by hashes, each on a page of its own: larger pages would only mean more to write (measured).
    database.exec(`
      PRAGMA page_size = 4096;
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -32768;
    `);
    migrate(database);
    // Reads the root pages and the ends of the tables: damage there is found now and not in mid-work.
    database.exec(
      "SELECT max(seq) FROM responses; SELECT max(id) FROM nodes; SELECT max(id) FROM texts; SELECT max(id) FROM contents; SELECT max(rowid) FROM events;",
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
