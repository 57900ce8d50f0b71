// Lowering of the tool choice: what the model may or must call, in upstream names. Promises that an allowed list is kept as
// a hard limit, and that a choice which cannot be forced is declared as a loss.
import type { JsonObject } from "../kit/json.ts";
import { asString } from "../kit/json.ts";
import type { AliasTable, ToolOrigin } from "./alias.ts";
import { isDefaultNamespace, toolKey } from "./alias.ts";
import type { Capabilities } from "./capability.ts";
import type { CallableTool } from "./collect-tools.ts";
import type { LossList } from "./loss.ts";
import type { HubRequest, ToolChoice } from "./request.ts";

/** Which function the model may or must call; a name is an upstream name. */
export type LoweredChoice = "auto" | "none" | "required" | { name: string };

/** What is offered, and what the model may or must do with it. */
export interface ChosenTools {
  tools: CallableTool[];
  choice: LoweredChoice;
}

/**
 * Applies a request's tool choice to its callable tools. Hidden tools are left out unless the choice names them. A
 * choice that the listener should have refused (of a tool that is not there) is a loss.
 */
export function lowerChoice(
  request: HubRequest,
  all: readonly CallableTool[],
  aliases: AliasTable,
  capabilities: Capabilities,
  losses: LossList,
): ChosenTools {
  const tools = all.filter((tool) => !tool.hidden);
  const choice = request.tool_choice;
  const wanted = wantedTools(choice, all, losses);
  if (wanted === "any") return { tools, choice: "auto" };
  if (wanted === "none") return withoutTools(tools, capabilities, losses);
  if (wanted === "required") return demand(tools, "required", capabilities, losses);
  if (wanted.kind === "only") {
    return wanted.mode === "required" && wanted.tools.length > 0
      ? demand(wanted.tools, "required", capabilities, losses)
      : { tools: wanted.tools, choice: "auto" };
  }
  const { tool } = wanted;
  const offered = tool.hidden ? [...tools, tool] : tools;
  return capabilities.toolChoice && capabilities.namedToolChoice
    ? { tools: offered, choice: { name: aliases.nameOf(tool.origin) } }
    : demand([tool], "required", capabilities, losses);
}

type Wanted =
  | "any"
  | "none"
  | "required"
  | { kind: "one"; tool: CallableTool }
  | { kind: "only"; mode: "auto" | "required"; tools: CallableTool[] };

function wantedTools(choice: ToolChoice, all: readonly CallableTool[], losses: LossList): Wanted {
  if (choice === "auto") return "any";
  if (choice === "none") return "none";
  if (choice === "required") {
    if (all.length > 0) return "required";
    losses.add("dropped", "tool_choice", "None of the tools could be offered, so that no call was demanded.");
    return "any";
  }
  switch (choice.type) {
    case "function":
    case "custom": {
      const origin: ToolOrigin = {
        call: choice.type,
        name: choice.name,
        ...(choice.namespace === undefined ? {} : { namespace: choice.namespace }),
      };
      const tool = all.find((candidate) => toolKey(candidate.origin) === toolKey(origin) && candidate.origin.call === choice.type);
      if (tool !== undefined) return { kind: "one", tool };
      losses.add("dropped", "tool_choice", `The tool ${choice.name} could not be offered: the choice was left to the model.`);
      return "any";
    }
    case "allowed_tools":
      return { kind: "only", mode: choice.mode, tools: allowedTools(choice.tools, all, losses) };
    case "hosted": {
      const kind = choice.wire["type"];
      const own = all.find(({ origin }) => origin.call === kind && origin.call !== "function" && origin.call !== "custom");
      if (own !== undefined) return { kind: "one", tool: own };
      losses.add(
        "dropped",
        "tool_choice",
        `The target has no hosted tool ${asString(choice.wire["type"]) ?? ""}: the choice was left to the model.`,
      );
      return "any";
    }
  }
}

function allowedTools(entries: readonly JsonObject[], all: readonly CallableTool[], losses: LossList): CallableTool[] {
  const matched = new Set<JsonObject>();
  const tools = all.filter((tool) => {
    const allowing = entries.filter((entry) => allows(entry, tool));
    for (const entry of allowing) matched.add(entry);
    return allowing.length > 0;
  });
  for (const entry of entries) {
    if (matched.has(entry)) continue;
    const name = asString(entry["name"]) ?? asString(entry["server_label"]) ?? asString(entry["type"]) ?? "";
    losses.add("dropped", "tool_choice.allowed_tools", `The allowed tool ${name} is not among the tools that could be offered.`);
  }
  return tools;
}

/** An allowed list names tools by type and name, a namespace as a whole, or a hosted tool by its type. */
function allows(entry: JsonObject, { origin }: CallableTool): boolean {
  const type = entry["type"];
  if (type === "namespace") return entry["name"] === (origin.namespace ?? "");
  if (origin.call !== "function" && origin.call !== "custom") return type === origin.call;
  if (type !== origin.call || entry["name"] !== origin.name) return false;
  const namespace = typeof entry["namespace"] === "string" ? entry["namespace"] : undefined;
  return namespace === origin.namespace || (isDefaultNamespace(namespace) && isDefaultNamespace(origin.namespace));
}

function withoutTools(tools: CallableTool[], capabilities: Capabilities, losses: LossList): ChosenTools {
  if (capabilities.toolChoice) return { tools, choice: "none" };
  if (tools.length > 0) losses.add("lowered", "tool_choice", "The target cannot be told to call no tool: none was offered to it.");
  return { tools: [], choice: "none" };
}

function demand(tools: CallableTool[], choice: LoweredChoice, capabilities: Capabilities, losses: LossList): ChosenTools {
  if (capabilities.toolChoice) return { tools, choice };
  losses.add("dropped", "tool_choice", "The target cannot be made to call a tool: it was only offered what it should call.");
  return { tools, choice: "auto" };
}
