// The tokens of a chat-completions request, as its model would see it. Pure, given a vocabulary. Promises a number for any JSON: what
// cannot be read counts nothing, images and the like a flat sum each.
import type { Json, JsonObject } from "../../kit/json.ts";
import { asList, asObject, asString } from "../../kit/json.ts";
import type { FamilyCosts } from "./family.ts";
import { jsonTool, typescriptTool } from "./tool-text.ts";
import type { CountText } from "./vocabulary.ts";

/** Tokens of an image, a file or a sound: a photograph at the usual size costs 700 to 1600 at most vendors. */
export const ATTACHMENT_TOKENS = 1000;

/** Tokens of the request's input. */
export function countChat(body: JsonObject, costs: FamilyCosts, count: CountText): number {
  let text = 0;
  let flat = costs.request;
  const messages = asList(body["messages"]).map(asObject);
  const asked = messages.findLastIndex((message) => message?.["role"] === "user");
  for (const [index, message] of messages.entries()) {
    if (message === undefined) continue;
    // Templates leave out what was thought before the last question.
    const counted = countMessage(message, index > asked, costs, count);
    text += counted.text;
    flat += counted.flat;
  }
  const tools = asList(body["tools"]);
  if (tools.length > 0) flat += costs.tools + tools.length * costs.tool;
  const show = costs.form === "typescript" ? typescriptTool : jsonTool;
  for (const tool of tools) text += count(show(tool));
  const schema = asObject(asObject(body["response_format"])?.["json_schema"])?.["schema"];
  if (schema !== undefined && costs.format !== null) {
    text += count(JSON.stringify(schema));
    flat += costs.format;
  }
  return Math.max(1, Math.round(text * costs.scale + flat));
}

function countMessage(message: JsonObject, thought: boolean, costs: FamilyCosts, count: CountText): { text: number; flat: number } {
  const isSystem = message["role"] === "system";
  const counted = { text: 0, flat: isSystem ? (costs.systemMessage ?? costs.message) : costs.message };
  for (const field of thought ? ["reasoning_content", "reasoning"] : []) {
    const reasoning = asString(message[field]);
    if (reasoning !== undefined) counted.text += count(reasoning);
  }
  const content = message["content"] ?? null;
  for (const part of Array.isArray(content) ? content : [content]) {
    const said = textOfPart(part);
    if (said !== undefined) counted.text += count(said);
    else if (part !== null) counted.flat += ATTACHMENT_TOKENS;
  }
  for (const call of asList(message["tool_calls"])) {
    const called = asObject(asObject(call)?.["function"]);
    counted.text += count(asString(called?.["name"]) ?? "") + count(asString(called?.["arguments"]) ?? "");
    counted.flat += costs.call;
  }
  return counted;
}

function textOfPart(part: Json): string | undefined {
  if (typeof part === "string") return part;
  const read = asObject(part);
  return asString(read?.["text"]) ?? asString(read?.["refusal"]);
}
