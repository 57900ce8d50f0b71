// The reply of one turn on a WebSocket: the gateway's port, over the line that all lanes of the connection share. Promises that nothing
// is sent after the end, and that whoever waits for the client's departure is told once.
import type { ReplyPort } from "../gateway/port.ts";
import type { SocketLine } from "./socket-line.ts";

/** One reply. */
export class SocketReply implements ReplyPort {
  readonly #line: SocketLine;
  readonly #breakOff: () => void;
  readonly #goneListeners: (() => void)[] = [];
  readonly #drainListeners: (() => void)[] = [];
  #state: "open" | "over" | "gone" = "open";
  #isBlocked = false;

  /** `breakOff` ends the connection. */
  constructor(line: SocketLine, breakOff: () => void) {
    this.#line = line;
    this.#breakOff = breakOff;
  }

  /** Whether the reply has its end, or nobody is left to hear it. */
  get isOver(): boolean {
    return this.#state !== "open";
  }

  start(): void {
    // Messages say everything themselves.
  }

  write(bytes: Uint8Array): boolean {
    if (this.#state !== "open") return true;
    this.#isBlocked = !this.#line.write(bytes);
    return !this.#isBlocked;
  }

  end(): void {
    if (this.#state === "open") this.#state = "over";
  }

  destroy(): void {
    if (this.#state !== "open") return;
    this.#state = "over";
    this.#breakOff();
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  /** The client has taken what waited. */
  drained(): void {
    if (!this.#isBlocked || this.#state !== "open") return;
    this.#isBlocked = false;
    for (const listener of this.#drainListeners) listener();
  }

  onGone(listener: () => void): void {
    if (this.#state === "gone") listener();
    else this.#goneListeners.push(listener);
  }

  /** The client is gone. */
  leave(): void {
    if (this.#state !== "open") return;
    this.#state = "gone";
    for (const listener of this.#goneListeners) listener();
  }
}
