// The queue before the writer's thread: hands it one batch at a time, in order, waits where the disk refuses, and starts
// the thread again where it died. Promises that nothing here blocks or throws and that every loss is counted.
import type { FromWriter, Refusal } from "./message.ts";
import { buffersOf } from "./message.ts";
import type { ThreadListener, WriterThread } from "./writer-thread.ts";
import { startThread } from "./writer-thread.ts";

/** What was collected for one transaction. */
export interface Batch {
  /** A JSON list of `Row`. */
  rows: string;
  /** Undefined while the thread has it, and for good when the thread died with it: then only the rows are left. */
  arena: ArrayBuffer | undefined;
  used: number;
  large: ArrayBuffer | undefined;
  rowCount: number;
  bodyCount: number;
  /** What it adds to the queue. */
  bytes: number;
}

export interface WriterOptions {
  /** The module that runs in the thread. */
  module: URL;
  dataDir: string;
  secrets: readonly string[];
  onTrouble: (message: string) => void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
// A disk that hangs must not keep the process from ending.
const CLOSE_MS = 10_000;
// Buffers that come back are filled again: memory that is new to the process costs more than the copy into it (measured).
const MOST_SPARE_ARENAS = 4;
const LARGEST_SPARE = 16 << 20;

/** The queue and its thread. Made by `startWriter`. */
export class Writer {
  queuedBytes = 0;
  lostRows = 0;
  lostBodies = 0;
  /** The last failure, in words; null while all is well. */
  trouble: string | null = null;
  /** Turns of an earlier process that were still open. */
  interrupted = 0;

  readonly #options: WriterOptions;
  readonly #queue: Batch[] = [];
  readonly #spare: ArrayBuffer[] = [];
  #spareLarge: ArrayBuffer | undefined;
  #waiting: { until: number; resolve: () => void }[] = [];
  #thread: WriterThread | undefined;
  #ready = false;
  /** The first batch of the queue is with the thread. */
  #flying = false;
  /** The first batch was with a thread that died. */
  #bereaved = false;
  #posted = 0;
  #settled = 0;
  #waitMs = FIRST_WAIT_MS;
  #waitTimer: NodeJS.Timeout | undefined;
  #closing = false;
  #onGone: () => void = () => undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Starts the thread; resolves when it is ready, or has said why it is not. */
  start(markInterrupted: boolean): Promise<void> {
    const { module, dataDir, secrets, onTrouble } = this.#options;
    return new Promise((resolve) => {
      const listener: ThreadListener = {
        ready: (interrupted, trouble) => {
          this.interrupted += interrupted;
          this.#begin(trouble);
          resolve();
        },
        done: (message) => this.#done(message),
        notice: onTrouble,
        gone: (reason) => {
          this.#gone(reason);
          resolve();
        },
      };
      try {
        this.#thread = startThread(module, { dataDir, secrets, markInterrupted }, listener);
      } catch (error) {
        listener.gone(error instanceof Error ? error.message : String(error));
      }
    });
  }

  /** Takes a batch; it is written as soon as those before it are. */
  post(batch: Batch): void {
    this.#posted += 1;
    this.queuedBytes += batch.bytes;
    this.#queue.push(batch);
    this.#pump();
  }

  /** Batches that are not written yet. */
  get backlog(): number {
    return this.#queue.length;
  }

  /** An arena that has come back from the thread, if there is one. */
  spareArena(): ArrayBuffer | undefined {
    return this.#spare.pop();
  }

  /** A buffer of at least this size that has come back from the thread, if there is one. */
  spareLarge(size: number): ArrayBuffer | undefined {
    const spare = this.#spareLarge;
    if (spare === undefined || spare.byteLength < size) return undefined;
    this.#spareLarge = undefined;
    return spare;
  }

