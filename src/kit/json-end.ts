// Where a JSON value ends that arrives in pieces. Promises the verdict of JSON.parse for any cut of the text, as early as it
// is certain, in linear time and without a throw.

/** How far a JSON value has come: more is needed, it is whole, or no continuation can make it JSON. */
export type JsonState = "open" | "complete" | "broken";

/** Who wants the text of strings while they are read. */
export interface StringWatch {
  /** A string begins, as a key or a value, inside so many open brackets; true = its text is wanted. */
  open(depth: number, isKey: boolean): boolean;
  /** More of the wanted string, decoded. */
  text(decoded: string): void;
  /** The wanted string is whole. */
  close(isKey: boolean): void;
}

type Mode = "value" | "first_item" | "first_key" | "key" | "colon" | "after" | "string" | "escape" | "unicode" | "literal" | "number";
type NumberMode = "minus" | "zero" | "whole" | "dot" | "fraction" | "e" | "sign" | "exponent";

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const LITERALS: Readonly<Record<string, string>> = { t: "rue", f: "alse", n: "ull" };

/** Scans one JSON value as it arrives. */
export class JsonEnd {
  #state: JsonState = "open";
  #rest = "";
  #mode: Mode = "value";
  readonly #brackets: ("{" | "[")[] = [];
  #isKey = false;
  #wanted = false;
  #hex = "";
  #literal = "";
  #number: NumberMode = "minus";
  readonly #watch: StringWatch | undefined;
  readonly #run: RegExp;

  /** With a watch, strings are read leniently: raw line breaks and unknown escapes, which models write, stand for themselves. */
  constructor(watch?: StringWatch) {
    this.#watch = watch;
    // oxlint-disable-next-line no-control-regex -- JSON forbids exactly these inside strings.
    this.#run = watch === undefined ? /[^"\\\x00-\x1f]*/y : /[^"\\]*/y;
  }

  /** How far the value has come. A bare number stays open until something follows it or `finish` is called. */
  get state(): JsonState {
    return this.#state;
  }

  /** What came after the end of the value. */
  get rest(): string {
    return this.#rest;
  }

  /** Takes the next piece of text. */
  feed(text: string): JsonState {
    let index = 0;
    while (this.#state === "open" && index < text.length) index = this.#step(text, index);
    if (this.#state === "complete") this.#rest += text.slice(index);
    return this.#state;
  }

  /** Says that no more text comes; only a bare number changes by it. */
  finish(): JsonState {
    if (this.#state === "open" && this.#mode === "number" && this.#brackets.length === 0 && isWholeNumber(this.#number))
      this.#state = "complete";
    return this.#state;
  }

  /** Reads from `index` and gives the index of what is not yet read. */
  #step(text: string, index: number): number {
    const mode = this.#mode;
    if (mode === "string") return this.#readString(text, index);
    const character = text.charAt(index);
    switch (mode) {
      case "escape":
        return this.#readEscape(character, index);
      case "unicode":
        return this.#readUnicode(character, index);
      case "literal":
        return this.#readLiteral(character, index);
      case "number":
        return this.#readNumber(character, index);
      case "value":
      case "first_item":
      case "first_key":
      case "key":
      case "colon":
      case "after":
        if (character === " " || character === "\n" || character === "\r" || character === "\t") return index + 1;
        this.#readStructure(mode, character);
        return index + 1;
    }
  }

  #readStructure(mode: "value" | "first_item" | "first_key" | "key" | "colon" | "after", character: string): void {
    const bracket = this.#brackets.at(-1);
    if (mode === "colon") {
      if (character === ":") this.#mode = "value";
      else this.#state = "broken";
    } else if (mode === "after") {
      if (character === ",") this.#mode = bracket === "{" ? "key" : "value";
      else if (character === (bracket === "{" ? "}" : "]")) this.#closeBracket();
      else this.#state = "broken";
    } else if (mode === "first_key" || mode === "key") {
      if (character === '"') this.#openString(true);
      else if (character === "}" && mode === "first_key") this.#closeBracket();
      else this.#state = "broken";
    } else if (character === "]" && mode === "first_item") this.#closeBracket();
    else this.#readValue(character);
  }

  #readValue(character: string): void {
    const literal = LITERALS[character];
    if (character === "{" || character === "[") {
      this.#brackets.push(character);
      this.#mode = character === "{" ? "first_key" : "first_item";
    } else if (character === '"') this.#openString(false);
    else if (literal !== undefined) {
      this.#literal = literal;
      this.#mode = "literal";
    } else if (character === "-" || isDigit(character)) {
      this.#number = character === "-" ? "minus" : character === "0" ? "zero" : "whole";
      this.#mode = "number";
    } else this.#state = "broken";
  }

