// What a grammar says, in whatever syntax it was written: texts, sets of characters, and how they follow each other. Promises
// that what is built here is simple: no sequence in a sequence, no choice in a choice, no choice of lone characters.
import type { CodePoints } from "./code-points.ts";
import { pointsOf, union } from "./code-points.ts";

/** What a piece of text must look like. */
export type Expression =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "set"; readonly set: CodePoints }
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  /** `least` to `most` times; `most` may be Infinity. */
  | { readonly kind: "repeat"; readonly of: Expression; readonly least: number; readonly most: number }
  | { readonly kind: "rule"; readonly name: string };

/** Named expressions, of which one is the whole. */
export interface Grammar {
  readonly start: string;
  readonly rules: ReadonlyMap<string, Expression>;
}

/** A grammar that cannot be read or converted. `construct` names what is in the way, shortly. */
export class GrammarProblem extends Error {
  readonly construct: string;

  constructor(construct: string, message: string) {
    super(message);
    this.construct = construct;
  }
}

/** The empty text. */
const EMPTY: Expression = { kind: "text", text: "" };

/** A text as it stands. */
export function textOf(text: string): Expression {
  return text === "" ? EMPTY : { kind: "text", text };
}

/** One character of a set; of a set of one, that character. */
export function setOf(set: CodePoints): Expression {
  const [only] = set;
  const isOne = set.length === 1 && only !== undefined && only[0] === only[1];
  return isOne ? textOf(String.fromCodePoint(only[0])) : { kind: "set", set };
}

/** One after the other. */
export function sequence(parts: readonly Expression[]): Expression {
  const flat: Expression[] = [];
  for (const part of parts.flatMap((each) => (each.kind === "sequence" ? each.parts : [each]))) {
    const before = flat.at(-1);
    if (part.kind === "text" && before?.kind === "text") flat[flat.length - 1] = textOf(before.text + part.text);
    else if (part !== EMPTY) flat.push(part);
  }
  const [only] = flat;
  if (only === undefined) return EMPTY;
  return flat.length === 1 ? only : { kind: "sequence", parts: flat };
}

/** One or the other. Lone characters among the options become one set, in the place of the first; an empty option a `?`. */
export function choice(options: readonly Expression[]): Expression {
  const flat = options.flatMap((each) => (each.kind === "choice" ? each.options : [each]));
  const filled = flat.filter((option) => option !== EMPTY);
  const single = union(...filled.map((option) => characterOf(option) ?? []));
  const first = filled.findIndex((option) => characterOf(option) !== undefined);
  const merged = filled.flatMap((option, index) => (characterOf(option) === undefined ? [option] : index === first ? [setOf(single)] : []));
  const [only] = merged;
  if (only === undefined) return EMPTY;
  const chosen: Expression = merged.length === 1 ? only : { kind: "choice", options: merged };
  return filled.length < flat.length ? repeat(chosen, 0, 1) : chosen;
}

/** The set of an expression that is one character, else undefined. */
function characterOf(expression: Expression): CodePoints | undefined {
  if (expression.kind === "set") return expression.set;
  return expression.kind === "text" && Array.from(expression.text).length === 1 ? pointsOf(expression.text) : undefined;
}

/** The same again and again. A repetition of what repeats freely is one of the same: `(x+)*` is `x*`, else it would be read in many ways. */
export function repeat(of: Expression, least: number, most: number): Expression {
  if (most === 0 || of === EMPTY) return EMPTY;
  if (least === 1 && most === 1) return of;
  const isFree = of.kind === "repeat" && of.most === Number.POSITIVE_INFINITY && of.least <= 1 && least <= 1;
  if (isFree) return { ...of, least: Math.min(of.least, least) };
  return of.kind === "repeat" && of.least === 0 && of.most === 1 && least === 0 && most === 1 ? of : { kind: "repeat", of, least, most };
}
