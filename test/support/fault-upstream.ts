// An upstream on bare sockets that does exactly what a test says: bytes, silence, resets, in any order. Promises that it keeps
// the bytes of both directions as they were on the wire, and that a request for which the script holds nothing gets a 400 that says so.
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { TlsOptions } from "node:tls";
import { asObject, parseJson, type Json, type JsonObject } from "../../src/kit/json.ts";

/** A request as it came. */
export interface UpstreamRequest {
  method: string;
  path: string;
  /** In the order of the wire, names as they were spelt. */
  rawHeaders: readonly (readonly [string, string])[];
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Head and body as they were on the wire, as latin1. */
  wire: string;
  body: Buffer;
  json: JsonObject;
}

/** One request and the hold on its reply. */
export interface UpstreamExchange {
  readonly request: UpstreamRequest;
  readonly socket: Socket;
  /** The body bytes that were sent so far, without HTTP's framing. */
  readonly sent: Buffer[];
  /** Begins a reply in chunks; SSE unless the headers say otherwise. */
  begin(status?: number, headers?: Readonly<Record<string, string>>): void;
  /** Sends a chunk (a reply is begun where none was); false = the gateway does not take more now. */
  send(bytes: string | Uint8Array): boolean;
  /** Ends a reply in chunks; the connection stays open. */
  end(): void;
  /** Sends a whole reply. An object becomes JSON. */
  answer(status: number, body: Json, headers?: Readonly<Record<string, string>>): void;
  /** Sends bytes as they are. */
  raw(bytes: string | Uint8Array): void;
  /** Breaks the connection off with a reset. */
  reset(): void;
  /** Ends the connection with a FIN, whatever was said before. */
  hangUp(): void;
  /** Resolves when the connection is closed, by whomever. */
  readonly closed: Promise<void>;
}

/** What happens on a request. */
export type Step = (exchange: UpstreamExchange) => unknown;

export interface FaultUpstream {
  readonly port: number;
  /** The base URL, with `/v1`. */
  readonly url: string;
  /** Every POST so far. */
  readonly exchanges: UpstreamExchange[];
  /** What else was asked, such as for a list of models; each was answered with 404. */
  readonly others: UpstreamRequest[];
  /** How many connections carried a POST so far. */
  readonly connections: number;
  /** What happens on the next requests, one step each; `always` takes those that come after. */
  play(...steps: Step[]): void;
  always(step: Step): void;
  /** From here on everything but a POST gets no answer. */
  silent(): void;
  /** Resolves with the exchange of the request of this number, counted from 0. */
  request(number: number): Promise<UpstreamExchange>;
  close(): Promise<void>;
}

/** Starts one. `tls` = over TLS. */
export async function startFaultUpstream(tls?: TlsOptions): Promise<FaultUpstream> {
  const exchanges: UpstreamExchange[] = [];
  const sockets = new Set<Socket>();
  const waiting: { number: number; resolve: (exchange: UpstreamExchange) => void }[] = [];
  let steps: Step[] = [];
  let rest: Step = (exchange) => exchange.answer(400, { error: { message: `the script has no step for request ${exchanges.length}` } });
  const others: UpstreamRequest[] = [];
  const used = new WeakSet<Socket>();
  let connections = 0;
  let isSilent = false;

  const take = (exchange: UpstreamExchange): void => {
    if (exchange.request.method !== "POST") {
      others.push(exchange.request);
      return isSilent ? undefined : exchange.answer(404, { error: { message: "there is no such thing here" } });
    }
    if (!used.has(exchange.socket)) connections += 1;
    used.add(exchange.socket);
    exchanges.push(exchange);
    for (const one of waiting) if (one.number === exchanges.length - 1) one.resolve(exchange);
    const step = steps.shift() ?? rest;
    void Promise.resolve(step(exchange)).catch(() => exchange.reset());
  };
  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    // Each exchange waits for the end of its connection, and a connection may carry many.
    socket.setMaxListeners(0);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    readRequests(socket, take);
  };
  const server: Server = tls === undefined ? createTcpServer(accept) : createTlsServer(tls, accept);
  if (tls !== undefined) server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}/v1`,
    exchanges,
    others,
    get connections() {
      return connections;
    },
    play: (...next) => {
      steps = next;
    },
    always: (step) => {
      rest = step;
    },
    silent: () => {
      isSilent = true;
    },
    request: (number) =>
      new Promise((resolve) => {
        const there = exchanges[number];
        if (there !== undefined) resolve(there);
        else waiting.push({ number, resolve });
      }),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Cuts what comes on a connection into requests; bodies have a content-length, which is how we send them. */
function readRequests(socket: Socket, take: (exchange: UpstreamExchange) => void): void {
  let buffered = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (;;) {
      const end = buffered.indexOf("\r\n\r\n");
      if (end === -1) return;
      const lines = buffered.toString("latin1", 0, end).split("\r\n");
      const rawHeaders = lines.slice(1).map((line): [string, string] => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      });
      const headers = Object.fromEntries(rawHeaders.map(([name, value]) => [name.toLowerCase(), value]));
      const total = end + 4 + Number(headers["content-length"] ?? 0);
      if (buffered.length < total) return;
      const [method = "", path = ""] = (lines[0] ?? "").split(" ");
      const body = Buffer.from(buffered.subarray(end + 4, total));
      const wire = buffered.toString("latin1", 0, total);
      buffered = buffered.subarray(total);
      take(openExchange(socket, { method, path, rawHeaders, headers, wire, body, json: asObject(parseJson(body.toString())) ?? {} }));
    }
  });
}

function openExchange(socket: Socket, request: UpstreamRequest): UpstreamExchange {
  const sent: Buffer[] = [];
  let begun = false;
  const head = (status: number, headers: Readonly<Record<string, string>>): void => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} Scripted\r\n${lines.join("")}\r\n`);
  };
  const begin = (status = 200, headers: Readonly<Record<string, string>> = {}): void => {
    begun = true;
    head(status, { "content-type": "text/event-stream", ...headers, "transfer-encoding": "chunked" });
  };
  return {
    request,
    socket,
    sent,
    begin,
    send: (bytes) => {
      if (!begun) begin();
      const body = Buffer.from(bytes);
      sent.push(body);
      return socket.write(Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")]));
    },
    end: () => {
      socket.write("0\r\n\r\n");
    },
    answer: (status, body, headers = {}) => {
      const text = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
      sent.push(text);
      head(status, { "content-type": "application/json", ...headers, "content-length": String(text.length) });
      socket.write(text);
    },
    raw: (bytes) => {
      socket.write(bytes);
    },
    reset: () => {
      socket.resetAndDestroy();
    },
    hangUp: () => {
      socket.destroySoon();
    },
    closed: new Promise((resolve) => socket.once("close", () => resolve())),
  };
}
