// What the two threads of the journal say to each other: batches of rows and bytes to the writer, acknowledgements back.
// Promises that a batch is described by one short JSON text and a few transferred buffers, so that handing it over costs
// next to nothing.
import type { AttemptEnd, TurnEnd, TurnStart } from "./journal.ts";

/** Why a record has no body: the configuration keeps none, or it was given up under pressure. */
export type BodyLost = "capture" | "shed";

/** Where a record lies within its batch. A head (JSON: start, headers, encoding) is always in the arena. */
export interface Packed {
  /** Offset of the head in the arena; the body follows it, unless `large` or `lost` says otherwise. */
  at: number;
  /** Bytes of the head. */
  head: number;
  /** Bytes of the body on the wire. */
  body: number;
  /** The body begins at this offset of the batch's large bodies. */
  large?: number;
  lost?: BodyLost;
}

export type BeginRow = { row: "begin" } & Omit<TurnStart, "request"> & { request: Packed };
export type AttemptRow = { row: "attempt" } & Omit<AttemptEnd, "request" | "reply"> & { request: Packed; reply: Packed | null };
export type EndRow = { row: "end" } & Omit<TurnEnd, "reply"> & { reply: Packed | null };
export type Row = BeginRow | AttemptRow | EndRow;

/** A batch on its way to the writer. */
export interface BatchMessage {
  kind: "batch";
  number: number;
  /** A JSON list of `Row`. */
  rows: string;
  /** Heads and bodies; undefined where only the rows are left of a batch that could not be written. */
  arena: ArrayBuffer | undefined;
  /** Bytes of the arena that count. */
  used: number;
  /** Large bodies, one after the other; undefined where there is none. */
  large: ArrayBuffer | undefined;
}

export type ToWriter = BatchMessage | { kind: "close" };

/** Why a batch was not written. A passing cause (disk full, file locked) is worth another try, anything else is not. */
export interface Refusal {
  message: string;
  passing: boolean;
}

export type FromWriter =
  /** The database is open, or cannot be opened (`trouble`) and will be tried again with the next batch. */
  | { kind: "ready"; interrupted: number; trouble: string | null }
  /** A batch is on disk, or was refused; its buffers come back, to be filled or sent again. */
  | { kind: "done"; number: number; refusal: Refusal | null; arena: ArrayBuffer | undefined; large: ArrayBuffer | undefined }
  /** Something that the operator should know, though nothing was refused. */
  | { kind: "notice"; message: string };

/** What the writer is started with. */
export interface WriterData {
  dataDir: string;
  secrets: readonly string[];
  /** Rows still open belong to a process that is gone: mark them. False when only the writer was started again. */
  markInterrupted: boolean;
}

/** The buffers of a batch: what is handed over with the message, not copied. */
export function buffersOf(batch: Pick<BatchMessage, "arena" | "large">): ArrayBuffer[] {
  return [batch.arena, batch.large].filter((buffer) => buffer !== undefined);
}
