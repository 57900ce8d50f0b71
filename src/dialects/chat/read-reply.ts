// Chat-completions replies, streamed or whole, to pieces. Promises the same pieces for both forms and however the bytes
// are cut, and that no vendor's spelling of nothing (null, '', [], absent) is taken for something.
import type { Json, JsonObject } from "../../kit/json.ts";
import { asList, asObject, asString, isObject, parseJson } from "../../kit/json.ts";
import { SseReader } from "../../kit/sse.ts";
import type { Fault } from "../../hub/fault.ts";
import { fault } from "../../hub/fault.ts";
import type { FinishReason, Piece } from "../../hub/piece.ts";
import type { ReadOptions, ReplyReader } from "../dialect.ts";
import { CallReader } from "./call-reader.ts";
import { DeltaTemplate } from "./delta-template.ts";
import { readReplyError } from "./faults.ts";
import { contentParts, readAnnotation, readLogprobs } from "./parts.ts";
import type { ReasoningForm, ReasoningState } from "./reasoning-state.ts";
import { detailsText, mergeDetails, sealData } from "./reasoning-state.ts";
import { ThinkSplitter } from "./think.ts";
import { readUsage } from "./usage.ts";

const FINISH: Readonly<Record<string, FinishReason>> = {
  length: "length",
  max_tokens: "length",
  model_length: "length",
  content_filter: "content_filter",
};

/** What a reply has said so far, in whichever form it comes. */
class ChatReply {
  readonly #whole: boolean;
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
  /** Usage came in a chunk of its own, which servers send after the last word. */
  usageLast = false;

  constructor(options: ReadOptions, whole: boolean) {
    this.#whole = whole;
    this.#calls = new CallReader(options.ids);
    this.#think = options.quirks.thinkTags
      ? new ThinkSplitter({
          reasoning: (text) => this.#reasoning("think", text),
          text: (text) => this.#plainText(text),
          gap: (text) => this.#gap(text),
        })
      : null;
  }

  /** Takes a chunk, or a whole reply, as parsed. */
  take(body: JsonObject, out: Piece[]): void {
    this.#out = out;
    const usage = readUsage(body);
    const choice = asList(body["choices"]).find((one) => isObject(one) && (one["index"] ?? 0) === 0);
    if (usage !== undefined) out.push({ kind: "usage", usage });
    if (isObject(choice)) this.#choice(choice);
    else if (usage !== undefined) this.usageLast = true;
    const error = body["error"] !== undefined && body["error"] !== null;
    if (error || (isObject(choice) && choice["finish_reason"] === "error")) out.push({ kind: "fault", fault: readReplyError(body) });
  }

