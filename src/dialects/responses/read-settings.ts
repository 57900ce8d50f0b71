// Reads the settings that shape a reply: reasoning, output format, metadata, include, stop. Promises bounds and words as the API
// has them.
import type { TextFormat } from "../../hub/item.ts";
import type { LossList } from "../../hub/loss.ts";
import type { HubRequest, ReasoningRequest } from "../../hub/request.ts";
import { defined } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { optionalBoolean, optionalList, optionalObject, optionalString, optionalWord, requiredString } from "./check.ts";
import { entry, field, missing, pathOf, tooLong, tooManyProperties, wrongPattern, wrongType, wrongValue } from "./refuse.ts";
import type { Place } from "./refuse.ts";
import { BOUNDS, EFFORTS, FORMATS, INCLUDES, NAME_PATTERN, REASONING_CONTEXTS, REASONING_MODES, SUMMARIES, VERBOSITIES } from "./wire.ts";

/** The wish for reasoning; null where the request has none. The deprecated `generate_summary` counts as `summary`. */
export function readReasoningWish(body: JsonObject, losses: LossList): ReasoningRequest | null {
  const wish = optionalObject(body, "reasoning", null);
  if (wish === undefined) return null;
  const place = field(null, "reasoning");
  const effort = optionalWord(wish, "effort", place, EFFORTS);
  const summary = optionalWord(wish, "summary", place, SUMMARIES);
  const oldSummary = optionalWord(wish, "generate_summary", place, SUMMARIES);
  const context = optionalWord(wish, "context", place, REASONING_CONTEXTS);
  const mode = optionalWord(wish, "mode", place, REASONING_MODES);
  if (mode === "pro") losses.add("dropped", "reasoning.mode", "The pro mode of reasoning is the service's own and is not sent on.");
  return defined({ effort, summary: summary ?? oldSummary, context });
}

/** The form of the final text, and how wordy it should be. */
export function readText(body: JsonObject): HubRequest["text"] {
  const text = optionalObject(body, "text", null);
  if (text === undefined) return { format: { type: "text" }, verbosity: null };
  const place = field(null, "text");
  return { format: readFormat(text, place), verbosity: optionalWord(text, "verbosity", place, VERBOSITIES) ?? null };
}

/** The `format` of a text configuration; plain text where it is not given. */
export function readFormat(text: JsonObject, parent: Place): TextFormat {
  const format = optionalObject(text, "format", parent);
  if (format === undefined) return { type: "text" };
  const place = field(parent, "format");
  const type = optionalWord(format, "type", place, FORMATS);
  switch (type) {
    case undefined:
      throw missing(pathOf(place, "type"));
    case "text":
    case "json_object":
      return { type };
    case "json_schema":
      return readSchema(format, place);
  }
}

function readSchema(format: JsonObject, place: Place): TextFormat {
  const name = requiredString(format, "name", place, BOUNDS.formatName);
  if (!NAME_PATTERN.test(name)) throw wrongPattern(pathOf(place, "name"), NAME_PATTERN);
  const schema = optionalObject(format, "schema", place);
  if (schema === undefined) throw missing(pathOf(place, "schema"));
  const description = optionalString(format, "description", place);
  const strict = optionalBoolean(format, "strict", place);
  return { type: "json_schema", name, schema, ...defined({ description, strict }) };
}

/** The client's own notes on a response: few, short, all strings. */
export function readMetadata(body: JsonObject): JsonObject {
  const metadata = optionalObject(body, "metadata", null);
  if (metadata === undefined) return {};
  const keys = Object.keys(metadata);
  if (keys.length > BOUNDS.metadataPairs) throw tooManyProperties("metadata", BOUNDS.metadataPairs, keys.length);
  for (const key of keys) {
    if (key.length > BOUNDS.metadataKey) throw tooLong("metadata", BOUNDS.metadataKey, key.length);
    const value = metadata[key];
    if (typeof value !== "string") throw wrongType(`metadata.${key}`, "a string", value);
    if (value.length > BOUNDS.metadataValue) throw tooLong(`metadata.${key}`, BOUNDS.metadataValue, value.length);
  }
  return metadata;
}

/** The extra output asked for. */
export function readInclude(body: JsonObject): string[] {
  return checkInclude(optionalList(body, "include", null, "an array of strings") ?? []);
}

/** The words of a list of extra output, wherever that was given. */
export function checkInclude(list: readonly Json[]): string[] {
  return list.map((value, index) => {
    const param = pathOf(entry(null, "include", index));
    if (typeof value !== "string") throw wrongType(param, "a string", value);
    if (!INCLUDES.some((known) => known === value)) throw wrongValue(param, value, INCLUDES);
    return value;
  });
}

/** Texts at which the model is to stop: not in the API's own table, but clients send them. */
export function readStop(body: JsonObject): string[] | null {
  const stop = body["stop"];
  if (stop === undefined || stop === null) return null;
  if (typeof stop === "string") return [stop];
  if (!Array.isArray(stop)) throw wrongType("stop", "one of a string or array of strings", stop);
  return stop.map((value, index) => {
    if (typeof value !== "string") throw wrongType(pathOf(entry(null, "stop", index)), "a string", value);
    return value;
  });
}
