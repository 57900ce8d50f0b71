// What an expression looks like inside a JSON string. Promises that each text has exactly one form there: characters as they are,
// save quotes, backslashes and controls, whose short escape is taken where JSON has one; decoded, it is a text of the expression.
import type { CodePoints } from "./code-points.ts";
import { codePoint, complement, contains, intersection, pointsOf, union } from "./code-points.ts";
import type { Expression } from "./expression.ts";
import { GrammarProblem, choice, repeat, sequence, setOf, textOf } from "./expression.ts";

const SHORT: Record<string, string> = { '"': '"', "\\": "\\", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t" };
const CONTROLS: CodePoints = [[0, 0x1f]];
const SHORT_POINTS = pointsOf(Object.keys(SHORT).join(""));
const PLAIN = complement(union(CONTROLS, SHORT_POINTS));

/** The expression of the text between the quotes of a JSON string whose value fits `expression`, which has no rules. */
export function insideJsonString(expression: Expression): Expression {
  switch (expression.kind) {
    case "text":
      return isPlain(expression.text) ? expression : sequence(Array.from(expression.text, escapedCharacter));
    case "set":
      return escapedSet(expression.set);
    case "sequence":
      return sequence(expression.parts.map(insideJsonString));
    case "choice":
      return choice(expression.options.map(insideJsonString));
    case "repeat":
      return repeat(insideJsonString(expression.of), expression.least, expression.most);
    case "rule":
      throw new GrammarProblem(`rule ${expression.name}`, `The rule ${expression.name} was not put in its place.`);
  }
}

/** Whether a text stands in JSON as it is. */
function isPlain(text: string): boolean {
  return JSON.stringify(text).length === text.length + 2;
}

function escapedCharacter(character: string): Expression {
  return isPlain(character) ? textOf(character) : escapedSet(pointsOf(character));
}

function escapedSet(set: CodePoints): Expression {
  const plain = intersection(set, PLAIN);
  const short = Object.entries(SHORT).filter(([character]) => contains(set, codePoint(character)));
  const options: Expression[] = plain.length === 0 ? [] : [setOf(plain)];
  if (short.length > 0) options.push(sequence([textOf("\\"), setOf(pointsOf(short.map(([, letter]) => letter).join("")))]));
  return choice([...options, ...longEscapes(set)]);
}

/** `\u00XX` for the controls that have no short escape: by their first hexadecimal digit, the second as a set in either case. */
function longEscapes(set: CodePoints): Expression[] {
  return [0x00, 0x10].flatMap((high) => {
    const points = Array.from({ length: 16 }, (_, low) => high + low);
    const long = points.filter((point) => contains(set, point) && !contains(SHORT_POINTS, point));
    const digits = long.map((point) => (point - high).toString(16)).join("");
    return digits === "" ? [] : [sequence([textOf(`\\u00${high === 0 ? "0" : "1"}`), setOf(pointsOf(digits + digits.toUpperCase()))])];
  });
}
