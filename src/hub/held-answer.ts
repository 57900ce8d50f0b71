// An answer that is held back until it is whole, because it must be checked before the client sees it. Promises that reasoning before
// it passes at once, that a call or a refusal ends the holding, and that order is kept.
import type { SaidLength } from "./assemble.ts";
import type { FinishReason, Piece } from "./piece.ts";
import type { Usage } from "./usage.ts";

/** The answer of one upstream call. */
export class HeldAnswer {
  readonly #held: Piece[] = [];
  #text = "";
  #isFree = false;
  #usage: Usage | null = null;
  #finish: FinishReason | null = null;
  readonly said: SaidLength = { text: 0, reasoning: 0, calls: 0 };

  /** The text so far. */
  get text(): string {
    return this.#text;
  }

  /** Whether it is no mere text: then nothing is held. */
  get isFree(): boolean {
    return this.#isFree;
  }

  /** What the upstream said of its counts; null = nothing. */
  get usage(): Usage | null {
    return this.#usage;
  }

  /** Why the model stopped, as far as it said. */
  get finish(): FinishReason | null {
    return this.#finish;
  }

  /** Takes the pieces of a reply, and appends what need not wait to `out`. */
  take(pieces: readonly Piece[], out: Piece[]): void {
    for (const piece of pieces) this.#takeOne(piece, out);
  }

  /** What was held, as it came. */
  release(): Piece[] {
    return this.#held.splice(0);
  }

  /** What was held, with another text in place of its own. */
  replaceText(text: string): Piece[] {
    const held = this.release();
    const at = held.findIndex((piece) => piece.kind === "text");
    const others: Piece[] = held.filter((piece) => piece.kind !== "text" && piece.kind !== "annotation");
    return others.toSpliced(Math.max(0, at), 0, { kind: "text", text });
  }

  #takeOne(piece: Piece, out: Piece[]): void {
    switch (piece.kind) {
      case "usage":
        this.#usage = piece.usage;
        break;
      case "finish":
        this.#finish ??= piece.reason;
        break;
      case "fault":
        break;
      case "refusal":
      case "call":
        this.#isFree = true;
        for (const held of this.release()) out.push(held);
        break;
      case "text":
        this.said.text += piece.text.length;
        this.#text += piece.text;
        return this.#hold(piece, out);
      case "annotation":
      case "state":
        return this.#hold(piece, out);
      case "reasoning":
        this.said.reasoning += piece.text.length;
        return this.#hold(piece, out);
      case "args":
        this.said.calls += piece.text.length;
        break;
      case "call_end":
        break;
      default:
        piece satisfies never;
    }
    out.push(piece);
  }

  /** What comes before the first word passes, save white space, which may be the head of the answer. */
  #hold(piece: Piece, out: Piece[]): void {
    const waits = !this.#isFree && (piece.kind === "text" || this.#text.trim() !== "");
    (waits ? this.#held : out).push(piece);
  }
}
