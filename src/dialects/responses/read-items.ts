// Reads the input: a string or a list of items in every form that clients send. Promises hub items in the same order, one
// for one; an item that is right already is the parsed object itself; no known type of history is ever refused for its type.
import type { BuiltInTool, Item, Role, ToolSearchCallItem } from "../../hub/item.ts";
import type { LossList } from "../../hub/loss.ts";
import { asString, isObject, parseJson } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { optionalObject, optionalString, optionalWord, requiredEntry, requiredString, withoutNulls } from "./check.ts";
import { referenceOf } from "./kept-item.ts";
import { dropItem } from "./opaque.ts";
import { readContent, readOutput } from "./read-parts.ts";
import { readAgentMessage, readReasoning } from "./read-thoughts.ts";
import { readFormat } from "./read-settings.ts";
import { readTools } from "./read-tools.ts";
import { emptyString, entry, field, missing, pathOf, tooLong, unsupported, wrongType } from "./refuse.ts";
import type { Place } from "./refuse.ts";
import { missingItem } from "./stored.ts";
import type { StoredContext } from "./stored.ts";
import { BOUNDS, EFFORTS, ITEM_STATUSES, ROLES } from "./wire.ts";

/** What a reading of items carries along. */
interface Reading {
  losses: LossList;
  /** The latest call id of each function, for outputs that name the function instead of the call. */
  calls: Map<string, string>;
  references: StoredContext["references"];
}

/** What input may lean on: items before it, and items that it names. */
export type Behind = Pick<StoredContext, "history" | "references">;

const REFERENCES_ADVICE = "This gateway keeps no items; set `store` to false in the client, so that it sends them whole.";

const NOTHING: Behind = { history: [], references: new Map() };

/**
 * The items of `input`, after those of its history. The lists and their objects are put right in place: the parsed body belongs to the
 * reader. `name` is the field in which the input stands.
 */
export function readInput(input: Json | undefined, losses: LossList, behind: Behind = NOTHING, name = "input"): Item[] {
  const reading: Reading = { losses, calls: new Map(), references: behind.references };
  const before = readList(behind.history, "history", reading);
  const own = readOwn(input, name, reading);
  return before.length === 0 ? own : [...before, ...own];
}

function readOwn(input: Json | undefined, name: string, reading: Reading): Item[] {
  if (typeof input === "string") {
    if (input.length > BOUNDS.text) throw tooLong(name, BOUNDS.text, input.length);
    return [{ type: "message", role: "user", content: [{ type: "input_text", text: input }] }];
  }
  if (!Array.isArray(input)) throw wrongType(name, "one of a string or array of objects", input);
  return readList(input, name, reading);
}

function readList(list: Json[], name: string, reading: Reading): Item[] {
  // Every entry is replaced by what readItem makes of it.
  const items = list as unknown as Item[];
  for (let index = 0; index < list.length; index += 1) {
    const place = entry(null, name, index);
    items[index] = readItem(named(requiredEntry(list[index], place), reading), place, reading);
  }
  return items;
}

/** The item itself where only its id was given. Each naming gets a copy: what is read is put right in place. */
function named(raw: JsonObject, { references }: Reading): JsonObject {
  const id = references.size === 0 ? undefined : referenceOf(raw);
  const kept = id === undefined ? undefined : references.get(id);
  return kept === undefined ? raw : structuredClone(kept);
}

function readItem(raw: JsonObject, place: Place, reading: Reading): Item {
  const type = optionalString(raw, "type", place);
  switch (type) {
    case undefined:
      return readUntyped(raw, place, reading.losses);
    case "message":
      return readMessage(tidy(raw, place), place, reading.losses);
    case "reasoning":
      return readReasoning(tidy(raw, place), place);
    case "function_call":
    case "custom_tool_call":
      return readCall(tidy(raw, place), type, place, reading);
    case "function_call_output":
    case "custom_tool_call_output":
      return readCallOutput(tidy(raw, place), place, reading);
    case "tool_search_call":
      return readToolSearchCall(tidy(raw, place), place);
    case "tool_search_output":
      return readToolSearchOutput(tidy(raw, place), place, reading.losses);
    case "additional_tools":
      return readAdditionalTools(tidy(raw, place), place, reading.losses);
    case "agent_message":
      return readAgentMessage(tidy(raw, place), place);
    case "compaction":
    case "compaction_summary":
      return readCompaction(tidy(raw, place), place);
    case "configuration_update":
      return readConfigurationUpdate(tidy(raw, place), place);
    case "local_shell_call":
    case "shell_call":
    case "apply_patch_call":
      return { type: "built_in_call", tool: builtInOf(type), call_id: builtInCallId(raw), wire: raw };
    case "local_shell_call_output":
    case "shell_call_output":
    case "apply_patch_call_output":
      return { type: "built_in_output", tool: builtInOf(type), call_id: builtInCallId(raw), wire: raw };
    case "item_reference":
      throw missingItem(requiredString(raw, "id", place), REFERENCES_ADVICE);
    case "compaction_trigger":
      throw unsupported(pathOf(place), "It asks for a compaction, and belongs into the input of POST /v1/responses.");
    default:
      return dropItem(raw, type, reading.losses);
  }
}

/** An item without its nulls, its common fields checked. A status that is not of the API says nothing to a model: it goes. */
function tidy(raw: JsonObject, place: Place): JsonObject {
  const item = withoutNulls(raw);
  optionalString(item, "id", place);
  const status = optionalString(item, "status", place);
  if (status !== undefined && !ITEM_STATUSES.some((known) => known === status)) delete item["status"];
  return item;
}

