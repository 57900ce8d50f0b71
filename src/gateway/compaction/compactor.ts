// The engine of compaction: a conversation in, a hand-over out. Promises an answer in bounded time whatever the models do, one that is
// shorter than what it stands for, and that the log has each call that was made for it.
import type { HandOver } from "../../hub/compaction/hand-over.ts";
import { handOverFields } from "../../hub/compaction/hand-over.ts";
import { extract } from "../../hub/compaction/extract.ts";
import { fitHandOver } from "../../hub/compaction/fit-hand-over.ts";
import { mergeHandOver } from "../../hub/compaction/merge-hand-over.ts";
import { findHandOver, writeHandOver } from "../../hub/compaction/write-hand-over.ts";
import type { Fault } from "../../hub/fault.ts";
import { fault } from "../../hub/fault.ts";
import type { Item } from "../../hub/item.ts";
import { textOf } from "../../hub/item.ts";
import { LossList } from "../../hub/loss.ts";
import type { HubRequest } from "../../hub/request.ts";
import type { Usage } from "../../hub/usage.ts";
import { addUsage } from "../../hub/usage.ts";
import type { CallsFrame } from "../calls.ts";
import { Calls } from "../calls.ts";
import type { CompactionDoor, CompactionOutcome } from "../counters.ts";
import { Pause } from "../pause.ts";
import { prepare } from "../prepare.ts";
import { decide } from "../retry.ts";
import type { Target } from "../target.ts";
import { ASSUMED_WINDOW, targetKey } from "../target.ts";
import { faultOf } from "../words.ts";
import { Answer, bestForm, writeQuestion } from "./question.ts";
import type { Question } from "./question.ts";
import { isGiven, isHandOver, isSetting } from "./raise.ts";
import { recordBytes, recordParts } from "./record.ts";

/** What is to be compacted. */
export interface CompactionOrder {
  /** Who asks. */
  door: CompactionDoor;
  request: HubRequest;
  /** All of it, oldest first: what a model is told of. */
  items: readonly Item[];
  /** Those of it that the hand-over stands for. */
  folded: readonly Item[];
  /** The conversation's own targets. */
  targets: readonly Target[];
}

/** What came of it. */
export interface Compacted {
  handOver: HandOver;
  /** Of all calls that were made; null = none. */
  usage: Usage | null;
  outcome: CompactionOutcome;
}

/** The part of a window that a record may fill. */
const RECORD_SHARE = 0.6;
const SMALLEST_PART = 4000;
/** Bytes up to which a hand-over is taken even if what it stands for is shorter. */
const ALWAYS_SHORT = 2000;
/** A hand-over is no longer than the one before it and this share of what came since; an extract than a fifth of that. */
const MOST_SHARE = 0.5;
const EXTRACT_SHARE = 0.2;
/** Bytes of the longest hand-over, and of the longest extract. */
const LONGEST = 64_000;
const LONGEST_EXTRACT = 32_000;
/** Fewer characters than this say nothing of a conversation of more bytes than that. */
const FEWEST_CHARACTERS = 120;
const LONG_CONVERSATION = 4000;
/** How often a record that does not fit is cut in halves. */
const MOST_HALVINGS = 4;

/** The engine of one turn. */
export class Compactor {
  readonly #frame: CallsFrame;
  readonly #calls: Calls;
  readonly #pause = new Pause();
  #usage: Usage | null = null;
  #isOver = false;
  /** Nobody waits for it any more. */
  #isAbandoned = false;
  /** Why the latest model gave none. */
  #why = "";

  constructor(frame: CallsFrame) {
    this.#frame = frame;
    // What our own question loses on its way is no loss of the client's.
    this.#calls = new Calls({ ...frame, losses: new LossList() });
  }

  /** Ends it from outside: what comes of it is an extract, and nobody waits for it. */
  stop(failure: Fault): void {
    this.#isAbandoned = true;
    this.#giveUp(failure);
  }

