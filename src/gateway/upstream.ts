// Calls to upstreams over HTTP: undici's dispatch with our own handler, so that a byte is handed on in the tick in which it
// arrives. Promises explicit timeouts, no redirects, no proxies by surprise, and an abort that takes effect at once.
import type { IncomingHttpHeaders } from "node:http";
import type { LookupFunction } from "node:net";
import { Agent } from "undici";
import type { Dispatcher } from "undici";
import type { Limits } from "../config/config.ts";
import type { Headers, Transport } from "../contract.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import { createHostNames } from "./host-names.ts";
import type { HostNames } from "./host-names.ts";
import { networkFault } from "./network-fault.ts";

/** One call. */
export interface UpstreamRequest {
  url: string;
  headers: Headers;
  body: Buffer;
  /** Default: POST. A GET sends no body. */
  method?: "GET";
}

/** What comes back, told as it comes. After `onEnd` or `onFault` nothing more does. */
export interface UpstreamListener {
  onHeaders(status: number, headers: Headers): void;
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  onFault(failure: Fault): void;
}

/** The hold on a running call. */
export interface UpstreamCall {
  pause(): void;
  resume(): void;
  /** Breaks it off; the listener hears nothing more. */
  abort(): void;
}

/** The way out of this process. */
export interface Upstream {
  call(request: UpstreamRequest, listener: UpstreamListener): UpstreamCall;
  close(): Promise<void>;
}

/** Our own timers speak first, in the client's dialect; undici's are the net below them. */
const NET_S = 30;

/** Opens the pool of connections. `lookup` resolves names; default: the system. */
export function createUpstream(limits: Limits, lookup?: LookupFunction): Upstream {
  const names = createHostNames(lookup);
  const agent = new Agent({
    connect: { timeout: limits.connect_s * 1000, keepAlive: true, keepAliveInitialDelay: 30_000, lookup: names.lookup },
    headersTimeout: (limits.first_byte_s + NET_S) * 1000,
    bodyTimeout: (Math.max(limits.idle_s, limits.first_byte_s) + NET_S) * 1000,
    pipelining: 1,
    allowH2: false,
  });
  return {
    call: (request, listener) => dispatch(agent, names, request, listener),
    close: () => agent.destroy(),
  };
}

/** One call that runs: undici's handler, and the caller's hold on it. */
class Call implements Dispatcher.DispatchHandler, UpstreamCall {
  readonly #listener: UpstreamListener;
  readonly #url: URL;
  readonly #names: HostNames;
  #controller: Dispatcher.DispatchController | null = null;
  #isOver = false;

  constructor(url: URL, names: HostNames, listener: UpstreamListener) {
    this.#url = url;
    this.#names = names;
    this.#listener = listener;
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(): void {
    this.#isOver = true;
    this.#controller?.abort(new Error("aborted"));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error("aborted"));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (!this.#isOver && status >= 200) this.#listener.onHeaders(status, plainHeaders(headers));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (!this.#isOver) this.#listener.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onFault(networkFault(error, this.#url, this.#names.isPending(this.#url.hostname)));
  }
}

function dispatch(agent: Agent, names: HostNames, request: UpstreamRequest, listener: UpstreamListener): UpstreamCall {
  const url = new URL(request.url);
  const call = new Call(url, names, listener);
  try {
    agent.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method ?? "POST",
        headers: request.headers,
        body: request.method === "GET" ? null : request.body,
      },
      call,
    );
  } catch (error) {
    queueMicrotask(() => call.onResponseError(null, error));
  }
  return call;
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Headers {
  const plain: Headers = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  return plain;
}

/** An upstream that lives in this process, behind the same face. */
export function callTransport(transport: Transport, request: UpstreamRequest, listener: UpstreamListener): UpstreamCall {
  const gone = new AbortController();
  let resumed: (() => void) | null = null;
  let paused = false;
  const run = async (): Promise<void> => {
    const reply = await transport({ url: request.url, headers: request.headers, body: request.body, signal: gone.signal });
    if (gone.signal.aborted) return;
    listener.onHeaders(reply.status, reply.headers);
    for await (const chunk of reply.body) {
      if (gone.signal.aborted) return;
      listener.onData(chunk);
      if (paused) await new Promise<void>((resolve) => (resumed = resolve));
    }
    if (!gone.signal.aborted) listener.onEnd();
  };
  run().catch((error: unknown) => {
    if (!gone.signal.aborted)
      listener.onFault(fault("server", `The built-in model failed: ${error instanceof Error ? error.message : String(error)}`));
  });
  const resume = (): void => {
    paused = false;
    resumed?.();
    resumed = null;
  };
  return {
    pause: () => {
      paused = true;
    },
    resume,
    abort: () => {
      gone.abort();
      resume();
    },
  };
}
