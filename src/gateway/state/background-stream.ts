// Where the stream of a background response goes: frame by frame into the store, and from there to whoever reads along. Promises that
// nobody reads an event that a crash could take back, and that readers of any age see the same events with the same numbers.
import type { Fault } from "../../hub/fault.ts";
import { FaultError } from "../../hub/fault.ts";
import type { ReplyPort } from "../port.ts";
import type { StateStore } from "./store.ts";

/** Events that the store refused: they are kept here alone. */
export interface Unkept {
  first: number;
  frames: Buffer;
}

/** The port of a background turn. A write holds whole SSE frames, whose sequence numbers follow each other from 0. */
export class BackgroundStream implements ReplyPort {
  readonly #store: StateStore;
  readonly #id: string;
  readonly #onRefused: (failure: Fault) => void;
  #pending: Uint8Array[] = [];
  #next = 0;
  #isOver = false;
  /** A piece is on its way to the store. */
  #flying = false;
  #scheduled = false;
  #unkept: Unkept | null = null;
  #change = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<void>();

  constructor(store: StateStore, id: string, onRefused: (failure: Fault) => void) {
    this.#store = store;
    this.#id = id;
    this.#onRefused = onRefused;
  }

  /** Resolves when there is more to read than now. */
  get changed(): Promise<void> {
    return this.#change.promise;
  }

  /** Resolves when the last event is in the store, or refused by it. */
  get settled(): Promise<void> {
    return this.#end.promise;
  }

  /** What follows the events in the store, once that has refused one and the stream is over. */
  get unkept(): Unkept | null {
    return this.#isOver ? this.#unkept : null;
  }

  start(): void {
    // Each reader gets headers of its own.
  }

  write(bytes: Uint8Array): boolean {
    this.#pending.push(bytes);
    this.#schedule();
    return true;
  }

  end(): void {
    this.#isOver = true;
    this.#schedule();
  }

  destroy(): void {
    this.end();
  }

  onDrain(): void {
    // Nothing is ever held back.
  }

  onGone(): void {
    // Nobody's leaving ends a background response.
  }

  /** The last write and the end come in one go: both are in the same piece. */
  #schedule(): void {
    if (this.#scheduled || this.#flying) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const frames = Buffer.concat(this.#pending);
    const over = this.#isOver;
    if (this.#flying) return;
    if (frames.length === 0) return over ? this.#end.resolve() : undefined;
    this.#pending = [];
    if (this.#unkept !== null) {
      this.#unkept.frames = Buffer.concat([this.#unkept.frames, frames]);
      this.#tell();
      return over ? this.#end.resolve() : undefined;
    }
    const count = countFrames(frames);
    this.#flying = true;
    try {
      const ask = { id: this.#id, first: this.#next, count, frames: new Uint8Array(frames), over };
      await this.#store.ask("addEvents", ask, frames.length);
      this.#next += count;
    } catch (error) {
      this.#unkept = { first: this.#next, frames };
      if (error instanceof FaultError) this.#onRefused(error.fault);
    }
    this.#flying = false;
    this.#tell();
    this.#schedule();
  }

  #tell(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

function countFrames(frames: Buffer): number {
  let count = 0;
  for (let at = frames.indexOf("\n\n"); at !== -1; at = frames.indexOf("\n\n", at + 2)) count += 1;
  return count;
}
