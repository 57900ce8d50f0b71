// The grammar of a custom tool, read once: what a model's input must look like, or what stands in the way of knowing it. Promises
// that the same definition is read once however often a client sends it, and that a bad one never throws.
import type { Expression } from "./expression.ts";
import { GrammarProblem } from "./expression.ts";
import { flatten } from "./flatten.ts";
import { readLark } from "./lark.ts";
import type { Recogniser } from "./match.ts";
import { createRecogniser } from "./match.ts";
import { readRegex } from "./regex.ts";

/** A grammar that was read and can be checked, or the reason why it cannot. */
export type ToolGrammar = { expression: Expression; recogniser: Recogniser } | { problem: GrammarProblem };

/** Codex sends two grammars, other clients few more; all are forgotten when there are this many. */
const MOST_KNOWN = 64;
/** Longer grammars are not read: nobody's are, and reading is on the way of a request. */
const LONGEST = 50_000;

const known = new Map<string, ToolGrammar>();

/** The grammar of that syntax and definition (the wire's `format.syntax`: `lark` or `regex`). */
export function toolGrammar(syntax: string, definition: string): ToolGrammar {
  const key = `${syntax}\0${definition}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= MOST_KNOWN) known.clear();
  const grammar = readGrammar(syntax, definition);
  known.set(key, grammar);
  return grammar;
}

function readGrammar(syntax: string, definition: string): ToolGrammar {
  try {
    if (definition.length > LONGEST) throw new GrammarProblem("size", `The grammar has ${definition.length} characters.`);
    const expression = readExpression(syntax, definition);
    return { expression, recogniser: createRecogniser(expression) };
  } catch (error) {
    if (error instanceof GrammarProblem) return { problem: error };
    throw error;
  }
}

function readExpression(syntax: string, definition: string): Expression {
  if (syntax === "lark") return flatten(readLark(definition));
  if (syntax === "regex") return readRegex(definition);
  throw new GrammarProblem(`syntax ${syntax}`, `The grammar is in a syntax that is not known here, ${syntax}.`);
}
