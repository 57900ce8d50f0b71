// One turn: a client request, its attempts upstream, and its reply. Promises that the client always gets an end (a terminal
// event or an HTTP error), that its leaving ends the upstream call at once, and that the log has a row for all of it.
import type { Json } from "../kit/json.ts";
import type { JsonObject } from "../kit/json.ts";
import { createIdSource, turnId } from "../kit/ids.ts";
import { clientProfile } from "../dialects/responses/profile.ts";
import type { Profile } from "../dialects/responses/profile.ts";
import { readRequest } from "../dialects/responses/read-request.ts";
import { sessionOf } from "../dialects/responses/session.ts";
import type { Headers } from "../contract.ts";
import { FaultError, fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import { LossList } from "../hub/loss.ts";
import type { Piece } from "../hub/piece.ts";
import { createRaise } from "../hub/raise-calls.ts";
import type { Raise } from "../hub/raise-calls.ts";
import { repairItems } from "../hub/repair.ts";
import type { HubRequest } from "../hub/request.ts";
import type { ResponseSnapshot } from "../hub/response.ts";
import type { Usage } from "../hub/usage.ts";
import { estimateUsage } from "../hub/usage.ts";
import { promptBytes } from "./estimate.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { Attempt } from "./attempt.ts";
import type { ReplyPort, TurnRequest } from "./port.ts";
import { prepare } from "./prepare.ts";
import type { Prepared } from "./prepare.ts";
import { parseBody } from "./parse-body.ts";
import { Reply } from "./reply.ts";
import { decide, mayFallBack } from "./retry.ts";
import type { Services } from "./services.ts";
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
  #target: Target | null = null;
  #reply: Reply | null = null;
  #attempt: Attempt | null = null;
  #raise: Raise | null = null;
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
    this.#log.begin(sessionOf(this.#request.headers, parsed.ok ? parsed.body : undefined));
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

  #openReply(request: HubRequest): Reply {
    return new Reply({
      port: this.#port,
      stream: request.stream,
      heartbeatS: this.#services.config.limits.heartbeat_s,
      headers: () => this.#headers(),
      onPause: () => this.#attempt?.pause(),
      assemble: {
        responseId: this.#ids("resp"),
        createdAt: Math.floor(this.#request.at / 1000),
        ids: this.#ids,
        echo: request.echo,
        reasoningStyle: request.reasoning?.summary ? "summary" : "text",
        refusalsAsText: this.#profile.refusalsAsText,
        seal: (state) => this.#seal(state),
      },
    });
  }

  #seal(state: JsonObject): string | null {
    const target = this.#target;
    if (target === null) return null;
    const { provider } = target;
    return this.#services.keyRing.seal({
      owner: provider.id,
      dialect: provider.provider.dialect,
      model: target.model,
      kind: "reasoning",
      data: state,
    });
  }

  #headers(): Headers {
    const loss = this.#losses.header();
    return { "x-request-id": this.id, "x-waystation-turn": this.id, ...(loss === "" ? {} : { "x-waystation-loss": loss }) };
  }

  async #tryTargets(request: HubRequest, targets: readonly Target[]): Promise<void> {
    for (const [index, target] of targets.entries()) {
      this.#target = target;
      const last = index === targets.length - 1;
      const prepared = await prepare(request, target, this.#services.keyRing.unseal, this.#losses);
      const failure = await this.#tryTarget(request, target, prepared);
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
      const outcome = await this.#call(target, prepared);
      const failure = outcome.fault;
      if (failure === null) return this.#complete(target, prepared);
      if (this.#stopped !== null || this.#reply?.committed) return failure;
      const decision = decide(failure, tried, retries, retry_wait_s, Math.random());
      if (decision.next === "give_up") return failure;
      await this.#wait(decision.waitMs);
    }
  }

  async #call(target: Target, prepared: Prepared): Promise<AttemptOutcome> {
    const at = Date.now();
    const raise = createRaise(prepared.tools.aliases, {
      holdCustom: this.#profile.runsIncompleteCalls,
      onCut: () => this.#reply?.assembler.cutShort(),
    });
    this.#raise = raise;
    const attempt = new Attempt({
      target,
      request: prepared.request,
      stream: prepared.stream,
      speaker: prepared.speaker,
      read: { quirks: target.quirks, ids: this.#ids },
      limits: this.#services.config.limits,
      upstream: this.#services.upstream,
      onPieces: (pieces) => this.#take(raise, pieces),
    });
    this.#attempt = attempt;
    const outcome = await attempt.outcome;
    this.#attempt = null;
    this.#log.attempt(target, prepared.request, outcome, at);
    return outcome;
  }

  #take(raise: Raise, pieces: readonly Piece[]): void {
    if (this.#stopped !== null) return;
    const raised: Piece[] = [];
    for (const piece of pieces) raise.push(piece, raised);
    if (raised.length === 0) return;
    this.#log.firstToken();
    this.#reply?.push(raised);
  }

  #complete(target: Target, prepared: Prepared): null {
    const reply = this.#reply;
    if (reply === null) return null;
    const rest: Piece[] = [];
    this.#raise?.finish(rest);
    reply.push(rest);
    const usage = this.#usage(target, prepared, reply);
    const response = reply.end(Math.floor(Date.now() / 1000), usage);
    this.#end(response, usage, null);
    return null;
  }

  #usage(target: Target, prepared: Prepared, reply: Reply): Usage {
    const { calibration } = this.#services;
    const name = `${target.provider.id}/${target.model}`;
    const bytes = promptBytes(prepared.request.body);
    const { usage, said } = reply.assembler;
    if (usage !== null) {
      calibration.learn(name, bytes, usage.input);
      return usage;
    }
    return estimateUsage(bytes, said.text + said.reasoning + said.calls, said.reasoning, calibration.bytesPerToken(name));
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
    const reply = (this.#reply ??= this.#openErrorReply());
    reply.fail(told);
    this.#end(null, reply.assembler.usage, told);
  }

  /** A reply for a request that could not even be read. */
  #openErrorReply(): Reply {
    return new Reply({
      port: this.#port,
      stream: false,
      heartbeatS: this.#services.config.limits.heartbeat_s,
      headers: () => this.#headers(),
      onPause: () => {},
      assemble: {
        responseId: this.#ids("resp"),
        createdAt: 0,
        ids: this.#ids,
        echo: {},
        reasoningStyle: "text",
        refusalsAsText: false,
        seal: () => null,
      },
    });
  }

  #end(response: ResponseSnapshot | null, usage: Usage | null, failure: Fault | null): void {
    this.#log.end({ response, usage, failure, target: this.#target, losses: this.#losses.list(), sent: this.#reply?.sent ?? null });
  }
}
