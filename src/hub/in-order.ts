// Keeps pieces in the order in which they began while one of them is held back. Promises that nothing overtakes a held call,
// and that where nothing is held nothing waits.
import type { Piece } from "./piece.ts";

/** A place in the order: taken later, or dropped. */
export interface Place {
  /** Takes the place with these pieces; with none, it is given up. */
  settle(pieces: readonly Piece[]): void;
}

interface Slot {
  pieces: Piece[];
  open: boolean;
}

/** The order of one reply. */
export class InOrder {
  readonly #slots: Slot[] = [];

  /** Whether nothing is held, so that nothing has to wait. */
  get idle(): boolean {
    return this.#slots.length === 0;
  }

  /** Takes pieces that are ready: they go to `out`, or wait behind a place that is held. */
  push(pieces: readonly Piece[], out: Piece[]): void {
    const last = this.#slots.at(-1);
    const to = last === undefined ? out : last.open ? this.#add(false) : last.pieces;
    for (const piece of pieces) to.push(piece);
  }

  /** Holds a place for what begins now. */
  hold(): Place {
    const pieces = this.#add(true);
    const slot = this.#slots.at(-1);
    return {
      settle: (later) => {
        for (const piece of later) pieces.push(piece);
        if (slot !== undefined) slot.open = false;
      },
    };
  }

  /** Gives out what waits for nothing any more. */
  release(out: Piece[]): void {
    while (this.#slots[0]?.open === false) {
      for (const piece of this.#slots[0].pieces) out.push(piece);
      this.#slots.shift();
    }
  }

  #add(open: boolean): Piece[] {
    const slot: Slot = { pieces: [], open };
    this.#slots.push(slot);
    return slot.pieces;
  }
}
