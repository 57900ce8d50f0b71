// The way out of a WebSocket: text that ends with lines becomes messages, one a line. Promises that what waits to be taken by the client
// is counted, so that whoever writes can be held back, and a client that takes nothing be found.
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { freeDeflater } from "./deflate-memory.ts";

const LF = 0x0a;
/** Bytes that may wait before writers are held back. */
const HIGH_WATER = 64 * 1024;

/** The messages of all lanes of one connection. */
export class SocketLine {
  readonly #socket: WebSocket;
  readonly #raw: Duplex;
  readonly #onDrained: () => void;
  #waiting = 0;
  #isFull = false;
  #isCorked = false;
  /** When the client last took something, or something began to wait (monotonic, milliseconds). */
  #movedAt = 0;

  /** `onDrained` is told when writers may go on. */
  constructor(socket: WebSocket, raw: Duplex, onDrained: () => void) {
    this.#socket = socket;
    this.#raw = raw;
    this.#onDrained = onDrained;
  }

  /** Whether more waits than should. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Milliseconds for which the client has taken nothing of what waits for it; 0 where nothing waits. */
  stalledFor(now: number): number {
    return this.#waiting === 0 ? 0 : now - this.#movedAt;
  }

  /** Sends lines, the last of which is ended too. False = hold back until told. They must not be changed afterwards. */
  write(lines: Uint8Array): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return true;
    if (this.#waiting === 0) this.#movedAt = performance.now();
    this.#waiting += lines.length;
    this.#cork();
    let from = 0;
    for (let end = lines.indexOf(LF); end !== -1; end = lines.indexOf(LF, from)) {
      const size = end + 1 - from;
      this.#socket.send(lines.subarray(from, end), { binary: false }, () => this.#taken(size));
      from = end + 1;
    }
    this.#isFull = this.#waiting > HIGH_WATER;
    return !this.#isFull;
  }

  /** What is written in one tick goes out together. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#raw.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#raw.uncork();
    });
  }

  #taken(size: number): void {
    this.#waiting -= size;
    this.#movedAt = performance.now();
    if (this.#waiting === 0) freeDeflater(this.#socket);
    if (!this.#isFull || this.#waiting > HIGH_WATER / 2) return;
    this.#isFull = false;
    this.#onDrained();
  }
}
