// What the journal takes from a turn, as types: the one face that gateway and server see. Promises that no call on it
// blocks, throws or waits: under pressure it sheds, counts what it shed, and says so.
import type { Dialect } from "../contract.ts";
import type { Loss } from "../hub/loss.ts";
import type { Usage } from "../hub/usage.ts";

/** How much of a turn is written: everything, no bodies, or nothing at all. */
export type Capture = "full" | "metadata" | "off";

/** How a turn stands. `open` rows found at the next start become `interrupted`. */
export type TurnState = "open" | "done" | "incomplete" | "failed" | "client_closed" | "interrupted";

/** A message as it was on the wire: decoded bytes, with the original encoding noted. */
export interface WireRecord {
  /** `POST /v1/responses`, or `200`. */
  start: string;
  /** Names in lower case, in the order of the wire; secrets are taken out before anything is queued. */
  headers: readonly (readonly [string, string])[];
  /** The body's bytes after content decoding. The journal owns them from here on: do not change them. */
  body: readonly Uint8Array[];
  /** The content-encoding that the body had; absent for identity. */
  encoding?: string;
}

/** At arrival. */
export interface TurnStart {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  dialect: Dialect;
  /** What groups turns into a conversation, from headers or body; correlation only, never authority. */
  session: string | null;
  /** `user-agent`, shortened. */
  client: string | null;
  request: WireRecord;
}

/** One upstream call, told when it is over. */
export interface AttemptEnd {
  turn: string;
  /** 0, 1, 2, ... within the turn. */
  number: number;
  at: number;
  /** Milliseconds from `at`; null where it never came. */
  headersMs: number | null;
  firstByteMs: number | null;
  durationMs: number;
  provider: string;
  model: string;
  url: string;
  /** HTTP status; null where none came. */
  status: number | null;
  /** The fault's kind; null where it went well. */
  fault: string | null;
  detail: string | null;
  request: WireRecord;
  reply: WireRecord | null;
}

/** At the end. */
export interface TurnEnd {
  id: string;
  state: Exclude<TurnState, "open" | "interrupted">;
  durationMs: number;
  /** Milliseconds to the first event that says something; null where none was sent. */
  firstTokenMs: number | null;
  /** The model that the client asked for, and the target that answered. */
  model: string | null;
  provider: string | null;
  targetModel: string | null;
  responseId: string | null;
  /** HTTP status given to the client; null where it left before. */
  status: number | null;
  fault: string | null;
  detail: string | null;
  usage: Usage | null;
  losses: readonly Loss[];
  reply: WireRecord | null;
}

/** Counters for `/metrics` and for the doctor. */
export interface JournalCounts {
  turns: number;
  /** Bytes waiting for the worker. */
  queuedBytes: number;
  /** Bodies and rows given up because the queue was full or the disk refused. */
  shedBodies: number;
  shedRows: number;
  /** The last failure to write, in words; null while all is well. */
  trouble: string | null;
}

export interface Journal {
  begin(turn: TurnStart): void;
  attempt(attempt: AttemptEnd): void;
  end(turn: TurnEnd): void;
  counts(): JournalCounts;
  /** Resolves when everything told so far is on disk (or shed). */
  flush(): Promise<void>;
  /** Flushes and closes; the journal takes nothing afterwards. */
  close(): Promise<void>;
}