  #closeBracket(): void {
    this.#brackets.pop();
    this.#endValue();
  }

  #endValue(): void {
    this.#mode = "after";
    if (this.#brackets.length === 0) this.#state = "complete";
  }

  #openString(isKey: boolean): void {
    this.#mode = "string";
    this.#isKey = isKey;
    this.#wanted = this.#watch?.open(this.#brackets.length, isKey) ?? false;
  }

  #say(decoded: string): void {
    if (this.#wanted && decoded !== "") this.#watch?.text(decoded);
  }

  #readString(text: string, index: number): number {
    this.#run.lastIndex = index;
    this.#run.test(text);
    const end = this.#run.lastIndex;
    if (this.#wanted) this.#say(text.slice(index, end));
    if (end === text.length) return end;
    const character = text.charAt(end);
    if (character === "\\") this.#mode = "escape";
    else if (character === '"') {
      if (this.#wanted) this.#watch?.close(this.#isKey);
      if (this.#isKey) this.#mode = "colon";
      else this.#endValue();
    } else this.#state = "broken";
    return end + 1;
  }

  #readEscape(character: string, index: number): number {
    const decoded = ESCAPES[character];
    this.#mode = "string";
    if (character === "u") {
      this.#hex = "";
      this.#mode = "unicode";
    } else if (decoded !== undefined) this.#say(decoded);
    else if (this.#watch === undefined) this.#state = "broken";
    else this.#say(`\\${character}`);
    return index + 1;
  }

  #readUnicode(character: string, index: number): number {
    if (!/[0-9a-fA-F]/.test(character)) {
      if (this.#watch === undefined) this.#state = "broken";
      this.#say(`\\u${this.#hex}`);
      this.#mode = "string";
      return index;
    }
    this.#hex += character;
    if (this.#hex.length === 4) {
      this.#say(String.fromCharCode(Number.parseInt(this.#hex, 16)));
      this.#mode = "string";
    }
    return index + 1;
  }

  #readLiteral(character: string, index: number): number {
    if (this.#literal.charAt(0) !== character) this.#state = "broken";
    this.#literal = this.#literal.slice(1);
    if (this.#literal === "" && this.#state === "open") this.#endValue();
    return index + 1;
  }

  #readNumber(character: string, index: number): number {
    const next = nextInNumber(this.#number, character);
    if (next !== undefined) {
      this.#number = next;
      return index + 1;
    }
    if (isWholeNumber(this.#number)) this.#endValue();
    else this.#state = "broken";
    return index;
  }
}

const isDigit = (character: string): boolean => character >= "0" && character <= "9";

const isWholeNumber = (mode: NumberMode): boolean => mode === "zero" || mode === "whole" || mode === "fraction" || mode === "exponent";

/** The mode after one more character of a number; undefined where the character is not part of it. */
function nextInNumber(mode: NumberMode, character: string): NumberMode | undefined {
  const digit = isDigit(character);
  const exponent = character === "e" || character === "E";
  switch (mode) {
    case "minus":
      return character === "0" ? "zero" : digit ? "whole" : undefined;
    case "zero":
      return character === "." ? "dot" : exponent ? "e" : undefined;
    case "whole":
      return digit ? "whole" : character === "." ? "dot" : exponent ? "e" : undefined;
    case "dot":
      return digit ? "fraction" : undefined;
    case "fraction":
      return digit ? "fraction" : exponent ? "e" : undefined;
    case "e":
      return digit ? "exponent" : character === "+" || character === "-" ? "sign" : undefined;
    case "sign":
    case "exponent":
      return digit ? "exponent" : undefined;
  }
}
