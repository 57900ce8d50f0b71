// What journal and counters are told of a turn: one start, each attempt, one end. Promises that each is told once, at the moment when
// it is true.
import type { Headers } from "../contract.ts";
import type { Fault } from "../hub/fault.ts";
import type { Loss } from "../hub/loss.ts";
import type { ResponseSnapshot } from "../hub/response.ts";
import type { Usage } from "../hub/usage.ts";
import type { TurnEnd, WireRecord } from "../journal/journal.ts";
import type { AttemptOutcome } from "./attempt-outcome.ts";
import type { TurnRequest } from "./port.ts";
import type { SentReply } from "./reply.ts";
import type { Services } from "./services.ts";
import { secretsOfProvider, withoutSecrets } from "./secrets.ts";
import type { Target } from "./target.ts";
import type { UpstreamRequest } from "./upstream.ts";

/** How a turn ended. */
export interface TurnOutcome {
  response: Pick<ResponseSnapshot, "id" | "status"> | null;
  usage: Usage | null;
  failure: Fault | null;
  target: Target | null;
  losses: readonly Loss[];
  sent: SentReply | null;
}

const CLIENT_LENGTH = 120;

/** The log of one turn. */
export class TurnLog {
  readonly #services: Pick<Services, "journal" | "counters">;
  readonly #id: string;
  readonly #request: TurnRequest;
  #model: string | null = null;
  #attempts = 0;
  #firstToken: number | null = null;
  #ended = false;

  constructor(services: Pick<Services, "journal" | "counters">, id: string, request: TurnRequest) {
    this.#services = services;
    this.#id = id;
    this.#request = request;
  }

  begin(session: string | null): void {
    const request = this.#request;
    const record: WireRecord = { start: `${request.method} ${request.path}`, headers: request.rawHeaders, body: [request.body] };
    if (request.encoding !== undefined) record.encoding = request.encoding;
    const client = request.headers["user-agent"]?.slice(0, CLIENT_LENGTH) ?? null;
    this.#services.journal.begin({ id: this.#id, at: request.at, dialect: request.dialect, session, client, request: record });
  }

  /** The name that the client asked for, once it is known. */
  asked(model: string): void {
    this.#model = model;
  }

  /** The client is about to get the first piece of the reply. */
  firstToken(): void {
    this.#firstToken ??= performance.now() - this.#request.startedAt;
  }

  /** One upstream call is over; `at` is when it began, in milliseconds since the epoch. */
  attempt(target: Target, { url, headers, body }: UpstreamRequest, outcome: AttemptOutcome, at: number): void {
    this.#attempt(target, url, { start: `POST ${url}`, headers: Object.entries(headers), body: [body] }, outcome, at);
  }

  #attempt(target: Target, url: string, request: WireRecord, outcome: AttemptOutcome, at: number): void {
    const { fault, status, headers, chunks, headersMs, firstByteMs, durationMs } = outcome;
    this.#services.journal.attempt({
      turn: this.#id,
      number: this.#attempts++,
      at,
      headersMs,
      firstByteMs,
      durationMs,
      provider: target.provider.id,
      model: target.model,
      url,
      status,
      fault: fault?.kind ?? null,
      // The journal knows whole secrets; a message may have been cut inside one.
      detail: fault === null ? null : withoutSecrets(fault.message, secretsOfProvider(target.provider)),
      request,
      reply: status === null ? null : { start: String(status), headers: entries(headers), body: chunks },
    });
  }

  /** An upstream call was not made, because of this fault; returns what came of it. */
  held(target: Target, { url }: UpstreamRequest, failure: Fault, at: number): AttemptOutcome {
    const outcome = { fault: failure, status: null, headers: {}, chunks: [], headersMs: null, firstByteMs: null, durationMs: 0 };
    this.#attempt(target, url, { start: `not sent: POST ${url}`, headers: [], body: [] }, outcome, at);
    return outcome;
  }

  end(outcome: TurnOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    const { response, usage, failure, target, losses, sent } = outcome;
    this.#services.counters.lost(losses);
    this.#services.journal.end({
      id: this.#id,
      state: stateOf(response, failure),
      durationMs: performance.now() - this.#request.startedAt,
      firstTokenMs: this.#firstToken,
      model: this.#model,
      provider: target?.provider.id ?? null,
      targetModel: target?.model ?? null,
      responseId: response?.id ?? null,
      status: sent === null || sent.status === 0 ? null : sent.status,
      fault: failure?.kind ?? null,
      detail: failure?.message ?? null,
      usage,
      losses,
      reply:
        sent === null || sent.status === 0 ? null : { start: String(sent.status), headers: entries(sent.headers), body: sent.body.parts() },
    });
  }
}

function entries(headers: Headers): [string, string][] {
  return Object.entries(headers);
}

function stateOf(response: TurnOutcome["response"], failure: Fault | null): TurnEnd["state"] {
  if (failure !== null) return failure.kind === "client_closed" ? "client_closed" : "failed";
  return response?.status === "incomplete" ? "incomplete" : "done";
}
