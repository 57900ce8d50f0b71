// What we keep whole because no dialect of ours reads it. Promises that each such thing is declared as a loss under a
// name that is stable and safe to print, whatever the client called it.
import type { OpaqueItem, OpaquePart } from "../../hub/item.ts";
import type { LossList } from "../../hub/loss.ts";
import type { JsonObject } from "../../kit/json.ts";

/** A foreign word as part of a feature's name: itself where it is plain and short, else `unknown`. */
export function featureWord(word: string): string {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(word) ? word : "unknown";
}

/** An item that is kept but not carried. */
export function dropItem(wire: JsonObject, type: string, losses: LossList): OpaqueItem {
  const word = featureWord(type);
  losses.add("dropped", `item.${word}`, `Input items of type ${word} are not sent on.`);
  return { type: "opaque", wire };
}

/** A part that is kept but not carried. */
export function dropPart(wire: JsonObject, type: string, losses: LossList): OpaquePart {
  const word = featureWord(type);
  losses.add("dropped", `part.${word}`, `Content parts of type ${word} are not sent on.`);
  return { type: "opaque", wire };
}
