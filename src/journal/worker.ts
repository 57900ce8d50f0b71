// The writer's thread: opens the log, writes batch after batch, and answers each. Promises an answer to every message,
// whatever the disk does; a damaged file is set aside and a new one begun.
import { parentPort, workerData } from "node:worker_threads";
import type { DatabaseSync } from "node:sqlite";
import { isDamage, logPath, openDatabase, putAside } from "./database.ts";
import { buffersOf } from "./message.ts";
import type { BatchMessage, FromWriter, Refusal, ToWriter, WriterData } from "./message.ts";
import { makeFindSecrets } from "./redact.ts";
import type { Store } from "./store.ts";
import { makeStore } from "./store.ts";

// Whoever starts this file gives it a WriterData.
const data = workerData as WriterData;
const findSecrets = makeFindSecrets(data.secrets);
let log: { database: DatabaseSync; store: Store } | undefined;
let markInterrupted = data.markInterrupted;
let interrupted = 0;

function say(message: FromWriter, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function openLog(): Store {
  if (log !== undefined) return log.store;
  const { database, setAside } = openDatabase(data.dataDir);
  if (setAside !== undefined) say({ kind: "notice", message: `log.db was damaged: it is now ${setAside}, and a new log was begun` });
  log = { database, store: makeStore(database, findSecrets) };
  if (markInterrupted) interrupted = log.store.markInterrupted();
  markInterrupted = false;
  return log.store;
}

function closeLog(): void {
  const open = log;
  log = undefined;
  open?.database.close();
}

function write(batch: BatchMessage): Refusal | null {
  try {
    writeOrReplace(batch);
    return null;
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error), passing: isPassing(error) };
  }
}

function writeOrReplace(batch: BatchMessage): void {
  try {
    openLog().write(batch);
  } catch (error) {
    if (!isDamage(error) || log === undefined) throw error;
    closeLog();
    const setAside = putAside(logPath(data.dataDir));
    say({ kind: "notice", message: `log.db was damaged: it is now ${setAside}, and a new log was begun` });
    openLog().write(batch);
  }
}

// BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL: the disk or another process is in the way.
const PASSING_CODES: ReadonlySet<number> = new Set([5, 6, 7, 8, 10, 13, 14, 15]);

/** Whether the same batch may be written later; an error of ours would only come again. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("errcode" in error && typeof error.errcode === "number") return PASSING_CODES.has(error.errcode & 0xff);
  // Errors of the file system have the system's name for it (ENOSPC), Node's own begin with ERR_.
  return "code" in error && typeof error.code === "string" && !error.code.startsWith("ERR_");
}

function finish(): void {
  try {
    log?.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    closeLog();
  } catch {
    // Everything is in the WAL, from which the next start reads it.
  }
  parentPort?.close();
}

parentPort?.on("message", (message: ToWriter) => {
  if (message.kind === "close") return finish();
  const { number, arena, large } = message;
  const refusal = write(message);
  return say({ kind: "done", number, refusal, arena, large }, buffersOf(message));
});

let trouble: string | null = null;
try {
  openLog();
} catch (error) {
  trouble = error instanceof Error ? error.message : String(error);
}
say({ kind: "ready", interrupted, trouble });
