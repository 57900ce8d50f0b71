// A grammar as the `pattern` of a tool's string, for servers that hold a model's calls to their schemas. Promises a pattern in the
// reading of the server at hand, none where any text will do, and a named problem where the grammar cannot be said so.
import type { Capabilities } from "../capability.ts";
import type { Expression } from "./expression.ts";
import { GrammarProblem, choice } from "./expression.ts";
import { LAST_CODE_POINT } from "./code-points.ts";
import { insideJsonString } from "./json-text.ts";
import { patternOf } from "./pattern.ts";
import { readSearch } from "./regex.ts";
import type { ToolGrammar } from "./tool-grammar.ts";

/**
 * What a server holds the `pattern` of a string in a call to: the text of the string itself (`value`, as JSON Schema says; llguidance),
 * the text as it stands between the quotes of the JSON (`json`; llama.cpp), or whichever of the two the model's form of calls has
 * (`either`; xgrammar). Measured with llama.cpp b11434, xgrammar 0.2.8 and llguidance 1.9.1.
 */
export type PatternReading = Exclude<Capabilities["toolPattern"], "none">;

/** The pattern, null where every text fits, or the problem. Each is made once. */
export function patternFor(grammar: ToolGrammar, reading: PatternReading): string | null | GrammarProblem {
  if ("problem" in grammar) return grammar.problem;
  const before = made.get(grammar.expression)?.[reading];
  if (before !== undefined) return before;
  const pattern = write(grammar.expression, reading);
  made.set(grammar.expression, { ...made.get(grammar.expression), [reading]: pattern });
  return pattern;
}

const made = new WeakMap<Expression, Partial<Record<PatternReading, string | null | GrammarProblem>>>();

function write(expression: Expression, reading: PatternReading): string | null | GrammarProblem {
  try {
    return fitsAnything(expression) ? null : patternOf(read(expression, reading));
  } catch (error) {
    if (error instanceof GrammarProblem) return error;
    throw error;
  }
}

/** A JSON Schema's own `pattern` in the reading of the server: the pattern, null where every text fits, or the problem. */
export function translatePattern(pattern: string, reading: PatternReading): string | null | GrammarProblem {
  try {
    return write(readSearch(pattern), reading);
  } catch (error) {
    if (error instanceof GrammarProblem) return error;
    throw error;
  }
}

function read(expression: Expression, reading: PatternReading): Expression {
  switch (reading) {
    case "value":
      return expression;
    case "json":
      return insideJsonString(expression);
    case "either":
      return choice([insideJsonString(expression), expression]);
  }
}

/** Whether every text fits, or every one that is not empty: one option says so, or one part beside others that may be missing. */
function fitsAnything(expression: Expression): boolean {
  if (expression.kind === "choice") return expression.options.some(fitsAnything);
  if (expression.kind === "sequence") return expression.parts.some(fitsAnything) && expression.parts.every(isOptional);
  if (expression.kind !== "repeat" || expression.least > 1 || expression.most !== Number.POSITIVE_INFINITY) return false;
  const { of } = expression;
  return of.kind === "set" && of.set[0]?.[0] === 0 && of.set[0][1] === LAST_CODE_POINT;
}

function isOptional(expression: Expression): boolean {
  return expression.kind === "repeat" && expression.least === 0;
}
