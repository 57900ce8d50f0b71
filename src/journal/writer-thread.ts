// Starts the writer's thread and turns what it says into calls. Promises that the end of the thread is told exactly once,
// whether it was asked to end, failed, or could not even start.
import { Worker } from "node:worker_threads";
import type { FromWriter, ToWriter, WriterData } from "./message.ts";

/** What the owner of a thread hears. */
export interface ThreadListener {
  ready(interrupted: number, trouble: string | null): void;
  done(message: Extract<FromWriter, { kind: "done" }>): void;
  notice(message: string): void;
  /** The thread is gone; the reason is in words. */
  gone(reason: string): void;
}

export interface WriterThread {
  send(message: ToWriter, transfer?: ArrayBuffer[]): void;
  /** Whether the thread keeps the process alive. */
  hold(on: boolean): void;
  /** Ends the thread where it stands. */
  kill(): void;
}

// A runaway in the thread dies there, long before the process would.
const HEAP_MB = 256;

/** Starts a thread that runs this module. */
export function startThread(module: URL, workerData: WriterData, listener: ThreadListener): WriterThread {
  let reason = "it ended by itself";
  // An empty environment: the thread needs nothing of it, and keys are in it.
  const thread = new Worker(module, { workerData, env: {}, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
  thread.on("message", (message: FromWriter) => {
    switch (message.kind) {
      case "ready":
        return listener.ready(message.interrupted, message.trouble);
      case "done":
        return listener.done(message);
      case "notice":
        return listener.notice(message.message);
    }
  });
  thread.on("error", (error) => (reason = error instanceof Error ? error.message : String(error)));
  thread.on("exit", () => listener.gone(reason));
  return {
    send: (message, transfer = []) => thread.postMessage(message, transfer),
    kill: () => void thread.terminate(),
    hold: (on) => (on ? thread.ref() : thread.unref()),
  };
}
