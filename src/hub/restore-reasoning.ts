// Reasoning that a client did not send back, put before the calls that it led to. Promises that nothing is added where the client
// sent sealed reasoning itself, that everything else keeps its order, and the same list where nothing is restored.
import type { CallItem } from "./alias.ts";
import type { Item, ReasoningItem } from "./item.ts";
import { isCall, isModelSpeech } from "./pair-calls.ts";

/** The seals of the reply in which a call was made, as one list for all its calls; undefined = unknown, or not wanted. `current` = made since the last word of a user. */
export type Recall = (call: CallItem, current: boolean) => readonly string[] | undefined;

/** The items with what is recalled; reasoning of the same stretch that has no seal gives way to it. */
export function restoreReasoning(items: readonly Item[], recall: Recall): Item[] {
  const lastWord = items.findLastIndex((item) => item.type === "agent_message" || (item.type === "message" && item.role === "user"));
  const out: Item[] = [];
  for (let from = 0; from < items.length;) {
    let to = from;
    for (let item = items[to]; item !== undefined && (isCall(item) || isModelSpeech(item)); item = items[to]) to += 1;
    for (const item of restoreStretch(items.slice(from, to), recall, from > lastWord)) out.push(item);
    const other = items[to];
    if (other !== undefined) out.push(other);
    from = to + 1;
  }
  return out;
}

/** What a model said and called between two words of others. */
function restoreStretch(stretch: Item[], recall: Recall, current: boolean): Item[] {
  if (stretch.some((item) => item.type === "reasoning" && item.encrypted_content)) return stretch;
  const seen = new Set<readonly string[]>();
  const before = new Map<Item, ReasoningItem[]>();
  for (const item of stretch) {
    const seals = isCall(item) ? recall(item, current) : undefined;
    if (seals === undefined || seen.has(seals)) continue;
    // The first reply's reasoning came before its words too.
    const place = seen.size === 0 ? (stretch[0] ?? item) : item;
    seen.add(seals);
    before.set(
      place,
      seals.map((seal) => ({ type: "reasoning", summary: [], encrypted_content: seal })),
    );
  }
  if (seen.size === 0) return stretch;
  return stretch.flatMap((item) => [...(before.get(item) ?? []), ...(item.type === "reasoning" ? [] : [item])]);
}
