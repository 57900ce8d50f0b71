// A chat-completions server on loopback that plays a script: it records each request and answers with the next scripted
// turn. Promises the wire of common servers (SSE for `stream: true`, one JSON body otherwise), and that a request for
// which the script holds no turn gets a 400 that says so, so that no test hangs or passes by accident.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { asList, asObject, asString, isObject, parseJson, type Json, type JsonObject } from "../../src/kit/json.ts";

/** A tool call that the model makes; an absent id is minted as `call_0`, `call_1`, … over the script's life. */
export interface ScriptedCall {
  id?: string;
  name: string;
  /** JSON text, written as it is: it may be broken. */
  arguments: string;
}

/** What happens after the last delta. */
export type Ending =
  /** The finish chunk, usage, `[DONE]`. */
  | "done"
  /** The socket is destroyed. */
  | "cut"
  /** Nothing more, until the client leaves. */
  | "silent"
  /** The body ends properly, but without finish chunk and `[DONE]`. */
  | "unfinished"
  /** A chunk with this `error`, then the end. */
  | { error: Json };

/** A model's answer. Reasoning comes first, then text, then calls. */
export interface ChatReply {
  reasoning?: string;
  /** The field that carries the reasoning; default `reasoning_content`. */
  reasoningField?: "reasoning_content" | "reasoning";
  text?: string;
  calls?: readonly ScriptedCall[];
  /** Characters per delta; default: each text in one delta. */
  deltaLength?: number;
  /** Deltas of several calls come in turns, as some servers send them. */
  interleaved?: boolean;
  /** Default: `tool_calls` with calls, else `stop`. */
  finish?: string;
  /** The `usage` object; null = none is sent. Default: 100 tokens in, 10 out. */
  usage?: JsonObject | null;
  /** The finish chunk waits for this after the deltas went out. */
  holdUntil?: Promise<unknown>;
  ending?: Ending;
}

/** An HTTP error instead of an answer. */
export interface ChatFailure {
  status: number;
  headers?: Record<string, string>;
  /** An object becomes JSON; a string is sent as it is. */
  body: Json;
}

/** Exact bytes, each string in a write of its own. */
export interface ChatBytes {
  bytes: readonly string[];
  contentType?: string;
  ending?: "unfinished" | "cut" | "silent";
}

export type Answer = ChatReply | ChatFailure | ChatBytes;
/** One turn of the script; a function sees the request first, and may let it wait. */
export type ScriptedTurn = Answer | ((request: RecordedRequest) => Answer | Promise<Answer>);

/** A request as it came. */
export interface RecordedRequest {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: JsonObject;
  /** Resolves when the client left before the answer ended. */
  left: Promise<void>;
}

export interface ChatScript {
  /** The base URL, with `/v1`. */
  readonly url: string;
  /** Chat requests since the last `play`, in order of arrival. */
  readonly requests: RecordedRequest[];
  /** Any other request since the last `play`. */
  readonly others: RecordedRequest[];
  /** Starts a new script: what was recorded is forgotten. */
  play(...turns: ScriptedTurn[]): void;
  close(): Promise<void>;
}

const USAGE: JsonObject = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };

