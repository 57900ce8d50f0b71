// The tools that a model may call in a turn, wherever the request brings them. Promises each tool once, in a stable order
// (the request's, then those of the input), with the deferred ones marked that no search has found yet.
import type { ToolOrigin } from "./alias.ts";
import { TOOL_SEARCH, toolKey } from "./alias.ts";
import type { BuiltInTool, CustomTool, FunctionTool, Tool, ToolSearchTool } from "./item.ts";
import type { LossList } from "./loss.ts";
import type { HubRequest } from "./request.ts";

/** A tool that can be called. */
export interface CallableTool {
  origin: ToolOrigin;
  tool: FunctionTool | CustomTool | ToolSearchTool | BuiltInTool;
  /** Deferred, and found by no search yet: known by name, but not offered. */
  hidden: boolean;
  namespaceDescription?: string;
}

/**
 * Collects `tools`, those of `additional_tools` and those of `tool_search_output` items. Of one (namespace, name) the first
 * wins. Deferred tools are hidden where the client can search (Codex), else offered at once. Hosted tools are losses.
 */
export function collectTools(request: HubRequest, losses: LossList): CallableTool[] {
  const additional = request.input.flatMap((item) => (item.type === "additional_tools" ? item.tools : []));
  const found = request.input.flatMap((item) => (item.type === "tool_search_output" ? item.tools : []));
  const given: Tool[] = [...request.tools, ...additional];
  const searches = given.some((tool) => tool.type === "tool_search" && tool.execution === "client");
  const all = [...given.flatMap((tool) => callables(tool, searches, losses)), ...found.flatMap((tool) => callables(tool, false, losses))];
  return firstOfEach(all);
}

function callables(tool: Tool, searches: boolean, losses: LossList): CallableTool[] {
  const isHidden = (member: FunctionTool | CustomTool): boolean => searches && member.defer_loading === true;
  switch (tool.type) {
    case "function":
    case "custom":
      return [{ origin: { call: tool.type, name: tool.name }, tool, hidden: isHidden(tool) }];
    case "namespace":
      return tool.tools.map((member) => ({
        origin: { call: member.type, name: member.name, namespace: tool.name },
        tool: member,
        hidden: isHidden(member),
        namespaceDescription: tool.description ?? "",
      }));
    case "tool_search":
      if (tool.execution === "client") return [{ origin: TOOL_SEARCH, tool, hidden: false }];
      losses.add("lowered", "tool.tool_search", "The target cannot search among tools: the deferred ones were offered at once.");
      return [];
    case "built_in":
      return [{ origin: { call: tool.tool, name: tool.tool }, tool, hidden: false }];
    case "hosted":
      losses.add("dropped", `tool.${tool.wire.type}`, `The target has no hosted tool ${tool.wire.type}: it was not offered.`);
      return [];
  }
}

function firstOfEach(callable: readonly CallableTool[]): CallableTool[] {
  const offered = new Set<string>();
  for (const { origin, hidden } of callable) if (!hidden) offered.add(toolKey(origin));
  const seen = new Set<string>();
  return callable.filter(({ origin, hidden }) => {
    const key = toolKey(origin);
    if (seen.has(key) || (hidden && offered.has(key))) return false;
    seen.add(key);
    return true;
  });
}
