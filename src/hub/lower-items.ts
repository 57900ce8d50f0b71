// Lowering of calls and search results in the history, so that they read as the plain functions that the target was given.
// Promises that arguments are the text of one JSON object where the target refuses a turn over any other.
import { isObject, parseJson } from "../kit/json.ts";
import type { AliasTable, CallItem } from "./alias.ts";
import type { LossList } from "./loss.ts";
import { CUSTOM_INPUT } from "./lower-tools.ts";

/** A call of a plain function: its upstream name, and its arguments as the text of a JSON object. */
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
