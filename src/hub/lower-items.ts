// Lowering of calls and search results in the history, so that they read as the plain functions that the target was given.
// Promises that arguments are the text of one JSON object where the target refuses a turn over any other.
import { isObject, parseJson } from "../kit/json.ts";
import { builtInArguments } from "./built-in.ts";
import type { AliasTable, CallItem } from "./alias.ts";
import type { CustomTool, FunctionTool, ToolSearchOutputItem } from "./item.ts";
import type { LossList } from "./loss.ts";
import { CUSTOM_INPUT } from "./lower-tools.ts";

const SUMMARY_LENGTH = 200;

/** A call of a plain function: its upstream name, and the text of its arguments. */
export interface LoweredCall {
  name: string;
  arguments: string;
}

/**
 * A call of the history as a call of a plain function. With `wholeArguments`, arguments that are no JSON object (the model was cut
 * short, or erred) are wrapped in one, which is a loss; else they go back as they came.
 */
export function lowerCall(item: CallItem, aliases: AliasTable, wholeArguments: boolean, losses: LossList): LoweredCall {
  const name = aliases.nameFor(item);
  switch (item.type) {
    case "custom_tool_call":
      return { name, arguments: JSON.stringify({ [CUSTOM_INPUT]: item.input }) };
    case "tool_search_call":
      return { name, arguments: JSON.stringify(item.arguments) };
    case "built_in_call":
      return { name, arguments: builtInArguments(item) };
    case "function_call":
      return { name, arguments: objectText(item.arguments, wholeArguments, losses) };
  }
}

function objectText(text: string, whole: boolean, losses: LossList): string {
  if (text.trim() === "") return "{}";
  if (!whole || isObject(parseJson(text))) return text;
  losses.add("lowered", "history.arguments", "Arguments of an earlier call that are no JSON object were given back inside one.");
  return JSON.stringify({ invalid_arguments: text });
}

/** What a search found, as the text of a function's result: the tools by the names under which they can be called. */
export function lowerSearchOutput(item: ToolSearchOutputItem, aliases: AliasTable): string {
  const lines: string[] = [];
  const list = (tool: FunctionTool | CustomTool, namespace?: string): void => {
    const name = aliases.nameOf({ call: tool.type, name: tool.name, ...(namespace === undefined ? {} : { namespace }) });
    const summary = summarise(tool.description ?? "");
    lines.push(summary === "" ? `- ${name}` : `- ${name}: ${summary}`);
  };
  for (const tool of item.tools) {
    if (tool.type === "function" || tool.type === "custom") list(tool);
    else if (tool.type === "namespace") for (const member of tool.tools) list(member, tool.name);
  }
  if (lines.length > 0) return `These tools were found and can be called from now on:\n${lines.join("\n")}`;
  return item.status === "incomplete" ? "The search was interrupted: the client gave no result for it." : "No tools were found.";
}

function summarise(description: string): string {
  const line = description.replace(/\s+/g, " ").trim();
  return line.length <= SUMMARY_LENGTH ? line : `${line.slice(0, SUMMARY_LENGTH).toWellFormed()}…`;
}
