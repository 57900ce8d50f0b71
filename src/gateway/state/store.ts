// The store of responses and conversations as the gateway sees it. Promises that what was acknowledged is on disk (it survives the death
// of the process), that nothing is ever dropped for want of room, and that a disk that refuses is a fault with a sentence.
import { Worker } from "node:worker_threads";
import { FaultError, fault } from "../../hub/fault.ts";
import type { Fault } from "../../hub/fault.ts";
import { Link, StateRefusal } from "./link.ts";
import type { Operation, Operations } from "./message.ts";
import { nullStore } from "./null-store.ts";

/** How to open the store. */
export interface StateOptions {
  dataDir: string;
  /** False: nothing is kept, no file is made, and every question is a fault. */
  store: boolean;
  keepDays: number;
  maxMb: number;
  onTrouble?: (message: string) => void;
  /** The module that runs in the thread; tests give one that fails. */
  module?: URL;
  /** Milliseconds that a question may wait for its answer. */
  patienceMs?: number;
}

/** Numbers for metrics and the doctor. */
export interface StateCounts {
  /** Responses that are kept. */
  responses: number;
  queuedBytes: number;
  /** Questions that the disk, or time, refused. */
  refused: number;
  trouble: string | null;
}

/** The store. */
export interface StateStore {
  /** Whether anything is kept (`state.store` of the configuration). */
  readonly keeps: boolean;
  /** Responses of an earlier process that were still running, and are failed now. */
  readonly interrupted: number;
  /** Asks the store; `bytes` is about the size of what goes over. Rejects with a FaultError and nothing else. */
  ask<Name extends Operation>(operation: Name, ask: Operations[Name]["ask"], bytes?: number): Promise<Operations[Name]["answer"]>;
  counts(): StateCounts;
  /** Lets what was asked be answered, and closes the file. */
  close(): Promise<void>;
}

const PATIENCE_MS = 10_000;

/** Opens the store. Never rejects: a file that cannot be opened is a trouble, and tried again with each question. */
export async function openState(options: StateOptions): Promise<StateStore> {
  if (!options.store) return nullStore();
  const { dataDir, keepDays, maxMb } = options;
  const link = new Link({
    data: { dataDir, keepDays, maxMb, recover: true },
    onTrouble: options.onTrouble ?? ((): void => undefined),
    module: options.module ?? new URL("worker.ts", import.meta.url),
    patienceMs: options.patienceMs ?? PATIENCE_MS,
  });
  await link.start(true);
  const checkpoint = new Worker(new URL("checkpoint.ts", import.meta.url), { workerData: { dataDir }, env: {} });
  checkpoint.on("error", (error) => options.onTrouble?.(`checkpoints of state.db stopped: ${String(error)}`));
  checkpoint.unref();
  return {
    keeps: true,
    interrupted: link.interrupted,
    ask: (operation, ask, bytes) =>
      link.ask(operation, ask, bytes).catch((error: unknown) => {
        throw error instanceof StateRefusal ? new FaultError(refused(error.message)) : error;
      }),
    counts: () => ({ responses: link.responses, queuedBytes: link.bytes, refused: link.refused, trouble: link.trouble }),
    close: async () => {
      await checkpoint.terminate();
      await link.close();
    },
  };
}

function refused(why: string): Fault {
  const advice = "Send store: false, or set state.store to false in the configuration, to go on without it.";
  return fault("server", `Waystation cannot keep or read responses now (state.db: ${why}). ${advice}`);
}
