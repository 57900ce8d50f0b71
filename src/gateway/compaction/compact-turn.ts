// `POST /v1/responses/compact`: a conversation in, its compacted window out. Promises the words of every user as they were and then
// exactly one compaction, an end for every client, and a row with all calls in the log.
import { clientProfile } from "../../dialects/responses/profile.ts";
import type { Profile } from "../../dialects/responses/profile.ts";
import { tooLong } from "../../dialects/responses/refuse.ts";
import { sessionOf } from "../../dialects/responses/session.ts";
import { readStateWish } from "../../dialects/responses/stored.ts";
import { BOUNDS } from "../../dialects/responses/wire.ts";
import { fault, FaultError } from "../../hub/fault.ts";
import type { Fault } from "../../hub/fault.ts";
import type { MessageItem, Part } from "../../hub/item.ts";
import { LossList } from "../../hub/loss.ts";
import type { HubRequest } from "../../hub/request.ts";
import type { Usage } from "../../hub/usage.ts";
import { NO_USAGE, writeUsage } from "../../hub/usage.ts";
import { ByteLog } from "../../kit/byte-log.ts";
import { createIdSource, turnId } from "../../kit/ids.ts";
import { isObject } from "../../kit/json.ts";
import type { Json } from "../../kit/json.ts";
import { errorReply } from "../error-reply.ts";
import { parseBody } from "../parse-body.ts";
import type { ReplyPort, TurnRequest } from "../port.ts";
import { readTurn } from "../read-turn.ts";
import type { SentReply } from "../reply.ts";
import type { Services } from "../services.ts";
import { fetchHistory } from "../state/history.ts";
import type { Target } from "../target.ts";
import { TurnLog } from "../turn-log.ts";
import { explain, faultOf } from "../words.ts";
import { compactNow } from "./compact-now.ts";
import { Compactor } from "./compactor.ts";
import { isGiven } from "./raise.ts";
import { sealCompaction } from "./sealed.ts";

/** One such request that runs. */
export class CompactTurn {
  readonly id: string;
  readonly #services: Services;
  readonly #request: TurnRequest;
  readonly #port: ReplyPort;
  readonly #profile: Profile;
  readonly #losses = new LossList();
  readonly #ids = createIdSource();
  readonly #log: TurnLog;
  readonly #compactor: Compactor;
  readonly #sent: SentReply = { status: 0, headers: {}, body: new ByteLog() };
  #target: Target | null = null;
  #stopped: Fault | null = null;

  constructor(services: Services, request: TurnRequest, port: ReplyPort) {
    this.id = turnId(request.at);
    this.#services = services;
    this.#request = request;
    this.#port = port;
    this.#profile = clientProfile(request.headers);
    this.#log = new TurnLog(services, this.id, request);
    this.#compactor = new Compactor({ services, profile: this.#profile, losses: this.#losses, ids: this.#ids, log: this.#log });
  }

  /** Ends it from outside. */
  stop(failure: Fault): void {
    this.#stopped ??= failure;
    this.#compactor.stop(failure);
  }

  /** Answers with a fault that was found before it could begin. */
  refuse(failure: Fault): void {
    this.#log.begin(sessionOf(this.#request.headers, undefined));
    this.#fail(failure);
  }

  /** Runs to the end. Never rejects. */
  async run(): Promise<void> {
    this.#port.onGone(() => this.stop(fault("client_closed", "The client closed its connection.")));
    try {
      await this.#run();
    } catch (error) {
      this.#fail(faultOf(error, this.id));
    }
  }

  async #run(): Promise<void> {
    const parsed = parseBody(this.#request.body);
    this.#log.begin(sessionOf(this.#request.headers, parsed.ok ? parsed.body : undefined));
    if (!parsed.ok) throw new FaultError(parsed.fault);
    const request = await this.#read(parsed.body);
    this.#log.asked(request.model);
    const route = await this.#services.resolve(request.model);
    if ("kind" in route) throw new FaultError(route);
    [this.#target] = route.targets;
    const { handOver, usage } = await compactNow(request, route.targets, this.#compactor, "route");
    if (this.#stopped !== null) return this.#fail(this.#stopped);
    const { keyRing } = this.#services;
    // What developers said is no user's word, and would be gone; a client that sends it again does not have it twice.
    const before = request.input.filter((item) => isGiven(item) && item.role !== "user");
    const blob = sealCompaction({ handOver, before, after: [], isWhole: false }, request.model, keyRing.seal);
    const users = request.input.filter((item): item is MessageItem => isGiven(item) && item.role === "user");
    const output = [
      ...users.map((item) => writeUserMessage(item, item.id ?? this.#ids("msg"))),
      { id: this.#ids("cmp"), type: "compaction", encrypted_content: blob },
    ];
    this.#answer(output, usage ?? NO_USAGE);
  }

  async #read(body: Json): Promise<HubRequest> {
    const key = isObject(body) ? body["prompt_cache_key"] : undefined;
    if (typeof key === "string" && key.length > BOUNDS.cacheKey) throw tooLong("prompt_cache_key", BOUNDS.cacheKey, key.length);
    const { store } = this.#services.state;
    const wish = store.keeps && isObject(body) ? readStateWish(body) : undefined;
    const stored = wish === undefined ? undefined : await fetchHistory(store, this.#request.owner, wish);
    // No reply of this kind streams.
    const whole = isObject(body) ? { ...body, stream: false } : body;
    return readTurn(whole, { services: this.#services, stored, losses: this.#losses, compacts: true });
  }

  #answer(output: Json[], usage: Usage): void {
    const id = this.#ids("resp");
    const created = Math.floor(this.#request.at / 1000);
    // Counts are plain JSON.
    const counts = writeUsage(usage) as unknown as Json;
    const body = JSON.stringify({ id, object: "response.compaction", created_at: created, output, usage: counts });
    const estimated = usage.estimated ? { "x-waystation-usage": "estimated", "x-waystation-usage-method": "bytes" } : {};
    this.#send(200, { "content-type": "application/json", ...estimated }, body);
    this.#end(usage, null, id);
  }

  #fail(cause: Fault): void {
    const failure = explain(this.#stopped ?? cause, this.#target, this.#profile);
    if (failure.kind !== "client_closed") {
      const { status, headers, body } = errorReply(failure);
      this.#send(status, headers, body);
    }
    this.#end(null, failure, null);
  }

  #send(status: number, headers: SentReply["headers"], body: string): void {
    const loss = this.#losses.header();
    const all = {
      ...headers,
      "x-request-id": this.id,
      "x-waystation-turn": this.id,
      ...(loss === "" ? {} : { "x-waystation-loss": loss }),
    };
    this.#sent.status = status;
    this.#sent.headers = all;
    this.#port.start(status, all);
    this.#port.write(this.#sent.body.write(body));
    this.#port.end();
  }

  #end(usage: Usage | null, failure: Fault | null, responseId: string | null): void {
    const response = responseId === null ? null : { id: responseId, status: "completed" as const };
    this.#log.end({ response, usage, failure, target: this.#target, losses: this.#losses.list(), sent: this.#sent });
  }
}

/** A user's message as the wire has it. */
function writeUserMessage({ content }: MessageItem, id: string): Json {
  // Parts are the wire's own shapes.
  const parts = content.map((part: Part) => (part.type === "opaque" ? part.wire : (part as unknown as Json)));
  return { id, type: "message", role: "user", status: "completed", content: parts };
}
