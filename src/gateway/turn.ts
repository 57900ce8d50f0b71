// One turn: a client request, its attempts upstream, and its reply. Promises that the client always gets an end (a terminal
// event or an HTTP error), that its leaving ends the upstream call at once, and that the log has a row for all of it.
import type { Json, JsonObject } from "../kit/json.ts";
import { createIdSource, turnId } from "../kit/ids.ts";
import { clientProfile } from "../dialects/responses/profile.ts";
import type { Profile } from "../dialects/responses/profile.ts";
import { readRequest } from "../dialects/responses/read-request.ts";
import { sessionOf } from "../dialects/responses/session.ts";
import type { SaidLength } from "../hub/assemble.ts";
import { FaultError, fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import type { HeldAnswer } from "../hub/held-answer.ts";
import { LossList } from "../hub/loss.ts";
import type { Piece } from "../hub/piece.ts";
import { repairItems } from "../hub/repair.ts";
import type { HubRequest } from "../hub/request.ts";
import type { ResponseSnapshot } from "../hub/response.ts";
import type { Usage } from "../hub/usage.ts";
import { addUsage } from "../hub/usage.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { Attempt } from "./attempt.ts";
import { PiecePath } from "./piece-path.ts";
import type { ReplyPort, TurnRequest } from "./port.ts";
import { prepare } from "./prepare.ts";
import type { Prepared } from "./prepare.ts";
import { parseBody } from "./parse-body.ts";
import { openReply } from "./open-reply.ts";
import type { ReplyFrame } from "./open-reply.ts";
import { ownerOf } from "./reasoning-memory.ts";
import { recallReasoning, rememberReasoning } from "./recall-reasoning.ts";
import type { Reply } from "./reply.ts";
import { decide, mayFallBack } from "./retry.ts";
import type { Services } from "./services.ts";
import { complain, settleAnswer } from "./structured.ts";
import type { Target } from "./target.ts";
import { TurnLog } from "./turn-log.ts";
import { explain } from "./words.ts";

/** A turn that runs. */
export class Turn {
  readonly id: string;
  readonly #services: Services;
  readonly #request: TurnRequest;
  readonly #port: ReplyPort;
  readonly #profile: Profile;
  readonly #losses = new LossList();
  readonly #ids = createIdSource();
  readonly #log: TurnLog;
  /** What was sealed, by its seal. */
  readonly #states = new Map<string, JsonObject>();
  /** The conversation, as far as the client tells. */
  #session: string | null = null;
  #target: Target | null = null;
  #reply: Reply | null = null;
  #attempt: Attempt | null = null;
  /** Whether any upstream call was made. */
  #called = false;
  /** Set once by whoever ends the turn from outside: the client, or a shutdown. */
  #stopped: Fault | null = null;
  #wake: (() => void) | null = null;
  #commitTimer: NodeJS.Timeout | undefined;

  constructor(services: Services, request: TurnRequest, port: ReplyPort) {
    this.id = turnId(request.at);
    this.#services = services;
    this.#request = request;
    this.#port = port;
    this.#profile = clientProfile(request.headers);
    this.#log = new TurnLog(services.journal, this.id, request);
  }

  /** Ends the turn from outside; a client that is gone hears nothing, another gets its end. */
  stop(failure: Fault): void {
    if (this.#stopped !== null) return;
    this.#stopped = failure;
    this.#wake?.();
    this.#attempt?.abort(failure);
  }

  /** Answers with a fault that was found before the turn could begin. */
  refuse(failure: Fault): void {
    this.#log.begin(sessionOf(this.#request.headers, undefined));
    this.#fail(failure);
  }

  /** Runs to the end. Never rejects. */
  async run(): Promise<void> {
    this.#port.onGone(() => this.stop(fault("client_closed", "The client closed its connection.")));
    this.#port.onDrain(() => this.#attempt?.resume());
    try {
      await this.#run();
    } catch (error) {
      // A FaultError is a refusal; anything else is our own mistake, and the client still gets its end.
      const ours =
        error instanceof FaultError
          ? error.fault
          : fault(
              "server",
              `Waystation failed: ${error instanceof Error ? error.message : String(error)}. The log has the turn ${this.id}.`,
            );
      this.#fail(ours);
    } finally {
      clearTimeout(this.#commitTimer);
    }
  }

  async #run(): Promise<void> {
    const parsed = parseBody(this.#request.body);
    this.#session = sessionOf(this.#request.headers, parsed.ok ? parsed.body : undefined);
    this.#log.begin(this.#session);
    if (!parsed.ok) return this.#fail(parsed.fault);
    const request = this.#read(parsed.body);
    const found = this.#services.resolve(request.model);
    const route = found instanceof Promise ? await found : found;
    if ("kind" in route) return this.#fail(route);
    this.#reply = this.#openReply(request);
    const { commit_s } = this.#services.config.limits;
    if (request.stream) this.#commitTimer = setTimeout(() => this.#reply?.commit(), commit_s * 1000);
    await this.#tryTargets(request, route.targets);
  }

  #read(body: Json): HubRequest {
    const request = readRequest(body, this.#losses, { strict: this.#services.config.strict });
    this.#log.asked(request.model);
    request.input = repairItems(request.input, this.#losses);
    return request;
  }

  #openReply(request: HubRequest | null): Reply {
    const frame: ReplyFrame = {
      turn: this.id,
      port: this.#port,
      profile: this.#profile,
      losses: this.#losses,
      ids: this.#ids,
      keyRing: this.#services.keyRing,
      heartbeatS: this.#services.config.limits.heartbeat_s,
      at: this.#request.at,
      states: this.#states,
      target: () => this.#target,
      onPause: () => this.#attempt?.pause(),
    };
    return openReply(frame, request);
  }

  async #tryTargets(request: HubRequest, targets: readonly Target[]): Promise<void> {
    for (const [index, target] of targets.entries()) {
      this.#target = target;
      const last = index === targets.length - 1;
      const whole = recallReasoning(request, target.quirks, this.#services.memory, () => this.#owner(target), this.#losses);
      const prepared = await prepare(whole, target, this.#services.keyRing.unseal, this.#losses);
      const failure = await this.#tryTarget(whole, target, prepared);
      if (failure === null) return;
      if (last || this.#reply?.committed || this.#stopped !== null || !mayFallBack(failure)) return this.#fail(failure);
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
      const path = this.#path(request, target, prepared, () => this.#reply?.assembler.cutShort());
      const outcome = await this.#call(target, prepared, path, (pieces) => this.#say(pieces));
      const failure = outcome.fault;
      if (failure === null) return this.#complete(request, target, prepared, path);
      if (this.#stopped !== null || this.#reply?.committed) return failure;
      const decision = decide(failure, tried, retries, retry_wait_s, Math.random());
      if (decision.next === "give_up") return failure;
      await this.#wait(decision.waitMs);
    }
  }

  #path(request: HubRequest, target: Target, prepared: Prepared, onCut: () => void): PiecePath {
    return new PiecePath({
      request,
      prepared,
      losses: this.#losses,
      counters: this.#services.counters,
      repairArguments: target.quirks.repairArguments,
      holdCustom: this.#profile.runsIncompleteCalls,
      onCut,
    });
  }

  async #call(target: Target, prepared: Prepared, path: PiecePath, say: (pieces: readonly Piece[]) => void): Promise<AttemptOutcome> {
    const at = Date.now();
    const attempt = new Attempt({
      target,
      request: prepared.request,
      stream: prepared.stream,
      speaker: prepared.speaker,
      read: { quirks: target.quirks, ids: this.#ids, logprobs: prepared.logprobs },
      limits: this.#services.config.limits,
      upstream: this.#services.upstream,
      onPieces: (pieces) => {
        if (this.#stopped === null) say(path.take(pieces));
      },
    });
    this.#attempt = attempt;
    const outcome = await attempt.outcome;
    this.#attempt = null;
    this.#log.attempt(target, prepared.request, outcome, at);
    return outcome;
  }

  #say(pieces: readonly Piece[]): void {
    if (pieces.length === 0) return;
    this.#log.firstToken();
    this.#reply?.push(pieces);
  }

  async #complete(request: HubRequest, target: Target, prepared: Prepared, path: PiecePath): Promise<Fault | null> {
    const reply = this.#reply;
    if (reply === null) return null;
    reply.push(path.finish());
    const { assembler } = reply;
    let usage = this.#usage(target, prepared, assembler.usage, path.held?.said ?? assembler.said);
    if (path.held !== null) {
      const more = await this.#settle(path.held, request, target, prepared);
      // A turn that was ended from outside meanwhile has its end already in hand.
      if (this.#stopped !== null) return this.#stopped;
      if (more !== null) reply.push([{ kind: "usage", usage: (usage = addUsage(usage, more)) }]);
    }
    const response = reply.end(Math.floor(Date.now() / 1000), usage);
    rememberReasoning(response.output, this.#states, prepared.speaker, this.#services.memory, () => this.#owner(target));
    this.#end(response, usage, null);
    return null;
  }

  #owner(target: Target): string | null {
    return ownerOf(target.provider.id, this.#request.headers, this.#session);
  }

  /** Lets an answer go that was held for a check; the counts of a second question that this took, null = none. */
  async #settle(held: HeldAnswer, request: HubRequest, target: Target, prepared: Prepared): Promise<Usage | null> {
    let usage: Usage | null = null;
    const askAgain = async (complaint: string): Promise<HeldAnswer | null> => {
      const again = complain(request, held.text, complaint);
      const second = await prepare(again, target, this.#services.keyRing.unseal, this.#losses);
      if (this.#stopped !== null) return null;
      const path = this.#path(again, target, second, () => {});
      const outcome = await this.#call(target, second, path, () => {});
      path.finish();
      const answer = path.held;
      if (answer !== null && (outcome.fault === null || answer.usage !== null))
        usage = this.#usage(target, second, answer.usage, answer.said);
      return outcome.fault === null ? answer : null;
    };
    if (prepared.schema !== null)
      this.#say(await settleAnswer(held, { schema: prepared.schema, losses: this.#losses, counters: this.#services.counters, askAgain }));
    return usage;
  }

  #usage(target: Target, prepared: Prepared, stated: Usage | null, said: SaidLength): Usage {
    return this.#services.calibration.usageOf(`${target.provider.id}/${target.model}`, prepared.request.body, stated, said);
  }

  async #wait(ms: number): Promise<void> {
    if (ms <= 0 || this.#stopped !== null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  #fail(cause: Fault): void {
    clearTimeout(this.#commitTimer);
    // Whatever else went wrong in the meantime, a turn that was ended from outside ended so.
    const failure = this.#stopped ?? cause;
    const told = explain(failure, this.#target, this.#profile);
    if (failure.kind === "client_closed") {
      this.#reply?.drop();
      return this.#end(null, this.#reply?.assembler.usage ?? null, told);
    }
    const reply = (this.#reply ??= this.#openReply(null));
    reply.fail(told);
    this.#end(null, reply.assembler.usage, told);
  }

  #end(response: ResponseSnapshot | null, usage: Usage | null, failure: Fault | null): void {
    this.#log.end({ response, usage, failure, target: this.#target, losses: this.#losses.list(), sent: this.#reply?.sent ?? null });
  }
}
