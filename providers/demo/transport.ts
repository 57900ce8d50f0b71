// The demo's wire: chat completions in and out, streamed or whole. Promises the same bytes for the same request, several
// chunks in a stream, and to stop at once when the signal says so.
import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { asNumber, asObject, parseJson } from "../../src/contract.ts";
import type { Json, JsonObject, Transport, TransportReply } from "../../src/contract.ts";
import { playTurn } from "./script.ts";
import type { DemoTurn } from "./script.ts";

/** Between two chunks, so that a person sees them come. */
const PAUSE_MS = 2;

/** 2026-11-01: the same request gets the same bytes. */
const CREATED = 1_793_491_200;

/** Answers a chat-completions request in process. */
export const demoTransport: Transport = (request) => {
  const body = asObject(parseJson(new TextDecoder().decode(request.body)));
  if (!body || !Array.isArray(body["messages"]))
    return refuse(400, "invalid_request_error", "The demo takes a chat-completions request with messages.");
  if (body["model"] !== "demo")
    return refuse(404, "model_not_found", `The demo has one model, \`demo\`, not ${JSON.stringify(body["model"])}.`);
  const limit = asNumber(body["max_completion_tokens"]) ?? asNumber(body["max_tokens"]) ?? Infinity;
  const turn = cutAt(Math.max(0, limit), playTurn(body));
  const key = createHash("sha256").update(request.body).digest("hex").slice(0, 16);
  const usage = usageOf(request.body.byteLength, turn);
  if (body["stream"] !== true) return reply(200, "application/json", json(wholeReply(key, turn, usage)));
  const askedForUsage = asObject(body["stream_options"])?.["include_usage"] === true;
  const chunks = [...streamedReply(key, turn), ...(askedForUsage ? [chunk(key, { choices: [], usage })] : [])];
  return reply(200, "text/event-stream", stream(chunks, request.signal));
};

async function* json(value: JsonObject): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(JSON.stringify(value));
}

async function* stream(chunks: JsonObject[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const one of chunks) {
    yield encoder.encode(`data: ${JSON.stringify(one)}\n\n`);
    await wait(PAUSE_MS, undefined, { signal });
  }
  yield encoder.encode("data: [DONE]\n\n");
}

function reply(status: number, type: string, body: AsyncIterable<Uint8Array>): Promise<TransportReply> {
  return Promise.resolve({ status, headers: { "content-type": type }, body });
}

function refuse(status: number, code: string, message: string): Promise<TransportReply> {
  return reply(status, "application/json", json({ error: { message, type: "invalid_request_error", param: null, code } }));
}

/** A turn that says no more than so many words, counting its reasoning; a call that no longer fits is not made. */
function cutAt(limit: number, turn: DemoTurn): DemoTurn {
  const reasoning = turn.reasoning.slice(0, limit);
  const text = turn.text.slice(0, Math.max(0, limit - reasoning.length));
  const whole = reasoning.length + text.length === turn.reasoning.length + turn.text.length;
  return { reasoning, text, finish: whole ? turn.finish : "length", ...(whole && turn.call ? { call: turn.call } : {}) };
}

function usageOf(requestBytes: number, turn: DemoTurn): JsonObject {
  const prompt = Math.ceil(requestBytes / 4);
  const completion = turn.reasoning.length + turn.text.length + (turn.call ? Math.ceil(turn.call.arguments.length / 4) : 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: turn.reasoning.length },
  };
}

function wholeReply(key: string, turn: DemoTurn, usage: JsonObject): JsonObject {
  const message: JsonObject = { role: "assistant", content: turn.text.join(""), reasoning_content: turn.reasoning.join("") };
  if (turn.call) message["tool_calls"] = [toolCall(key, turn.call.name, turn.call.arguments)];
  const choice = { index: 0, message, finish_reason: turn.finish };
  return { ...envelope(key, "chat.completion"), choices: [choice], usage };
}

function* streamedReply(key: string, turn: DemoTurn): Generator<JsonObject> {
  yield delta(key, { role: "assistant", content: "" });
  for (const word of turn.reasoning) yield delta(key, { reasoning_content: word });
  for (const word of turn.text) yield delta(key, { content: word });
  if (turn.call) {
    yield delta(key, { tool_calls: [{ index: 0, ...toolCall(key, turn.call.name, "") }] });
    for (const piece of turn.call.arguments.match(/.{1,12}/gs) ?? []) {
      yield delta(key, { tool_calls: [{ index: 0, function: { arguments: piece } }] });
    }
  }
  yield delta(key, {}, turn.finish);
}

function delta(key: string, fields: JsonObject, finish: Json = null): JsonObject {
  return chunk(key, { choices: [{ index: 0, delta: fields, finish_reason: finish }] });
}

function chunk(key: string, fields: JsonObject): JsonObject {
  return { ...envelope(key, "chat.completion.chunk"), ...fields };
}

function envelope(key: string, object: string): JsonObject {
  return { id: `chatcmpl-demo-${key}`, object, created: CREATED, model: "demo" };
}

function toolCall(key: string, name: string, args: string): JsonObject {
  return { id: `call_demo_${key}`, type: "function", function: { name, arguments: args } };
}
