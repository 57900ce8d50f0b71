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
      return readNamed(value, type, CHOICE, indexTools(all));
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

/** Where the callable tools live, so that a long list of allowed ones costs no search each. */
interface ToolIndex {
  /** `type name` of tools outside namespaces. */
  top: Set<string>;
  /** `type name` of tools inside a namespace, with the namespaces that have it, in order. */
  nested: Map<string, Set<string>>;
}

function indexTools(tools: readonly Tool[]): ToolIndex {
  const index: ToolIndex = { top: new Set(), nested: new Map() };
  for (const tool of tools) {
    if (tool.type === "function" || tool.type === "custom") index.top.add(`${tool.type} ${tool.name}`);
    if (tool.type !== "namespace") continue;
    for (const inner of tool.tools) {
      const key = `${inner.type} ${inner.name}`;
      const owners = index.nested.get(key);
      if (owners === undefined) index.nested.set(key, new Set([tool.name]));
      else owners.add(tool.name);
    }
  }
  return index;
}

/** A named tool with the namespace it lives in; a name at the top wins over the same name in a namespace that was not asked for. */
function readNamed(choice: JsonObject, type: "function" | "custom", place: Place, index: ToolIndex): ToolChoice {
  const name = requiredString(choice, "name", place);
  const asked = optionalString(choice, "namespace", place);
  const key = `${type} ${name}`;
  const owners = index.nested.get(key);
  if (asked !== undefined) {
    if (owners?.has(asked) !== true) throw notFound(name);
    return { type, name, namespace: asked };
  }
  if (index.top.has(key)) return { type, name };
  const [first] = owners ?? [];
  if (first === undefined) throw notFound(name);
  return { type, name, namespace: first };
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
  const index = indexTools(tools);
  const allowed = list.map((value, number) => {
    const place = entry(CHOICE, "tools", number);
    const tool = requiredEntry(value, place);
    const type = requiredString(tool, "type", place);
    if (type === "function" || type === "custom") readNamed(tool, type, place, index);
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
