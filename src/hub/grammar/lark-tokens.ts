// The words of a Lark grammar (https://lark-parser.readthedocs.io/en/stable/grammar.html). Promises each with its line, and that a
// line which goes on (in a bracket, or with `|` at the head of the next) is one line.
import { GrammarProblem } from "./expression.ts";

/** One word of a grammar. `text` is as written, for strings and regular expressions without quotes, slashes and flags. */
export interface Token {
  kind: "rule" | "terminal" | "string" | "regex" | "number" | "directive" | "mark" | "line";
  text: string;
  flags: string;
  line: number;
}

const WORDS: readonly [Token["kind"] | "blank", RegExp][] = [
  ["blank", /(?:[ \t\f]|\/\/[^\n]*|#[^\n]*|\\\r?\n)+/y],
  ["line", /(?:\r?\n[ \t\r\n]*)/y],
  ["directive", /%[a-z_]+/y],
  ["string", /"((?:[^"\\\n]|\\.)*)"(i?)/y],
  ["regex", /\/(?![/*])((?:[^/\\\n]|\\.)+)\/([a-z]*)/y],
  ["terminal", /_*[A-Z][A-Z0-9_]*/y],
  ["rule", /_*[a-z][a-z0-9_]*/y],
  ["number", /[+-]?\d+/y],
  ["mark", /->|\.\.|[:|()[\]{}?*+~.,!@<>=;-]/y],
];

/** The words of a grammar, without comments. Throws GrammarProblem where there is something else. */
export function readTokens(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  while (at < source.length) {
    const [kind, found] = wordAt(source, at, line);
    if (kind !== "blank") tokens.push({ kind, text: found[1] ?? found[0], flags: found[2] ?? "", line });
    at += found[0].length;
    line += found[0].split("\n").length - 1;
  }
  return joinLines(tokens);
}

function wordAt(source: string, at: number, line: number): [Token["kind"] | "blank", RegExpExecArray] {
  for (const [kind, pattern] of WORDS) {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found !== null && found[0] !== "") return [kind, found];
  }
  throw new GrammarProblem(source.slice(at, at + 10), `Line ${line} of the grammar has ${JSON.stringify(source.slice(at, at + 10))}.`);
}

/** Without the line ends that end nothing. */
function joinLines(tokens: readonly Token[]): Token[] {
  let depth = 0;
  return tokens.filter((token, index) => {
    if (token.kind === "mark" && "([{".includes(token.text)) depth++;
    if (token.kind === "mark" && ")]}".includes(token.text)) depth--;
    if (token.kind !== "line") return true;
    const next = tokens[index + 1];
    return depth <= 0 && !(next?.kind === "mark" && next.text === "|");
  });
}
