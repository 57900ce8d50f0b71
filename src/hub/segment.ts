// Segments: one output item in the making, from its first piece to its `done`. Promises that an item's events follow the
// grammar (added, parts, deltas, done) and that every `done` is built from what was accumulated, never from a last delta.
import type { JsonObject } from "../kit/json.ts";
import type { ContentPart, Event } from "./event.ts";
import type { ItemStatus, OutputItem, OutputPart } from "./item.ts";
import type { CallSegment } from "./call-segment.ts";

/** Each member of the union without its number: the assembler numbers events as they leave. */
type Unnumbered<T> = T extends { sequence_number: number } ? Omit<T, "sequence_number"> : never;

/** An event before it has its sequence number. */
export type Draft = Unnumbered<Event>;

/** Where a segment's events go. */
export type Emit = (draft: Draft) => void;

/** A message being written: text and refusal parts, each closed before the next begins. */
export class MessageSegment {
  readonly kind = "message";
  readonly id: string;
  readonly #parts: OutputPart[] = [];
  #index = 0;
  #emit: Emit | null = null;
  #waiting: (() => void)[] = [];

  constructor(id: string) {
    this.id = id;
  }

  /** Begins to emit at this output index; what had to wait goes out first. */
  open(index: number, emit: Emit): void {
    this.#index = index;
    this.#emit = emit;
    emit({
      type: "response.output_item.added",
      output_index: index,
      item: { id: this.id, type: "message", status: "in_progress", role: "assistant", content: [] },
    });
    for (const step of this.#waiting) step();
    this.#waiting = [];
  }

  text(text: string, logprobs: JsonObject[]): void {
    if (this.#emit === null) return void this.#waiting.push(() => this.text(text, logprobs));
    let part = this.#parts.at(-1);
    if (part?.type !== "output_text") {
      this.#closePart();
      part = { type: "output_text", text: "", annotations: [], logprobs: [] };
      this.#openPart(part);
    }
    part.text += text;
    if (logprobs.length > 0) part.logprobs.push(...logprobs);
    this.#emit({ type: "response.output_text.delta", ...this.#at(), delta: text, logprobs });
  }

  refusal(text: string): void {
    if (this.#emit === null) return void this.#waiting.push(() => this.refusal(text));
    let part = this.#parts.at(-1);
    if (part?.type !== "refusal") {
      this.#closePart();
      part = { type: "refusal", refusal: "" };
      this.#openPart(part);
    }
    part.refusal += text;
    this.#emit({ type: "response.refusal.delta", ...this.#at(), delta: text });
  }

  annotation(annotation: JsonObject): void {
    if (this.#emit === null) return void this.#waiting.push(() => this.annotation(annotation));
    let part = this.#parts.at(-1);
    if (part?.type !== "output_text") {
      this.#closePart();
      part = { type: "output_text", text: "", annotations: [], logprobs: [] };
      this.#openPart(part);
    }
    this.#emit({ type: "response.output_text.annotation.added", ...this.#at(), annotation_index: part.annotations.length, annotation });
    part.annotations.push(annotation);
  }

  close(status: ItemStatus): OutputItem {
    this.#closePart();
    const item = this.item(status);
    this.#emit?.({ type: "response.output_item.done", output_index: this.#index, item });
    return item;
  }

  /** The item as it stands. */
  item(status: ItemStatus): OutputItem {
    return { id: this.id, type: "message", status, role: "assistant", content: this.#parts };
  }

  #at(): { item_id: string; output_index: number; content_index: number } {
    return { item_id: this.id, output_index: this.#index, content_index: this.#parts.length - 1 };
  }

  #openPart(part: OutputPart): void {
    this.#parts.push(part);
    const empty: ContentPart =
      part.type === "refusal" ? { type: "refusal", refusal: "" } : { type: "output_text", text: "", annotations: [], logprobs: [] };
    this.#emit?.({ type: "response.content_part.added", ...this.#at(), part: empty });
  }

  #closePart(): void {
    const part = this.#parts.at(-1);
    if (part === undefined) return;
    const at = this.#at();
    if (part.type === "refusal") {
      this.#emit?.({ type: "response.refusal.done", ...at, refusal: part.refusal });
      this.#emit?.({ type: "response.content_part.done", ...at, part });
    } else {
      this.#emit?.({ type: "response.output_text.done", ...at, text: part.text, logprobs: part.logprobs });
      // Recorded: the part's own `done` carries no logprobs, the item's does.
      this.#emit?.({ type: "response.content_part.done", ...at, part: part.logprobs.length > 0 ? { ...part, logprobs: [] } : part });
    }
  }
}

/** Reasoning being written: one summary part or one raw part, and a seal at its end. */
export class ReasoningSegment {
  readonly kind = "reasoning";
  readonly id: string;
  readonly #style: "summary" | "text";
  readonly #seal: (state: JsonObject) => string | null;
  #text = "";
  #state: JsonObject | null = null;
  #index = 0;
  #emit: Emit | null = null;
  #started = false;

  constructor(id: string, style: "summary" | "text", seal: (state: JsonObject) => string | null) {
    this.id = id;
    this.#style = style;
    this.#seal = seal;
  }

  open(index: number, emit: Emit): void {
    this.#index = index;
    this.#emit = emit;
    const item: OutputItem = { id: this.id, type: "reasoning", summary: [], ...(this.#style === "text" ? { content: [] } : {}) };
    emit({ type: "response.output_item.added", output_index: index, item });
    if (this.#text !== "") this.#delta(this.#text);
  }

  reasoning(text: string): void {
    this.#text += text;
    if (this.#emit !== null) this.#delta(text);
  }

  /** The state that seals the item: what is thought after it belongs to another. */
  state(state: JsonObject): void {
    this.#state = state;
  }

  get sealed(): boolean {
    return this.#state !== null;
  }

  close(): OutputItem {
    this.#closeText();
    const item = this.item();
    const sealed = this.#state === null ? null : this.#seal(this.#state);
    if (sealed !== null) item.encrypted_content = sealed;
    this.#emit?.({ type: "response.output_item.done", output_index: this.#index, item });
    return item;
  }

  /** The item as it stands, unsealed. */
  item(): OutputItem & { type: "reasoning" } {
    const item: OutputItem & { type: "reasoning" } = { id: this.id, type: "reasoning", summary: [] };
    if (this.#style === "text") item.content = this.#text === "" ? [] : [{ type: "reasoning_text", text: this.#text }];
    else if (this.#text !== "") item.summary.push({ type: "summary_text", text: this.#text });
    return item;
  }

  #delta(text: string): void {
    const at = { item_id: this.id, output_index: this.#index };
    if (this.#style === "summary") {
      if (!this.#started)
        this.#emit?.({ type: "response.reasoning_summary_part.added", ...at, summary_index: 0, part: { type: "summary_text", text: "" } });
      this.#emit?.({ type: "response.reasoning_summary_text.delta", ...at, summary_index: 0, delta: text });
    } else {
      if (!this.#started)
        this.#emit?.({ type: "response.content_part.added", ...at, content_index: 0, part: { type: "reasoning_text", text: "" } });
      this.#emit?.({ type: "response.reasoning_text.delta", ...at, content_index: 0, delta: text });
    }
    this.#started = true;
  }

  #closeText(): void {
    if (!this.#started) return;
    const at = { item_id: this.id, output_index: this.#index };
    if (this.#style === "summary") {
      this.#emit?.({ type: "response.reasoning_summary_text.done", ...at, summary_index: 0, text: this.#text });
      this.#emit?.({
        type: "response.reasoning_summary_part.done",
        ...at,
        summary_index: 0,
        part: { type: "summary_text", text: this.#text },
      });
    } else {
      this.#emit?.({ type: "response.reasoning_text.done", ...at, content_index: 0, text: this.#text });
      this.#emit?.({ type: "response.content_part.done", ...at, content_index: 0, part: { type: "reasoning_text", text: this.#text } });
    }
  }
}

/** One output item in the making. */
export type Segment = MessageSegment | ReasoningSegment | CallSegment;
