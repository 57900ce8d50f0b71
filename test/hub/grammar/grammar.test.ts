// Grammars of custom tools: sentences made of a grammar are recognised, spoilt ones are not; and the patterns made for servers say the same
// of the text in the JSON.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Expression } from "../../../src/hub/grammar/expression.ts";
import { GrammarProblem } from "../../../src/hub/grammar/expression.ts";
import { patternFor } from "../../../src/hub/grammar/constrain.ts";
import { insideJsonString } from "../../../src/hub/grammar/json-text.ts";
import { createRecogniser } from "../../../src/hub/grammar/match.ts";
import type { ToolGrammar } from "../../../src/hub/grammar/tool-grammar.ts";
import { toolGrammar } from "../../../src/hub/grammar/tool-grammar.ts";
import { APPLY_PATCH, CALLS, EXEC, PATCH } from "./grammars.ts";
import { sentencesOf } from "./sentences.ts";

const DATE = String.raw`^(?P<year>\d{4})-(0[1-9]|1[0-2])-[^\W_]{2,}?(?:T[\x41-\x43\]\-]*)?$`;

function readable(grammar: ToolGrammar): Exclude<ToolGrammar, { problem: GrammarProblem }> {
  if ("problem" in grammar) throw grammar.problem;
  return grammar;
}

function fits(syntax: string, definition: string, text: string): boolean {
  return readable(toolGrammar(syntax, definition)).recogniser.fits(text);
}

function patternOf(definition: string, reading: "json" | "value" | "either", syntax = "lark"): RegExp {
  const pattern = patternFor(toolGrammar(syntax, definition), reading);
  if (typeof pattern !== "string") throw new Error(`no pattern: ${String(pattern)}`);
  return new RegExp(pattern, "u");
}

const insideJson = (text: string): string => JSON.stringify(text).slice(1, -1);

const READ: [name: string, syntax: string, definition: string][] = [
  ["apply_patch", "lark", APPLY_PATCH],
  ["exec", "lark", EXEC],
  ["calls", "lark", CALLS],
  ["date", "regex", DATE],
  ["select", "regex", "SELECT .+"],
];

describe.each(READ)("%s", (_name, syntax, definition) => {
  const { expression, recogniser } = readable(toolGrammar(syntax, definition));
  const inJson = createRecogniser(insideJsonString(expression));

  test("its sentences fit, and fit in the JSON as JSON.stringify writes them", () => {
    fc.assert(
      fc.property(sentencesOf(expression), (text) => {
        expect(recogniser.fits(text)).toBe(true);
        expect(inJson.fits(insideJson(text))).toBe(true);
      }),
    );
  });

  test("what fits in the JSON is, decoded, a sentence", () => {
    fc.assert(
      fc.property(sentencesOf(insideJsonString(expression)), (text) => {
        const value: unknown = JSON.parse(`"${text}"`);
        expect(recogniser.fits(String(value))).toBe(true);
      }),
    );
  });
});

