// What one chat reply has said so far, streamed or whole: chunks in, pieces out. Promises that reasoning is sealed in the form
// in which it came, and that no vendor's spelling of nothing (null, '', [], absent) is taken for something.
import type { Json, JsonObject } from "../../kit/json.ts";
import { asList, asObject, asString, isObject } from "../../kit/json.ts";
import { fault } from "../../hub/fault.ts";
import type { FinishReason, Piece } from "../../hub/piece.ts";
import type { ReadOptions } from "../dialect.ts";
import { CallReader } from "./call-reader.ts";
import { readReplyError } from "./faults.ts";
import { contentParts, readAnnotation, readLogprobs, readSources } from "./parts.ts";
import type { ReasoningForm, ReasoningState } from "./reasoning-state.ts";
import { detailsText, mergeDetails, sealData } from "./reasoning-state.ts";
import { ThinkSplitter } from "./think.ts";
import { readUsage } from "./usage.ts";

const NO_RESOURCE = "insufficient_system_resource";

const FINISH: Readonly<Record<string, FinishReason>> = {
  length: "length",
  max_tokens: "length",
  model_length: "length",
  content_filter: "content_filter",
};

/** What a reply has said so far, in whichever form it comes. */
export class ChatReply {
  readonly #whole: boolean;
  readonly #showsLogprobs: boolean;
  /** Those of text that may yet turn out to be reasoning, which has none. */
  #logprobs: JsonObject[] = [];
  #deltaLogprobs: JsonObject[] = [];
  readonly #calls: CallReader;
  readonly #think: ThinkSplitter | null;
  #out: Piece[] = [];
  /** The reasoning since the last text or call, to be sealed when the next begins. */
  #open: ReasoningState | null = null;
  /** Details and signatures that came when no reasoning was open: they get an item of their own at the end. */
  #late: ReasoningState | null = null;
  /** The field in which this upstream shows its reasoning: where it sends two, the first holds. */
  #field: ReasoningForm | null = null;
  finished = false;
  said = false;
  /** Usage came in a chunk of its own, and nothing after it: servers send it after the last word. */
  usageLast = false;

  constructor(options: ReadOptions, whole: boolean) {
    this.#whole = whole;
    this.#showsLogprobs = options.logprobs;
    this.#calls = new CallReader(options.ids);
    this.#think = options.quirks.thinkTags
      ? new ThinkSplitter(
          {
            reasoning: (text) => {
              this.#logprobs = [];
              this.#reasoning("think", text);
            },
            text: (text) => this.#plainText(text, this.#takeLogprobs()),
            gap: (text) => {
              // The text that ends the gap came in this very delta.
              this.#logprobs = this.#deltaLogprobs;
              this.#gap(text);
            },
          },
          options.quirks.thinkTag,
          options.quirks.thinkOpened,
        )
      : null;
  }

  /** Whether it has said or thought anything. */
  get spoke(): boolean {
    return this.said || this.#field !== null;
  }

  /** Takes a chunk, or a whole reply, as parsed. False = it holds a fault, after which nothing counts. */
  take(body: JsonObject, out: Piece[]): boolean {
    this.#out = out;
    const usage = readUsage(body);
    const found = asList(body["choices"]).find((one) => isObject(one) && (one["index"] ?? 0) === 0);
    const choice = isObject(found) ? found : undefined;
    if (usage !== undefined) out.push({ kind: "usage", usage });
    if (choice !== undefined) this.#choice(choice, body);
    this.usageLast = choice === undefined && (usage !== undefined || this.usageLast);
    const isError = body["error"] !== undefined && body["error"] !== null;
    const finish = choice?.["finish_reason"];
    if (isError || finish === "error") out.push({ kind: "fault", fault: readReplyError(body) });
    // DeepSeek's API reference, `finish_reason`: the reply was interrupted for want of resources.
    else if (finish === NO_RESOURCE)
      out.push({ kind: "fault", fault: fault("overloaded", `The upstream broke its reply off: ${NO_RESOURCE}.`, { upstream: true }) });
    else return true;
    return false;
  }

  /** Takes text or reasoning that was found without parsing the chunk. */
  fast(field: "content" | "reasoning_content" | "reasoning", text: string, out: Piece[]): void {
    this.#out = out;
    this.usageLast = false;
    if (field === "content") this.#text(text);
    else this.#fieldReasoning(field, text);
  }

