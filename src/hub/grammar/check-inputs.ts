// The check of what a model gave to custom tools against the tools' grammars, as the calls come back. Promises that a call is never
// lost by it: an input that does not fit, and cannot be mended, goes to the client as it is, and is told as a loss.
import type { ToolOrigin } from "../alias.ts";
import { toolKey } from "../alias.ts";
import type { CallableTool } from "../collect-tools.ts";
import type { LossList } from "../loss.ts";
import { mendInput } from "./mend-input.ts";
import { toolGrammar } from "./tool-grammar.ts";

/** A tool's `format`, where it is a grammar. */
export interface GrammarFormat {
  syntax: string;
  definition: string;
}

/** The grammars of a request's custom tools, by `toolKey`. */
export type ToolGrammars = ReadonlyMap<string, GrammarFormat>;

/** What the client gets of an input: mended where that is certain and `mayChange` says that none of it has gone out; else as it is. */
export type InputCheck = (text: string, mayChange: boolean) => string;

/** The grammars among the tools that a model may call. */
export function grammarsOf(callable: readonly CallableTool[]): ToolGrammars {
  const grammars = new Map<string, GrammarFormat>();
  for (const { origin, tool } of callable)
    if (tool.type === "custom" && tool.format?.type === "grammar") grammars.set(toolKey(origin), tool.format);
  return grammars;
}

/** How inputs are checked. */
export interface CheckOptions {
  /** Is told what was found. */
  losses: LossList;
  /** Whether anything may be mended. */
  mend: boolean;
  /** Told of each input that was mended. */
  onMend?: () => void;
}

/** Gives the check for a tool's calls; undefined where it has no grammar, or one that cannot be read. */
export function createInputChecks(
  grammars: ToolGrammars,
  { losses, mend, onMend }: CheckOptions,
): (origin: ToolOrigin) => InputCheck | undefined {
  return (origin) => {
    const format = grammars.get(toolKey(origin));
    const grammar = format && toolGrammar(format.syntax, format.definition);
    if (grammar === undefined || "problem" in grammar) return undefined;
    const fits = (text: string): boolean => grammar.recogniser.fits(text);
    return (text, mayChange) => {
      const found = mend && mayChange ? mendInput(text, fits) : { text, state: fits(text) ? "fits" : "off" };
      const { name } = origin;
      if (found.state === "mended") {
        onMend?.();
        losses.add("lowered", `tool.${name}.input_repaired`, `An input of ${name} was mended to fit its grammar.`);
      }
      if (found.state === "off")
        losses.add("lowered", `tool.${name}.input_off_grammar`, `An input of ${name} does not fit its grammar; it was passed on as it is.`);
      return found.text;
    };
  };
}
