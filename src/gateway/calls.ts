// The upstream calls of one turn, one at a time: what each is made of, and that the log is told of it. Promises that none says anything,
// and none begins, once the turn was ended from outside.
import type { Profile } from "../dialects/responses/profile.ts";
import type { SaidLength } from "../hub/assemble.ts";
import type { Fault } from "../hub/fault.ts";
import type { HeldAnswer } from "../hub/held-answer.ts";
import type { LossList } from "../hub/loss.ts";
import type { Piece } from "../hub/piece.ts";
import type { HubRequest } from "../hub/request.ts";
import type { Usage } from "../hub/usage.ts";
import type { IdSource } from "../kit/ids.ts";
import type { AttemptOutcome } from "./attempt-outcome.ts";
import { Attempt } from "./attempt.ts";
import { PiecePath } from "./piece-path.ts";
import type { Prepared } from "./prepare.ts";
import { prepare } from "./prepare.ts";
import type { Services } from "./services.ts";
import { complain, settleAnswer } from "./structured.ts";
import type { Target } from "./target.ts";
import { targetKey } from "./target.ts";
import { calibrateByCount } from "./tokens/count-request.ts";
import type { TurnLog } from "./turn-log.ts";

/** What the calls of a turn share. */
export interface CallsFrame {
  services: Services;
  profile: Profile;
  losses: LossList;
  ids: IdSource;
  log: TurnLog;
}

/** What a call is about. */
export interface Asked {
  request: HubRequest;
  target: Target;
  prepared: Prepared;
}

/** The calls. */
export class Calls {
  readonly #frame: CallsFrame;
  #attempt: Attempt | null = null;
  #isEnded = false;

  constructor(frame: CallsFrame) {
    this.#frame = frame;
  }

  /** Ends the call that runs, if one does, and all that would come. */
  end(failure: Fault): void {
    this.#isEnded = true;
    this.#attempt?.abort(failure);
  }

  pause(): void {
    this.#attempt?.pause();
  }

  resume(): void {
    this.#attempt?.resume();
  }

  /** The way of a reply's pieces; `onCut` is told of a call that was cut short. */
  path({ request, target, prepared }: Asked, onCut: () => void): PiecePath {
    const { losses, services, profile } = this.#frame;
    const { repairArguments } = target.quirks;
    return new PiecePath({
      request,
      prepared,
      losses,
      counters: services.counters,
      repairArguments,
      holdCustom: profile.runsIncompleteCalls,
      onCut,
    });
  }

  /** Makes a call, unless its target's circuit is open; what comes of it goes along the path and then to `say`. */
  async make({ target, prepared }: Asked, path: PiecePath, say: (pieces: readonly Piece[]) => void): Promise<AttemptOutcome> {
    const { services, ids, log } = this.#frame;
    const at = Date.now();
    const passage = services.circuits.enter(target);
    if ("kind" in passage) return log.held(target, prepared.request, passage, at);
    const attempt = new Attempt({
      target,
      request: prepared.request,
      stream: prepared.stream,
      speaker: prepared.speaker,
      read: { quirks: target.quirks, ids, logprobs: prepared.logprobs },
      limits: services.config.limits,
      upstream: services.upstream,
      onPieces: (pieces) => {
        passage.heard();
        if (!this.#isEnded) say(path.take(pieces));
      },
    });
    this.#attempt = attempt;
    const outcome = await attempt.outcome;
    this.#attempt = null;
    services.circuits.ended(target, passage, outcome);
    log.attempt(target, prepared.request, outcome, at);
    return outcome;
  }

  /** The counts of a call: stated by the target, or estimated from what was sent and said. */
  usage({ target, prepared }: Asked, stated: Usage | null, said: SaidLength): Usage {
    const { services } = this.#frame;
    if (stated === null) calibrateByCount(services, target, prepared.request);
    return services.calibration.usageOf(targetKey(target), prepared.request.body, stated, said);
  }

  /** Lets an answer go that was held for a check: its pieces, and the counts of a second question that this took (null = none). */
  async settle(held: HeldAnswer, asked: Asked): Promise<{ pieces: readonly Piece[]; usage: Usage | null }> {
    const { losses, services } = this.#frame;
    const { schema } = asked.prepared;
    if (schema === null) return { pieces: [], usage: null };
    let usage: Usage | null = null;
    const askAgain = async (complaint: string): Promise<HeldAnswer | null> => {
      const request = complain(asked.request, held.text, complaint);
      const second = { request, target: asked.target, prepared: await prepare(request, asked.target, services.keyRing.unseal, losses) };
      if (this.#isEnded) return null;
      const path = this.path(second, () => {});
      const outcome = await this.make(second, path, () => {});
      path.finish();
      const answer = path.held;
      if (answer !== null && (outcome.fault === null || answer.usage !== null)) usage = this.usage(second, answer.usage, answer.said);
      return outcome.fault === null ? answer : null;
    };
    const pieces = await settleAnswer(held, { schema, losses, counters: services.counters, askAgain });
    return { pieces, usage };
  }
}
