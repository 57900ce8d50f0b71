// Opens log.db for writing. Promises owner-only files, settings that cannot be changed later made before the first table,
// and that a damaged file is set aside under a new name instead of stopping the log.
import { DatabaseSync } from "node:sqlite";
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "./schema.ts";

/** The file of the log below the data directory. */
export const logPath = (dataDir: string): string => join(dataDir, "log.db");

/** An open log, and where a damaged one was put. */
export interface OpenedDatabase {
  database: DatabaseSync;
  setAside?: string;
}

/** Makes the data directory for its owner alone, where there is none. */
export function makeDataDirectory(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
}

/** Opens the log, new or old; throws where the directory cannot be written or the file is of a newer version. */
export function openDatabase(dataDir: string): OpenedDatabase {
  makeDataDirectory(dataDir);
  const path = logPath(dataDir);
  try {
    return { database: openFile(path) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const setAside = putAside(path);
    return { database: openFile(path), setAside };
  }
}

/** Moves a damaged file and what belongs to it out of the way; gives its new name. */
export function putAside(path: string): string {
  const name = `${path}.damaged-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  for (const suffix of ["", "-wal", "-shm"]) if (existsSync(path + suffix)) renameSync(path + suffix, name + suffix);
  return name;
}

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Whether an error means that the file itself is damaged (and not the disk full, the file locked and the like). */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  // The low byte is the primary code, the rest of it says where.
  const primary = error.errcode & 0xff;
  return primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB;
}

function openFile(path: string): DatabaseSync {
  // SQLite gives its WAL files the mode of the database file, so the file is made first.
  closeSync(openSync(path, "a", 0o600));
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    // A larger page than the usual 4096 bytes halves the cost of writing blocks (measured); 32 MB of WAL between checkpoints.
    database.exec(`
      PRAGMA page_size = 8192;
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -4096;
    `);
    migrate(database);
    // Reads the root pages and the ends of the tables: damage there is found now and not in mid-work.
    database.exec(
      "SELECT max(seq) FROM turns; SELECT max(id) FROM blocks; SELECT max(id) FROM slices; SELECT state FROM turns WHERE state = 'open' AND state <> 'done' LIMIT 1;",
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