  /** Takes the end: seals what is open. `cut` = the model was stopped by a limit, or the reply is a torso. */
  close(out: Piece[], cut: boolean): void {
    this.#out = out;
    this.#think?.end();
    this.#sealOpen();
    this.#calls.end(out, cut);
    if (this.#late !== null) out.push({ kind: "state", state: sealData(this.#late) });
    this.#late = null;
  }

  #choice(choice: JsonObject, body: JsonObject): void {
    // Perplexity sends both: in a stream `message` is cumulative, in a whole reply `delta` is empty.
    const delta = asObject(choice[this.#whole ? "message" : "delta"]) ?? asObject(choice[this.#whole ? "delta" : "message"]);
    const logprobs = this.#showsLogprobs ? readLogprobs(choice["logprobs"]) : [];
    if (delta !== undefined) this.#delta(delta, logprobs);
    else if (typeof choice["text"] === "string") this.#text(choice["text"]);
    const finish = asString(choice["finish_reason"]);
    if (finish === undefined || finish === "" || finish === "error" || finish === NO_RESOURCE || this.finished) return;
    if (this.said) for (const annotation of readSources(body)) this.#say({ kind: "annotation", annotation });
    this.finished = true;
    const reason = FINISH[finish] ?? "stop";
    this.close(this.#out, reason !== "stop");
    this.#out.push({ kind: "finish", reason });
  }

  #delta(delta: JsonObject, logprobs: JsonObject[]): void {
    const details = asList(delta["reasoning_details"]);
    this.#deltaReasoning(delta, details);
    if (details.length > 0) this.#details(details);
    const extra = asObject(delta["extra_content"]);
    if (extra !== undefined) this.#extra("", extra);
    const content = delta["content"];
    if (typeof content === "string") this.#text(content, logprobs);
    else if (Array.isArray(content)) this.#contentList(content);
    const refusal = asString(delta["refusal"]);
    if (refusal) this.#say({ kind: "refusal", text: refusal });
    for (const annotation of asList(delta["annotations"])) {
      const read = readAnnotation(annotation);
      if (read !== undefined) this.#say({ kind: "annotation", annotation: read });
    }
    for (const entry of asList(delta["tool_calls"])) if (isObject(entry)) this.#call(entry);
    const legacy = asObject(delta["function_call"]);
    // Snowflake fills this object with empty strings in every message: only a name makes it a call.
    if (legacy !== undefined && (asString(legacy["name"]) || this.#calls.count > 0) && asList(delta["tool_calls"]).length === 0)
      this.#call({ index: 0, function: legacy });
  }

  #deltaReasoning(delta: JsonObject, details: Json[]): void {
    for (const field of ["reasoning_content", "reasoning"] as const) {
      const text = asString(delta[field]);
      if (text && this.#fieldReasoning(field, text)) return;
    }
    const text = detailsText(details);
    if (text !== "" && (this.#field === null || this.#field === "details")) this.#reasoning("details", text);
  }

  #fieldReasoning(field: "reasoning_content" | "reasoning", text: string): boolean {
    if (this.#field !== null && this.#field !== field) return false;
    this.#think?.settle();
    this.#reasoning(field, text);
    return true;
  }

  #details(details: Json[]): void {
    mergeDetails((this.#stateHere().details ??= []), details);
  }

  /** Keeps what belongs to a call, or with an empty id to the message itself. */
  #extra(callId: string, extra: JsonObject, state = this.#stateHere()): void {
    (state.extra ??= {})[callId] = extra;
  }

  /** The state that is open; once something has been said, that of the end. */
  #stateHere(): ReasoningState {
    if (this.#open !== null) return this.#open;
    const fresh: ReasoningState = { form: this.#field ?? "details", text: "" };
    return this.said ? (this.#late ??= fresh) : (this.#open = fresh);
  }

  #contentList(content: Json[]): void {
    for (const part of contentParts(content)) {
      if (part.kind === "text") this.#plainText(part.text);
      else this.#reasoning("parts", part.text);
    }
  }

  #call(entry: JsonObject): void {
    this.#think?.end();
    const extra = asObject(entry["extra_content"]);
    if (extra !== undefined) return this.#signedCall(entry, extra);
    this.#sealOpen();
    this.said = true;
    this.#calls.push(entry, this.#out);
  }

  /** A call with a signature: that comes before it, as an item that leads to the call, so that a client's history keeps both. */
  #signedCall(entry: JsonObject, extra: JsonObject): void {
    const pieces: Piece[] = [];
    const callId = this.#calls.push(entry, pieces);
    const begins = pieces.some((piece) => piece.kind === "call");
    if (callId !== null)
      this.#extra(callId, extra, begins ? (this.#open ??= { form: this.#field ?? "details", text: "" }) : this.#stateHere());
    this.#sealOpen();
    this.said = true;
    this.#out.push(...pieces);
  }

  #text(text: string, logprobs: JsonObject[] = []): void {
    if (text === "" && logprobs.length === 0) return;
    if (this.#think === null) return this.#plainText(text, logprobs);
    if (logprobs.length > 0) this.#logprobs = [...this.#logprobs, ...logprobs];
    this.#deltaLogprobs = logprobs;
    this.#think.push(text);
  }

  #takeLogprobs(): JsonObject[] {
    const logprobs = this.#logprobs;
    if (logprobs.length > 0) this.#logprobs = [];
    return logprobs;
  }

  #plainText(text: string, logprobs: JsonObject[] = []): void {
    if (text === "" && logprobs.length === 0) return;
    this.#sealOpen();
    // Text before any reasoning may be a mere line end: `said` decides only where late details go.
    if (text.trim() !== "") this.said = true;
    const last = this.#out.at(-1);
    if (last?.kind === "text" && last.logprobs === undefined && logprobs.length === 0) last.text += text;
    else this.#out.push(logprobs.length > 0 ? { kind: "text", text, logprobs } : { kind: "text", text });
  }

  #reasoning(form: ReasoningForm, text: string): void {
    this.#field ??= form;
    this.#open ??= { form, text: "" };
    if (this.#open.text === "" && this.#open.form === "details") this.#open.form = form;
    this.#open.text += text;
    const last = this.#out.at(-1);
    if (last?.kind === "reasoning") last.text += text;
    else this.#out.push({ kind: "reasoning", text });
  }

  #gap(text: string): void {
    if (this.#open !== null && text !== "") this.#open.gap = text;
  }

  #say(piece: Piece): void {
    this.#think?.end();
    this.#sealOpen();
    this.said = true;
    this.#out.push(piece);
  }

  #sealOpen(): void {
    if (this.#open !== null) this.#out.push({ kind: "state", state: sealData(this.#open) });
    this.#open = null;
  }
}
