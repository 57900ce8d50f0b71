// What an answer of a chat server says, as raw facts: no quirk is forgiven here, because quirks are what is looked for. Pure. Promises that
// a refusal (the server understood, and says no) is told from a failure (nobody knows).
import { readUsage } from "../../dialects/chat/usage.ts";
import type { Fault } from "../../hub/fault.ts";
import type { Usage } from "../../hub/usage.ts";
import type { JsonObject } from "../../kit/json.ts";
import { asList, asObject, asString, isObject, parseJson } from "../../kit/json.ts";
import { SseReader } from "../../kit/sse.ts";
import { formOf, notJson } from "../reply-form.ts";
import type { Answer } from "./asker.ts";
import { faultOfAnswer } from "./asker.ts";

/** One call, as its deltas came. */
export interface SeenCall {
  id: string;
  name: string;
  arguments: string;
  /** Deltas that belong to it. */
  deltas: number;
  hasIndex: boolean;
  hasType: boolean;
  /** Deltas after the first name it again. */
  repeatsName: boolean;
}

/** An answer, read. */
export interface Reply {
  outcome: "accepted" | "refused" | "failed";
  /** Why it was not accepted: in the server's words, or ours. Empty where it was. */
  words: string;
  fault: Fault | null;
  /** It came as a stream. */
  isStream: boolean;
  /** Chunks of a stream, or the one body. */
  bodies: JsonObject[];
  /** Comment lines stand in the stream. */
  hasComments: boolean;
  /** `data: [DONE]` ends it. */
  hasEndMark: boolean;
  content: string;
  /** The fields in which reasoning came, in their order. */
  reasoningFields: string[];
  calls: SeenCall[];
  /** How the whole message spells a text beside calls; undefined in a stream. */
  contentBesideCalls: "empty" | "null" | "absent" | undefined;
  finish: string | null;
  usage: Usage | null;
  hasLogprobs: boolean;
}

/** Statuses that say nothing about the request: of keys, of time, of load. */
const TELLS_NOTHING = new Set([401, 402, 403, 407, 408, 425, 429, 502, 503, 504, 529]);

/** Reads an answer. */
export function readAnswer(answer: Answer): Reply {
  const reply = emptyReply();
  if (answer.status === null || answer.status >= 300) return reject(reply, answer, faultOfAnswer(answer));
  const bytes = [Buffer.from(answer.text.slice(0, 400))];
  reply.isStream = formOf(bytes, /^text\/event-stream/i.test(answer.headers["content-type"] ?? "")) === "stream";
  if (reply.isStream) readStream(reply, answer.text);
  else {
    const body = parseJson(answer.text);
    if (isObject(body)) reply.bodies.push(body);
    else if (answer.fault === null) return reject(reply, answer, notJson(answer.text, answer.headers["content-type"], "the server"));
  }
  for (const body of reply.bodies) takeBody(reply, body);
  const error = reply.bodies.find((body) => body["error"] !== undefined && body["error"] !== null);
  if (error !== undefined)
    return reject(
      reply,
      { ...answer, status: 400, fault: null },
      faultOfAnswer({ ...answer, status: 400, text: JSON.stringify(error), fault: null }),
    );
  const isWhole =
    reply.finish !== null || reply.hasEndMark || (!reply.isStream && reply.bodies.some((body) => Array.isArray(body["choices"])));
  if (isWhole) return { ...reply, outcome: "accepted" };
  const failure = answer.fault ?? notJson(answer.text, answer.headers["content-type"], "the server");
  return { ...reply, words: failure.message, fault: failure };
}

/** Whether the model was stopped by a limit of tokens, so that what is missing may be the limit's doing. */
export function isCut({ finish }: Reply): boolean {
  return finish === "length" || finish === "max_tokens" || finish === "model_length";
}

function emptyReply(): Reply {
  return {
    outcome: "failed",
    words: "",
    fault: null,
    isStream: false,
    bodies: [],
    hasComments: false,
    hasEndMark: false,
    content: "",
    reasoningFields: [],
    calls: [],
    contentBesideCalls: undefined,
    finish: null,
    usage: null,
    hasLogprobs: false,
  };
}

function reject(reply: Reply, { status, fault: broken }: Pick<Answer, "status" | "fault">, failure: Fault): Reply {
  const isRefusal = broken === null && status !== null && status >= 400 && !TELLS_NOTHING.has(status);
  return { ...reply, outcome: isRefusal ? "refused" : "failed", words: failure.message, fault: failure };
}

function readStream(reply: Reply, text: string): void {
  reply.hasComments = /^:/m.test(text);
  const sse = new SseReader((data) => {
    if (data.startsWith("[DONE]")) reply.hasEndMark = true;
    const body = parseJson(data);
    if (isObject(body)) reply.bodies.push(body);
  });
  sse.push(Buffer.from(text));
  sse.end();
}

function takeBody(reply: Reply, body: JsonObject): void {
  reply.usage = readUsage(body) ?? reply.usage;
  const choice = asObject(asList(body["choices"])[0]);
  const message = asObject(choice?.["delta"]) ?? asObject(choice?.["message"]);
  reply.finish = asString(choice?.["finish_reason"]) || reply.finish;
  if (asList(asObject(choice?.["logprobs"])?.["content"]).length > 0) reply.hasLogprobs = true;
  if (message === undefined) return;
  const { content } = message;
  if (typeof content === "string") reply.content += content;
  else for (const part of asList(content)) takePart(reply, asObject(part));
  for (const field of ["reasoning_content", "reasoning", "reasoning_details"]) {
    const said = message[field];
    if ((typeof said === "string" && said !== "") || asList(said).length > 0) noteReasoning(reply, field);
  }
  for (const call of asList(message["tool_calls"])) if (isObject(call)) takeCall(reply, call);
  if (!reply.isStream && reply.calls.length > 0 && typeof content !== "object")
    reply.contentBesideCalls = content === undefined ? "absent" : content === "" ? "empty" : undefined;
  else if (!reply.isStream && reply.calls.length > 0 && content === null) reply.contentBesideCalls = "null";
}

function takePart(reply: Reply, part: JsonObject | undefined): void {
  if (part?.["type"] === "thinking") noteReasoning(reply, "parts");
  else reply.content += asString(part?.["text"]) ?? "";
}

function noteReasoning(reply: Reply, field: string): void {
  if (!reply.reasoningFields.includes(field)) reply.reasoningFields.push(field);
}

function takeCall(reply: Reply, call: JsonObject): void {
  const given = asObject(call["function"]);
  const id = asString(call["id"]) ?? "";
  const name = asString(given?.["name"]) ?? "";
  const index = typeof call["index"] === "number" ? call["index"] : undefined;
  const position = index ?? (id === "" && name === "" ? reply.calls.length - 1 : reply.calls.length);
  const before = reply.calls[position];
  const said =
    typeof given?.["arguments"] === "string" ? given["arguments"] : JSON.stringify(given?.["arguments"] ?? "").replace(/^""$/, "");
  if (before === undefined) {
    const fresh = {
      id,
      name,
      arguments: said,
      deltas: 1,
      hasIndex: index !== undefined,
      hasType: call["type"] !== undefined,
      repeatsName: false,
    };
    reply.calls.push(fresh);
    return;
  }
  before.deltas += 1;
  before.arguments += said;
  if (name !== "") before.repeatsName = true;
}
