// What a reply says, apart from ids and statuses: the same for two translations that mean the same, and to be had both from
// a Responses output and from what was meant when a chat stream was made up.
import { asList, asString, isObject, type Json, type JsonObject } from "../../src/kit/json.ts";
import type { ChatStream } from "./chat-stream.ts";

/** One item: its kind, and its text, arguments or input. */
export interface Said {
  kind: string;
  text: string;
  name?: string;
}

function joinTexts(parts: Json | undefined): string {
  return asList(parts)
    .map((part) => (isObject(part) ? (asString(part["text"]) ?? asString(part["refusal"]) ?? "") : ""))
    .join("");
}

/** What the output of a response says. */
export function saidIn(response: JsonObject): Said[] {
  return asList(response["output"])
    .filter(isObject)
    .map((item) => {
      const name = asString(item["name"]) ?? "";
      switch (item["type"]) {
        case "message":
          return { kind: "text", text: joinTexts(item["content"]) };
        case "reasoning":
          return { kind: "reasoning", text: joinTexts(item["content"]) + joinTexts(item["summary"]) };
        case "function_call":
          return { kind: "call", name, text: asString(item["arguments"]) ?? "" };
        case "custom_tool_call":
          return { kind: "custom", name, text: asString(item["input"]) ?? "" };
        default:
          return { kind: asString(item["type"]) ?? "nothing", text: JSON.stringify(item["arguments"]) };
      }
    });
}

/** What was meant by a stream: neighbours of one kind are one item. */
export function meantBy(stream: ChatStream): Said[] {
  const said: Said[] = [];
  for (const stretch of stream.stretches) {
    if (stretch.kind === "calls") {
      said.push(...stretch.calls.map((call) => ({ kind: "call", name: call.name, text: call.args.join("") })));
      continue;
    }
    const text = stretch.pieces.join("");
    const last = said.at(-1);
    if (last?.kind === stretch.kind) last.text += text;
    else said.push({ kind: stretch.kind, text });
  }
  return said;
}
