// A client of POST /v1/responses over real HTTP, for tests. Promises to hand on what comes as it comes, to judge every stream by
// the strict rules, and that leaving closes its connection at once.
import { request as httpRequest } from "node:http";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { expect } from "vitest";
import { asList, asObject, asString, isObject, parseJson, type Json, type JsonObject } from "../../src/kit/json.ts";
import { validateSse } from "../support/validate-stream.ts";

/** What a client sends beside its body. */
export interface AskOptions {
  headers?: Readonly<Record<string, string>>;
  path?: string;
}

/** A whole reply. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A reply while it comes. */
export interface OpenReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The text so far. */
  text(): string;
  /** Resolves when this many events of a type have come; rejects when the reply ends before. */
  until(type: string, count?: number): Promise<void>;
  /** Resolves when the body is over: by its end, or broken off. */
  readonly over: Promise<"ended" | "broken">;
  /** Stops reading, until `resume`. */
  pause(): void;
  resume(): void;
  /** Closes the connection. */
  leave(): void;
}

/** A request for a model's reply; what a test has to say goes on top. */
export function body(more: JsonObject = {}): JsonObject {
  return { model: "m", input: "Say something.", ...more };
}

/** A request on its way; `reply` resolves at the headers. */
export interface Sent {
  readonly reply: Promise<OpenReply>;
  leave(): void;
}

/** Sends a request on a connection of its own. */
export function send(url: string, content: Json | Uint8Array, options: AskOptions = {}): Sent {
  const bytes = content instanceof Uint8Array ? content : Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  const headers = { "content-type": "application/json", "content-length": String(bytes.length), ...options.headers };
  const outgoing = httpRequest(url + (options.path ?? "/v1/responses"), { method: "POST", agent: false, headers });
  const reply = new Promise<OpenReply>((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => resolve(openReply(outgoing, incoming)));
  });
  // A client that leaves before its headers came does not ask what became of them.
  reply.catch(() => undefined);
  outgoing.end(bytes);
  return { reply, leave: () => outgoing.destroy() };
}

/** The reply of a request, from its headers on. */
export function openReply(outgoing: ClientRequest, incoming: IncomingMessage): OpenReply {
  let text = "";
  let isOver = false;
  const checks = new Set<() => void>();
  const look = (): void => {
    for (const check of checks) check();
  };
  incoming.setEncoding("utf8");
  incoming.on("data", (chunk: string) => {
    text += chunk;
    look();
  });
  incoming.on("error", () => undefined);
  const over = new Promise<"ended" | "broken">((resolve) => {
    incoming.on("close", () => {
      isOver = true;
      look();
      resolve(incoming.complete ? "ended" : "broken");
    });
  });
  const until = (type: string, count = 1): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const seen = text.split(`event: ${type}\n`).length - 1;
        if (seen >= count) resolve();
        else if (isOver) reject(new Error(`the reply ended before ${count} ${type}; it was ${text.slice(0, 2000)}`));
        else return;
        checks.delete(check);
      };
      checks.add(check);
      check();
    });
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    text: () => text,
    until,
    over,
    pause: () => void incoming.pause(),
    resume: () => void incoming.resume(),
    leave: () => outgoing.destroy(),
  };
}

/** Sends a request and reads the whole reply; one that is broken off is an error. */
export async function ask(url: string, content: Json | Uint8Array, options: AskOptions = {}): Promise<Answer> {
  const reply = await send(url, content, options).reply;
  expect(await reply.over, reply.text()).toBe("ended");
  return { status: reply.status, headers: reply.headers, text: reply.text() };
}

/** A stream's events, once it is over; they must obey every rule. */
export async function finished(reply: OpenReply): Promise<JsonObject[]> {
  expect(await reply.over, reply.text()).toBe("ended");
  return eventsOf({ status: reply.status, headers: reply.headers, text: reply.text() });
}

/** The events of a stream, which must obey every rule. */
export function eventsOf(answer: Answer): JsonObject[] {
  expect(answer.status, answer.text).toBe(200);
  expect(answer.headers["content-type"]).toMatch(/^text\/event-stream/);
  expect(validateSse(answer.text), answer.text).toEqual([]);
  return [...answer.text.matchAll(/^data: (.*)$/gm)].map(([, data]) => parseJson(data ?? "")).filter(isObject);
}

/** The types of events, each run of the same written once. */
export function typesOf(events: readonly JsonObject[]): string[] {
  const types = events.map((event) => (asString(event["type"]) ?? "").replace(/^response\./, ""));
  return types.filter((type, index) => type !== types[index - 1]);
}

/** The response of the last event. */
export function lastResponse(events: readonly JsonObject[]): JsonObject {
  return asObject(events.at(-1)?.["response"]) ?? {};
}

/** The error of a failed stream. */
export function failureOf(events: readonly JsonObject[]): { code: string; message: string } {
  expect(events.at(-1)?.["type"]).toBe("response.failed");
  const error = asObject(lastResponse(events)["error"]);
  return { code: asString(error?.["code"]) ?? "", message: asString(error?.["message"]) ?? "" };
}

/** The reply's JSON. */
export function jsonOf(answer: Answer): JsonObject {
  return asObject(parseJson(answer.text)) ?? {};
}

/** OpenAI's error object of a reply, which must have nothing else, with its status. */
export function errorOf(answer: Answer): { status: number; message: string; type: Json; code: Json; param: Json } {
  const error = asObject(jsonOf(answer)["error"]);
  expect(Object.keys(error ?? {}).toSorted(), answer.text).toEqual(["code", "message", "param", "type"]);
  const field = (name: string): Json => error?.[name] ?? null;
  return {
    status: answer.status,
    message: asString(field("message")) ?? "",
    type: field("type"),
    code: field("code"),
    param: field("param"),
  };
}

/** All text that a response says. */
export function outputText(response: JsonObject): string {
  const parts = asList(response["output"]).flatMap((item) => asList(asObject(item)?.["content"]));
  return parts.map((part) => asString(asObject(part)?.["text"]) ?? "").join("");
}
