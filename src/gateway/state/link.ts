// The way to the state's thread: questions out, answers back. Promises that each question is answered or refused within a bounded time,
// that none is ever given up for room (who asks too much waits), and that a thread which dies is started again.
import { Worker } from "node:worker_threads";
import type { FromThread, Operation, Operations, Question, ThreadData, ToThread } from "./message.ts";

/** What the disk, or the lack of time, said to a question. */
export class StateRefusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StateRefusal";
  }
}

/** How to reach the thread. */
export interface LinkOptions {
  data: ThreadData;
  /** Told in words what goes wrong, once for each thing. */
  onTrouble: (message: string) => void;
  /** The module that runs in the thread; tests give one that fails. */
  module: URL;
  /** Milliseconds that a question may wait for its answer. */
  patienceMs: number;
}

interface Pending {
  question: Question;
  bytes: number;
  askedAt: number;
  resolve: (answer: unknown) => void;
  reject: (error: StateRefusal) => void;
}

/** Bytes that may be with the thread; over it questions wait here. */
const MOST_BYTES = 64 * 1024 * 1024;
const LOOK_MS = 500;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
const CLOSE_MS = 10_000;
// A body of the largest size, parsed, and its texts.
const HEAP_MB = 1024;

/** The link. */
export class Link {
  /** Responses of an earlier process that were still running. */
  interrupted = 0;
  /** The last refusal, in words; null while all is well. */
  trouble: string | null = null;
  refused = 0;
  /** Responses that are kept, as of the last word of the thread. */
  responses = 0;
  readonly #options: LinkOptions;
  readonly #waiting: Pending[] = [];
  readonly #sent = new Map<number, Pending>();
  #bytes = 0;
  #number = 0;
  #thread: Worker | undefined;
  #ready = false;
  #closing = false;
  #onGone: (() => void) | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = FIRST_WAIT_MS;
  #clock: NodeJS.Timeout | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Bytes of questions that have no answer yet. */
  get bytes(): number {
    return this.#waiting.reduce((sum, pending) => sum + pending.bytes, this.#bytes);
  }

  /** Starts the thread; resolves when it is ready, or has said why it is not. */
  start(recover: boolean): Promise<void> {
    return new Promise((resolve) => {
      let reason = "it ended by itself";
      // An empty environment: the thread needs nothing of it, and keys are in it.
      const thread = new Worker(this.#options.module, {
        workerData: { ...this.#options.data, recover },
        env: {},
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      });
      this.#thread = thread;
      thread.on("message", (message: FromThread) => {
        if (message.kind !== "notice") this.responses = message.responses;
        if (message.kind === "ready") {
          this.#begin(message.interrupted, message.trouble);
          resolve();
        } else if (message.kind === "notice") this.#options.onTrouble(message.message);
        else
          for (const reply of message.replies) this.#settle(reply.number, reply.ok ? undefined : reply.message, reply.ok && reply.answer);
        this.#hold();
      });
      thread.on("error", (error) => (reason = error instanceof Error ? error.message : String(error)));
      thread.on("exit", () => {
        this.#gone(reason);
        resolve();
      });
    });
  }

  /** Asks. Rejects with a StateRefusal. `bytes` is the size of what goes over. */
  ask<Name extends Operation>(operation: Name, ask: Operations[Name]["ask"], bytes = 0): Promise<Operations[Name]["answer"]> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#closing) return reject(new StateRefusal("the gateway is shutting down"));
      const question: Question = { number: ++this.#number, operation, ask };
      this.#waiting.push({ question, bytes, askedAt: performance.now(), resolve, reject });
      this.#clock ??= setInterval(() => this.#refuseLate(), LOOK_MS).unref();
      return this.#pump();
      // The thread answers a question of a name with what `Operations` has for it.
    }) as Promise<Operations[Name]["answer"]>;
  }

  /** Lets what was asked be answered, and ends the thread. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    clearTimeout(this.#restart);
    const thread = this.#thread;
    if (thread !== undefined) {
      const gone = new Promise<void>((resolve) => (this.#onGone = resolve));
      const late = setTimeout(() => void thread.terminate(), CLOSE_MS);
      thread.ref();
      this.#pump();
      this.#send({ kind: "close" });
      await gone;
      clearTimeout(late);
    }
    this.#refuseAll("the gateway is shutting down");
    clearInterval(this.#clock);
  }

  #begin(interrupted: number, trouble: string | null): void {
    this.#ready = true;
    this.#restartMs = FIRST_WAIT_MS;
    this.interrupted += interrupted;
    this.#setTrouble(trouble === null ? null : `cannot be opened: ${trouble}`);
    this.#pump();
  }

  #pump(): void {
    while (this.#ready) {
      const pending = this.#waiting[0];
      if (pending === undefined || (this.#bytes > 0 && this.#bytes + pending.bytes > MOST_BYTES)) break;
      this.#waiting.shift();
      this.#bytes += pending.bytes;
      this.#sent.set(pending.question.number, pending);
      this.#send({ kind: "question", question: pending.question });
    }
    this.#hold();
  }

  #send(message: ToThread): void {
    this.#thread?.postMessage(message);
  }

  /** The thread keeps the process alive while it owes an answer. */
  #hold(): void {
    if (this.#sent.size + this.#waiting.length > 0 || this.#closing) this.#thread?.ref();
    else this.#thread?.unref();
  }

  #settle(number: number, refusal: string | undefined, answer: unknown): void {
    const pending = this.#sent.get(number);
    if (pending === undefined) return;
    this.#sent.delete(number);
    this.#bytes -= pending.bytes;
    if (refusal === undefined) pending.resolve(answer);
    else this.#refuse(pending, refusal);
    if (refusal === undefined && this.trouble !== null) this.#setTrouble(null);
    this.#pump();
  }

  #refuse(pending: Pending, message: string): void {
    this.refused += 1;
    this.#setTrouble(message);
    pending.reject(new StateRefusal(message));
  }

  /** An answer that comes after its time finds nobody. */
  #refuseLate(): void {
    const limit = performance.now() - this.#options.patienceMs;
    const message = `there was no answer within ${this.#options.patienceMs / 1000} s`;
    for (const pending of this.#sent.values()) {
      if (pending.askedAt > limit) break;
      this.#settle(pending.question.number, message, undefined);
    }
    while ((this.#waiting[0]?.askedAt ?? Infinity) <= limit) {
      const pending = this.#waiting.shift();
      if (pending !== undefined) this.#refuse(pending, message);
    }
    if (this.#sent.size + this.#waiting.length > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }

  #refuseAll(message: string): void {
    const all = [...this.#sent.values(), ...this.#waiting.splice(0)];
    this.#sent.clear();
    this.#bytes = 0;
    for (const pending of all) this.#refuse(pending, message);
  }

  #gone(reason: string): void {
    this.#thread = undefined;
    this.#ready = false;
    if (this.#closing) return this.#onGone?.();
    // What was with it may be written or not: nobody is told that it is.
    const lost = [...this.#sent.values()];
    this.#sent.clear();
    this.#bytes = 0;
    for (const pending of lost) this.#refuse(pending, `its thread stopped (${reason})`);
    this.#setTrouble(`its thread stopped (${reason}); it is started again`);
    this.#restart = setTimeout(() => void this.start(false), this.#restartMs).unref();
    this.#restartMs = Math.min(this.#restartMs * 2, LONGEST_WAIT_MS);
  }

  #setTrouble(message: string | null): void {
    const isNews = message !== null && message !== this.trouble;
    this.trouble = message;
    if (isNews) this.#options.onTrouble(`state.db: ${message}`);
  }
}
