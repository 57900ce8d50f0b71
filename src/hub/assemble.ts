// The assembler: pieces in, events out; the only writer of the Responses grammar. Promises: one open item at a time in
// the order in which items began, gapless sequence numbers, exactly one terminal event, built from the accumulated state.
import type { JsonObject } from "../kit/json.ts";
import type { AssembleOptions, LastItem, SaidLength } from "./assemble-options.ts";
import type { Event } from "./event.ts";
import type { Fault } from "./fault.ts";
import { writeResponseError } from "./fault.ts";
import type { OutputItem } from "./item.ts";
import type { FinishReason, Piece } from "./piece.ts";
import type { IncompleteReason, ResponseSnapshot } from "./response.ts";
import type { Draft, Segment } from "./segment.ts";
import { CallSegment, callPrefix } from "./call-segment.ts";
import { MessageSegment, ReasoningSegment } from "./segment.ts";
import type { Usage } from "./usage.ts";
import { writeUsage } from "./usage.ts";

export type { AssembleOptions, LastItem, SaidLength } from "./assemble-options.ts";

/** One reply in the making. */
export class Assembler {
  readonly #options: AssembleOptions;
  readonly #emit = (draft: Draft): void => {
    if (this.#ended) return;
    // A draft is an event without its number, so adding the number makes it the event again.
    const event = draft as Event;
    event.sequence_number = this.#sequence++;
    this.#options.emit(event);
  };
  readonly #running: ResponseSnapshot;
  readonly #output: OutputItem[] = [];
  /** Items begun and not yet closed, in order; only the first is open. */
  readonly #queue: Segment[] = [];
  readonly #calls = new Map<number, CallSegment>();
  #sequence = 0;
  /** White space that may turn out to be the head of a message, or nothing. */
  #space = "";
  #usage: Usage | null = null;
  #finish: FinishReason | null = null;
  #fault: Fault | null = null;
  #queued = false;
  #started = false;
  #ended = false;
  /** A call that was cut short has been closed. */
  #cut = false;
  readonly said: SaidLength = { text: 0, reasoning: 0, calls: 0 };