  #giveUp(failure: Fault): void {
    this.#isOver = true;
    this.#pause.end();
    this.#calls.end(failure);
  }

  /** Compacts. Never rejects. */
  async compact(order: CompactionOrder): Promise<Compacted> {
    const compacted = await this.#compact(order);
    if (!this.#isAbandoned) this.#frame.services.counters.compacted(order.door, compacted.outcome);
    return compacted;
  }

  async #compact(order: CompactionOrder): Promise<Compacted> {
    const standing = unchanged(order.folded);
    if (standing !== undefined) return { handOver: standing, usage: null, outcome: "standing" };
    const limit = Math.min(LONGEST, Math.max(ALWAYS_SHORT, shareOf(order.folded, MOST_SHARE)));
    // Where nothing but the words of users would be told, which stay as they are, no model is needed.
    const asked = order.folded.length === 0 ? null : await this.#ask(order, limit);
    if (asked !== null && bytesOf(asked) <= limit)
      return { handOver: this.#fill(asked, order, limit), usage: this.#usage, outcome: "model" };
    if (order.folded.length > 0) this.#tellExtract(asked === null ? this.#why : "its hand-over was no shorter than the conversation");
    return { handOver: this.#extract(order, limit), usage: this.#usage, outcome: "extract" };
  }

  /** A hand-over of the first target that gives one; null = none did in time. */
  async #ask(order: CompactionOrder, limit: number): Promise<HandOver | null> {
    const { deadline_s } = this.#frame.services.config.compaction;
    const late = setTimeout(() => this.#giveUp(fault("timeout", `The compaction took longer than ${deadline_s} s.`)), deadline_s * 1000);
    try {
      let best: HandOver | null = null;
      for (const target of await this.#targets(order)) {
        if (this.#isOver) break;
        const handOver = await this.#askTarget(order, target).catch((error: unknown) => {
          this.#why = faultOf(error, "of this compaction").message;
          return null;
        });
        if (handOver !== null && bytesOf(handOver) <= limit) return handOver;
        best ??= handOver;
      }
      return best;
    } finally {
      clearTimeout(late);
    }
  }

  /** The configured model's targets, then the conversation's. */
  async #targets({ targets }: CompactionOrder): Promise<readonly Target[]> {
    const { config, resolve } = this.#frame.services;
    const { model } = config.compaction;
    if (model === undefined) return targets;
    const route = await resolve(model);
    if (!("kind" in route)) return [...route.targets, ...targets];
    this.#frame.losses.add(
      "lowered",
      "compaction.model",
      `The conversation's own model was asked instead of compaction.model: ${route.message}`,
    );
    return targets;
  }

  async #askTarget(order: CompactionOrder, target: Target): Promise<HandOver | null> {
    let partBytes = this.#partBytes(target);
    for (let halved = 0; ; halved++) {
      const outcome = await this.#askParts(order, target, partBytes);
      if (outcome !== "too_long") return outcome;
      if (halved === MOST_HALVINGS || this.#isOver) return null;
      partBytes = Math.floor(Math.min(partBytes, sumOf(toldOf(order.items))) / 2);
    }
  }

  /** Asks about one part after the other, each with the hand-over of those before. */
  async #askParts(order: CompactionOrder, target: Target, partBytes: number): Promise<HandOver | null | "too_long"> {
    const records = recordParts(toldOf(order.items), partBytes);
    let form = bestForm(target.capabilities);
    let older: HandOver | null = null;
    for (const [part, record] of records.entries()) {
      const question = { record, part, parts: records.length, older };
      let answer = await this.#askOnce(order.request, target, { ...question, form });
      // What was refused, or not followed, is asked for in words.
      if (answer === "unfit" && form !== "words")
        answer = await this.#askOnce(order.request, target, { ...question, form: (form = "words") });
      if (answer === "too_long") return answer;
      // What was summed up so far is worth more than an extract of the same.
      if (typeof answer === "string") return older === null ? null : mergeHandOver(older, this.#extract(order, Math.floor(partBytes / 4)));
      older = answer;
    }
    return older;
  }

  async #askOnce(request: HubRequest, target: Target, question: Question): Promise<HandOver | "too_long" | "unfit" | "failed"> {
    const { keyRing, config, circuits } = this.#frame.services;
    const asked = { request: writeQuestion(request, question), target };
    const call = { ...asked, prepared: await prepare(asked.request, target, keyRing.unseal, new LossList()) };
    for (let tried = 1; !this.#isOver; tried++) {
      const path = this.#calls.path(call, () => {});
      const answer = new Answer();
      const { fault: failure } = await this.#calls.make(call, path, (pieces) => answer.take(pieces));
      answer.take(path.finish());
      if (failure === null || answer.usage !== null) this.#count(this.#calls.usage(call, answer.usage, answer.said));
      if (failure === null) return answer.read() ?? this.#unfit();
      this.#why = failure.message;
      if (failure.kind === "context_length") return "too_long";
      if (failure.kind === "invalid_request") return "unfit";
      const decision = decide(failure, tried, config.limits.retries, config.limits.retry_wait_s, Math.random());
      if (decision.next === "give_up" || !circuits.mayRetry(target)) break;
      await this.#pause.wait(decision.waitMs);
    }
    return "failed";
  }

  #unfit(): "unfit" {
    this.#why = "the model answered with no hand-over";
    return "unfit";
  }

  #count(usage: Usage): void {
    this.#usage = this.#usage === null ? usage : addUsage(this.#usage, usage);
  }

  #partBytes(target: Target): number {
    const tokens = (target.contextWindow ?? ASSUMED_WINDOW) * RECORD_SHARE;
    return Math.max(SMALLEST_PART, Math.floor(tokens * this.#bytesPerToken(target)));
  }

  #bytesPerToken(target: Target): number {
    return this.#frame.services.calibration.bytesPerToken(targetKey(target));
  }

  #extract({ items }: CompactionOrder, limit: number): HandOver {
    const told = toldOf(items);
    const bytes = Math.min(limit, Math.max(ALWAYS_SHORT, shareOf(told, EXTRACT_SHARE)), LONGEST_EXTRACT);
    return fitHandOver(extract(told, { tokens: Math.floor(bytes / 4), bytesPerToken: 4 }), bytes);
  }

  /** What a model left out although it is certain: open calls, and of a long conversation of which it said next to nothing all else. */
  #fill(handOver: HandOver, order: CompactionOrder, limit: number): HandOver {
    const isThin = wordsIn(handOver) < FEWEST_CHARACTERS && sumOf(order.folded) > LONG_CONVERSATION;
    if (!isThin && handOver.open_calls.length > 0) return handOver;
    const facts = this.#extract(order, limit);
    const open_calls = handOver.open_calls.length > 0 ? handOver.open_calls : facts.open_calls;
    if (!isThin) return open_calls.length === 0 ? handOver : fitHandOver({ ...handOver, open_calls }, limit);
    this.#tellExtract("the model said next to nothing, and its hand-over was filled up");
    return fitHandOver(mergeHandOver(facts, { ...handOver, open_calls }), limit);
  }

  #tellExtract(why: string): void {
    const words = "The hand-over of this compaction was put together, wholly or in part, without a model";
    this.#frame.losses.add("lowered", "compaction.extract", why === "" ? `${words}.` : `${words}: ${why}`);
  }
}

/** The hand-over that stands already, where nothing has come since. */
function unchanged(folded: readonly Item[]): HandOver | undefined {
  const [only, ...others] = folded;
  return only !== undefined && others.length === 0 && isHandOver(only) ? findHandOver(textOf(only.content)) : undefined;
}

/** What a hand-over is made of: all but settings, and an agent's own instructions. */
function toldOf(items: readonly Item[]): Item[] {
  return items.filter((item) => !isSetting(item) && !(isGiven(item) && item.role !== "user"));
}

/** Bytes of a hand-over among the items, and a share of all others': what was summed up before is not to be lost by halves. */
function shareOf(items: readonly Item[], share: number): number {
  return items.reduce((sum, item) => sum + recordBytes(item) * (isHandOver(item) ? 1 : share), 0);
}

function sumOf(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + recordBytes(item), 0);
}

function wordsIn(handOver: HandOver): number {
  return handOverFields.reduce((sum, name) => sum + [handOver[name]].flat().join("").length, 0);
}

function bytesOf(handOver: HandOver): number {
  return Buffer.byteLength(writeHandOver(handOver));
}
