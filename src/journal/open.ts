// Opens the journal: takes the data directory for this process, starts the writer, and gives the face that turns tell
// themselves to. Promises that a disk that refuses is a trouble to be told, never a failure of a request.
import { Collector } from "./collect.ts";
import type { Capture, Journal } from "./journal.ts";
import type { Unlock } from "./lock.ts";
import { DataDirectoryInUse, lockDataDirectory } from "./lock.ts";
import { Writer } from "./writer.ts";

/** How to open a journal. */
export interface JournalOptions {
  dataDir: string;
  capture: Capture;
  /** Mebibytes that may wait for the disk; over it bodies are given up, then rows. */
  queueMb: number;
  /** Keys of providers and clients: taken out of everything before it is written. */
  secrets: readonly string[];
  /** Told in words what goes wrong, once for each thing. */
  onTrouble?: (message: string) => void;
  /** The module that writes, in a thread of its own; tests give one that fails. */
  writer?: URL;
}

/** A journal, and how many turns an earlier process left open. */
export type OpenJournal = Journal & { interrupted: number };

/** Opens the journal. Rejects with `DataDirectoryInUse` where another process has the directory, and with nothing else. */
export async function openJournal(options: JournalOptions): Promise<OpenJournal> {
  const onTrouble = options.onTrouble ?? ((): void => undefined);
  const unlock = tryLock(options.dataDir, onTrouble);
  if (options.capture === "off") return nullJournal(unlock);

  const module = options.writer ?? new URL("worker.ts", import.meta.url);
  const writer = new Writer({ module, dataDir: options.dataDir, secrets: options.secrets, onTrouble });
  await writer.start(true);
  const collector = new Collector(writer, options.capture, options.queueMb * 1024 * 1024);
  let closed = false;
  return {
    interrupted: writer.interrupted,
    begin: (turn) => (closed ? undefined : collector.begin(turn)),
    attempt: (attempt) => (closed ? undefined : collector.attempt(attempt)),
    end: (turn) => (closed ? undefined : collector.end(turn)),
    counts: () => ({
      turns: collector.turns,
      queuedBytes: writer.queuedBytes + collector.bytes,
      shedBodies: collector.shedBodies + writer.lostBodies,
      shedRows: collector.shedRows + writer.lostRows,
      trouble: writer.trouble,
    }),
    flush: () => {
      collector.flush();
      return writer.settle();
    },
    close: async () => {
      if (closed) return;
      closed = true;
      collector.flush();
      await writer.close();
      unlock();
    },
  };
}

/** A disk that cannot even hold the lock gives no log; the requests go on. */
function tryLock(dataDir: string, onTrouble: (message: string) => void): Unlock {
  try {
    return lockDataDirectory(dataDir);
  } catch (error) {
    if (error instanceof DataDirectoryInUse) throw error;
    onTrouble(`${dataDir} cannot be locked: ${error instanceof Error ? error.message : String(error)}`);
    return () => undefined;
  }
}

function nullJournal(unlock: Unlock): OpenJournal {
  const nothing = (): void => undefined;
  return {
    interrupted: 0,
    begin: nothing,
    attempt: nothing,
    end: nothing,
    counts: () => ({ turns: 0, queuedBytes: 0, shedBodies: 0, shedRows: 0, trouble: null }),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(unlock()),
  };
}
