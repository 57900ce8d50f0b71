// Compaction on request, as `POST /v1/responses/compact` and a trigger ask for it: the whole conversation but the words of its users.
import type { Item } from "../../hub/item.ts";
import type { HubRequest } from "../../hub/request.ts";
import type { Target } from "../target.ts";
import type { Compacted, Compactor } from "./compactor.ts";
import { isGiven, isSetting } from "./raise.ts";

/** Compacts the input of a request. Never rejects. */
export function compactNow(
  request: HubRequest,
  targets: readonly Target[],
  compactor: Compactor,
  door: "route" | "trigger",
): Promise<Compacted> {
  const { input: items } = request;
  const folded = items.filter((item: Item) => !isGiven(item) && !isSetting(item));
  return compactor.compact({ door, request, items, folded, targets });
}
