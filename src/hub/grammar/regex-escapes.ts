// Escapes in regular expressions: what stands after a backslash. Promises the same reading inside and outside of brackets, and
// that an escape which means no set of characters is named, never guessed.
import type { CodePoints } from "./code-points.ts";
import { codePoint, complement, pointsOf, union } from "./code-points.ts";
import { GrammarProblem } from "./expression.ts";

/** What an escape means, and where the text goes on. */
export interface Escape {
  set: CodePoints;
  next: number;
}

const DIGITS: CodePoints = [[0x30, 0x39]];
const WORD: CodePoints = union(DIGITS, pointsOf("_"), [[0x41, 0x5a]], [[0x61, 0x7a]]);
const SPACE: CodePoints = pointsOf(" \t\n\r\f\v");

const CLASSES: Record<string, CodePoints> = {
  d: DIGITS,
  D: complement(DIGITS),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
};
const CONTROLS: Record<string, string> = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v", a: "\u0007", "0": "\0" };
const HEX_DIGITS: Record<string, number> = { x: 2, u: 4, U: 8 };
const BRACED = /^\{([0-9a-fA-F]{1,8})\}/;

/** Reads the escape whose backslash stands at `at`. */
export function readEscape(source: string, at: number): Escape {
  const letter = source.charAt(at + 1);
  if (letter === "") throw new GrammarProblem("trailing backslash", "A regular expression ends in a backslash.");
  const known = CLASSES[letter];
  if (known !== undefined) return { set: known, next: at + 2 };
  const control = CONTROLS[letter];
  if (control !== undefined) return { set: pointsOf(control), next: at + 2 };
  const length = HEX_DIGITS[letter];
  if (length !== undefined) return readHex(source, at, length);
  if (/[1-9]/.test(letter)) throw new GrammarProblem("back reference", `The regular expression refers back by \\${letter}.`);
  if (/[a-zA-Z]/.test(letter)) throw new GrammarProblem(`\\${letter}`, `The regular expression has the escape \\${letter}.`);
  const character = String.fromCodePoint(codePoint(source.slice(at + 1)));
  return { set: pointsOf(character), next: at + 1 + character.length };
}

function readHex(source: string, at: number, length: number): Escape {
  const rest = source.slice(at + 2);
  const braced = BRACED.exec(rest);
  const digits = braced?.[1] ?? rest.slice(0, length);
  const value = Number.parseInt(digits, 16);
  if (!/^[0-9a-fA-F]+$/.test(digits) || (braced === null && digits.length < length) || value > 0x10ffff)
    throw new GrammarProblem(`\\${source.charAt(at + 1)}`, "An escape of a character lacks its hexadecimal digits.");
  return { set: [[value, value]], next: at + 2 + (braced?.[0].length ?? length) };
}
