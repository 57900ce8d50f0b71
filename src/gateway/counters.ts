// Counters of this process, in Prometheus' text form. Promises labels of a bounded number of values, whatever clients send.
import type { Loss } from "../hub/loss.ts";
import type { CallRepair } from "../hub/raise-calls.ts";
import type { JournalCounts } from "../journal/journal.ts";
import type { StateCounts } from "./state/store.ts";

/** By which way a compaction was asked for: `POST /v1/responses/compact`, a trigger, `context_management`. */
export type CompactionDoor = "route" | "trigger" | "threshold";
/** What it came to: a model's hand-over, an extract made without any, or the hand-over that stands since the last one. */
export type CompactionOutcome = "model" | "extract" | "standing";

/** What only the server knows. */
export interface ServerCounts {
  openSockets: number;
}

/** Everything that is told beside the counters themselves. */
export interface OtherCounts {
  running: number;
  journal: JournalCounts;
  state: StateCounts;
  server: ServerCounts;
}

/** Names of lost features that are told apart; a client may make up more. */
const MOST_FEATURES = 64;
const FEATURE = /^[a-z][a-z0-9_]{0,40}/;
/** Features whose losses mean that a conversation was shortened. */
const SHORTENED: ReadonlySet<string> = new Set(["truncation", "aged"]);

/** Counts turns, and says them with the counts of journal, store and server. Keys of its maps are labels as they are written. */
export class Counters {
  #turns = 0;
  readonly #repairs = new Map<string, number>();
  readonly #answers = new Map<string, number>();
  readonly #compactions = new Map<string, number>();
  readonly #shortened = new Map<string, number>();
  readonly #losses = new Map<string, number>();

  /** A turn begins. */
  begin(): void {
    this.#turns++;
  }

  /** Something in a call of a model's was put right; `input` = what it gave to a freeform tool. */
  repaired(repair: CallRepair | "input"): void {
    count(this.#repairs, `kind="${repair}"`);
  }

  /** A model that had to be asked for JSON in words was asked once more; `met` = its second answer fits the schema. */
  askedAgain(outcome: "met" | "unmet"): void {
    count(this.#answers, `outcome="${outcome}"`);
  }

  /** A conversation was compacted, for somebody who still waits for it. */
  compacted(door: CompactionDoor, outcome: CompactionOutcome): void {
    count(this.#compactions, `door="${door}",outcome="${outcome}"`);
  }

  /** A turn is over; these are all its losses. A feature counts once for each turn, by the first word of its name. */
  lost(losses: readonly Loss[]): void {
    if (losses.length === 0) return;
    const words = new Set(losses.map(({ kind, feature }) => `${kind} ${FEATURE.exec(feature)?.[0] ?? "other"}`));
    for (const word of words) {
      const [kind, feature = "other"] = word.split(" ");
      if (SHORTENED.has(feature)) count(this.#shortened, `way="${feature}"`);
      const label = `kind="${kind}",feature="${feature}"`;
      const isTold = this.#losses.has(label) || this.#losses.size < MOST_FEATURES;
      count(this.#losses, isTold ? label : `kind="${kind}",feature="other"`);
    }
  }

  /** The exposition text (version 0.0.4). */
  text({ running, journal, state, server }: OtherCounts): string {
    return [
      metric("waystation_turns_total", "counter", "Turns taken since the start.", this.#turns),
      metric("waystation_turns_running", "gauge", "Turns that run now.", running),
      metric("waystation_sockets_open", "gauge", "WebSockets that are open now.", server.openSockets),
      metric("waystation_call_repairs_total", "counter", "Calls of models that were put right, by what was wrong.", this.#repairs),
      metric("waystation_second_answers_total", "counter", "Answers asked for again because of their schema.", this.#answers),
      metric("waystation_compactions_total", "counter", "Compactions, by who asked and what it came to.", this.#compactions),
      metric("waystation_shortened_turns_total", "counter", "Turns whose conversation was cut to fit.", this.#shortened),
      metric("waystation_losses_total", "counter", "Turns with a declared loss, by its kind and feature.", this.#losses),
      metric("waystation_log_queued_bytes", "gauge", "Bytes that wait for the log.", journal.queuedBytes),
      metric("waystation_log_shed_bodies_total", "counter", "Bodies that the log gave up.", journal.shedBodies),
      metric("waystation_log_shed_rows_total", "counter", "Rows that the log gave up.", journal.shedRows),
      metric("waystation_log_trouble", "gauge", "1 while the log cannot be written.", journal.trouble === null ? 0 : 1),
      metric("waystation_state_responses", "gauge", "Responses that are kept.", state.responses),
      metric("waystation_state_queued_bytes", "gauge", "Bytes that wait for the store of responses.", state.queuedBytes),
      metric("waystation_state_refused_total", "counter", "Questions that the store of responses refused.", state.refused),
      metric("waystation_state_trouble", "gauge", "1 while the store of responses refuses.", state.trouble === null ? 0 : 1),
    ].join("");
  }
}

/** Adds one to the count of a name. */
export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** One metric in exposition text: a value, or one for each value of a label; without a label's name the keys are whole sets of labels. */
export function metric(name: string, type: string, help: string, value: number | ReadonlyMap<string, number>, label = ""): string {
  const head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  if (typeof value === "number") return `${head}${name} ${value}\n`;
  const labels = (key: string): string => (label === "" ? key : `${label}=${JSON.stringify(key)}`);
  return head + [...value].map(([key, times]) => `${name}{${labels(key)}} ${times}\n`).join("");
}
