// A client of the Responses API over WebSocket, for tests. Promises that every message is one JSON object in one text frame, and that
// every response is judged by the strict rules.
import { expect } from "vitest";
import { WebSocket } from "ws";
import type { ClientOptions } from "ws";
import { asObject, isObject, parseJson, type Json, type JsonObject } from "../../src/kit/json.ts";
import { afterThis } from "../support/gateway.ts";
import { validateEvents } from "../support/validate-stream.ts";

/** A connection. */
export interface TestSocket {
  readonly socket: WebSocket;
  /** All that came so far. */
  readonly messages: JsonObject[];
  /** Sends JSON, or a text or bytes as they are. */
  send(message: Json | Uint8Array): void;
  /** Asks for a response of the model `m`, and gives its events. */
  turn(more?: JsonObject): Promise<JsonObject[]>;
  /** The events of the response that ends next in this lane. They must obey every rule. */
  response(lane?: string | null): Promise<JsonObject[]>;
  /** The next error message, in any lane. */
  error(): Promise<JsonObject>;
  /** Resolves when this many messages of a type have come. */
  until(type: string, count?: number): Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** What a connection that is refused gets instead. */
export interface RefusedSocket {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: JsonObject;
}

const TERMINAL = /^response\.(completed|incomplete|failed)$/;

/** Connects; rejects where that is refused. */
export async function connect(url: string, options: ClientOptions = {}): Promise<TestSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/v1/responses`, options);
  const messages: JsonObject[] = [];
  const checks = new Set<() => void>();
  const used = new Set<JsonObject>();
  socket.on("message", (data, isBinary) => {
    expect(isBinary).toBe(false);
    // Messages come as one Buffer each unless binaryType says otherwise.
    const message = parseJson((data as Buffer).toString());
    messages.push(isObject(message) ? message : { type: "no JSON object" });
    for (const check of checks) check();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
      for (const check of checks) check();
    });
  });
  socket.on("error", () => undefined);
  afterThis(() => {
    socket.terminate();
    return closed;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });

  const when = <T>(what: string, find: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = find();
        if (found === undefined && socket.readyState !== WebSocket.CLOSED) return;
        checks.delete(check);
        if (found === undefined) reject(new Error(`closed before ${what}; there came ${JSON.stringify(messages).slice(0, 2000)}`));
        else resolve(found);
      };
      checks.add(check);
      check();
    });
  const response = async (lane: string | null = null): Promise<JsonObject[]> => {
    const events = await when("the end of a response", () => {
      const ours = messages.filter((one) => !used.has(one) && (one["stream_id"] ?? null) === lane && one["type"] !== "error");
      const end = ours.findIndex((one) => TERMINAL.test(String(one["type"])));
      return end === -1 ? undefined : ours.slice(0, end + 1);
    });
    for (const event of events) used.add(event);
    expect(validateEvents(events), JSON.stringify(events)).toEqual([]);
    return events;
  };
  const send = (message: Json | Uint8Array): void =>
    socket.send(typeof message === "string" || message instanceof Uint8Array ? message : JSON.stringify(message));
  return {
    socket,
    messages,
    send,
    response,
    turn: (more = {}) => {
      send(create(more));
      return response(typeof more["stream_id"] === "string" ? more["stream_id"] : null);
    },
    error: async () => {
      const message = await when("an error", () => messages.find((one) => !used.has(one) && one["type"] === "error"));
      used.add(message);
      return message;
    },
    until: (type, count = 1) =>
      when(type, () => (messages.filter((one) => one["type"] === type).length >= count ? true : undefined)).then(() => undefined),
    closed,
  };
}

/** A request for a response of the model `m`. */
export function create(more: JsonObject = {}): JsonObject {
  return { type: "response.create", model: "m", input: "Say something.", store: false, ...more };
}

/** Tries to connect where that is refused. */
export function refused(url: string, options: ClientOptions & { path?: string } = {}): Promise<RefusedSocket> {
  const { path = "/v1/responses", ...rest } = options;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, "ws") + path, rest);
    socket.on("error", () => undefined);
    socket.on("open", () => {
      socket.terminate();
      reject(new Error("it was not refused"));
    });
    socket.on("unexpected-response", (_, incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: asObject(parseJson(text)) ?? {} }),
      );
    });
  });
}
