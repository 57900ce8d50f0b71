// Counters of this process, in Prometheus' text form.
import type { JournalCounts } from "../journal/journal.ts";
import type { StateCounts } from "./state/store.ts";

/** Counts turns, and says them with the counts of journal and store. */
export class Counters {
  #turns = 0;

  /** A turn begins. */
  begin(): void {
    this.#turns++;
  }

  /** The exposition text (version 0.0.4). */
  text(running: number, journal: JournalCounts, state: StateCounts): string {
    return [
      metric("waystation_turns_total", "counter", "Turns taken since the start.", this.#turns),
      metric("waystation_turns_running", "gauge", "Turns that run now.", running),
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

function metric(name: string, type: string, help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
}
