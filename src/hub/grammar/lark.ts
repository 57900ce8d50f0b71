// Lark grammars (https://lark-parser.readthedocs.io/en/stable/grammar.html), as clients of the Responses API attach them to
// custom tools. Promises every text that Lark would accept (Lark's lexer may refuse some: it takes the longest word it can),
// and a named problem for all that is not read: templates, attributes, special tokens, imports from elsewhere.
import type { Expression, Grammar } from "./expression.ts";
import { GrammarProblem, choice, repeat, sequence, setOf, textOf } from "./expression.ts";
import { codePoint, pointsOf, withBothCases } from "./code-points.ts";
import { commonTerminal } from "./lark-library.ts";
import type { Token } from "./lark-tokens.ts";
import { readTokens } from "./lark-tokens.ts";
import { readRegex } from "./regex.ts";

/** The rule at which a Lark grammar starts. */
const START = "start";
/** The name under which the ignored terminals, any number of them, are a rule: no Lark name has a space. */
const IGNORED = "what is ignored";

/** Reads a grammar. Throws GrammarProblem. */
export function readLark(source: string): Grammar {
  return new LarkReader(readTokens(source)).read();
}

/** One reading of one grammar, word by word. */
class LarkReader {
  readonly #tokens: readonly Token[];
  readonly #rules = new Map<string, Expression>();
  readonly #ignored: Expression[] = [];
  /** Whether words may have something ignored before them: then each word of a rule is told from its neighbours. */
  readonly #ignores: boolean;
  #at = 0;
  #inTerminal = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    this.#ignores = tokens.some((token) => token.kind === "directive" && token.text === "%ignore");
  }

  read(): Grammar {
    while (this.#at < this.#tokens.length) if (!this.#takeKind("line")) this.#statement();
    if (this.#ignores) {
      this.#rules.set(IGNORED, repeat(choice(this.#ignored), 0, Infinity));
      const whole = this.#rules.get(START);
      if (whole !== undefined) this.#rules.set(START, sequence([whole, { kind: "rule", name: IGNORED }]));
    }
    if (!this.#rules.has(START)) throw new GrammarProblem("no start", "The grammar has no rule start.");
    return { start: START, rules: this.#rules };
  }

  #statement(): void {
    const token = this.#next();
    if (token.kind === "directive") return this.#directive(token);
    const isMarked = token.kind === "mark" && (token.text === "?" || token.text === "!");
    const name = isMarked ? this.#next() : token;
    if (name.kind !== "rule" && name.kind !== "terminal") throw unexpected(name);
    // A priority decides between parses, not what is accepted.
    if (this.#take(".")) this.#next();
    if (this.#take("{")) throw new GrammarProblem("template", `The grammar has a template, ${name.text}.`);
    if (this.#take("[")) throw new GrammarProblem("attributes", `The rule ${name.text} of the grammar has attributes.`);
    this.#expect(":");
    this.#define(name.text, this.#bodyOf(name.kind === "terminal"));
  }

  #define(name: string, body: Expression): void {
    if (this.#rules.has(name)) throw new GrammarProblem(name, `The grammar defines ${name} twice.`);
    this.#rules.set(name, body);
  }

  #bodyOf(isTerminal: boolean): Expression {
    this.#inTerminal = isTerminal;
    const body = this.#expansions();
    const end = this.#tokens[this.#at];
    if (end !== undefined && end.kind !== "line") throw unexpected(end);
    return body;
  }

  #directive(token: Token): void {
    if (token.text === "%ignore") this.#ignored.push(this.#bodyOf(true));
    else if (token.text === "%import") this.#import();
    else throw new GrammarProblem(token.text, `The grammar has ${token.text}, on line ${token.line}.`);
  }

  /** `%import common.A`, `%import common.A -> B`, `%import common (A, B)`. */
  #import(): void {
    const library = this.#next();
    const names: Token[] = [];
    if (this.#take("(")) {
      do names.push(this.#next());
      while (this.#take(","));
      this.#expect(")");
    } else {
      this.#expect(".");
      names.push(this.#next());
    }
    const alias = this.#take("->") ? this.#next() : undefined;
    for (const { text } of names) {
      const terminal = library.text === "common" ? commonTerminal(text) : undefined;
      if (terminal === undefined)
        throw new GrammarProblem(`%import ${library.text}.${text}`, `The grammar imports ${library.text}.${text}.`);
      this.#define(alias?.text ?? text, terminal);
    }
  }

  #expansions(): Expression {
    const options: Expression[] = [];
    do options.push(this.#expansion());
    while (this.#take("|"));
    return choice(options);
  }

  #expansion(): Expression {
    const parts: Expression[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || token.kind === "line") return sequence(parts);
      if (token.kind === "mark" && [")", "]", "|"].includes(token.text)) return sequence(parts);
      if (this.#take("->")) this.#next();
      else parts.push(this.#counted(this.#atom()));
    }
  }

  #counted(atom: Expression): Expression {
    if (this.#take("?")) return repeat(atom, 0, 1);
    if (this.#take("*")) return repeat(atom, 0, Infinity);
    if (this.#take("+")) return repeat(atom, 1, Infinity);
    if (!this.#take("~")) return atom;
    const least = this.#number();
    const most = this.#take("..") ? this.#number() : least;
    if (most < least) throw new GrammarProblem(`~${least}..${most}`, "The grammar counts backwards.");
    return repeat(atom, least, most);
  }

  #atom(): Expression {
    const token = this.#next();
    switch (token.kind) {
      case "string":
        return this.#take("..") ? this.#word(rangeOf(token, this.#next())) : this.#word(stringOf(token));
      case "regex":
        return this.#word(readRegex(token.text.replaceAll("\\/", "/"), token.flags));
      case "terminal":
        return this.#word({ kind: "rule", name: token.text });
      case "rule":
        if (this.#take("{")) throw new GrammarProblem("template", `The grammar uses a template, ${token.text}.`);
        return { kind: "rule", name: token.text };
      case "mark": {
        if (token.text !== "(" && token.text !== "[") throw unexpected(token);
        const inner = this.#expansions();
        this.#expect(token.text === "(" ? ")" : "]");
        return token.text === "(" ? inner : repeat(inner, 0, 1);
      }
      case "number":
      case "directive":
      case "line":
        throw unexpected(token);
    }
  }

  /** A word of a rule, before which what is ignored may stand; inside a terminal nothing may. */
  #word(word: Expression): Expression {
    return this.#ignores && !this.#inTerminal ? sequence([{ kind: "rule", name: IGNORED }, word]) : word;
  }

  #number(): number {
    const token = this.#next();
    if (token.kind !== "number") throw unexpected(token);
    return Number(token.text);
  }

  #next(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new GrammarProblem("end", "The grammar breaks off.");
    return token;
  }

  #take(mark: string): boolean {
    const token = this.#tokens[this.#at];
    const isThere = token?.kind === "mark" && token.text === mark;
    if (isThere) this.#at++;
    return isThere;
  }

  #takeKind(kind: Token["kind"]): boolean {
    const isThere = this.#tokens[this.#at]?.kind === kind;
    if (isThere) this.#at++;
    return isThere;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) throw unexpected(this.#next());
  }
}

function unexpected(token: Token): GrammarProblem {
  const shown = token.kind === "line" ? "the end of the line" : token.text;
  if (token.text === "<") return new GrammarProblem("special token", `The grammar has a special token, on line ${token.line}.`);
  return new GrammarProblem(shown, `The grammar has ${shown} where nothing of the kind is expected, on line ${token.line}.`);
}

const SHORT_ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v", b: "\b", a: "\u0007", "0": "\0" };
const ESCAPES = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))/g;

/** What a string in quotes says: its escapes are Python's. */
function unquote(token: Token): string {
  return token.text.replace(ESCAPES, (_whole, two?: string, four?: string, eight?: string, letter = "") => {
    const digits = two ?? four ?? eight;
    return digits === undefined ? (SHORT_ESCAPES[letter] ?? letter) : String.fromCodePoint(Number.parseInt(digits, 16));
  });
}

function stringOf(token: Token): Expression {
  const text = unquote(token);
  if (token.flags !== "i") return textOf(text);
  return sequence(Array.from(text, (character) => setOf(withBothCases(pointsOf(character)))));
}

function rangeOf(first: Token, last: Token): Expression {
  const ends = [first, last].map((token) => (token.kind === "string" ? Array.from(unquote(token)) : []));
  const [from, to] = ends.map((characters) => (characters.length === 1 ? codePoint(characters[0] ?? "") : undefined));
  if (from === undefined || to === undefined || to < from)
    throw new GrammarProblem(`"${first.text}".."${last.text}"`, `The grammar has a range without two ends, on line ${first.line}.`);
  return setOf([[from, to]]);
}