  constructor(options: AssembleOptions) {
    this.#options = options;
    this.#running = {
      id: options.responseId,
      created_at: options.createdAt,
      completed_at: null,
      status: "in_progress",
      error: null,
      incomplete_details: null,
      output: [],
      usage: null,
      echo: options.echo,
    };
  }

  /** The upstream's usage so far; null where it gave none. */
  get usage(): Usage | null {
    return this.#usage;
  }

  /** Why the model stopped, as far as it said. */
  get finish(): FinishReason | null {
    return this.#finish;
  }

  /** The fault that the upstream reported inside its reply; null where it did not. */
  get fault(): Fault | null {
    return this.#fault;
  }

  /** Whether any item has begun. */
  get hasOutput(): boolean {
    return this.#output.length > 0 || this.#queue.length > 0;
  }

  /** Emits `response.created` and `response.queued`, both with status `queued` (recorded); returns their response. `start` follows. */
  queue(): ResponseSnapshot {
    const response: ResponseSnapshot = { ...this.#running, status: "queued" };
    this.#queued = true;
    this.#emit({ type: "response.created", response });
    this.#emit({ type: "response.queued", response });
    return response;
  }

  /** Emits `response.created` (unless it was queued) and `response.in_progress`; further calls do nothing. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    if (!this.#queued) this.#emit({ type: "response.created", response: this.#running });
    this.#emit({ type: "response.in_progress", response: this.#running });
  }

  /** A heartbeat: every client reads a repeated `response.in_progress`, and Codex's idle timer is reset by it alone. */
  heartbeat(): void {
    if (this.#started && !this.#ended) this.#emit({ type: "response.in_progress", response: this.#running });
  }

  /** A call was cut short and left out: the reply is incomplete, whatever finish the upstream gave. */
  cutShort(): void {
    this.#finish = this.#finish === "content_filter" ? this.#finish : "length";
  }

  /** Takes the next piece of the reply. */
  push(piece: Piece): void {
    switch (piece.kind) {
      case "text":
        return this.#text(piece.text, piece.logprobs ?? []);
      case "refusal":
        if (this.#options.refusalsAsText) return this.#text(piece.text, []);
        this.said.text += piece.text.length;
        return this.#message().refusal(piece.text);
      case "annotation":
        return this.#message().annotation(piece.annotation);
      case "reasoning":
        this.said.reasoning += piece.text.length;
        return this.#reasoning().reasoning(piece.text);
      case "state":
        return this.#reasoning().state(piece.state);
      case "call":
        return this.#call(piece);
      case "args":
        this.said.calls += piece.text.length;
        return this.#calls.get(piece.key)?.args(piece.text);
      case "call_end":
        return this.#callEnd(piece.key, piece.intact);
      case "usage":
        this.#usage = piece.usage;
        return;
      case "finish":
        this.#finish ??= piece.reason;
        return;
      case "fault":
        this.#fault ??= piece.fault;
        return;
      default:
        piece satisfies never;
    }
  }

  /**
   * Ends the reply with what the model's finish says; `usage` stands in where the upstream gave none, `now` is in seconds.
   * Returns the final snapshot.
   */
  end(now: number, usage: Usage): ResponseSnapshot {
    return this.deliver(this.conclude(now, usage));
  }

  /**
   * Ends the reply as failed. Open items are not closed: a client that acts on `done` must not act on a torso, and one
   * that tries again must not keep it.
   */
  fail(failure: Fault): ResponseSnapshot {
    return this.deliver(this.concludeFailed(failure));
  }

  /**
   * Closes all items and returns the final snapshot as `end` would; nobody is told of it before `deliver`. `last` makes one more item,
   * whole from the beginning, of those before it.
   */
  conclude(now: number, usage: Usage, last: LastItem | null = null): ResponseSnapshot {
    const reason = this.#incompleteReason();
    while (this.#queue.length > 0) this.#closeHead(reason !== null && this.#queue.length === 1);
    if (last !== null) this.#append(last(this.#output));
    return {
      ...this.#running,
      status: reason === null ? "completed" : "incomplete",
      completed_at: reason === null ? Math.max(now, this.#running.created_at) : null,
      incomplete_details: reason === null ? null : { reason },
      output: this.#output,
      usage: writeUsage(this.#usage ?? usage),
    };
  }

  /** The final snapshot of a failed reply; nobody is told of it before `deliver`. */
  concludeFailed(failure: Fault): ResponseSnapshot {
    const open = this.#queue[0];
    const output = open === undefined ? this.#output : [...this.#output, open.kind === "reasoning" ? open.item() : open.item("incomplete")];
    const usage = this.#usage === null ? null : writeUsage(this.#usage);
    return { ...this.#running, status: "failed", error: writeResponseError(failure), output, usage };
  }

  /** The final snapshot of a reply that its client took back: without output (contract section 4). */
  concludeCancelled(): ResponseSnapshot {
    return { ...this.#running, status: "cancelled" };
  }

  /** Emits the terminal event of a final snapshot; nothing comes after it. */
  deliver(response: ResponseSnapshot): ResponseSnapshot {
    const { status } = response;
    this.start();
    this.#emit({ type: status === "completed" || status === "incomplete" ? `response.${status}` : "response.failed", response });
    this.#ended = true;
    return response;
  }

  #append(item: OutputItem): void {
    this.start();
    const at = { output_index: this.#output.length, item };
    this.#emit({ type: "response.output_item.added", ...at });
    this.#emit({ type: "response.output_item.done", ...at });
    this.#output.push(item);
  }

  #incompleteReason(): IncompleteReason | null {
    if (this.#finish === "content_filter") return "content_filter";
    return this.#finish === "length" || this.#cut || this.#queue.some(isCut) ? "max_output_tokens" : null;
  }

  #text(text: string, logprobs: JsonObject[]): void {
    if (text === "" && logprobs.length === 0) return;
    this.said.text += text.length;
    const tail = this.#queue.at(-1);
    if (tail?.kind === "message") return tail.text(text, logprobs);
    // Templates put line ends between thought and call: white space alone makes no message.
    if (text.trim() === "" && logprobs.length === 0) {
      this.#space += text;
      return;
    }
    const whole = this.#space + text;
    this.#space = "";
    this.#message().text(whole, logprobs);
  }

  #message(): MessageSegment {
    const tail = this.#queue.at(-1);
    if (tail?.kind === "message") return tail;
    const segment = new MessageSegment(this.#options.ids("msg"));
    this.#begin(segment);
    return segment;
  }

  #reasoning(): ReasoningSegment {
    const tail = this.#queue.at(-1);
    if (tail?.kind === "reasoning" && !tail.sealed) return tail;
    const segment = new ReasoningSegment(this.#options.ids("rs"), this.#options.reasoningStyle, this.#options.seal);
    this.#begin(segment);
    return segment;
  }

  #call(piece: Piece & { kind: "call" }): void {
    const segment = new CallSegment(this.#options.ids(callPrefix(piece.call)), piece);
    this.#calls.set(piece.key, segment);
    this.#begin(segment);
  }

  #callEnd(key: number, intact: boolean): void {
    const segment = this.#calls.get(key);
    if (segment === undefined) return;
    segment.whole = true;
    segment.intact = intact;
    this.#advance();
  }

  #begin(segment: Segment): void {
    this.start();
    this.#queue.push(segment);
    if (this.#queue.length === 1) segment.open(this.#output.length, this.#emit);
    else this.#advance();
  }

  /** Closes from the head whatever has a successor and can get nothing more, and opens the successor. */
  #advance(): void {
    while (this.#queue.length > 1) {
      const head = this.#queue[0];
      if (head?.kind === "call" && !head.whole) return;
      this.#closeHead(false);
    }
  }

  #closeHead(incomplete: boolean): void {
    const head = this.#queue.shift();
    if (head === undefined) return;
    const cut = isCut(head);
    this.#cut ||= cut;
    this.#output.push(head.kind === "reasoning" ? head.close() : head.close(incomplete || cut ? "incomplete" : "completed"));
    this.#queue[0]?.open(this.#output.length, this.#emit);
  }
}

/** Whether a call is, as far as anyone has said, not whole: no client may take it for one that can be run. */
function isCut(segment: Segment): boolean {
  return segment.kind === "call" && !(segment.whole && segment.intact);
}