describe.each([
  ["apply_patch", "lark", APPLY_PATCH],
  ["calls", "lark", CALLS],
  ["date", "regex", DATE],
])("the patterns of %s", (_name, syntax, definition) => {
  const { expression, recogniser } = readable(toolGrammar(syntax, definition));
  const json = patternOf(definition, "json", syntax);
  const value = patternOf(definition, "value", syntax);
  const either = patternOf(definition, "either", syntax);

  test("say what the recogniser says, of sentences and of spoilt ones", () => {
    fc.assert(
      fc.property(spoilt(expression), (text) => {
        const isSentence = recogniser.fits(text);
        expect(value.test(text)).toBe(isSentence);
        expect(json.test(insideJson(text))).toBe(isSentence);
        if (isSentence) expect([either.test(text), either.test(insideJson(text))]).toEqual([true, true]);
      }),
    );
  });

  test("have nothing but what every converter reads", () => {
    const odd = /\(\?|\\[dDwWsSbBpP]|\[\]|\*\?|\+\?/;
    for (const pattern of [json, value, either]) {
      expect(pattern.source.replaceAll("\\\\", "")).not.toMatch(odd);
      expect(pattern.source).toMatch(/^\^.*\$$/);
    }
  });
});

/** Sentences with one character left out, doubled, or replaced; some are still sentences. */
function spoilt(expression: Expression): fc.Arbitrary<string> {
  return fc.tuple(sentencesOf(expression), fc.nat(), fc.constantFrom("", "\n", "*", " ", '"', "\\", "x", "é")).map(([text, at, by]) => {
    const characters = Array.from(text);
    if (characters.length > 0) characters[at % characters.length] = by;
    return characters.join("");
  });
}

describe("apply_patch", () => {
  test("takes a patch of all kinds of hunks, with and without a last newline", () => {
    expect(fits("lark", APPLY_PATCH, PATCH)).toBe(true);
    expect(fits("lark", APPLY_PATCH, PATCH.trimEnd())).toBe(true);
  });

  test.each([
    ["no hunk", "*** Begin Patch\n*** End Patch\n"],
    ["no end", "*** Begin Patch\n*** Delete File: a\n"],
    ["a line without its sign", "*** Begin Patch\n*** Add File: a\nhello\n*** End Patch\n"],
    ["a file without a name", "*** Begin Patch\n*** Delete File: \n*** End Patch\n"],
    ["a name of two lines", "*** Begin Patch\n*** Delete File: a\nb\n*** End Patch\n"],
    ["a word before", `Here: ${PATCH}`],
    ["a word after", `${PATCH}done`],
    ["nothing", ""],
  ])("does not take %s", (_what, text) => {
    expect(fits("lark", APPLY_PATCH, text)).toBe(false);
  });

  test("is told in one look at each character", () => {
    const long = `*** Begin Patch\n*** Add File: a\n${"+line of a file that is long\n".repeat(40_000)}*** End Patch\n`;
    expect(fits("lark", APPLY_PATCH, long)).toBe(true);
    expect(fits("lark", APPLY_PATCH, `${long}x`)).toBe(false);
  });
});

test("a dot takes no newline, unless a flag says so", () => {
  expect(fits("regex", "SELECT .+", "SELECT a\nb")).toBe(false);
  expect(fits("regex", "(?s)SELECT .+", "SELECT a\nb")).toBe(true);
  expect(fits("lark", "start: /SELECT .+/s", "SELECT a\nb")).toBe(true);
});

describe("what is ignored, counted, and spelled in two ways", () => {
  test.each([
    ["f()", true],
    [" f ( true , TRUE )  ", true],
    ["f(ab,no,B); g(); h();", true],
    ["f(); g(); h(); i()", false],
    ["f(abc)", false],
    ["f(D)", false],
    ["f(NO)", false],
    ["too_long()", false],
  ])("%j: %j", (text, expected) => {
    expect(fits("lark", CALLS, text)).toBe(expected);
  });
});

describe("no pattern", () => {
  test("where any text will do", () => {
    expect(patternFor(toolGrammar("lark", EXEC), "json")).toBeNull();
    expect(patternFor(toolGrammar("lark", "start: /(.|\\n)*/"), "json")).toBeNull();
  });
});

describe("what cannot be read is named", () => {
  test.each([
    ["recursion in sum", "lark", 'start: sum\nsum: "1" | sum "+" sum'],
    ["rule missing", "lark", "start: missing"],
    ["no start", "lark", 'root: "a"'],
    ["template", "lark", 'start: _list{"a"}\n_list{x}: x ("," x)*'],
    ["template", "lark", 'start: sep{"a", ","}'],
    ["%declare", "lark", "start: A\n%declare A"],
    ["%import python.NAME", "lark", "start: NAME\n%import python.NAME"],
    ["attributes", "lark", 'start[lazy]: "a"'],
    ["special token", "lark", "start: <end>"],
    ["(?=b", "lark", "start: /a(?=b)/"],
    ["back reference", "regex", String.raw`(a)\1`],
    [String.raw`\b`, "regex", String.raw`\bword\b`],
    [String.raw`\p`, "regex", String.raw`\p{L}+`],
    ["anchor ^", "regex", "a(^b)"],
    ["possessive +", "regex", "a++"],
    ["flag x", "lark", "start: /a b/x"],
    ["size", "regex", "(a{1000}){1000}"],
    ["syntax ebnf", "ebnf", "root ::= x"],
  ])("%s", (construct, syntax, definition) => {
    const grammar = toolGrammar(syntax, definition);
    expect("problem" in grammar && grammar.problem.construct).toBe(construct);
    expect("problem" in grammar && grammar.problem.message).toMatch(/^[A-Z].*\.$/);
    expect(patternFor(grammar, "json")).toBeInstanceOf(GrammarProblem);
  });

  test("whatever is sent, nothing throws", () => {
    const noise = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...Array.from('start: /"[]()*+?|~.\\n{}1a^$-\n%')) }));
    fc.assert(
      fc.property(noise, fc.constantFrom("lark", "regex"), (text, syntax) => {
        const grammar = toolGrammar(syntax, text);
        expect(patternFor(grammar, "either")).toSatisfy(
          (found: unknown) => found === null || typeof found === "string" || found instanceof GrammarProblem,
        );
      }),
      { numRuns: 500 },
    );
  });
});
