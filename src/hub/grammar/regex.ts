// Regular expressions, read as they are written in Python, Rust and JavaScript, as far as they agree. Promises the language that
// the expression matches as a whole (lazy and greedy are the same), and a named problem for all that describes no such language.
import type { CodePoints } from "./code-points.ts";
import { ANY, complement, pointsOf, union, withBothCases } from "./code-points.ts";
import type { Expression } from "./expression.ts";
import { GrammarProblem, choice, repeat, sequence, setOf, textOf } from "./expression.ts";
import { readEscape } from "./regex-escapes.ts";

/** Deeper nesting than this nobody writes by hand. */
const DEEPEST = 200;
const COUNTS = /^\{(\d{0,6})(,?)(\d{0,6})\}/;
const ANYTHING = repeat(setOf(ANY), 0, Infinity);
const NAMED_GROUP = /^\?P?<[A-Za-z_]\w*>/;

/** Reads a regular expression that a whole text must match; `flags` are letters after the closing slash. Throws GrammarProblem. */
export function readRegex(source: string, flags = ""): Expression {
  return readFrom(source, flags, false);
}

/** Reads a regular expression that must match somewhere in a text, and gives that of the whole text. Throws GrammarProblem. */
export function readSearch(source: string): Expression {
  return readFrom(source, "", true);
}

function readFrom(source: string, flags: string, isSearch: boolean): Expression {
  const inline = /^\(\?([a-z]+)\)/.exec(source);
  const letters = flags + (inline?.[1] ?? "");
  for (const letter of letters)
    if (!"imsluS".includes(letter)) throw new GrammarProblem(`flag ${letter}`, `The regular expression has the flag ${letter}.`);
  return new RegexReader(source, inline?.[0].length ?? 0, letters, isSearch).read();
}

/** One reading of one expression, left to right. */
class RegexReader {
  readonly #source: string;
  readonly #ignoreCase: boolean;
  readonly #dot: CodePoints;
  /** Whether anything may stand before and after what is not anchored. */
  readonly #isSearch: boolean;
  #at: number;
  #depth = 0;

  constructor(source: string, start: number, flags: string, isSearch: boolean) {
    this.#isSearch = isSearch;
    this.#source = source;
    this.#at = start;
    this.#ignoreCase = flags.includes("i");
    this.#dot = flags.includes("s") ? ANY : complement(pointsOf("\n"));
  }

