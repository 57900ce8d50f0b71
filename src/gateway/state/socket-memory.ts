// What a WebSocket's connection remembers of its responses: their histories, so that a client may continue one that nothing else keeps.
// Promises bounds in entries, length and bytes, for each connection and for all together (the oldest of the connection go first), and that
// histories which continue each other share what they have in common.

/** A response as it is remembered: what it added to its parent's history. */
export interface Remembered {
  readonly parent: Remembered | null;
  /** Responses up to this one, itself included. */
  readonly depth: number;
  /** A JSON list of items in wire form, as UTF-8: outside of the heap that is collected. */
  readonly items: Uint8Array;
  /** Children, turns under way, and the entry itself, as long as it is one. */
  needs: number;
}

/** Bounds of one connection, and of all that share a total. */
export interface MemoryBounds {
  entries: number;
  /** Responses that continue one another. */
  depth: number;
  bytes: number;
  totalBytes: number;
}

/** What the connections of a server remember together. */
export interface MemoryTotal {
  bytes: number;
}

const MEBIBYTE = 1024 * 1024;
const BOUNDS: MemoryBounds = { entries: 64, depth: 4096, bytes: 64 * MEBIBYTE, totalBytes: 512 * MEBIBYTE };

/** The memory of one connection. */
export class SocketMemory {
  readonly #total: MemoryTotal;
  readonly #bounds: MemoryBounds;
  /** By id of the response, oldest first. */
  readonly #entries = new Map<string, Remembered>();
  #bytes = 0;
  #isClosed = false;

  constructor(total: MemoryTotal, bounds: MemoryBounds = BOUNDS) {
    this.#total = total;
    this.#bounds = bounds;
  }

  /** Bytes that are remembered now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The response of this id, held until `release`; undefined where it is not remembered. */
  hold(id: string): Remembered | undefined {
    const found = this.#entries.get(id);
    if (found !== undefined) found.needs++;
    return found;
  }

  /** Ends a hold. */
  release(response: Remembered): void {
    let at: Remembered | null = response;
    while (at !== null && --at.needs === 0) {
      this.#count(-at.items.length);
      at = at.parent;
    }
  }

  /** Remembers a response. One that is larger, or has more before it, than may be remembered is not. */
  keep(id: string, parent: Remembered | null, items: string): void {
    const depth = (parent?.depth ?? 0) + 1;
    // Those before it are no entries any more, and empty ones count no bytes.
    if (this.#isClosed || depth > this.#bounds.depth) return;
    const bytes = Buffer.from(items);
    if (parent !== null) parent.needs++;
    this.#count(bytes.length);
    this.#entries.set(id, { parent, depth, items: bytes, needs: 1 });
    for (const oldest of this.#entries.keys()) {
      if (this.#fits) break;
      this.forget(oldest);
    }
  }

  /** Forgets a response; those that continue it keep what they have of it. */
  forget(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.release(entry);
  }

  get #fits(): boolean {
    const { entries, bytes, totalBytes } = this.#bounds;
    return this.#entries.size <= entries && this.#bytes <= bytes && this.#total.bytes <= totalBytes;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#total.bytes += bytes;
  }

  /** Forgets everything, and remembers nothing any more: the connection is closed. */
  close(): void {
    this.#isClosed = true;
    for (const id of this.#entries.keys()) this.forget(id);
  }
}

/** The JSON lists that make up the history of a response, oldest first. */
export function historyOf(response: Remembered): string[] {
  const lists: string[] = [];
  for (let at: Remembered | null = response; at !== null; at = at.parent) {
    lists.push(Buffer.from(at.items.buffer, at.items.byteOffset, at.items.byteLength).toString());
  }
  return lists.toReversed();
}
