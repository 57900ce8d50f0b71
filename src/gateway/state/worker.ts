// The state's thread: opens state.db, takes all questions that wait as one transaction, and answers each when that is on disk. Promises
// an answer to every question, whatever the disk does, and that one which is refused takes no other along.
import { statSync } from "node:fs";
import { join } from "node:path";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "./database.ts";
import type { FromThread, Question, Reply, ThreadData, ToThread } from "./message.ts";
import { WRITES } from "./message.ts";
import type { Workings } from "./operations.ts";
import { makeWorkings } from "./operations.ts";

/** Questions of one transaction. */
const MOST_AT_ONCE = 16;
/** A sweep begins so often, and goes on in steps while questions are few. */
const SWEEP_MS = 60_000;
const STEP_PAUSE_MS = 20;
/** Under steady writing the checkpoints beside us never catch up for good: from this size on the WAL is begun anew. */
const WAL_BYTES = 64 * 1024 * 1024;
const WAL_LOOK_MS = 1000;

// Whoever starts this file gives it a ThreadData.
const data = workerData as ThreadData;
let state: { database: DatabaseSync; workings: Workings } | undefined;
let recover = data.recover;
let interrupted = 0;

function say(message: FromThread, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function tell(questions: readonly Question[]): void {
  const replies = answerAll(questions);
  say({ kind: "replies", replies, responses: kept() }, replies.flatMap(pagesOf));
}

/** The buffers of pages: copying them would cost more than all else about them. */
function pagesOf(reply: Reply): ArrayBuffer[] {
  const answer = reply.ok ? reply.answer : null;
  if (typeof answer !== "object" || answer === null || !("bytes" in answer)) return [];
  const { bytes } = answer;
  return bytes instanceof Uint8Array && bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}

function open(): { database: DatabaseSync; workings: Workings } {
  if (state !== undefined) return state;
  const { database, setAside } = openDatabase(data.dataDir);
  if (setAside !== undefined) say({ kind: "notice", message: `state.db was damaged: it is now ${setAside}, and a new one was begun` });
  const workings = makeWorkings(database, data);
  state = { database, workings };
  if (recover) interrupted = inTransaction(() => workings.recover(Date.now()));
  recover = false;
  return state;
}

function inTransaction<T>(work: () => T): T {
  const database = state?.database;
  database?.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database?.exec("COMMIT");
    return result;
  } catch (error) {
    if (database?.isTransaction === true) database.exec("ROLLBACK");
    state?.workings.reset();
    throw error;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function answerOne({ number, operation, ask }: Question): Reply {
  const handle = open().workings.handle[operation];
  // A question carries what `Operations` has for its name; TypeScript cannot follow that through a list of them.
  return { number, ok: true, answer: (handle as (ask: unknown) => unknown)(ask) };
}

/** All in one transaction; where anything fails, each in its own. */
function answerAll(questions: readonly Question[]): Reply[] {
  try {
    open();
    if (!questions.some(({ operation }) => WRITES.has(operation))) return questions.map(answerOne);
    return inTransaction(() => questions.map(answerOne));
  } catch {
    return questions.map(answerAlone);
  }
}

function answerAlone(question: Question): Reply {
  try {
    open();
    return WRITES.has(question.operation) ? inTransaction(() => answerOne(question)) : answerOne(question);
  } catch (error) {
    return { number: question.number, ok: false, message: messageOf(error) };
  }
}

/** Responses that are kept; 0 while nobody can tell. */
function kept(): number {
  try {
    return state?.workings.responses() ?? 0;
  } catch {
    return 0;
  }
}

function boundWal(): void {
  try {
    if (statSync(join(data.dataDir, "state.db-wal")).size > WAL_BYTES) state?.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // It is only longer than we like.
  }
}

function close(): void {
  clearInterval(sweeping);
  clearInterval(looking);
  try {
    state?.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    state?.database.close();
  } catch {
    // Everything is in the WAL, from which the next start reads it.
  }
  parentPort?.close();
}

function sweep(): void {
  if (state === undefined) return;
  const { workings } = state;
  try {
    if (inTransaction(() => workings.sweep(Date.now()))) setTimeout(sweep, STEP_PAUSE_MS).unref();
  } catch {
    // A disk that refuses is told by the questions; the next sweep tries again.
  }
}

parentPort?.on("message", (first: ToThread) => {
  const questions: Question[] = [];
  for (let message: ToThread | undefined = first; message !== undefined; message = next(questions.length)) {
    if (message.kind === "close") {
      if (questions.length > 0) tell(questions);
      return close();
    }
    questions.push(message.question);
  }
  return tell(questions);
});

function next(taken: number): ToThread | undefined {
  if (parentPort === null || taken >= MOST_AT_ONCE) return undefined;
  // `any` by its type; what comes on this port is a ToThread.
  return receiveMessageOnPort(parentPort)?.message as ToThread | undefined;
}

let trouble: string | null = null;
try {
  open();
} catch (error) {
  trouble = messageOf(error);
}
const sweeping = setInterval(sweep, SWEEP_MS);
sweeping.unref();
const looking = setInterval(boundWal, WAL_LOOK_MS);
looking.unref();
setTimeout(sweep, STEP_PAUSE_MS).unref();
say({ kind: "ready", interrupted, trouble, responses: kept() });
