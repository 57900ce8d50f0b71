// One turn: a client request, its attempts upstream, and its reply. Promises that the client always gets an end (a terminal
// event or an HTTP error), that its leaving ends the upstream call at once, and that the log has a row for all of it.
import type { Json, JsonObject } from "../kit/json.ts";
import { createIdSource, turnId } from "../kit/ids.ts";
import { clientProfile } from "../dialects/responses/profile.ts";
import type { Profile } from "../dialects/responses/profile.ts";
import { sessionOf } from "../dialects/responses/session.ts";
import type { StoredContext } from "../dialects/responses/stored.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import { LossList } from "../hub/loss.ts";
import type { Piece } from "../hub/piece.ts";
import type { HubRequest } from "../hub/request.ts";
import type { ResponseSnapshot } from "../hub/response.ts";
import type { Usage } from "../hub/usage.ts";
import { addUsage, NO_USAGE } from "../hub/usage.ts";
import type { Asked } from "./calls.ts";
import { Calls } from "./calls.ts";
import { TurnCompaction } from "./compaction/turn-compaction.ts";
import { Pause } from "./pause.ts";
import type { PiecePath } from "./piece-path.ts";
import type { ReplyPort, TurnRequest } from "./port.ts";
import type { Prepared } from "./prepare.ts";
import { Fit } from "./fit.ts";
import type { Fitted } from "./fit.ts";
import { parseBody } from "./parse-body.ts";
import { openReply, turnHeaders } from "./open-reply.ts";
import type { ReplyFrame } from "./open-reply.ts";
import { readTurn } from "./read-turn.ts";
import { ownerOf } from "./reasoning-memory.ts";
import { recallReasoning, rememberReasoning } from "./recall-reasoning.ts";
import type { Reply } from "./reply.ts";
import { decide, mayFallBack } from "./retry.ts";
import type { Services } from "./services.ts";
import { TurnState } from "./state/turn-state.ts";
import type { Target } from "./target.ts";
import { TurnLog } from "./turn-log.ts";
import { explain, faultOf } from "./words.ts";

/** A turn that runs. */
export class Turn {
  readonly id: string;
  readonly #services: Services;
  readonly #request: TurnRequest;
  readonly #state: TurnState;
  /** The client's, or that of a background response. */
  #port: ReplyPort;
  readonly #profile: Profile;
  readonly #losses = new LossList();
  readonly #ids = createIdSource();
  readonly #responseId = this.#ids("resp");
  readonly #pause = new Pause();
  readonly #log: TurnLog;
  readonly #calls: Calls;
  readonly #compaction: TurnCompaction;
  /** What was sealed, by its seal. */
  readonly #states = new Map<string, JsonObject>();
  /** The conversation, as far as the client tells. */
  #session: string | null = null;
  #target: Target | null = null;
  #reply: Reply | null = null;
  /** Whether any upstream call was made. */
  #called = false;
  /** Set once by whoever ends the turn from outside: the client, or a shutdown. */
  #stopped: Fault | null = null;
  #commitTimer: NodeJS.Timeout | undefined;