  read(): Expression {
    const whole = this.#alternatives();
    if (this.#at < this.#source.length) throw new GrammarProblem(")", "The regular expression closes a group that is not open.");
    return whole;
  }

  #alternatives(): Expression {
    const options: Expression[] = [];
    do {
      if (this.#source[this.#at] === "|") this.#at++;
      options.push(this.#series());
    } while (this.#source[this.#at] === "|");
    return choice(options);
  }

  #series(): Expression {
    const parts: Expression[] = [];
    const anchors = new Set<string>();
    const start = this.#at;
    for (;;) {
      const character = this.#source[this.#at];
      if (character === undefined || character === "|" || character === ")") {
        if (!this.#isSearch || this.#depth > 0) return sequence(parts);
        return sequence([...(anchors.has("^") ? [] : [ANYTHING]), ...parts, ...(anchors.has("$") ? [] : [ANYTHING])]);
      }
      if (character === "^" || character === "$") anchors.add(this.#anchor(character, start));
      else parts.push(this.#counted(this.#atom(character)));
    }
  }

  /** At the very beginning and end an anchor says that nothing may stand outside; where a whole text is meant it says nothing new. */
  #anchor(character: string, start: number): string {
    const next = this.#source[this.#at + 1];
    const fits = character === "^" ? this.#at === start : next === undefined || next === "|";
    if (!fits || this.#depth > 0) throw new GrammarProblem(`anchor ${character}`, `The regular expression has ${character} inside.`);
    this.#at++;
    return character;
  }

  #atom(character: string): Expression {
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return this.#setOf(this.#brackets());
      case ".":
        this.#at++;
        return setOf(this.#dot);
      case "\\": {
        const { set, next } = readEscape(this.#source, this.#at);
        this.#at = next;
        return this.#setOf(set);
      }
      case "*":
      case "+":
      case "?":
        throw new GrammarProblem(character, `The regular expression has ${character} with nothing before it.`);
      default: {
        const whole = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
        this.#at += whole.length;
        return this.#ignoreCase ? this.#setOf(pointsOf(whole)) : textOf(whole);
      }
    }
  }

  /** A set under the flags. */
  #setOf(set: CodePoints): Expression {
    return setOf(this.#ignoreCase ? withBothCases(set) : set);
  }

  #group(): Expression {
    this.#at++;
    const rest = this.#source.slice(this.#at, this.#at + 80);
    const named = NAMED_GROUP.exec(rest);
    if (named !== null) this.#at += named[0].length;
    else if (rest.startsWith("?:")) this.#at += 2;
    else if (rest.startsWith("?"))
      throw new GrammarProblem(`(${rest.slice(0, 3)}`, `The regular expression has a group (${rest.slice(0, 3)}.`);
    if (++this.#depth > DEEPEST) throw new GrammarProblem("nesting", "The regular expression is nested too deeply.");
    const inner = this.#alternatives();
    if (this.#source[this.#at] !== ")") throw new GrammarProblem("(", "The regular expression leaves a group open.");
    this.#at++;
    this.#depth--;
    return inner;
  }

  #brackets(): CodePoints {
    this.#at++;
    const negated = this.#source[this.#at] === "^";
    if (negated) this.#at++;
    const sets: CodePoints[] = [];
    const start = this.#at;
    while (this.#source[this.#at] !== "]" || this.#at === start) {
      const first = this.#member();
      const isRange = this.#source[this.#at] === "-" && this.#source[this.#at + 1] !== "]";
      if (!isRange) {
        sets.push(first);
        continue;
      }
      this.#at++;
      sets.push(rangeOf(first, this.#member()));
    }
    this.#at++;
    const set = union(...sets);
    // Case is folded before the set is turned round: [^a] with the flag i is neither a nor A.
    const folded = this.#ignoreCase ? withBothCases(set) : set;
    return negated ? complement(folded) : folded;
  }

  #member(): CodePoints {
    const point = this.#source.codePointAt(this.#at);
    if (point === undefined) throw new GrammarProblem("[", "The regular expression leaves brackets open.");
    if (this.#source[this.#at] === "[" && /^\[[:[]/.test(this.#source.slice(this.#at, this.#at + 2)))
      throw new GrammarProblem("[[:class:]]", "The regular expression has a set inside brackets.");
    if (this.#source[this.#at] === "\\") {
      const isBackspace = this.#source[this.#at + 1] === "b";
      const { set, next } = isBackspace ? { set: pointsOf("\b"), next: this.#at + 2 } : readEscape(this.#source, this.#at);
      this.#at = next;
      return set;
    }
    this.#at += point > 0xffff ? 2 : 1;
    return [[point, point]];
  }

  #counted(atom: Expression): Expression {
    const character = this.#source[this.#at];
    const simple = character === "*" ? [0, Infinity] : character === "+" ? [1, Infinity] : character === "?" ? [0, 1] : undefined;
    const [least, most] = simple ?? this.#counts() ?? [1, 1];
    if (simple !== undefined) this.#at++;
    else if (least === 1 && most === 1) return atom;
    // Lazy or greedy, the language is the same; possessive it is not.
    if (this.#source[this.#at] === "?") this.#at++;
    else if (this.#source[this.#at] === "+")
      throw new GrammarProblem("possessive +", "The regular expression has a possessive repetition.");
    return repeat(atom, least ?? 1, most ?? 1);
  }

  /** `{n}`, `{n,}`, `{,m}`, `{n,m}`; a brace that opens nothing of the kind is a brace. */
  #counts(): [number, number] | undefined {
    const found = COUNTS.exec(this.#source.slice(this.#at, this.#at + 20));
    if (found === null || (found[1] === "" && found[3] === "")) return undefined;
    const least = Number(found[1]);
    const most = found[2] === "" ? least : found[3] === "" ? Infinity : Number(found[3]);
    if (most < least) throw new GrammarProblem(found[0], `The regular expression counts backwards: ${found[0]}.`);
    this.#at += found[0].length;
    return [least, most];
  }
}

function rangeOf(first: CodePoints, last: CodePoints): CodePoints {
  const from = first[0]?.[0];
  const to = last[0]?.[1];
  const isRange = first.length === 1 && last.length === 1 && from === first[0]?.[1] && to === last[0]?.[0];
  if (!isRange || from === undefined || to === undefined || to < from)
    throw new GrammarProblem("range", "The regular expression has a range in brackets without two ends.");
  return [[from, to]];
}
