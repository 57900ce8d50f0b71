// Reads tool definitions, at the top of a request or inside its items. Promises: names and schemas are checked where a model
// would see them; what the service would run itself is kept whole as `hosted`.
import type { BuiltInTool, CustomTool, FunctionTool, NamespaceTool, Tool, ToolSearchTool } from "../../hub/item.ts";
import type { LossList } from "../../hub/loss.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { optionalBoolean, optionalList, optionalObject, optionalString, optionalWord, requiredEntry, requiredString } from "./check.ts";
import { featureWord } from "./opaque.ts";
import { emptyString, entry, field, missing, pathOf, refuse, tooLong, wrongPattern, wrongValue } from "./refuse.ts";
import type { Place } from "./refuse.ts";
import { BOUNDS, GRAMMARS, NAME_PATTERN } from "./wire.ts";

/** The `tools` of a request (place null) or of an item; none where the field is not given. */
export function readTools(owner: JsonObject, place: Place | null, losses: LossList): Tool[] {
  const list = optionalList(owner, "tools", place, "an array of objects") ?? [];
  return list.map((value, index) => {
    const at = entry(place, "tools", index);
    return readTool(requiredEntry(value, at), at, losses);
  });
}

function readTool(tool: JsonObject, place: Place, losses: LossList): Tool {
  const type = requiredString(tool, "type", place);
  switch (type) {
    case "function":
      return readFunction(tool, place);
    case "custom":
      return readCustom(tool, place);
    case "namespace":
      return readNamespace(tool, place, losses);
    case "tool_search":
      return readToolSearch(tool, place);
    case "local_shell":
    case "shell":
    case "apply_patch":
      return readBuiltIn(tool, type, place);
    default:
      // The type was read from this very object.
      return { type: "hosted", wire: tool as JsonObject & { type: string } };
  }
}

/** A tool of the API's own that the client runs; one that wants the service's container is hosted. */
function readBuiltIn(tool: JsonObject, type: BuiltInTool["tool"], place: Place): Tool {
  const environment = optionalObject(tool, "environment", place);
  // The type was read from this very object.
  const wire = tool as JsonObject & { type: string };
  return environment === undefined || environment["type"] === "local" ? { type: "built_in", tool: type, wire } : { type: "hosted", wire };
}

function checkName(tool: JsonObject, place: Place): void {
  const name = requiredString(tool, "name", place);
  if (name === "") throw emptyString(pathOf(place, "name"));
  if (name.length > BOUNDS.toolName) throw tooLong(pathOf(place, "name"), BOUNDS.toolName, name.length);
  if (!NAME_PATTERN.test(name)) throw wrongPattern(pathOf(place, "name"), NAME_PATTERN);
}

function checkParameters(tool: JsonObject, place: Place): void {
  const parameters = optionalObject(tool, "parameters", place);
  const type = parameters?.["type"];
  if (typeof type !== "string" || type === "object") return;
  const owner = typeof tool["name"] === "string" ? tool["name"] : "tool_search";
  const rule = `schema must be a JSON Schema of 'type: "object"', got 'type: "${type.slice(0, 64)}"'.`;
  throw refuse(pathOf(place, "parameters"), "invalid_function_parameters", `Invalid schema for function '${owner}': ${rule}`);
}

function checkDeferLoading(tool: JsonObject, place: Place): void {
  optionalBoolean(tool, "defer_loading", place);
  if (tool["defer_loading"] === null) delete tool["defer_loading"];
}

function readFunction(tool: JsonObject, place: Place): FunctionTool {
  checkName(tool, place);
  optionalString(tool, "description", place);
  checkParameters(tool, place);
  optionalBoolean(tool, "strict", place);
  checkDeferLoading(tool, place);
  // Every field of a FunctionTool was checked; null is allowed in those that may hold it.
  return tool as unknown as FunctionTool;
}

function readCustom(tool: JsonObject, place: Place): CustomTool {
  checkName(tool, place);
  optionalString(tool, "description", place);
  checkDeferLoading(tool, place);
  const format = optionalObject(tool, "format", place);
  if (format === undefined) delete tool["format"];
  else checkGrammar(format, field(place, "format"));
  // Every field of a CustomTool was checked.
  return tool as unknown as CustomTool;
}

function checkGrammar(format: JsonObject, place: Place): void {
  const type = requiredString(format, "type", place);
  if (type === "text") return;
  if (type !== "grammar") throw wrongValue(pathOf(place, "type"), type, ["text", "grammar"]);
  if (optionalWord(format, "syntax", place, GRAMMARS) === undefined) throw missing(pathOf(place, "syntax"));
  requiredString(format, "definition", place);
}

function readNamespace(tool: JsonObject, place: Place, losses: LossList): NamespaceTool {
  checkName(tool, place);
  const description = optionalString(tool, "description", place);
  const list = optionalList(tool, "tools", place, "an array of objects");
  if (list === undefined) throw missing(pathOf(place, "tools"));
  const tools: NamespaceTool["tools"] = [];
  for (let index = 0; index < list.length; index += 1) {
    const at = entry(place, "tools", index);
    const nested = readNested(list[index], at, losses);
    if (nested !== undefined) tools.push(nested);
  }
  // `tool` itself stays as the client sent it: the echo repeats it.
  const namespace: NamespaceTool = { type: "namespace", name: requiredString(tool, "name", place), tools };
  if (description !== undefined) namespace.description = description;
  return namespace;
}

function readNested(value: Json | undefined, place: Place, losses: LossList): FunctionTool | CustomTool | undefined {
  const tool = requiredEntry(value, place);
  const type = requiredString(tool, "type", place);
  if (type === "function") return readFunction(tool, place);
  if (type === "custom") return readCustom(tool, place);
  losses.add("dropped", `tool.namespace.${featureWord(type)}`, "Inside a namespace only function and custom tools are carried.");
  return undefined;
}

function readToolSearch(tool: JsonObject, place: Place): ToolSearchTool {
  optionalWord(tool, "execution", place, ["server", "client"]);
  if (tool["execution"] === null) delete tool["execution"];
  optionalString(tool, "description", place);
  checkParameters(tool, place);
  // Every field of a ToolSearchTool was checked.
  return tool as unknown as ToolSearchTool;
}