  constructor(services: Services, request: TurnRequest, port: ReplyPort) {
    this.id = turnId(request.at);
    this.#services = services;
    this.#request = request;
    this.#port = port;
    this.#state = new TurnState(services.state, request);
    this.#profile = clientProfile(request.headers);
    this.#log = new TurnLog(services, this.id, request);
    const frame = { services, profile: this.#profile, losses: this.#losses, ids: this.#ids, log: this.#log };
    this.#calls = new Calls(frame);
    this.#compaction = new TurnCompaction(frame);
  }

  /** Ends the turn from outside; a client that is gone hears nothing, another gets its end. */
  stop(failure: Fault): void {
    if (this.#stopped !== null) return;
    this.#stopped = failure;
    this.#pause.end();
    this.#calls.end(failure);
    this.#compaction.stop(failure);
  }

  /** Answers with a fault that was found before the turn could begin. */
  refuse(failure: Fault): void {
    this.#log.begin(sessionOf(this.#request.headers, undefined));
    void this.#fail(failure);
  }

  /** Runs to the end. Never rejects. */
  async run(): Promise<void> {
    this.#port.onGone(() => {
      // Nobody's leaving ends a background response.
      if (!this.#state.isBackground) this.stop(fault("client_closed", "The client closed its connection."));
    });
    this.#port.onDrain(() => this.#calls.resume());
    try {
      await this.#run();
    } catch (error) {
      await this.#fail(faultOf(error, this.id));
    } finally {
      clearTimeout(this.#commitTimer);
      this.#state.close();
    }
  }

  async #run(): Promise<void> {
    const { socket } = this.#request;
    const parsed = socket === undefined ? parseBody(this.#request.body) : ({ ok: true, body: socket.body } as const);
    this.#session = sessionOf(this.#request.headers, parsed.ok ? parsed.body : undefined);
    this.#log.begin(this.#session);
    if (!parsed.ok) return this.#fail(parsed.fault);
    const stored = this.#state.open(parsed.body);
    const request = this.#read(parsed.body, stored instanceof Promise ? await stored : stored);
    const found = this.#services.resolve(request.model);
    const route = found instanceof Promise ? await found : found;
    if ("kind" in route) return this.#fail(route);
    if (this.#state.isBackground) await this.#enqueue(request);
    else this.#reply = this.#openReply(request);
    if (socket?.generate === false) {
      // Nothing was wanted but that others can continue it.
      this.#reply?.commit();
      return void (await this.#conclude(NO_USAGE));
    }
    const { commit_s } = this.#services.config.limits;
    if (request.stream) this.#commitTimer = setTimeout(() => this.#reply?.commit(), commit_s * 1000);
    const left = request.compaction === undefined ? request : await this.#compaction.apply(request, route.targets);
    if (left !== null) return this.#tryTargets(left, route.targets);
    [this.#target] = route.targets;
    if (this.#stopped !== null) return this.#fail(this.#stopped);
    await this.#conclude(this.#compaction.usage ?? NO_USAGE);
  }

  /** From here on the response belongs to nobody's connection; the client is told that it is queued, once that is on disk. */
  async #enqueue(request: HubRequest): Promise<void> {
    const background = this.#state.enqueue(this.#responseId, this.#port, (failure) => this.stop(failure));
    const frame = { ...this.#frame(), port: background.port };
    const reply = openReply(frame, request);
    await background.begin(reply.written(reply.queue()), turnHeaders(frame));
    this.#port = background.port;
    this.#reply = reply;
    reply.commit();
  }

  #read(body: Json, stored: StoredContext | undefined): HubRequest {
    const generate = this.#request.socket?.generate ?? true;
    const request = readTurn(body, { services: this.#services, stored, losses: this.#losses, generate });
    this.#log.asked(request.model);
    return request;
  }

  #openReply(request: HubRequest | null): Reply {
    return openReply(this.#frame(), request);
  }

  #frame(): ReplyFrame {
    return {
      turn: this.id,
      responseId: this.#responseId,
      port: this.#port,
      socket: this.#request.socket,
      profile: this.#profile,
      losses: this.#losses,
      ids: this.#ids,
      keyRing: this.#services.keyRing,
      heartbeatS: this.#services.config.limits.heartbeat_s,
      at: this.#request.at,
      states: this.#states,
      target: () => this.#target,
      onPause: () => this.#calls.pause(),
    };
  }

  async #tryTargets(request: HubRequest, targets: readonly Target[]): Promise<void> {
    for (const [index, target] of targets.entries()) {
      this.#target = target;
      const last = index === targets.length - 1;
      const whole = recallReasoning(request, target.quirks, this.#services.memory, () => this.#owner(target), this.#losses);
      const failure = await this.#tryFitted(whole, target, new Fit(this.#services, target, this.#losses));
      if (failure === null) return;
      if (last || this.#reply?.hasSpoken || this.#stopped !== null || !mayFallBack(failure)) return this.#fail(failure);
    }
  }

  /** Tries a target, with less of the conversation where the client allows that and the target finds it too long. */
  async #tryFitted(whole: HubRequest, target: Target, fit: Fit): Promise<Fault | null> {
    let fitted: Fitted | null = await fit.prepare(whole);
    for (;;) {
      const failure: Fault | null = await this.#tryTarget(fitted.request, target, fitted.prepared);
      if (failure === null || this.#reply?.hasSpoken || this.#stopped !== null) return failure;
      fitted = await fit.smaller(failure);
      if (fitted === null) return failure;
    }
  }

  /** Calls a target until it answers or is given up; null = the reply is done. */
  async #tryTarget(request: HubRequest, target: Target, prepared: Prepared): Promise<Fault | null> {
    const { retries, retry_wait_s } = this.#services.config.limits;
    for (let tried = 1; ; tried++) {
      if (this.#stopped !== null) return this.#stopped;
      // A client that waits for the whole has been told nothing of what a failed call said, in words, finish or counts.
      if (this.#called && this.#reply?.committed === false) this.#reply = this.#openReply(request);
      this.#called = true;
      const asked = { request, target, prepared };
      const path = this.#calls.path(asked, () => this.#reply?.assembler.cutShort());
      const outcome = await this.#calls.make(asked, path, (pieces) => this.#say(pieces));
      const failure = outcome.fault;
      if (failure === null) return this.#complete(asked, path);
      if (this.#stopped !== null || this.#reply?.hasSpoken) return failure;
      const decision = decide(failure, tried, retries, retry_wait_s, Math.random());
      if (decision.next === "give_up" || !this.#services.circuits.mayRetry(target)) return failure;
      await this.#pause.wait(decision.waitMs);
    }
  }

  #say(pieces: readonly Piece[]): void {
    if (pieces.length === 0) return;
    this.#log.firstToken();
    this.#reply?.push(pieces);
  }

  async #complete(asked: Asked, path: PiecePath): Promise<Fault | null> {
    const reply = this.#reply;
    if (reply === null) return null;
    const { target, prepared } = asked;
    reply.push(path.finish());
    const { assembler } = reply;
    let usage = this.#calls.usage(asked, assembler.usage, path.held?.said ?? assembler.said);
    if (path.held !== null) {
      const settled = await this.#calls.settle(path.held, asked);
      this.#say(settled.pieces);
      // A turn that was ended from outside meanwhile has its end already in hand.
      if (this.#stopped !== null) return this.#stopped;
      if (settled.usage !== null) reply.push([{ kind: "usage", usage: (usage = addUsage(usage, settled.usage)) }]);
    }
    const { usage: compacting } = this.#compaction;
    if (compacting !== null) reply.push([{ kind: "usage", usage: (usage = addUsage(usage, compacting)) }]);
    const response = await this.#conclude(usage);
    rememberReasoning(response?.output ?? [], this.#states, prepared.speaker, this.#services.memory, () => this.#owner(target));
    return null;
  }

  /** Ends a response, and tells it once it is kept wherever it is to be kept. */
  async #conclude(usage: Usage): Promise<ResponseSnapshot | null> {
    const reply = this.#reply;
    if (reply === null) return null;
    const response = reply.conclude(Math.floor(Date.now() / 1000), usage, this.#compaction.last);
    if (this.#state.isKept) {
      // All but the end can go out meanwhile.
      reply.commit();
      await this.#state.save(response.id, reply.written(response));
    }
    this.#state.remember(response.id, response.output);
    reply.deliver(response);
    this.#end(response, usage, null);
    return response;
  }

  #owner(target: Target): string | null {
    return ownerOf(target.provider.id, this.#request.headers, this.#session);
  }

  #fail(cause: Fault): void | Promise<void> {
    clearTimeout(this.#commitTimer);
    // Whatever else went wrong in the meantime, a turn that was ended from outside ended so.
    const failure = this.#stopped ?? cause;
    this.#state.fail();
    const told = explain(failure, this.#target, this.#profile);
    const reply = (this.#reply ??= this.#openReply(null));
    if (!this.#state.keepsFailure(reply.committed)) return this.#tellFailure(reply, told);
    const { assembler } = reply;
    const isTakenBack = failure.kind === "cancelled" || failure.kind === "client_closed";
    const response = isTakenBack ? assembler.concludeCancelled() : assembler.concludeFailed(told);
    const saved = this.#state.save(response.id, reply.written(response));
    // A disk that refuses this too changes nothing about it.
    return saved.catch(() => undefined).then(() => this.#tellFailure(reply, told, isTakenBack ? response : null));
  }

  /** `taken` is the end of a response that was taken back. */
  #tellFailure(reply: Reply, told: Fault, taken: ResponseSnapshot | null = null): void {
    if (told.kind === "client_closed") reply.drop();
    else if (taken !== null) reply.deliver(taken);
    else reply.fail(told);
    this.#end(null, reply.assembler.usage, told);
  }

  #end(response: ResponseSnapshot | null, usage: Usage | null, failure: Fault | null): void {
    this.#log.end({ response, usage, failure, target: this.#target, losses: this.#losses.list(), sent: this.#reply?.sent ?? null });
  }
}