function readUntyped(raw: JsonObject, place: Place, losses: LossList): Item {
  const item = tidy(raw, place);
  if (item["role"] !== undefined) return readMessage({ type: "message", ...item }, place, losses);
  if (item["content"] !== undefined) throw missing(pathOf(place, "role"));
  const id = item["id"];
  if (typeof id === "string") throw missingItem(id, REFERENCES_ADVICE);
  throw missing(pathOf(place, "type"));
}

function readMessage(item: JsonObject, place: Place, losses: LossList): Item {
  const role = optionalWord(item, "role", place, ROLES);
  if (role === undefined) throw missing(pathOf(place, "role"));
  optionalString(item, "phase", place);
  // Parts are JSON too; only their type is narrower than what the compiler knows of them.
  item["content"] = readContent(item, role, place, losses) as unknown as Json;
  // Every field of a MessageItem was checked or set.
  return item as unknown as Item;
}

function requiredId(item: JsonObject, name: string, place: Place): string {
  const id = requiredString(item, name, place);
  if (id === "") throw emptyString(pathOf(place, name));
  return id;
}

function readCall(item: JsonObject, type: "function_call" | "custom_tool_call", place: Place, reading: Reading): Item {
  const id = requiredId(item, "call_id", place);
  const name = requiredId(item, "name", place);
  optionalString(item, "namespace", place);
  requiredString(item, type === "function_call" ? "arguments" : "input", place);
  reading.calls.set(name, id);
  // Every field of a call item was checked.
  return item as unknown as Item;
}

function readCallOutput(item: JsonObject, place: Place, reading: Reading): Item {
  if (item["call_id"] === undefined) {
    // Outputs of asynchronous tools may name the function instead of the call.
    const name = optionalString(item, "name", place);
    const call = name === undefined ? undefined : reading.calls.get(name);
    if (call !== undefined) item["call_id"] = call;
  }
  requiredId(item, "call_id", place);
  // Parts are JSON too; only their type is narrower than what the compiler knows of them.
  item["output"] = readOutput(item, place, reading.losses) as unknown as Json;
  // Every field of an output item was checked or set.
  return item as unknown as Item;
}

/** `shell_call` and `shell_call_output` are of the tool `shell`. */
function builtInOf(type: string): BuiltInTool["tool"] {
  const tool = type.replace(/_call(_output)?$/, "");
  return tool === "local_shell" || tool === "apply_patch" ? tool : "shell";
}

/** Old clients name the call by `id` alone, as a local shell's output does; where neither is there, repair finds one. */
function builtInCallId(wire: JsonObject): string {
  return asString(wire["call_id"]) ?? asString(wire["id"]) ?? "";
}

/** Who searches: as the item says, else the client where there is a call id for it to answer. */
function executionOf(item: JsonObject, place: Place): string {
  return optionalString(item, "execution", place) ?? (typeof item["call_id"] === "string" ? "client" : "server");
}

function readToolSearchCall(item: JsonObject, place: Place): Item {
  item["call_id"] = optionalString(item, "call_id", place) ?? null;
  item["execution"] = executionOf(item, place);
  item["arguments"] = searchArguments(item["arguments"], place);
  // Every field of the item was checked or set.
  return item as unknown as ToolSearchCallItem;
}

function searchArguments(value: Json | undefined, place: Place): JsonObject {
  if (isObject(value)) return value;
  if (value === undefined) return {};
  if (typeof value !== "string") throw wrongType(pathOf(place, "arguments"), "an object", value);
  const parsed = parseJson(value);
  return isObject(parsed) ? parsed : {};
}

function readToolSearchOutput(item: JsonObject, place: Place, losses: LossList): Item {
  item["call_id"] = optionalString(item, "call_id", place) ?? null;
  item["execution"] = executionOf(item, place);
  // Tools are JSON too; only their type is narrower than what the compiler knows of them.
  item["tools"] = readTools(item, place, losses) as unknown as Json;
  // Every field of the item was checked or set.
  return item as unknown as Item;
}

function readAdditionalTools(item: JsonObject, place: Place, losses: LossList): Item {
  const role: Role = optionalWord(item, "role", place, ROLES) ?? "developer";
  item["role"] = role;
  // Tools are JSON too; only their type is narrower than what the compiler knows of them.
  item["tools"] = readTools(item, place, losses) as unknown as Json;
  // Every field of the item was checked or set.
  return item as unknown as Item;
}

function readCompaction(item: JsonObject, place: Place): Item {
  requiredString(item, "encrypted_content", place, BOUNDS.blob);
  item["type"] = "compaction";
  // Every field of a CompactionItem was checked or set.
  return item as unknown as Item;
}

function readConfigurationUpdate(item: JsonObject, place: Place): Item {
  const reasoning = optionalObject(item, "reasoning", place);
  if (reasoning !== undefined) optionalWord(reasoning, "effort", field(place, "reasoning"), EFFORTS);
  const text = optionalObject(item, "text", place);
  if (text !== undefined) {
    const at = field(place, "text");
    // A format is JSON too; only its type is narrower. Without one the update leaves the format as it is.
    if (optionalObject(text, "format", at) !== undefined) text["format"] = readFormat(text, at) as unknown as Json;
    else delete text["format"];
  }
  // Every field of the item was checked or set.
  return item as unknown as Item;
}
