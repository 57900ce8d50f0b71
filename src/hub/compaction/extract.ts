// The extract: a hand-over made without a model, from the items alone. It is what compaction falls back to.
// Promises: pure, deterministic, near linear in the input's bytes; throws on no item; its text always fits the budget.
import type { Item } from "../item.ts";
import { cutMiddle } from "./cut-middle.ts";
import { fitHandOver } from "./fit-hand-over.ts";
import type { HandOver } from "./hand-over.ts";
import { mergeHandOver } from "./merge-hand-over.ts";
import { Gathering } from "./gather.ts";
import { writeOpenCall } from "./open-call.ts";
import { arrangeUserWords } from "./user-words.ts";

/** How long the hand-over's text may be: `tokens` × `bytesPerToken` UTF-8 bytes. Under about 200 tokens little is said. */
export interface ExtractBudget {
  tokens: number;
  bytesPerToken: number;
}

/** The share of the text that what was said last may take before all is weighed against all. */
const LAST = 0.15;

/** What was said last, what was thought after it, and what was run since. */
function nextOf(gathered: Gathering, bytes: number): string {
  const { lastMessage, lastThought, sinceMessage } = gathered;
  const since = sinceMessage.slice(-5).map((run) => cutMiddle(run, 200));
  const parts = [
    cutMiddle(lastMessage, bytes),
    lastThought === "" ? "" : `Thought after that: ${cutMiddle(lastThought, Math.floor(bytes / 2))}`,
    since.length === 0 ? "" : `Called after that: ${since.join("; ")}`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** The hand-over of a conversation, from what its items say, cut so that `writeHandOver` of it fits the budget. */
export function extract(items: readonly Item[], budget: ExtractBudget): HandOver {
  const bytes = Math.max(0, Math.floor(budget.tokens * budget.bytesPerToken) || 0);
  const gathered = new Gathering();
  for (const item of items) gathered.take(item);
  const fresh: HandOver = {
    ...arrangeUserWords(gathered.userMessages, gathered.demands, bytes),
    decisions: gathered.decisions(),
    files: gathered.files.entries(),
    commands: gathered.runs.entries(),
    open_calls: gathered.openCalls().map(writeOpenCall),
    plan: gathered.plan,
    failures: gathered.runs.failures(),
    next: nextOf(gathered, Math.floor(bytes * LAST)),
  };
  const earlier = gathered.earlier();
  return fitHandOver(earlier === undefined ? fresh : mergeHandOver(earlier, fresh), bytes);
}
