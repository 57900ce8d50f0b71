// A gateway that records what it is given and answers as a test wants it.
import type { Headers } from "../../src/contract.ts";
import type { Gateway } from "../../src/gateway/gateway.ts";
import { createConversationFace } from "../../src/gateway/state/conversation-face.ts";
import { Locks } from "../../src/gateway/state/locks.ts";
import { nullStore } from "../../src/gateway/state/null-store.ts";
import { createResponseFace } from "../../src/gateway/state/response-face.ts";
import { Runs } from "../../src/gateway/state/runs.ts";
import type { ReplyPort, TurnRequest } from "../../src/gateway/port.ts";
import { writeError } from "../../src/hub/fault.ts";
import type { Fault } from "../../src/hub/fault.ts";
import type { JsonObject } from "../../src/kit/json.ts";

/** What a turn of a test does; `done` ends it. */
export type TurnScript = (request: TurnRequest, port: ReplyPort) => Promise<void> | void;

const encoder = new TextEncoder();

/** Bytes of a text. */
export const bytes = (text: string): Uint8Array => encoder.encode(text);

/** The default turn: says how much came. */
const echo: TurnScript = (request, port) => {
  const body = bytes(JSON.stringify({ bytes: request.body.length, text: new TextDecoder().decode(request.body.subarray(0, 100)) }));
  port.start(200, { "content-type": "application/json", "content-length": String(body.length) });
  port.write(body);
  port.end();
};

export class FakeGateway implements Gateway {
  readonly turns: TurnRequest[] = [];
  readonly refusals: { request: TurnRequest; fault: Fault }[] = [];
  readonly events: string[] = [];
  readonly responses = createResponseFace({ store: nullStore(), locks: new Locks(), runs: new Runs() });
  readonly conversations = createConversationFace({ store: nullStore(), locks: new Locks(), runs: new Runs() });
  script: TurnScript = echo;
  etag = '"one"';
  /** What `abortAll` does beside being noted. */
  onAbort: () => void = () => undefined;
  #running = 0;
  #ready = true;
  #idle: (() => void)[] = [];
  #arrivals: (() => void)[] = [];

  async turn(request: TurnRequest, port: ReplyPort): Promise<void> {
    this.turns.push(request);
    await this.#run(() => this.script(request, port));
  }

  compact(request: TurnRequest, port: ReplyPort): Promise<void> {
    return this.turn(request, port);
  }

  async refuse(request: TurnRequest, fault: Fault, port: ReplyPort): Promise<void> {
    this.refusals.push({ request, fault });
    await this.#run(() => {
      const body = bytes(JSON.stringify({ error: writeError(fault) }));
      port.start(fault.status, { "content-type": "application/json", "content-length": String(body.length) });
      port.write(body);
      port.end();
    });
  }

  unanswered(): void {
    this.events.push("unanswered");
  }

  models(headers: Headers): Promise<{ etag: string; body: string }> {
    this.events.push(`models ${headers["user-agent"] ?? ""}`);
    return Promise.resolve({ etag: this.etag, body: '{"object":"list","data":[],"models":[]}' });
  }

  model(id: string): Promise<JsonObject | undefined> {
    return Promise.resolve(id === "known" || id === "vendor/known" ? { id, object: "model" } : undefined);
  }

  countInput(request: TurnRequest): Promise<{ body: string; headers: Headers }> {
    return Promise.resolve({ body: JSON.stringify({ input_tokens: request.body.length }), headers: { "x-waystation-usage": "estimated" } });
  }

  ready(): boolean {
    return this.#ready;
  }

  metrics(): string {
    return "waystation_turns_total 1\n";
  }

  drain(): void {
    this.events.push("drain");
    this.#ready = false;
  }

  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  abortAll(): void {
    this.events.push("abortAll");
    this.onAbort();
  }

  /** Resolves when so many turns and refusals have arrived in all. */
  async arrived(count: number): Promise<void> {
    while (this.turns.length + this.refusals.length < count) await new Promise<void>((resolve) => this.#arrivals.push(resolve));
  }

  async #run(work: () => Promise<void> | void): Promise<void> {
    this.#running++;
    for (const tell of this.#arrivals.splice(0)) tell();
    try {
      await work();
    } finally {
      this.#running--;
      if (this.#running === 0) for (const tell of this.#idle.splice(0)) tell();
    }
  }
}

/** Headers of a stream. */
export const SSE = { "content-type": "text/event-stream; charset=utf-8" };

/** Makes the next turns hand over their ports instead of answering; a turn lasts until its client is gone or `finish` is called. */
export function heldTurns(gateway: FakeGateway): { ports: ReplyPort[]; gone: Promise<void>; goneCount: () => number; finish: () => void } {
  const ports: ReplyPort[] = [];
  const gone = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  let count = 0;
  gateway.script = (_request, port) => {
    ports.push(port);
    port.onGone(() => {
      count++;
      gone.resolve();
    });
    return Promise.race([gone.promise, finished.promise]);
  };
  return { ports, gone: gone.promise, goneCount: () => count, finish: finished.resolve };
}
