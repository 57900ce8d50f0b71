// The check of what a model gave to custom tools against the tools' grammars, as the calls come back. Promises that a call is never
// lost by it: an input that does not fit, and cannot be mended, goes to the client as it is, and is told as a loss.
import type { LossList } from "../loss.ts";
import { mendInput } from "./mend-input.ts";
import { toolGrammar } from "./tool-grammar.ts";

/** A tool's `format`, where it is a grammar. */
export interface GrammarFormat {
  syntax: string;
  definition: string;
}

/** Checks the inputs of one tool's calls. */
export interface InputCheck {
  /** The input that the client gets: mended where that is certain and still possible, else as it is. */
  check(text: string, mayChange: boolean): string;
}

/** A check for the tool of that name; undefined where its grammar cannot be checked. Each finding is told to `losses`. */
export function createInputCheck(name: string, format: GrammarFormat, losses: LossList): InputCheck | undefined {
  const grammar = toolGrammar(format.syntax, format.definition);
  if ("problem" in grammar) return undefined;
  const { recogniser } = grammar;
  return {
    check(text, mayChange) {
      const { text: mended, state } = mayChange
        ? mendInput(text, (candidate) => recogniser.fits(candidate))
        : { text, state: recogniser.fits(text) ? "fits" : "off" };
      if (state === "mended")
        losses.add("lowered", `tool.${name}.input_repaired`, `What the model gave to ${name} was mended to fit its grammar.`);
      if (state === "off")
        losses.add(
          "lowered",
          `tool.${name}.input_off_grammar`,
          `What the model gave to ${name} does not fit its grammar; it was passed on as it is.`,
        );
      return mended;
    },
  };
}