/** Starts the server on a free port. `models` are the entries of `GET /v1/models`; default: none but `scripted`. */
export async function startChatScript(models: readonly JsonObject[] = [{ id: "scripted", object: "model" }]): Promise<ChatScript> {
  let turns: ScriptedTurn[] = [];
  let minted = 0;
  const requests: RecordedRequest[] = [];
  const others: RecordedRequest[] = [];
  const server = createServer((incoming, response) => {
    void answer(incoming, response).catch(() => response.destroy());
  });

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await record(incoming, response);
    if (!request.path.endsWith("/chat/completions")) {
      others.push(request);
      const known = request.path.endsWith("/models");
      return sendJson(response, known ? 200 : 404, known ? { object: "list", data: [...models] } : { error: { message: "no such path" } });
    }
    requests.push(request);
    const turn = turns.shift();
    if (turn === undefined) return sendJson(response, 400, { error: { message: `the script has no turn for request ${requests.length}` } });
    const chosen = typeof turn === "function" ? await turn(request) : turn;
    if ("status" in chosen) return sendFailure(response, chosen);
    if ("bytes" in chosen) return sendBytes(response, chosen);
    const named = { ...chosen, calls: (chosen.calls ?? []).map((call) => ({ ...call, id: call.id ?? `call_${minted++}` })) };
    return request.body["stream"] === true ? await sendStream(response, request, named) : await sendWhole(response, request, named);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    others,
    play(...next) {
      turns = next;
      requests.length = 0;
      others.length = 0;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function record(incoming: IncomingMessage, response: ServerResponse): Promise<RecordedRequest> {
  const left = new Promise<void>((resolve) => {
    response.once("close", () => {
      if (!response.writableFinished) resolve();
    });
  });
  const blocks: Buffer[] = [];
  for await (const block of incoming) blocks.push(block as Buffer); // a request without an encoding set yields buffers
  const body = asObject(parseJson(Buffer.concat(blocks).toString())) ?? {};
  return { method: incoming.method ?? "", path: (incoming.url ?? "").split("?")[0] ?? "", headers: incoming.headers, body, left };
}

type NamedReply = Omit<ChatReply, "calls"> & { calls: readonly Required<ScriptedCall>[] };

async function sendStream(response: ServerResponse, request: RecordedRequest, reply: NamedReply): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const write = (more: JsonObject): void => {
    response.write(`data: ${JSON.stringify({ ...head(request, "chat.completion.chunk"), ...more })}\n\n`);
  };
  const choice = (delta: JsonObject, finish: string | null = null): JsonObject => ({
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  for (const delta of deltas(reply)) write(choice(delta));
  await reply.holdUntil;
  const ending = reply.ending ?? "done";
  if (ending === "silent") return;
  if (ending === "cut") return void setImmediate(() => response.destroy());
  if (ending === "done") {
    write(choice({}, finishOf(reply)));
    if (reply.usage !== null) write({ choices: [], usage: reply.usage ?? USAGE });
    response.write("data: [DONE]\n\n");
  } else if (ending !== "unfinished") {
    response.write(`data: ${JSON.stringify({ error: ending.error })}\n\n`);
  }
  response.end();
}

/** The deltas of a reply in order, the role in the first. */
function deltas(reply: NamedReply): JsonObject[] {
  const length = reply.deltaLength ?? Infinity;
  const out: JsonObject[] = [{ role: "assistant", content: "" }];
  for (const text of cut(reply.reasoning ?? "", length)) out.push({ [reply.reasoningField ?? "reasoning_content"]: text });
  for (const text of cut(reply.text ?? "", length)) out.push({ content: text });
  const runs = reply.calls.map((call, index): JsonObject[] => [
    { tool_calls: [{ index, id: call.id, type: "function", function: { name: call.name, arguments: "" } }] },
    ...cut(call.arguments, length).map((text): JsonObject => ({ tool_calls: [{ index, function: { arguments: text } }] })),
  ]);
  return [...out, ...(reply.interleaved === true ? inTurns(runs) : runs.flat())];
}

function cut(text: string, length: number): string[] {
  const out: string[] = [];
  for (let at = 0; at < text.length; at += length) out.push(text.slice(at, at + length));
  return out;
}

function inTurns<T>(runs: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...runs.map((run) => run.length));
  return Array.from({ length: longest }, (_, at) => runs.flatMap((run) => run.slice(at, at + 1))).flat();
}

async function sendWhole(response: ServerResponse, request: RecordedRequest, reply: NamedReply): Promise<void> {
  await reply.holdUntil;
  const ending = reply.ending ?? "done";
  if (ending === "silent") return;
  if (typeof ending === "object") return sendJson(response, 200, { error: ending.error });
  const calls = reply.calls.map((call): JsonObject => ({
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.arguments },
  }));
  const message: JsonObject = { role: "assistant", content: reply.text ?? null };
  if (reply.reasoning !== undefined) message[reply.reasoningField ?? "reasoning_content"] = reply.reasoning;
  if (calls.length > 0) message["tool_calls"] = calls;
  const body: JsonObject = { ...head(request, "chat.completion"), choices: [{ index: 0, message, finish_reason: finishOf(reply) }] };
  if (reply.usage !== null) body["usage"] = reply.usage ?? USAGE;
  if (ending === "done") return sendJson(response, 200, body);
  const text = JSON.stringify(body);
  response.writeHead(200, { "content-type": "application/json" });
  response.write(text.slice(0, text.length / 2));
  if (ending === "cut") setImmediate(() => response.destroy());
  else response.end();
}

function head(request: RecordedRequest, object: string): JsonObject {
  return { id: "chatcmpl-scripted", object, created: 1_700_000_000, model: asString(request.body["model"]) ?? "" };
}

function finishOf(reply: NamedReply): string {
  return reply.finish ?? (reply.calls.length > 0 ? "tool_calls" : "stop");
}

function sendFailure(response: ServerResponse, failure: ChatFailure): void {
  const text = typeof failure.body === "string" ? failure.body : JSON.stringify(failure.body);
  response.writeHead(failure.status, { "content-type": "application/json", ...failure.headers });
  response.end(text);
}

function sendBytes(response: ServerResponse, answer: ChatBytes): void {
  response.writeHead(200, { "content-type": answer.contentType ?? "text/event-stream" });
  for (const text of answer.bytes) response.write(text);
  if (answer.ending === "silent") return;
  if (answer.ending === "cut") setImmediate(() => response.destroy());
  else response.end();
}

function sendJson(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** The messages of a recorded request. */
export function messagesOf(request: RecordedRequest | undefined): JsonObject[] {
  return asList(request?.body["messages"]).filter(isObject);
}

/** The function tools of a recorded request, by name. */
export function toolsOf(request: RecordedRequest | undefined): Map<string, JsonObject> {
  const out = new Map<string, JsonObject>();
  for (const tool of asList(request?.body["tools"])) {
    const declared = asObject(asObject(tool)?.["function"]);
    const name = asString(declared?.["name"]);
    if (declared !== undefined && name !== undefined) out.set(name, declared);
  }
  return out;
}

/** The text of each tool result in a recorded request, by call id; parts are joined. */
export function toolResultsOf(request: RecordedRequest | undefined): Map<string, string> {
  const results = messagesOf(request).filter((message) => message["role"] === "tool");
  return new Map(results.map((message) => [asString(message["tool_call_id"]) ?? "", textOf(message)]));
}

/** A message's text, whether its content is a string or parts. */
export function textOf(message: JsonObject | undefined): string {
  const content = message?.["content"];
  if (typeof content === "string") return content;
  return asList(content)
    .map((part) => asString(asObject(part)?.["text"]) ?? "")
    .join("");
}