  /** Resolves when all that was posted is written, given up, or refused for now. */
  settle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#settled >= this.#posted) return resolve();
      this.#waiting.push({ until: this.#posted, resolve });
      this.#thread?.hold(true);
      return this.#pump();
    });
  }

  /** Writes what is left, gives up what is refused, and ends the thread. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#waitTimer);
    this.#waitTimer = undefined;
    if (this.#thread === undefined) this.#giveUpAll();
    const late = setTimeout(() => this.#thread?.kill(), CLOSE_MS);
    await this.settle();
    await new Promise<void>((resolve) => {
      if (this.#thread === undefined) return resolve();
      this.#onGone = resolve;
      this.#thread.hold(true);
      return this.#thread.send({ kind: "close" });
    });
    clearTimeout(late);
  }

  #begin(trouble: string | null): void {
    this.#ready = true;
    this.#setTrouble(trouble === null ? null : `the log cannot be opened: ${trouble}`);
    this.#thread?.hold(this.#waiting.length > 0);
    this.#pump();
  }

  #pump(): void {
    const batch = this.#queue[0];
    if (!this.#ready || this.#flying || this.#waitTimer !== undefined || batch === undefined) return;
    this.#flying = true;
    const { rows, arena, used, large } = batch;
    batch.arena = undefined;
    batch.large = undefined;
    this.#thread?.send({ kind: "batch", number: this.#settled + 1, rows, arena, used, large }, buffersOf({ arena, large }));
  }

  #done(message: Extract<FromWriter, { kind: "done" }>): void {
    const batch = this.#queue[0];
    this.#flying = false;
    if (batch === undefined) return;
    if (message.refusal === null) {
      if (message.arena !== undefined && this.#spare.length < MOST_SPARE_ARENAS) this.#spare.push(message.arena);
      if (message.large !== undefined && message.large.byteLength <= LARGEST_SPARE) this.#spareLarge = message.large;
      this.#waitMs = FIRST_WAIT_MS;
      this.#setTrouble(null);
      this.#advance();
    } else {
      batch.arena = message.arena;
      batch.large = message.large;
      this.#refused(message.refusal);
    }
    this.#pump();
  }

  #refused(refusal: Refusal): void {
    this.#setTrouble(`the log cannot be written: ${refusal.message}`);
    if (!refusal.passing || this.#closing) return this.#giveUp();
    this.#wait(() => this.#pump());
    // Nobody waits for a disk to get room: what was to be settled is as settled as it will be for now.
    return this.#release(Infinity);
  }

  /** With the thread go the bodies that it had; their rows are tried once more without them. */
  #gone(reason: string): void {
    this.#thread = undefined;
    this.#ready = false;
    const batch = this.#queue[0];
    if (this.#flying && batch !== undefined) {
      this.#flying = false;
      this.lostBodies += batch.bodyCount;
      batch.bodyCount = 0;
      if (this.#bereaved) this.#giveUp();
      else this.#bereaved = true;
    }
    if (this.#closing) {
      this.#giveUpAll();
      return this.#onGone();
    }
    this.#setTrouble(`the log's writer stopped (${reason}); it is started again`);
    return this.#wait(() => void this.start(false));
  }

  #giveUpAll(): void {
    while (this.#queue.length > 0) this.#giveUp();
  }

  #giveUp(): void {
    this.lostRows += this.#queue[0]?.rowCount ?? 0;
    this.lostBodies += this.#queue[0]?.bodyCount ?? 0;
    this.#advance();
  }

  /** The first batch leaves the queue, written or given up. */
  #advance(): void {
    this.queuedBytes -= this.#queue.shift()?.bytes ?? 0;
    this.#bereaved = false;
    this.#settled += 1;
    this.#release(this.#settled);
  }

  #release(until: number): void {
    if (this.#waiting.length === 0) return;
    for (const waiter of this.#waiting) if (waiter.until <= until) waiter.resolve();
    this.#waiting = this.#waiting.filter((waiter) => waiter.until > until);
    if (this.#waiting.length === 0) this.#thread?.hold(false);
  }

  #wait(then: () => void): void {
    clearTimeout(this.#waitTimer);
    this.#waitTimer = setTimeout(() => {
      this.#waitTimer = undefined;
      then();
    }, this.#waitMs).unref();
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }

  #setTrouble(message: string | null): void {
    const isNews = message !== null && message !== this.trouble;
    this.trouble = message;
    if (isNews) this.#options.onTrouble(message);
  }
}
