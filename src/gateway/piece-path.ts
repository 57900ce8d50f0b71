// The way of one upstream call's pieces to the client: calls are raised, surplus ones left out, an answer that must be checked is held.
// Promises order, and that each call of a turn has a path of its own.
import type { JsonObject } from "../kit/json.ts";
import type { LossList } from "../hub/loss.ts";
import type { HubRequest } from "../hub/request.ts";
import { createInputChecks } from "../hub/grammar/check-inputs.ts";
import { createFirstCall } from "../hub/first-call.ts";
import type { FirstCall } from "../hub/first-call.ts";
import { HeldAnswer } from "../hub/held-answer.ts";
import type { Piece } from "../hub/piece.ts";
import { createRaise } from "../hub/raise-calls.ts";
import type { CallRepair, Raise } from "../hub/raise-calls.ts";
import type { Counters } from "./counters.ts";
import type { Prepared } from "./prepare.ts";

/** What a path needs. */
export interface PathOptions {
  request: HubRequest;
  prepared: Prepared;
  losses: LossList;
  counters: Counters;
  /** Repair the arguments of calls. */
  repairArguments: boolean;
  /** Hold a custom call until it is whole, and drop one that was cut. */
  holdCustom: boolean;
  /** A call was dropped because it was cut. */
  onCut: () => void;
}

/** What is said of each repair. */
const REPAIRED: Readonly<Record<CallRepair, string>> = {
  tool_name: "The model called a tool by another spelling of its name.",
  fenced: "The model put a call's arguments into a Markdown fence.",
  unclosed: "The model left out the last brace of a call's arguments.",
  encoded: "The model gave JSON as a string of JSON in a call's arguments.",
  integer: "The model wrote a whole number as a fraction in a call's arguments.",
  number: "The model gave a number as text in a call's arguments.",
  boolean: "The model gave a boolean as text in a call's arguments.",
  property_name: "The model wrote the name of an argument in another spelling.",
};

/** One path. */
export class PiecePath {
  readonly #raise: Raise;
  readonly #firstCall: FirstCall | null;
  /** The answer, where it must be checked before it goes out. */
  readonly held: HeldAnswer | null;

  constructor({ request, prepared, losses, counters, repairArguments, holdCustom, onCut }: PathOptions) {
    const { aliases, tools, grammars } = prepared.tools;
    const schemaOf = (name: string): JsonObject | undefined => tools.find((tool) => tool.name === name)?.parameters;
    this.#raise = createRaise(aliases, {
      holdCustom,
      onCut,
      checkOf: createInputChecks(grammars, { losses, mend: repairArguments, onMend: () => counters.repaired("input") }),
      ...(repairArguments ? { schemaOf } : {}),
      onRepair: (repair) => {
        counters.repaired(repair);
        losses.add("lowered", repair === "tool_name" ? "tool.name" : `tool.arguments.${repair}`, REPAIRED[repair]);
      },
    });
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
