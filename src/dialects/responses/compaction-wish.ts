// What a request says of compaction: a trigger among its input, or a threshold in `context_management`. Promises the service's own
// refusals, and that a trigger is never taken for a part of the conversation.
import type { CompactionWish } from "../../hub/request.ts";
import { isObject } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { optionalInteger, optionalList, requiredEntry, requiredString } from "./check.ts";
import { entry, pathOf, wrongValue } from "./refuse.ts";
import { BOUNDS } from "./wire.ts";

/** The input without its triggers, wherever they stand, and whether there was one. What stands after a trigger is compacted too. */
export function withoutTrigger(input: Json): { input: Json; isTriggered: boolean } {
  if (!Array.isArray(input)) return { input, isTriggered: false };
  const rest = input.filter((item) => !isObject(item) || item["type"] !== "compaction_trigger");
  return rest.length === input.length ? { input, isTriggered: false } : { input: rest, isTriggered: true };
}

/** Reads `context_management`; of several rules the lowest threshold holds. Throws a FaultError. */
export function readCompactionWish(body: JsonObject, isTriggered: boolean): { compaction?: CompactionWish } {
  const list = optionalList(body, "context_management", null, "an array of objects");
  const thresholds = (list ?? []).map((value, index) => {
    const place = entry(null, "context_management", index);
    const rule = requiredEntry(value, place);
    const type = requiredString(rule, "type", place);
    if (type !== "compaction") throw wrongValue(pathOf(place, "type"), type, ["compaction"]);
    return optionalInteger(rule, "compact_threshold", place, BOUNDS.minCompactThreshold);
  });
  if (isTriggered) return { compaction: { when: "now" } };
  if (thresholds.length === 0) return {};
  const given = thresholds.filter((threshold) => threshold !== undefined);
  return { compaction: { when: "above", threshold: given.length === 0 ? "default" : Math.min(...given) } };
}
