// Joins two hand-overs of one conversation, as of its parts. Promises: pure; the newer state wins where both speak of one thing.
import type { HandOver } from "./hand-over.ts";

function join(older: string[], newer: string[]): string[] {
  return [...new Set([...older, ...newer])];
}

/** One hand-over of two: the newer one's plan, open calls and next step; both's constraints, decisions, files, commands and failures. */
export function mergeHandOver(older: HandOver, newer: HandOver): HandOver {
  return {
    task: [...new Set([older.task, newer.task])].filter((text) => text !== "").join("\n"),
    constraints: join(older.constraints, newer.constraints),
    decisions: join(older.decisions, newer.decisions),
    files: join(older.files, newer.files),
    commands: join(older.commands, newer.commands),
    open_calls: newer.open_calls,
    plan: newer.plan.length > 0 ? newer.plan : older.plan,
    failures: join(older.failures, newer.failures),
    next: newer.next === "" ? older.next : newer.next,
  };
}
