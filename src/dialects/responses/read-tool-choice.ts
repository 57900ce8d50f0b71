// Reads `tool_choice` in all its forms. Promises that a named tool exists among those that the request brings (its tools, and
// the tools that its items add), and comes out with the namespace it lives in.
import type { Item, Tool } from "../../hub/item.ts";
import type { ToolChoice } from "../../hub/request.ts";
import { isObject } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { optionalList, optionalString, optionalWord, requiredEntry, requiredString } from "./check.ts";
import { emptyArray, entry, field, missing, pathOf, refuse, wrongType, wrongValue } from "./refuse.ts";
import type { Place } from "./refuse.ts";
import { CHOICE_WORDS, HOSTED_CHOICES } from "./wire.ts";

const CHOICE = field(null, "tool_choice");

/** Which tool the model may or must use; `auto` where nothing is said. */
export function readToolChoice(value: Json | undefined, tools: readonly Tool[], items: readonly Item[]): ToolChoice {
  if (value === undefined || value === null) return "auto";
  // What items bring is gathered only where a choice depends on it: nearly every request says `auto`.
  if (value === "auto" || value === "none") return value;
  const all = tools.concat(broughtBy(items));
  if (typeof value === "string") return readWord(value, all);
  if (!isObject(value)) throw wrongType("tool_choice", "one of a string or object", value);
  const type = requiredString(value, "type", CHOICE);
  switch (type) {
    case "function":
    case "custom":
      return readNamed(value, type, CHOICE, all);
    case "allowed_tools":
      return readAllowed(value, all);
    default:
      return readHosted(value, type, all);
  }
}

/** The tools that items bring: they can be chosen although they are never in `tools`. */
function broughtBy(items: readonly Item[]): Tool[] {
  const brought: Tool[] = [];
  for (const item of items) {
    if (item.type === "additional_tools" || item.type === "tool_search_output") for (const tool of item.tools) brought.push(tool);
  }
  return brought;
}

function readWord(value: string, tools: readonly Tool[]): ToolChoice {
  const word = CHOICE_WORDS.find((known) => known === value);
  if (word === undefined) throw wrongValue("tool_choice", value, CHOICE_WORDS);
  if (word === "required" && tools.length === 0) {
    throw refuse("tool_choice", null, "Tool choice 'required' must be specified with 'tools' parameter.");
  }
  return word;
}

function readNamed(choice: JsonObject, type: "function" | "custom", place: Place, tools: readonly Tool[]): ToolChoice {
  const name = requiredString(choice, "name", place);
  const namespace = optionalString(choice, "namespace", place);
  const found = findTool(tools, type, name, namespace);
  if (found === undefined) throw notFound(name);
  return found.namespace === undefined ? { type, name } : { type, name, namespace: found.namespace };
}

/** Where the tool lives; a name at the top wins over the same name in a namespace that was not asked for. */
function findTool(
  tools: readonly Tool[],
  type: "function" | "custom",
  name: string,
  namespace: string | undefined,
): { namespace?: string } | undefined {
  let nested: { namespace: string } | undefined;
  for (const tool of tools) {
    if (tool.type === type && tool.name === name && namespace === undefined) return {};
    if (tool.type !== "namespace" || (namespace !== undefined && tool.name !== namespace)) continue;
    if (tool.tools.some((inner) => inner.type === type && inner.name === name)) nested ??= { namespace: tool.name };
  }
  return nested;
}

function notFound(name: string): Error {
  return refuse("tool_choice", null, `Tool choice '${name.slice(0, 128)}' not found in 'tools' parameter.`);
}

function readAllowed(choice: JsonObject, tools: readonly Tool[]): ToolChoice {
  const mode = optionalWord(choice, "mode", CHOICE, ["auto", "required"]);
  if (mode === undefined) throw missing("tool_choice.mode");
  const list = optionalList(choice, "tools", CHOICE, "an array of objects");
  if (list === undefined) throw missing("tool_choice.tools");
  if (list.length === 0) throw emptyArray("tool_choice.tools");
  const allowed = list.map((value, index) => {
    const place = entry(CHOICE, "tools", index);
    const tool = requiredEntry(value, place);
    const type = requiredString(tool, "type", place);
    if (type === "function" || type === "custom") readNamed(tool, type, place, tools);
    return tool;
  });
  return { type: "allowed_tools", mode, tools: allowed };
}

function readHosted(choice: JsonObject, type: string, tools: readonly Tool[]): ToolChoice {
  if (!HOSTED_CHOICES.some((known) => known === type)) {
    throw wrongValue(pathOf(CHOICE, "type"), type, ["function", "custom", "allowed_tools", ...HOSTED_CHOICES]);
  }
  const offered = tools.some((tool) => tool.type === type || (tool.type === "hosted" && sameHosted(tool.wire.type, type)));
  if (!offered) throw notFound(type);
  return { type: "hosted", wire: choice };
}

/** The service accepts a dated type for its undated choice and the other way round (`web_search_2025_08_26`), and `computer*` for each other. */
function sameHosted(offered: string, chosen: string): boolean {
  const family = (type: string): string => (type.startsWith("computer") ? "computer" : type.replace(/_\d{4}_\d\d_\d\d$/, ""));
  return family(offered) === family(chosen);
}
