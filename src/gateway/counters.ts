// Counters of this process, in Prometheus' text form.
import type { CallRepair } from "../hub/raise-calls.ts";
import type { JournalCounts } from "../journal/journal.ts";
import type { StateCounts } from "./state/store.ts";

/** Counts turns, and says them with the counts of journal and store. */
export class Counters {
  #turns = 0;
  readonly #repairs = new Map<string, number>();
  readonly #answers = new Map<string, number>();

  /** A turn begins. */
  begin(): void {
    this.#turns++;
  }

  /** Something in a call of a model's was put right; `input` = what it gave to a freeform tool. */
  repaired(repair: CallRepair | "input"): void {
    count(this.#repairs, repair);
  }

  /** A model that had to be asked for JSON in words was asked once more; `met` = its second answer fits the schema. */
  askedAgain(outcome: "met" | "unmet"): void {
    count(this.#answers, outcome);
  }

  /** The exposition text (version 0.0.4). */
  text(running: number, journal: JournalCounts, state: StateCounts): string {
    return [
      metric("waystation_turns_total", "counter", "Turns taken since the start.", this.#turns),
      metric("waystation_turns_running", "gauge", "Turns that run now.", running),
      metric("waystation_call_repairs_total", "counter", "Calls of models that were put right, by what was wrong.", this.#repairs, "kind"),
      metric("waystation_second_answers_total", "counter", "Answers asked for again because of their schema.", this.#answers, "outcome"),
      metric("waystation_log_queued_bytes", "gauge", "Bytes that wait for the log.", journal.queuedBytes),
      metric("waystation_log_shed_bodies_total", "counter", "Bodies that the log gave up.", journal.shedBodies),
      metric("waystation_log_shed_rows_total", "counter", "Rows that the log gave up.", journal.shedRows),
      metric("waystation_log_trouble", "gauge", "1 while the log cannot be written.", journal.trouble === null ? 0 : 1),
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

/** One metric in exposition text: a value, or one for each value of a label. */
export function metric(name: string, type: string, help: string, value: number | ReadonlyMap<string, number>, label = ""): string {
  const head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  if (typeof value === "number") return `${head}${name} ${value}\n`;
  return head + [...value].map(([word, times]) => `${name}{${label}=${JSON.stringify(word)}} ${times}\n`).join("");
}
