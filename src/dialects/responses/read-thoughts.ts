// Reads the items in which models think or speak among themselves: reasoning, and messages between agents. Promises that
// every readable text in them is kept in order.
import type { AgentMessageItem, Item } from "../../hub/item.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { optionalList, optionalString, requiredEntry, requiredString } from "./check.ts";
import { entry, pathOf, wrongType } from "./refuse.ts";
import type { Place } from "./refuse.ts";

/** A reasoning item; summary and content are put right in place. */
export function readReasoning(item: JsonObject, place: Place): Item {
  item["summary"] = readTexts(item, "summary", "summary_text", place) ?? [];
  const content = readTexts(item, "content", "reasoning_text", place);
  if (content !== undefined) item["content"] = content;
  optionalString(item, "encrypted_content", place);
  // Every field of a ReasoningItem was checked or set.
  return item as unknown as Item;
}

/** Parts that hold text and nothing else that matters; whatever the client calls them, they are of `type` afterwards. */
function readTexts(item: JsonObject, name: string, type: string, place: Place): Json[] | undefined {
  const list = optionalList(item, name, place, "an array of objects");
  if (list === undefined) return undefined;
  for (let index = 0; index < list.length; index += 1) {
    const at = entry(place, name, index);
    const part = requiredEntry(list[index], at);
    requiredString(part, "text", at);
    part["type"] = type;
  }
  return list;
}

/** A message between agents. Codex names the payload encrypted, but with any model of ours it is the plain text it was given. */
export function readAgentMessage(item: JsonObject, place: Place): AgentMessageItem {
  const message: AgentMessageItem = {
    type: "agent_message",
    author: optionalString(item, "author", place) ?? "",
    recipient: optionalString(item, "recipient", place) ?? "",
    text: agentText(item["content"], place),
  };
  const id = optionalString(item, "id", place);
  if (id !== undefined) message.id = id;
  return message;
}

function agentText(content: Json | undefined, place: Place): string {
  if (content === undefined) return "";
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) throw wrongType(pathOf(place, "content"), "one of a string or array of objects", content);
  let text = "";
  for (let index = 0; index < content.length; index += 1) {
    const at = entry(place, "content", index);
    const part = requiredEntry(content[index], at);
    text += optionalString(part, "text", at) ?? optionalString(part, "encrypted_content", at) ?? "";
  }
  return text;
}
