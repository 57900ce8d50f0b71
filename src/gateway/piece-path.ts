// The way of one upstream call's pieces to the client: calls are raised, surplus ones left out, an answer that must be checked is held.
// Promises order, and that each call of a turn has a path of its own.
import type { LossList } from "../hub/loss.ts";
import type { HubRequest } from "../hub/request.ts";
import { createInputChecks } from "../hub/grammar/check-inputs.ts";
import { createFirstCall } from "../hub/first-call.ts";
import type { FirstCall } from "../hub/first-call.ts";
import { HeldAnswer } from "../hub/held-answer.ts";
import type { Piece } from "../hub/piece.ts";
import { createRaise } from "../hub/raise-calls.ts";
import type { Raise } from "../hub/raise-calls.ts";
import type { Prepared } from "./prepare.ts";

/** What a path needs. */
export interface PathOptions {
  request: HubRequest;
  prepared: Prepared;
  losses: LossList;
  /** Hold a custom call until it is whole, and drop one that was cut. */
  holdCustom: boolean;
  /** A call was dropped because it was cut. */
  onCut: () => void;
}

/** One path. */
export class PiecePath {
  readonly #raise: Raise;
  readonly #firstCall: FirstCall | null;
  /** The answer, where it must be checked before it goes out. */
  readonly held: HeldAnswer | null;

  constructor({ request, prepared, losses, holdCustom, onCut }: PathOptions) {
    this.#raise = createRaise(prepared.tools.aliases, { holdCustom, onCut, checkOf: createInputChecks(prepared.tools.grammars, losses) });
    this.#firstCall = request.parallel_tool_calls
      ? null
      : createFirstCall(() =>
          losses.add(
            "dropped",
            "parallel_tool_calls",
            "The model made several calls at once although one was asked for; the first was kept.",
          ),
        );
    this.held = prepared.schema === null ? null : new HeldAnswer();
  }

  /** Takes a reader's pieces and gives what goes on. */
  take(pieces: readonly Piece[]): Piece[] {
    const raised: Piece[] = [];
    for (const piece of pieces) this.#raise.push(piece, raised);
    return this.#pass(raised);
  }

  /** Ends the reply: what the reader left open counts as cut. */
  finish(): Piece[] {
    const rest: Piece[] = [];
    this.#raise.finish(rest);
    return this.#pass(rest);
  }

  #pass(raised: Piece[]): Piece[] {
    const left = this.#firstCall?.(raised) ?? raised;
    if (this.held === null) return left;
    const out: Piece[] = [];
    this.held.take(left, out);
    return out;
  }
}
