// The extract: a hand-over made without a model, from the items alone. It is what compaction falls back to.
// Promises: pure, deterministic, linear in the input's bytes; throws on no item; its text always fits the budget.
import { textOf, type Item } from "../item.ts";
import { emptyHandOver, type HandOver } from "./hand-over.ts";
import { fitHandOver } from "./fit-hand-over.ts";

/** How long the hand-over's text may be: `tokens` × `bytesPerToken` UTF-8 bytes. Under about 200 tokens little is said. */
export interface ExtractBudget {
  tokens: number;
  bytesPerToken: number;
}

/** The hand-over of a conversation, from what its items say, cut so that `writeHandOver` of it fits the budget. */
export function extract(items: readonly Item[], budget: ExtractBudget): HandOver {
  const handOver = emptyHandOver();
  for (const item of items) {
    if (item.type === "message" && item.role === "user") handOver.constraints.push(textOf(item.content));
  }
  return fitHandOver(handOver, budget.tokens * budget.bytesPerToken);
}
