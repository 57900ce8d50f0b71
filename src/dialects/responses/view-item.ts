// Kept items as a client sees them: what the API leaves out unless `include` asks for it is left out. Promises that an item is parsed
// only where it may hold such a thing.
import { asList, isObject, parseJson } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";

/** Where something of an item may need leaving out, by its type; an item of another type stays as it is. */
const MARKS: ReadonlyMap<string, readonly string[]> = new Map([
  ["reasoning", ['"encrypted_content":']],
  ["message", ['"image_url":', '"logprobs":']],
  ["file_search_call", ['"results":']],
  ["code_interpreter_call", ['"outputs":']],
  ["computer_call_output", ['"image_url":']],
  ["web_search_call", ['"sources":']],
]);
/** The type of an item that begins as nearly all kept ones do; what begins otherwise is looked at whole. */
const HEAD = /^\{(?:"id":"[^"\\]*",)?"type":"(\w+)"/;
/** Every text of an assistant has `logprobs`, nearly always empty. */
const FULL_LOGPROBS = /"logprobs":(?!\[\])/;

/** The JSON of a kept item as JSON for a client that asked for `include`. */
export function viewItem(text: string, include: ReadonlySet<string>): string {
  const type = HEAD.exec(text)?.[1];
  const isMarked = (mark: string): boolean => text.includes(mark) && (mark !== '"logprobs":' || FULL_LOGPROBS.test(text));
  if (type !== undefined && !(MARKS.get(type) ?? []).some(isMarked)) return text;
  const item = parseJson(text);
  return isObject(item) ? JSON.stringify(withoutExtras(item, include)) : text;
}

/** Source of each: the descriptions of `include` in OpenAPI 2.3.0. */
function withoutExtras(item: JsonObject, include: ReadonlySet<string>): JsonObject {
  switch (item["type"]) {
    case "reasoning": {
      if (include.has("reasoning.encrypted_content")) return item;
      const { encrypted_content: _left, ...rest } = item;
      return rest;
    }
    case "message":
      return { ...item, content: asList(item["content"]).map((part) => viewPart(part, include)) };
    case "file_search_call":
      return include.has("file_search_call.results") ? item : { ...item, results: null };
    case "code_interpreter_call":
      return include.has("code_interpreter_call.outputs") ? item : { ...item, outputs: null };
    case "computer_call_output":
      return include.has("computer_call_output.output.image_url") ? item : { ...item, output: withoutUrl(item["output"]) };
    case "web_search_call":
      return include.has("web_search_call.action.sources") ? item : { ...item, action: withoutSources(item["action"]) };
    default:
      return item;
  }
}

function viewPart(part: Json, include: ReadonlySet<string>): Json {
  if (!isObject(part)) return part;
  if (part["type"] === "input_image" && !include.has("message.input_image.image_url")) return withoutUrl(part) ?? null;
  if (part["type"] === "output_text" && !include.has("message.output_text.logprobs")) return { ...part, logprobs: [] };
  return part;
}

function withoutUrl(value: Json | undefined): Json | undefined {
  return isObject(value) && value["image_url"] !== undefined ? { ...value, image_url: null } : value;
}

function withoutSources(action: Json | undefined): Json | undefined {
  if (!isObject(action)) return action;
  const { sources: _left, ...rest } = action;
  return rest;
}
