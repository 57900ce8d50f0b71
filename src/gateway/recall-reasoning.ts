// What a turn does with the memory of reasoning: takes from it what the client left out, and gives it what the reply brought. Promises
// a declared loss for all that is put back, and that a provider gets only what it wants back.
import type { Speaker } from "../dialects/dialect.ts";
import type { CallItem } from "../hub/alias.ts";
import type { Quirks } from "../hub/capability.ts";
import type { OutputItem } from "../hub/item.ts";
import type { LossList } from "../hub/loss.ts";
import type { HubRequest } from "../hub/request.ts";
import { restoreReasoning } from "../hub/restore-reasoning.ts";
import type { JsonObject } from "../kit/json.ts";
import { asString } from "../kit/json.ts";
import type { ReasoningMemory } from "./reasoning-memory.ts";

/** The request with the reasoning that its client dropped; the same request where nothing is missing, or known. */
export function recallReasoning(
  request: HubRequest,
  quirks: Quirks,
  memory: ReasoningMemory,
  ownerOf: () => string | null,
  losses: LossList,
): HubRequest {
  const owner = memory.isEmpty ? null : ownerOf();
  if (owner === null) return request;
  let found = false;
  const input = restoreReasoning(request.input, (call, current) => {
    const remembered = memory.recall(owner, call);
    if (remembered === undefined || !(remembered.bindsCalls || wants(quirks, current))) return undefined;
    found = true;
    return remembered.seals;
  });
  if (!found) return request;
  losses.add(
    "lowered",
    "reasoning.remembered",
    "The client did not send the reasoning back that led to its calls: it was put back from memory.",
  );
  return { ...request, input };
}

function wants({ reasoningBack, reasoningKeep }: Quirks, current: boolean): boolean {
  return reasoningBack !== "none" && (reasoningKeep === "all" || (reasoningKeep === "turn" && current));
}

/** Keeps the sealed reasoning of a reply that made calls; `states` is what was sealed, by its seal. */
export function rememberReasoning(
  output: readonly OutputItem[],
  states: ReadonlyMap<string, JsonObject>,
  speaker: Speaker,
  memory: ReasoningMemory,
  ownerOf: () => string | null,
): void {
  const owner = states.size === 0 ? null : ownerOf();
  if (owner === null) return;
  const seals = output.flatMap((item) => (item.type === "reasoning" && item.encrypted_content ? [item.encrypted_content] : []));
  const bindsCalls = seals.some((seal) => speaker.bindsCalls(states.get(seal) ?? {}));
  memory.keep(owner, output.flatMap(asCall), { seals, bindsCalls });
}

/** A call of the output as it will stand in a history. */
function asCall(item: OutputItem): CallItem[] {
  switch (item.type) {
    case "function_call":
    case "custom_tool_call":
    case "tool_search_call":
      return [item];
    case "local_shell_call":
    case "shell_call":
    case "apply_patch_call":
      return [{ type: "built_in_call", tool: TOOLS[item.type], call_id: asString(item["call_id"]) ?? "", wire: item }];
    case "message":
    case "reasoning":
    case "compaction":
      return [];
  }
}

const TOOLS = { local_shell_call: "local_shell", shell_call: "shell", apply_patch_call: "apply_patch" } as const;
