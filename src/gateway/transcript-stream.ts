// Reads a stored stream of Responses events for a transcript. Promises the items in their order, whole where their end was
// sent, and as far as their deltas go where the stream was cut.
import { asList, asNumber, asObject, asString, parseJson } from "../kit/json.ts";
import type { Json, JsonObject } from "../kit/json.ts";
import { SseReader } from "../kit/sse.ts";

/** What a stream amounts to. */
export interface StreamContent {
  items: Json[];
  /** The response of the terminal event; undefined where the stream had no end. */
  response: JsonObject | undefined;
  /** The object of an `error` event. */
  error: Json | undefined;
}

/** Reads the text of an SSE stream, or messages one a line; what is no JSON object is passed over. */
export function readStream(text: string): StreamContent {
  const items: JsonObject[] = [];
  let response: JsonObject | undefined;
  let error: Json | undefined;
  const take = (data: string): void => {
    const event = asObject(parseJson(data));
    if (event === undefined) return;
    const type = asString(event["type"]) ?? "";
    if (type === "error") error = event["error"] ?? event;
    else if (type === "response.completed" || type === "response.incomplete" || type === "response.failed")
      response = asObject(event["response"]);
    else if (event["output_index"] !== undefined) takeItemEvent(items, type, event);
  };
  if (text.startsWith("{")) text.split("\n").forEach(take);
  else {
    const reader = new SseReader(take);
    reader.push(Buffer.from(text));
    reader.end();
  }
  const output = asList(response?.["output"]);
  // Some servers end with an empty output; a cut stream has no end at all: then what came is what there is.
  return { items: output.length > 0 ? output : Object.values(items), response, error };
}

function takeItemEvent(items: JsonObject[], type: string, event: JsonObject): void {
  const index = asNumber(event["output_index"]) ?? 0;
  if (index < 0 || index > 10_000) return;
  if (type === "response.output_item.added" || type === "response.output_item.done") {
    const item = asObject(event["item"]);
    if (item !== undefined) items[index] = item;
    return;
  }
  const delta = asString(event["delta"]);
  const item = items[index];
  if (delta !== undefined && item !== undefined) addDelta(item, type, delta);
}

function addDelta(item: JsonObject, type: string, delta: string): void {
  switch (type) {
    case "response.output_text.delta":
    case "response.refusal.delta":
      return addText(item, "content", "output_text", delta);
    case "response.reasoning_text.delta":
      return addText(item, "content", "reasoning_text", delta);
    case "response.reasoning_summary_text.delta":
      return addText(item, "summary", "summary_text", delta);
    case "response.function_call_arguments.delta":
      item["arguments"] = (asString(item["arguments"]) ?? "") + delta;
      return undefined;
    case "response.custom_tool_call_input.delta":
      item["input"] = (asString(item["input"]) ?? "") + delta;
      return undefined;
    default:
      return undefined;
  }
}

/** All deltas of an item that has not ended go into one part: where its parts begin and end is of no interest here. */
function addText(item: JsonObject, field: "content" | "summary", type: string, delta: string): void {
  const parts = asList(item[field]);
  const first = asObject(parts[0]);
  if (first === undefined) item[field] = [{ type, text: delta }];
  else first["text"] = (asString(first["text"]) ?? "") + delta;
}
