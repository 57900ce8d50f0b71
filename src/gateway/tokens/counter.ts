// The counter of tokens: one thread beside the gateway's own, started with the first question and ended after a while without any.
// Promises never to throw and never to hold anybody up: no answer within the time, too large or too many at once is null.
import { Worker } from "node:worker_threads";
import type { TokenFamily } from "../../hub/token-family.ts";
import type { CountAnswer, CountQuestion } from "./message.ts";

/** Bytes of a request: one that is longer is estimated by its bytes, where the error of a ratio is small. */
export const LARGEST_BODY = 16 * 1024 * 1024;
/** Questions that may wait; more are refused. */
export const MOST_WAITING = 32;
/** Measured: the first question loads a vocabulary in 0.2 to 0.6 s, a megabyte of text takes 0.05 s. */
const PATIENCE_MS = 5_000;
const IDLE_MS = 60_000;
/** Two vocabularies take 100 MB; a runaway dies in its thread. */
const HEAP_MB = 384;

/** Counts off the hot path. */
export interface TokenCounter {
  /** Tokens of a chat-completions body; null where they could not be counted. Never rejects. */
  count(family: TokenFamily, body: Uint8Array): Promise<number | null>;
}

/** How a counter under test differs. */
export interface CounterOptions {
  patienceMs?: number;
  idleMs?: number;
  /** The thread's module. */
  module?: URL;
}

interface Waiting {
  done: (tokens: number | null) => void;
  timer: NodeJS.Timeout;
}

/** Makes a counter; it has no thread before the first question, and the thread does not keep the process alive. */
export function createTokenCounter(options: CounterOptions = {}): TokenCounter {
  const { patienceMs = PATIENCE_MS, idleMs = IDLE_MS, module = new URL("worker.ts", import.meta.url) } = options;
  const waiting = new Map<number, Waiting>();
  let thread: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  let last = 0;

  const settle = (number: number, tokens: number | null): void => {
    const question = waiting.get(number);
    if (question === undefined) return;
    waiting.delete(number);
    clearTimeout(question.timer);
    question.done(tokens);
    if (waiting.size > 0) return;
    clearTimeout(idle);
    idle = setTimeout(end, idleMs);
    idle.unref();
  };
  /** Ends the thread and gives up on whatever it was asked; the next question starts another. */
  const end = (): void => {
    void thread?.terminate();
    thread = null;
    for (const number of waiting.keys()) settle(number, null);
  };
  const start = (): Worker => {
    // An empty environment: the thread needs nothing of it, and keys are in it.
    const worker = new Worker(module, { env: {}, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
    worker.unref();
    worker.on("message", ({ number, tokens }: CountAnswer) => settle(number, tokens));
    const gone = (): void => {
      if (thread === worker) end();
    };
    worker.on("error", gone);
    worker.on("exit", gone);
    return worker;
  };

  return {
    count: (family, body) => {
      if (body.byteLength > LARGEST_BODY || waiting.size >= MOST_WAITING) return Promise.resolve(null);
      clearTimeout(idle);
      const number = ++last;
      return new Promise((done) => {
        // Who waits for the answer keeps the process alive; a count that nobody waits for does not.
        const timer = setTimeout(end, patienceMs).unref();
        waiting.set(number, { done, timer });
        // A copy, which then belongs to the thread: the body may be on its way to the log.
        const copy = new Uint8Array(body);
        thread ??= start();
        thread.postMessage({ number, family, body: copy } satisfies CountQuestion, [copy.buffer]);
      });
    },
  };
}
