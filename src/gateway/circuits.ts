// The circuits of all targets, and what a client is told where one is open. Promises that a turn which is not let through says what
// happened and when the target is asked again, that a server which is found to answer is not locked out, and a bounded memory.
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import { hostOf } from "./attempt-faults.ts";
import type { AttemptOutcome } from "./attempt-outcome.ts";
import { Circuit } from "./circuit.ts";
import type { CircuitRule, Passage, Verdict } from "./circuit.ts";
import { count, metric } from "./counters.ts";
import type { Discovery } from "./discover.ts";
import { isOwnNetwork } from "./own-network.ts";
import type { Target } from "./target.ts";

/** What the circuits are made with. */
export interface CircuitsOptions {
  /** `limits.retries`: a turn's own tries alone never open a circuit before they are used up. */
  retries: number;
  /** Milliseconds on a clock that never goes back. */
  now: () => number;
  discovery: Pick<Discovery, "answers" | "refresh">;
}

/** A target's circuit, and what opened it. */
interface Entry {
  readonly name: string;
  readonly circuit: Circuit;
  readonly isLocal: boolean;
  last: Fault | null;
  /** How often discovery had heard of the provider when the circuit opened. */
  answers: number;
}

const FAILURES_IN_ROW = 5;
const SPARE_TRIES = 10;
/** Milliseconds. A server of the user's own is soon started again, and asking it costs nobody anything. */
const REMOTE = { firstPause: 5_000, longestPause: 120_000 };
const LOCAL = { firstPause: 1_000, longestPause: 5_000 };
/** Names of models may be made up: beyond so many the oldest circuit is forgotten. */
const MOST = 1024;

/** The circuits of one gateway. */
export class Circuits {
  readonly #options: CircuitsOptions;
  readonly #byName = new Map<string, Entry>();
  /** Targets are kept with their routes: no name has to be put together for a turn. */
  readonly #byTarget = new WeakMap<Target, Entry>();
  readonly #opened = new Map<string, number>();
  readonly #refused = new Map<string, number>();
  #tries = 0;
  #refusedTries = 0;

  constructor(options: CircuitsOptions) {
    this.#options = options;
  }

  /** Lets a call through, or says why not. */
  enter(target: Target): Passage | Fault {
    const entry = this.#entry(target);
    if (entry.circuit.isOpen) this.#lookWhether(entry, target);
    const now = this.#options.now();
    const passage = entry.circuit.enter(now);
    if (passage !== null) return passage;
    count(this.#refused, entry.name);
    return refusal(entry, target, entry.circuit.wait(now));
  }

  /** A call that was let through is over. */
  ended(target: Target, passage: Passage, outcome: AttemptOutcome): void {
    const entry = this.#entry(target);
    const verdict = verdictOf(outcome);
    if (verdict === "bad") entry.last = outcome.fault;
    if (!passage.ended(verdict, this.#options.now())) return;
    entry.answers = this.#options.discovery.answers(target.provider.id);
    count(this.#opened, entry.name);
  }

  /** Whether a failed call may be tried again: not where the circuit is open, nor beyond a fifth of the calls. */
  mayRetry(target: Target): boolean {
    const may = this.#entry(target).circuit.mayRetry(this.#options.now());
    if (may) this.#tries++;
    else this.#refusedTries++;
    return may;
  }

  /** The metrics' exposition text. */
  text(): string {
    const open = new Map([...this.#byName].filter(([, { circuit }]) => circuit.isOpen).map(([name]) => [name, 1]));
    return [
      metric("waystation_circuit_open", "gauge", "1 for each target that is left alone because its calls failed.", open, "target"),
      metric("waystation_circuit_opened_total", "counter", "Times that a target was left alone.", this.#opened, "target"),
      metric("waystation_circuit_refused_total", "counter", "Calls that were not made for that.", this.#refused, "target"),
      metric("waystation_retries_total", "counter", "Failed calls that were tried again.", this.#tries),
      metric("waystation_retries_refused_total", "counter", "Failed calls that were not, to spare the target.", this.#refusedTries),
    ].join("");
  }

  /** A server that could not be reached, and has answered since, is there again; one of the user's own is looked for. */
  #lookWhether(entry: Entry, target: Target): void {
    if (entry.last?.kind !== "unreachable") return;
    const { discovery } = this.#options;
    if (discovery.answers(target.provider.id) > entry.answers) entry.circuit.close();
    else if (entry.isLocal) void discovery.refresh();
  }

  #entry(target: Target): Entry {
    const known = this.#byTarget.get(target);
    if (known !== undefined) return known;
    const name = `${target.provider.id}/${target.model}`;
    const entry = this.#byName.get(name) ?? this.#create(name, target);
    this.#byTarget.set(target, entry);
    return entry;
  }

  #create(name: string, target: Target): Entry {
    const [oldest] = this.#byName.keys();
    if (this.#byName.size >= MOST && oldest !== undefined) this.#byName.delete(oldest);
    const isLocal = isOwnNetwork(target.provider.baseUrl);
    const { retries } = this.#options;
    const rule: CircuitRule = {
      ...(isLocal ? LOCAL : REMOTE),
      failuresInRow: Math.max(FAILURES_IN_ROW, retries + 1),
      spareTries: Math.max(SPARE_TRIES, retries),
    };
    const entry = { name, circuit: new Circuit(rule), isLocal, last: null, answers: 0 };
    this.#byName.set(name, entry);
    return entry;
  }
}

/** What a call tells of its target's health. The client's mistakes, its leaving, and limits tell nothing bad. */
function verdictOf({ fault: failure, status, firstByteMs }: AttemptOutcome): Verdict {
  if (failure === null) return "good";
  if (isBad(failure, status, firstByteMs)) return "bad";
  return status === null ? "unknown" : "answered";
}

function isBad(failure: Fault, status: number | null, firstByteMs: number | null): boolean {
  switch (failure.kind) {
    case "server":
    case "overloaded":
      return failure.upstream;
    case "unreachable":
      // A certificate, or a wrong address: nothing that a pause heals.
      return failure.final !== true;
    case "cut":
      return status === null;
    case "timeout":
      return firstByteMs === null;
    default:
      return false;
  }
}

/**
 * Status and kind are the last failure's, but for a 500, which would say that the fault is in this call. The vendor's own words stay with
 * the client whose call they were about.
 */
function refusal({ last, circuit }: Entry, target: Target, waitMs: number): Fault {
  const host = hostOf(target.provider.baseUrl);
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const failures = circuit.inRow > 1 ? `${circuit.inRow} calls in a row` : "most calls";
  const next = circuit.isProbing
    ? `One call is finding out whether it answers again; try again in ${seconds} s.`
    : `It is called again in ${seconds} s.`;
  const message = `${host} is left alone for now: ${failures} for the model ${target.model} failed. ${wordsOf(last)} ${next}`;
  const kind = last === null || last.kind === "server" ? "overloaded" : last.kind;
  return fault(kind, message, { retryAfter: seconds, final: true });
}

function wordsOf(last: Fault | null): string {
  if (last === null) return "";
  if (!last.upstream) return `The last: ${last.message}`;
  return `The last was answered with HTTP ${last.status}${last.kind === "overloaded" ? " (overloaded)" : ""}.`;
}
