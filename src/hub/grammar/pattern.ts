// An expression as a regular expression for the `pattern` of a JSON Schema. Promises only what the converters of llama.cpp (2024 and
// later), xgrammar and llguidance read alike: plain groups, sets in brackets, the escapes that all of them know.
import type { CodePoints } from "./code-points.ts";
import { LAST_CODE_POINT, complement } from "./code-points.ts";
import type { Expression } from "./expression.ts";
import { GrammarProblem } from "./expression.ts";

/** Longer patterns cost the model more to read than they are worth: templates put the schema into the prompt. */
const LONGEST = 8000;

/** The pattern, anchored at both ends. Throws GrammarProblem where it would be too long. */
export function patternOf(expression: Expression): string {
  const pattern = `^${writeWhole(expression)}$`;
  if (pattern.length > LONGEST) throw new GrammarProblem("size", `The grammar would be a pattern of ${pattern.length} characters.`);
  return pattern;
}

/** An expression between anchors: a choice needs its group, lest an anchor belong to one option alone. */
function writeWhole(expression: Expression): string {
  return expression.kind === "choice" ? `(${write(expression)})` : write(expression);
}

function write(expression: Expression): string {
  switch (expression.kind) {
    case "text":
      return Array.from(expression.text, (character) => writeCharacter(character, SPECIAL)).join("");
    case "set":
      return writeSet(expression.set);
    case "sequence":
      return expression.parts.map((part) => writeWhole(part)).join("");
    case "choice":
      return expression.options.map(write).join("|");
    case "repeat":
      return `${writeUnit(expression.of)}${writeCount(expression.least, expression.most)}`;
    case "rule":
      throw new GrammarProblem(`rule ${expression.name}`, `The rule ${expression.name} was not put in its place.`);
  }
}

/** What a count can stand behind. A lone character gets a group too: llama.cpp counts the whole text before an escaped one. */
function writeUnit(expression: Expression): string {
  return expression.kind === "set" ? writeSet(expression.set) : `(${write(expression)})`;
}

function writeCount(least: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return least === 0 ? "*" : least === 1 ? "+" : `{${least},}`;
  if (least === 0 && most === 1) return "?";
  return least === most ? `{${least}}` : `{${least},${most}}`;
}

const SPECIAL = /[\\^$.*+?()[\]{}|]/;
const SPECIAL_IN_BRACKETS = /[\\[\]-]/;
const CONTROL_ESCAPES: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function writeCharacter(character: string, special: RegExp): string {
  const point = character.codePointAt(0) ?? 0;
  if (special.test(character)) return `\\${character}`;
  return CONTROL_ESCAPES[character] ?? (point < 0x20 || point === 0x7f ? hex(point) : character);
}

function hex(point: number): string {
  return point < 0x100 ? `\\x${point.toString(16).padStart(2, "0")}` : `\\u${point.toString(16).padStart(4, "0")}`;
}

/** A set that reaches to the end of Unicode is written by what it leaves out, so that no far end need be named. */
function writeSet(set: CodePoints): string {
  const isOpen = set.at(-1)?.[1] === LAST_CODE_POINT;
  const named = isOpen ? complement(set) : set;
  // Nothing is left out: a newline, or anything else.
  if (named.length === 0) return "([^\\n]|\\n)";
  return `[${isOpen ? "^" : ""}${named.map(writeRange).join("")}]`;
}

function writeRange([first, last]: readonly [number, number]): string {
  const from = writeEnd(first);
  return first === last ? from : last === first + 1 ? from + writeEnd(last) : `${from}-${writeEnd(last)}`;
}

/** One end of a range. `^` would turn the set round where it stands first. */
function writeEnd(point: number): string {
  if (point === 0x5e) return "\\x5e";
  if (point > 0x7e && point < 0x10000) return hex(point);
  return writeCharacter(String.fromCodePoint(point), SPECIAL_IN_BRACKETS);
}
