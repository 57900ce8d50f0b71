// Keeps a data directory to one process. Promises that the lock ends with its holder, however it dies, and never outlives
// it: the operating system holds it (a lock of SQLite on a small file), so there is no stale process number to judge.
import { closeSync, openSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeDataDirectory } from "./database.ts";

/** Thrown where another process holds the directory; the message says which and what to do. */
export class DataDirectoryInUse extends Error {
  constructor(dataDir: string, holder: string) {
    super(`${dataDir} is in use by another Waystation (${holder}): stop it, or give this one its own data_dir`);
    this.name = "DataDirectoryInUse";
  }
}

/** Releases the lock. */
export type Unlock = () => void;

const SQLITE_BUSY = 5;

/** Locks the directory, which is made where there is none. Throws `DataDirectoryInUse`, or the error of a disk that refuses. */
export function lockDataDirectory(dataDir: string): Unlock {
  makeDataDirectory(dataDir);
  const path = join(dataDir, "lock");
  closeSync(openSync(path, "a", 0o600));
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT, since TEXT); DELETE FROM holder;");
    database.prepare("INSERT INTO holder VALUES (?, ?, ?)").run(process.pid, hostname(), new Date().toISOString());
    // The name is committed so that others can read it; the open transaction after it is the lock.
    database.exec("COMMIT; BEGIN IMMEDIATE;");
  } catch (error) {
    const inUse = error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
    const holder = inUse ? holderOf(database) : "";
    database.close();
    throw inUse ? new DataDirectoryInUse(dataDir, holder) : error;
  }
  return () => database.close();
}

const JUST_STARTING = "just starting";

function holderOf(database: DatabaseSync): string {
  try {
    const holder = database.prepare("SELECT format('process %d on %s, since %s', pid, host, since) AS text FROM holder").get();
    return typeof holder?.["text"] === "string" ? holder["text"] : JUST_STARTING;
  } catch {
    return JUST_STARTING;
  }
}
