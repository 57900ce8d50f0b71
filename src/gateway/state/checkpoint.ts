// Moves what is in the WAL of state.db into the file, in a thread of its own: a checkpoint waits for the disk, and nobody should wait
// for a checkpoint. Promises that it never holds up a writer for long, and that a refusal only means a longer WAL.
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { workerData } from "node:worker_threads";

/** How often it looks, and from which size of the WAL it does something. */
const LOOK_MS = 500;
const WAL_BYTES = 8 * 1024 * 1024;

// Whoever starts this file gives it the data directory.
const { dataDir } = workerData as { dataDir: string };
const path = join(dataDir, "state.db");
let database: DatabaseSync | undefined;

setInterval(() => {
  try {
    if (statSync(`${path}-wal`).size < WAL_BYTES) return;
    database ??= new DatabaseSync(path, { timeout: 0 });
    database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  } catch {
    database?.close();
    database = undefined;
  }
}, LOOK_MS);
