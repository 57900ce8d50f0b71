// The chat-completions wire as we write it: only the fields that we set.
import type { JsonObject } from "../../kit/json.ts";

/** A part of a user message's list content. */
export type ChatPart =
  | { type: "text"; text: string }
  | { type: "image_url"; image_url: { url: string; detail?: string } }
  | { type: "input_audio"; input_audio: { data: string; format: string } }
  | { type: "file"; file: { filename?: string; file_data: string } };

/** What a user message holds. */
export type ChatContent = string | ChatPart[];

export interface ChatCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
  extra_content?: JsonObject;
}

export interface AssistantMessage {
  role: "assistant";
  content: string | JsonObject[] | null;
  reasoning_content?: string;
  reasoning?: string;
  reasoning_details?: JsonObject[];
  tool_calls?: ChatCall[];
  extra_content?: JsonObject;
}

export type ChatMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: ChatContent }
  | AssistantMessage
  | { role: "tool"; tool_call_id: string; content: string | ChatPart[] };
