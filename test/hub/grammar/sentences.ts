// Sentences of an expression, at random: what fast-check makes of a grammar. Promises texts of the expression alone, small ones first.
import fc from "fast-check";
import type { CodePoints } from "../../../src/hub/grammar/code-points.ts";
import type { Expression } from "../../../src/hub/grammar/expression.ts";

const MORE = 3;
/** Where sets reach far, these are tried beside the ends: quotes, escapes, controls, and characters of two, three and four bytes. */
const TELLING = Array.from(
  '"\\/ \t\r\b\f\n\u0000\u001b\u007f\u0080é\u2028\ud7ff\ufffd🙂\u{10ffff}aZ09+-*@',
  (character) => character.codePointAt(0) ?? 0,
);

/** Texts that fit an expression without rules. */
export function sentencesOf(expression: Expression): fc.Arbitrary<string> {
  switch (expression.kind) {
    case "text":
      return fc.constant(expression.text);
    case "set":
      return charactersOf(expression.set);
    case "sequence":
      return fc.tuple(...expression.parts.map(sentencesOf)).map((parts) => parts.join(""));
    case "choice":
      return fc.oneof(...expression.options.map(sentencesOf));
    case "repeat": {
      const maxLength = Math.min(expression.most, expression.least + MORE);
      return fc.array(sentencesOf(expression.of), { minLength: expression.least, maxLength }).map((parts) => parts.join(""));
    }
    case "rule":
      throw new Error(`the rule ${expression.name} was not put in its place`);
  }
}

function charactersOf(set: CodePoints): fc.Arbitrary<string> {
  const ends = set.flatMap(([first, last]) => [first, last]);
  const points = [...ends, ...TELLING].filter(
    (point) => set.some(([first, last]) => point >= first && point <= last) && !isSurrogate(point),
  );
  return fc.constantFrom(...points.map((point) => String.fromCodePoint(point)));
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}
