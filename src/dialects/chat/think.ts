// Inline reasoning: `<think>...</think>`, or tags of another name, at the head of the text, told apart while it streams.
// Promises the same split however the text is cut, and that text without a tag at its head passes untouched and at once.

/** Called with the next stretch of reasoning or text; the gap is the white space that followed the closing tag. */
export interface ThinkSink {
  reasoning(text: string): void;
  text(text: string): void;
  gap(text: string): void;
}

/** Splits one reply's text. */
export class ThinkSplitter {
  #where: "head" | "inside" | "gap" | "after" = "head";
  #held = "";
  readonly #sink: ThinkSink;
  readonly #open: string;
  readonly #close: string;
  /** Another pair right after one goes on with the reasoning: who uses tags of another name puts them around each piece of it. */
  readonly #repeats: boolean;
  /** The text begins inside a tag that nobody opened. */
  readonly #isOpened: boolean;

  constructor(sink: ThinkSink, tag = "think", isOpened = false) {
    this.#sink = sink;
    this.#isOpened = isOpened;
    this.#open = `<${tag}>`;
    this.#close = `</${tag}>`;
    this.#repeats = tag !== "think";
  }

  /** Takes more text. */
  push(text: string): void {
    if (this.#where === "after") return this.#sink.text(text);
    this.#held += text;
    for (let before: string | null = null; before !== this.#where;) {
      before = this.#where;
      if (before === "head") this.#head();
      else if (before === "inside") this.#inside();
      else if (before === "gap") this.#gap();
    }
  }

  /** Takes the end of the text, or of this stretch of it: what was held is what it looked like least. */
  end(): void {
    const held = this.#held;
    const where = this.#where;
    this.#held = "";
    if (where === "gap" || (where === "head" && held.trim() !== "")) this.#where = "after";
    if (held === "") return;
    if (where === "head") this.#sink.text(held);
    else if (where === "inside") this.#sink.reasoning(held);
    else this.#sink.gap(held);
  }

  /** Reasoning comes by another way: what looked like the beginning of a tag was none. White space goes on waiting. */
  settle(): void {
    if (this.#where === "head" && this.#held.trim() !== "") this.end();
  }

  #head(): void {
    const start = this.#held.trimStart();
    if (start.startsWith(this.#open)) {
      this.#where = "inside";
      this.#held = start.slice(this.#open.length);
    } else if (!this.#open.startsWith(start) && this.#isOpened) {
      this.#where = "inside";
    } else if (!this.#open.startsWith(start)) {
      this.#where = "after";
      this.#flush((held) => this.#sink.text(held));
    }
  }

  #inside(): void {
    const close = this.#held.indexOf(this.#close);
    if (close !== -1) {
      const reasoning = this.#held.slice(0, close);
      this.#held = this.#held.slice(close + this.#close.length);
      this.#where = "gap";
      if (reasoning !== "") this.#sink.reasoning(reasoning);
      return;
    }
    const keep = overlap(this.#held, this.#close);
    const reasoning = this.#held.slice(0, this.#held.length - keep);
    this.#held = this.#held.slice(this.#held.length - keep);
    if (reasoning !== "") this.#sink.reasoning(reasoning);
  }

  #gap(): void {
    const text = this.#held.trimStart();
    if (text === "" || (this.#repeats && this.#open.startsWith(text))) return;
    if (this.#repeats && text.startsWith(this.#open)) {
      this.#where = "inside";
      this.#held = text.slice(this.#open.length);
      return;
    }
    const gap = this.#held.slice(0, this.#held.length - text.length);
    this.#where = "after";
    this.#held = "";
    this.#sink.gap(gap);
    this.#sink.text(text);
  }

  #flush(take: (held: string) => void): void {
    const held = this.#held;
    this.#held = "";
    if (held !== "") take(held);
  }
}

/** How many characters at the end may be the beginning of a closing tag. */
function overlap(text: string, close: string): number {
  for (let length = Math.min(close.length - 1, text.length); length > 0; length--) if (close.startsWith(text.slice(-length))) return length;
  return 0;
}