  /** Takes text or reasoning that was found without parsing the chunk. */
  fast(field: "content" | "reasoning_content" | "reasoning", text: string, out: Piece[]): void {
    this.#out = out;
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

  #choice(choice: JsonObject): void {
    // Perplexity sends both: in a stream `message` is cumulative, in a whole reply `delta` is empty.
    const delta = asObject(choice[this.#whole ? "message" : "delta"]) ?? asObject(choice[this.#whole ? "delta" : "message"]);
    const logprobs = readLogprobs(choice["logprobs"]);
    if (delta !== undefined) this.#delta(delta, logprobs);
    else if (typeof choice["text"] === "string") this.#text(choice["text"]);
    const finish = asString(choice["finish_reason"]);
    if (finish === undefined || finish === "" || this.finished) return;
    if (finish === "error") return;
    this.finished = true;
    const reason = FINISH[finish] ?? "stop";
    this.close(this.#out, reason === "length");
    this.#out.push({ kind: "finish", reason });
  }

  #delta(delta: JsonObject, logprobs: JsonObject[]): void {
    const details = asList(delta["reasoning_details"]);
    this.#deltaReasoning(delta, details);
    if (details.length > 0) this.#details(details);
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
    if (legacy !== undefined && (asString(legacy["name"]) || this.#calls.count > 0) && delta["tool_calls"] === undefined)
      this.#call({ index: 0, function: legacy });
    const extra = asObject(delta["extra_content"]);
    if (extra !== undefined) this.#extra("", extra);
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
    this.#reasoning(field, text);
    return true;
  }

  #details(details: Json[]): void {
    const state =
      this.#open ??
      (this.said
        ? (this.#late ??= { form: this.#field ?? "details", text: "" })
        : (this.#open = { form: this.#field ?? "details", text: "" }));
    mergeDetails((state.details ??= []), details);
  }

  #extra(callId: string, extra: JsonObject): void {
    const state = (this.#late ??= { form: "details", text: "" });
    (state.extra ??= {})[callId] = extra;
  }

  #contentList(content: Json[]): void {
    for (const part of contentParts(content)) {
      if (part.kind === "text") this.#plainText(part.text);
      else this.#reasoning("parts", part.text);
    }
  }

  #call(entry: JsonObject): void {
    this.#think?.end();
    this.#sealOpen();
    this.said = true;
    const callId = this.#calls.push(entry, this.#out);
    const extra = asObject(entry["extra_content"]);
    if (extra !== undefined && callId !== null) this.#extra(callId, extra);
  }

  #text(text: string, logprobs: JsonObject[] = []): void {
    if (text === "" && logprobs.length === 0) return;
    if (this.#think !== null && logprobs.length === 0) this.#think.push(text);
    else this.#plainText(text, logprobs);
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
    this.#sealOpen();
    this.said = true;
    this.#out.push(piece);
  }

  #sealOpen(): void {
    if (this.#open !== null) this.#out.push({ kind: "state", state: sealData(this.#open) });
    this.#open = null;
  }
}

/** A reader for one streamed chat reply. */
export function createReader(options: ReadOptions): ReplyReader {
  const reply = new ChatReply(options, false);
  const template = new DeltaTemplate();
  let sink: Piece[] = [];
  let done = false;
  let marked = false;
  let broken = false;
  const frame = (data: string): void => {
    if (done) return;
    const text = template.match(data);
    if (text !== null) return reply.fast(template.field, text, sink);
    if (data.startsWith("[DONE]")) {
      marked = true;
      done = true;
      return;
    }
    const body = parseJson(data);
    if (isObject(body)) {
      reply.take(body, sink);
      template.learn(data, body);
    } else if (data.trim() !== "") {
      broken = true;
      done = true;
      sink.push({ kind: "fault", fault: fault("bad_reply", `The upstream sent a stream event that is no JSON object: ${shorten(data)}`) });
    }
  };
  const sse = new SseReader(frame);
  const overlong = (): void => {
    if (broken) return;
    broken = true;
    done = true;
    sink.push({ kind: "fault", fault: fault("bad_reply", "The upstream sent a stream event of more than 16 MiB.") });
  };
  return {
    push: (bytes, out) => {
      sink = out;
      if (!done && !sse.push(bytes)) overlong();
    },
    end: (out) => {
      sink = out;
      if (!done && !sse.end()) overlong();
      if (reply.finished || broken) return;
      reply.close(out, true);
      // Some servers never give a finish reason; the end marker, or usage that comes last, says that the reply is whole.
      if ((marked || reply.usageLast) && reply.said) out.push({ kind: "finish", reason: "stop" });
      else if (!out.some((piece) => piece.kind === "fault")) out.push({ kind: "fault", fault: torso(reply.said) });
    },
    get done() {
      return done;
    },
  };
}

/** The pieces of a whole chat reply. */
export function readWhole(body: Json, options: ReadOptions): Piece[] {
  const out: Piece[] = [];
  const reply = new ChatReply(options, true);
  if (!isObject(body) || (!Array.isArray(body["choices"]) && body["error"] === undefined)) {
    return [{ kind: "fault", fault: fault("bad_reply", `The upstream's reply is no chat completion: ${shorten(JSON.stringify(body))}`) }];
  }
  reply.take(body, out);
  if (reply.finished || out.some((piece) => piece.kind === "fault")) return out;
  reply.close(out, true);
  if (reply.said || asList(body["choices"]).length > 0) out.push({ kind: "finish", reason: "stop" });
  else out.push({ kind: "fault", fault: torso(false) });
  return out;
}

function torso(said: boolean): Fault {
  const words = said
    ? "The upstream's stream ended before the reply was complete."
    : "The upstream ended its reply without saying anything.";
  return fault("cut", words);
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
