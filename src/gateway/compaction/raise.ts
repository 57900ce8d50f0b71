// Compactions in a request's input, as messages that any model reads. Promises that the latest one stands for the model's side of all
// that went before it, that no user's or developer's word is lost by that, and a refusal where it cannot be opened.
import { isHandOverText, writeHandOver } from "../../hub/compaction/write-hand-over.ts";
import type { HandOver } from "../../hub/compaction/hand-over.ts";
import type { Item, MessageItem } from "../../hub/item.ts";
import { textOf } from "../../hub/item.ts";
import type { Unseal } from "../../hub/seal.ts";
import { openCompaction } from "./sealed.ts";

/** The items with the latest compaction opened; the same list where there is none. Throws a FaultError. */
export function raiseCompactions(items: Item[], unseal: Unseal): Item[] {
  const at = items.findLastIndex((item) => item.type === "compaction");
  const item = items[at];
  if (item?.type !== "compaction") return items;
  const { handOver, before, after, isWhole } = openCompaction(item, unseal);
  const earlier = items.slice(0, at);
  const kept = earlier.filter((other) => isSetting(other) || (!isWhole && isGiven(other)));
  const texts = new Set(kept.filter(isGiven).map(wordsOf));
  const missing = before.filter((other) => isWhole || !texts.has(wordsOf(other)));
  return [...missing, ...kept, handOverMessage(handOver), ...after, ...items.slice(at + 1)];
}

/** A hand-over as the message that tells a model of it: of the user, for every chat template takes one anywhere. */
export function handOverMessage(handOver: HandOver): MessageItem {
  return { type: "message", role: "user", content: [{ type: "input_text", text: writeHandOver(handOver) }] };
}

/** Whether an item is such a message; one in which a user quotes a hand-over is the user's own. */
export function isHandOver(item: Item): item is MessageItem {
  return item.type === "message" && item.role === "user" && isHandOverText(textOf(item.content));
}

/** Whether an item was given to the model by others: it is kept word for word. */
export function isGiven(item: Item): item is MessageItem {
  return item.type === "message" && item.role !== "assistant" && !isHandOver(item);
}

/** Whether an item sets something for what follows, and says nothing. */
export function isSetting(item: Item): boolean {
  return item.type === "additional_tools" || item.type === "configuration_update";
}

const wordsOf = (item: Item): string => (item.type === "message" ? `${item.role} ${textOf(item.content)}` : "");
