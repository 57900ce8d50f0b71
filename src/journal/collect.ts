// Collects what turns tell of themselves into batches: rows as JSON, heads and bodies copied into one arena, large bodies
// beside it. Promises that a call costs a copy and no more, that nothing waits, and that over its bound it gives up bodies
// first, then rows, and counts both.
import type { AttemptEnd, Capture, TurnEnd, TurnStart, WireRecord } from "./journal.ts";
import type { Packed, Row } from "./message.ts";
import { redactHeaders, redactUrl } from "./redact-headers.ts";
import type { Batch } from "./writer.ts";

/** What happens to a batch that is full, or has waited long enough. */
export interface BatchSink {
  post(batch: Batch): void;
  spareArena(): ArrayBuffer | undefined;
  spareLarge(size: number): ArrayBuffer | undefined;
  readonly queuedBytes: number;
  /** Batches that are not written yet. */
  readonly backlog: number;
}

const ARENA_SIZE = 1 << 21;
const FLUSH_MS = 25;
const MOST_BACKLOG = 2;
// Requests repeat the history: from this size on they are kept as slices. Replies do not; only an arena's bounds part them.
const LARGE_REQUEST = 16 << 10;
const LARGE_REPLY = 256 << 10;
const MOST_LARGE_BYTES = 8 << 20;
const LARGE_STEP = 1 << 20;
const LONGEST_HEAD = 64 << 10;
// Rows are small and worth more than bodies: they may go on when bodies are given up.
const ROW_SHARE = 1.25;

/** Collects for one journal. */
export class Collector {
  turns = 0;
  shedBodies = 0;
  shedRows = 0;

  readonly #sink: BatchSink;
  readonly #keepBodies: boolean;
  readonly #limit: number;
  #arena = Buffer.alloc(0);
  #used = 0;
  #rows: string[] = [];
  #rowBytes = 0;
  #large: (readonly Uint8Array[])[] = [];
  #largeBytes = 0;
  #bodyCount = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(sink: BatchSink, capture: Exclude<Capture, "off">, limitBytes: number) {
    this.#sink = sink;
    this.#keepBodies = capture === "full";
    this.#limit = limitBytes;
  }

  begin(turn: TurnStart): void {
    this.turns += 1;
    const { id, at, dialect, session, client, request } = turn;
    if (!this.#admit(spaceOf(request))) return;
    this.#push({ row: "begin", id, at, dialect, session, client, request: this.#pack(request, LARGE_REQUEST) });
  }

  attempt(attempt: AttemptEnd): void {
    const { request, reply } = attempt;
    if (!this.#admit(spaceOf(request) + spaceOf(reply))) return;
    const packed = this.#pack(request, LARGE_REQUEST);
    const packedReply = reply === null ? null : this.#pack(reply, LARGE_REPLY);
    // The spread comes first: so V8 copies the object in one go (measured: half the cost of the row).
    this.#push({ ...attempt, row: "attempt", url: redactUrl(attempt.url), request: packed, reply: packedReply });
  }

  end(turn: TurnEnd): void {
    const { reply } = turn;
    if (!this.#admit(spaceOf(reply))) return;
    this.#push({ ...turn, row: "end", reply: reply === null ? null : this.#pack(reply, LARGE_REPLY) });
  }

  /** Bytes collected and not yet handed on. */
  get bytes(): number {
    return this.#used + this.#rowBytes + this.#largeBytes;
  }

  /** Hands on what was collected. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rowCount = this.#rows.length;
    if (rowCount === 0) return;
    try {
      const rows = `[${this.#rows.join(",")}]`;
      const large = this.#largeBytes === 0 ? undefined : this.#gather(this.#largeBytes);
      this.#sink.post({
        rows,
        arena: this.#arena.buffer,
        used: this.#used,
        large,
        rowCount,
        bodyCount: this.#bodyCount,
        bytes: this.bytes,
      });
    } catch {
      // No memory for the large bodies: better to lose a batch than the process.
      this.shedRows += rowCount;
      this.shedBodies += this.#bodyCount;
    }
    this.#arena = Buffer.alloc(0);
    this.#used = 0;
    this.#rows = [];
    this.#rowBytes = 0;
    this.#large = [];
    this.#largeBytes = 0;
    this.#bodyCount = 0;
  }

  /** Copies the large bodies into one buffer: not at the call, which may be in the way of a reply, but with the batch. */
  #gather(size: number): ArrayBuffer {
    // Rounded up, so that it fits again when the history has grown a little.
    const bytes = new Uint8Array(this.#sink.spareLarge(size) ?? new ArrayBuffer(Math.ceil(size / LARGE_STEP) * LARGE_STEP));
    let at = 0;
    for (const body of this.#large) {
      for (const chunk of body) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
    }
    return bytes.buffer;
  }

  /** Makes room for a row's records in the arena; false where the row must be given up. */
  #admit(space: number): boolean {
    if (this.#sink.queuedBytes + this.bytes > this.#limit * ROW_SHARE) {
      this.shedRows += 1;
      return false;
    }
    if (this.#used + space > ARENA_SIZE || this.#largeBytes > MOST_LARGE_BYTES) this.flush();
    if (this.#arena.length === 0) this.#arena = Buffer.from(this.#sink.spareArena() ?? new ArrayBuffer(ARENA_SIZE));
    return true;
  }

  #push(row: Row): void {
    const text = JSON.stringify(row);
    this.#rows.push(text);
    this.#rowBytes += text.length;
    this.#timer ??= setTimeout(() => this.#tick(), FLUSH_MS).unref();
  }

  /** Hands on what has waited long enough, unless others wait already: then it may as well grow, for an arena is large. */
  #tick(): void {
    if (this.#sink.backlog < MOST_BACKLOG) this.flush();
    else this.#timer = setTimeout(() => this.#tick(), FLUSH_MS).unref();
  }

  #pack(record: WireRecord, largeFrom: number): Packed {
    const at = this.#used;
    const head = this.#arena.write(headOf(record), at);
    this.#used += head;
    const body = sizeOf(record.body);
    if (!this.#keepBodies) return { at, head, body, lost: "capture" };
    if (this.#sink.queuedBytes + this.bytes + body > this.#limit) {
      this.shedBodies += 1;
      return { at, head, body, lost: "shed" };
    }
    this.#bodyCount += 1;
    if (body >= largeFrom) {
      const large = this.#largeBytes;
      this.#large.push(record.body);
      this.#largeBytes += body;
      return { at, head, body, large };
    }
    for (const chunk of record.body) {
      this.#arena.set(chunk, this.#used);
      this.#used += chunk.length;
    }
    return { at, head, body };
  }
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  return size;
}

/** The most that a record can take in an arena. */
function spaceOf(record: WireRecord | null): number {
  return record === null ? 0 : LONGEST_HEAD + Math.min(sizeOf(record.body), LARGE_REPLY);
}

/** A record's head as JSON, without secrets; of a monstrous one only the beginning of the start line. */
function headOf(record: WireRecord): string {
  const { start, headers, encoding } = record;
  const head = JSON.stringify({ start: redactUrl(start), headers: redactHeaders(headers), encoding });
  // A UTF-16 unit takes at most three bytes.
  return head.length * 3 <= LONGEST_HEAD ? head : JSON.stringify({ start: redactUrl(start).slice(0, 1000), headers: [], encoding });
}
