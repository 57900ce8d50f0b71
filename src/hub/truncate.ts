// A conversation that is too long, shortened from its beginning. Pure. Promises that a call and its output go together, that what the
// client's rules and tools and the hand-over of a compaction say stays, that the last user message and the latest step stay, and that the
// rest still begins with a user.
import { isHandOverText } from "./compaction/write-hand-over.ts";
import type { Item } from "./item.ts";
import { textOf } from "./item.ts";
import { isCall, isModelSpeech, isOutput } from "./pair-calls.ts";

/** A shortened history, and the positions in the given one of what was left out. */
export interface Truncated {
  items: Item[];
  dropped: number[];
}

/**
 * Leaves out, oldest first, whole exchanges (a user message and all up to the next), then steps (what the model said and called, with the
 * outputs) after the last user message, until `excess` is saved or nothing more may go. `sizeOf` measures an item in the unit of `excess`.
 */
export function truncateItems(items: readonly Item[], excess: number, sizeOf: (item: Item) => number): Truncated {
  const lastUser = items.findLastIndex(isUserMessage);
  const gone = new Set<number>();
  let saved = 0;
  const drop = (unit: readonly number[]): void => {
    for (const index of unit) {
      const item = items[index];
      if (item === undefined || staysAlways(item)) continue;
      gone.add(index);
      saved += sizeOf(item);
    }
  };
  const earlier = groups(items, 0, Math.max(lastUser, 0), isUserMessage);
  const steps = groups(items, lastUser + 1, items.length, (item, before) => !isPartOfStep(item) || isNewStep(item, before));
  // Reasoning alone is no step: without what it led to, or came after, it would not be sent at all.
  const latest = steps.findLastIndex((unit) => unit.some((index) => isSaid(items[index])));
  for (const unit of [...earlier, ...steps.slice(0, Math.max(latest, 0))]) {
    if (saved >= excess) break;
    drop(unit);
  }
  const dropped = [...gone].toSorted((one, other) => one - other);
  return { items: items.filter((_, index) => !gone.has(index)), dropped };
}

function isSaid(item: Item | undefined): boolean {
  return item !== undefined && item.type !== "reasoning" && !staysAlways(item);
}

/** The client's rules, the tools that came in mid-conversation, what changes the settings, and the hand-over of a compaction. */
function staysAlways(item: Item): boolean {
  switch (item.type) {
    case "message":
      return item.role === "system" || item.role === "developer" || isHandOverText(textOf(item.content));
    case "additional_tools":
    case "configuration_update":
      return true;
    default:
      return false;
  }
}

function isUserMessage(item: Item): boolean {
  return item.type === "message" && item.role === "user";
}

function isPartOfStep(item: Item): boolean {
  return isCall(item) || isOutput(item) || isModelSpeech(item);
}

/** A step ends with its outputs: whatever the model says or calls after one begins another. */
function isNewStep(item: Item, before: Item | undefined): boolean {
  return before === undefined || (isOutput(before) && !isOutput(item));
}

/** The positions from `start` to before `end`, in groups of which each begins where `begins` says. */
function groups(items: readonly Item[], start: number, end: number, begins: (item: Item, before: Item | undefined) => boolean): number[][] {
  const found: number[][] = [];
  for (let index = start; index < end; index++) {
    const item = items[index];
    const last = found.at(-1);
    if (item === undefined) continue;
    if (last === undefined || begins(item, index > start ? items[index - 1] : undefined)) found.push([index]);
    else last.push(index);
  }
  return found;
}
