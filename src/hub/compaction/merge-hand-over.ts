// Joins two hand-overs of one conversation: an earlier compaction's and what came after it, or those of its parts.
// Promises: pure; where both speak of one file, command or failure, the newer one is kept.
import type { HandOver } from "./hand-over.ts";
import { commandOf, stillFailing } from "./run-log.ts";
import { isDecision } from "./telling-words.ts";
import { renewTask, withoutRepetition } from "./user-words.ts";

/** The entries of both; an older one gives way to a newer one of the same name. */
function joinNamed(older: readonly string[], newer: readonly string[], nameOf: (entry: string) => string): string[] {
  const byName = new Map<string, string>();
  for (const entry of [...older, ...newer]) {
    const name = nameOf(entry);
    byName.delete(name);
    byName.set(name, entry);
  }
  return [...byName.values()];
}

/** The path of a file's entry: what stands before its first `: `. */
function pathOf(entry: string): string {
  const end = entry.indexOf(": ");
  return end === -1 ? entry : entry.slice(0, end);
}

/** The entries that weigh more behind the others, where lack of room reaches last; else in their order. */
function ranked(entries: readonly string[], weighsMore: (entry: string) => boolean): string[] {
  return [...entries.filter((entry) => !weighsMore(entry)), ...entries.filter(weighsMore)];
}

/** Files of both; what was changed before and only read since keeps its change. */
function joinFiles(older: readonly string[], newer: readonly string[]): string[] {
  const known = new Set(older.map(pathOf));
  const fresh = newer.filter((entry) => !(entry.endsWith(": read") && known.has(pathOf(entry))));
  return ranked(joinNamed(older, fresh, pathOf), (entry) => !entry.endsWith(": read"));
}

/** One hand-over of two, of which `newer` tells what came later. */
export function mergeHandOver(older: HandOver, newer: HandOver): HandOver {
  const { task, earlier } = renewTask(older.task, newer.task);
  // Once the model has gone on, calls that were open before are answered or given up.
  const hasGoneOn = newer.next !== "" || newer.commands.length > 0 || newer.open_calls.length > 0;
  return {
    task,
    constraints: withoutRepetition([...older.constraints, earlier, ...newer.constraints], [task]),
    decisions: ranked(withoutRepetition([...older.decisions, ...newer.decisions]), isDecision),
    files: joinFiles(older.files, newer.files),
    commands: joinNamed(older.commands, newer.commands, (entry) => commandOf(entry) ?? entry),
    open_calls: hasGoneOn ? newer.open_calls : older.open_calls,
    plan: newer.plan.length > 0 ? newer.plan : older.plan,
    failures: joinNamed(stillFailing(older.failures, newer.commands), newer.failures, (entry) => commandOf(entry) ?? entry),
    next: newer.next === "" ? older.next : newer.next,
  };
}
