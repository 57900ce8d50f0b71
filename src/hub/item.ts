// Items and their parts: the nouns of the Responses API, as we hold them between reading a request and writing one.
// Promises: a listener delivers only these shapes (content is always a list, type is always there); what we do not
// know, or only pass on, is kept whole as `opaque`. Field names are the wire's (OpenAI OpenAPI 2.3.0, section 3 of the contract).
import type { JsonObject } from "../kit/json.ts";

/** Who speaks in a message. */
export type Role = "user" | "assistant" | "system" | "developer";

/** Where an item stands; absent on item types that have no status. */
export type ItemStatus = "in_progress" | "completed" | "incomplete" | "failed";

/** Text that a client put in. */
export interface InputText {
  type: "input_text";
  text: string;
}

/** An image by URL (`data:` or http) or by file id. */
export interface InputImage {
  type: "input_image";
  image_url?: string | null;
  file_id?: string | null;
  detail?: string | null;
}

/** A file by content (`data:` URL), URL or id. */
export interface InputFile {
  type: "input_file";
  filename?: string | null;
  file_data?: string | null;
  file_url?: string | null;
  file_id?: string | null;
}

/** Sound, base64. */
export interface InputAudio {
  type: "input_audio";
  input_audio: { data: string; format: string };
}

/** Text that a model said. */
export interface OutputText {
  type: "output_text";
  text: string;
  annotations: JsonObject[];
  logprobs: JsonObject[];
}

/** A model's refusal. */
export interface Refusal {
  type: "refusal";
  refusal: string;
}

/** A part type that no dialect of ours reads; kept whole. */
export interface OpaquePart {
  type: "opaque";
  wire: JsonObject;
}

export type InputPart = InputText | InputImage | InputFile | InputAudio | OpaquePart;
export type OutputPart = OutputText | Refusal;
export type Part = InputPart | OutputPart;

/** A message of any role; an assistant's parts are output parts, the others' are input parts (clients mix them). */
export interface MessageItem {
  type: "message";
  id?: string;
  role: Role;
  status?: ItemStatus;
  phase?: string | null;
  content: Part[];
}

/** What a model thought: a summary, the raw text, and opaque state that belongs to its issuer. */
export interface ReasoningItem {
  type: "reasoning";
  id?: string;
  summary: { type: "summary_text"; text: string }[];
  content?: { type: "reasoning_text"; text: string }[];
  encrypted_content?: string | null;
}

/** A call of a function tool; `arguments` is JSON text. */
export interface FunctionCallItem {
  type: "function_call";
  id?: string;
  status?: ItemStatus;
  call_id: string;
  name: string;
  namespace?: string;
  arguments: string;
}

/** What a tool returned: text, or parts. */
export type ToolOutput = string | InputPart[];

export interface FunctionCallOutputItem {
  type: "function_call_output";
  id?: string;
  status?: ItemStatus;
  call_id: string;
  output: ToolOutput;
}

/** A call of a custom (freeform) tool; `input` is plain text. */
export interface CustomToolCallItem {
  type: "custom_tool_call";
  id?: string;
  status?: ItemStatus;
  call_id: string;
  name: string;
  namespace?: string;
  input: string;
}

export interface CustomToolCallOutputItem {
  type: "custom_tool_call_output";
  id?: string;
  status?: ItemStatus;
  call_id: string;
  output: ToolOutput;
}

/** The model's search among deferred tools; `arguments` is an object. With execution `client` the client answers it. */
export interface ToolSearchCallItem {
  type: "tool_search_call";
  id?: string;
  status?: ItemStatus;
  call_id: string | null;
  execution: string;
  arguments: JsonObject;
}

/** The tools that a search found: callable from here on, although they are never added to `tools`. */
export interface ToolSearchOutputItem {
  type: "tool_search_output";
  id?: string;
  status?: ItemStatus;
  call_id: string | null;
  execution: string;
  tools: Tool[];
}

/** Tools that arrive in mid-conversation (Codex sends them as the first input item for its newest models). */
export interface AdditionalToolsItem {
  type: "additional_tools";
  id?: string;
  role: Role;
  tools: Tool[];
}

/** A message between agents (Codex multi-agent v2): text parts, some of them named encrypted though they are plain. */
export interface AgentMessageItem {
  type: "agent_message";
  id?: string;
  author: string;
  recipient: string;
  text: string;
}

/** A conversation folded into one opaque blob. */
export interface CompactionItem {
  type: "compaction";
  id?: string;
  encrypted_content: string;
}

/** Changes effort or output format for what follows. */
export interface ConfigurationUpdateItem {
  type: "configuration_update";
  id?: string;
  reasoning?: { effort?: string | null };
  text?: { format?: TextFormat };
}

/** A call of a tool that the API itself defines and the client runs; `wire` is the whole item. */
export interface BuiltInCallItem {
  type: "built_in_call";
  tool: BuiltInTool["tool"];
  call_id: string;
  wire: JsonObject;
}

/** What such a call gave; `wire` is the whole item. */
export interface BuiltInOutputItem {
  type: "built_in_output";
  tool: BuiltInTool["tool"];
  call_id: string;
  wire: JsonObject;
}

/** Any other item, kept whole: hosted tools' history and types that came after us. */
export interface OpaqueItem {
  type: "opaque";
  wire: JsonObject;
}

/** Everything that can stand in a request's input after the listener and the state floor are done with it. */
export type Item =
  | MessageItem
  | ReasoningItem
  | FunctionCallItem
  | FunctionCallOutputItem
  | CustomToolCallItem
  | CustomToolCallOutputItem
  | ToolSearchCallItem
  | ToolSearchOutputItem
  | AdditionalToolsItem
  | AgentMessageItem
  | CompactionItem
  | ConfigurationUpdateItem
  | BuiltInCallItem
  | BuiltInOutputItem
  | OpaqueItem;

/** What a reply can hold. Every item has its id; `opaque` is a finished native item of an upstream. */
export type OutputItem =
  | (MessageItem & { id: string; role: "assistant"; status: ItemStatus; content: OutputPart[] })
  | (ReasoningItem & { id: string })
  | (FunctionCallItem & { id: string; status: ItemStatus })
  | (CustomToolCallItem & { id: string; status: ItemStatus })
  | (ToolSearchCallItem & { id: string; status: ItemStatus })
  | (CompactionItem & { id: string })
  | BuiltInOutputCall;

/** A finished call of a built-in tool, in wire form. */
export type BuiltInOutputCall = JsonObject & {
  id: string;
  type: "local_shell_call" | "shell_call" | "apply_patch_call";
  status: ItemStatus;
};

/** A function that the client runs. */
export interface FunctionTool {
  type: "function";
  name: string;
  description?: string | null;
  parameters?: JsonObject | null;
  strict?: boolean | null;
  defer_loading?: boolean;
}

/** A tool whose input is free text, perhaps held to a grammar. */
export interface CustomTool {
  type: "custom";
  name: string;
  description?: string | null;
  format?: { type: "text" } | { type: "grammar"; syntax: string; definition: string };
  defer_loading?: boolean;
}

/** Tools under a common name; their calls carry `name` and `namespace`. */
export interface NamespaceTool {
  type: "namespace";
  name: string;
  description?: string | null;
  tools: (FunctionTool | CustomTool)[];
}

/** Search among deferred tools; with execution `client` the client does it. */
export interface ToolSearchTool {
  type: "tool_search";
  execution?: string;
  description?: string | null;
  parameters?: JsonObject | null;
}

/** A tool that the API itself defines and the client runs. */
export interface BuiltInTool {
  type: "built_in";
  tool: "local_shell" | "shell" | "apply_patch";
  wire: JsonObject & { type: string };
}

/** A tool that the model's vendor runs, or one that came after us. `type` is the wire's own. */
export interface HostedTool {
  type: "hosted";
  wire: JsonObject & { type: string };
}

export type Tool = FunctionTool | CustomTool | NamespaceTool | ToolSearchTool | BuiltInTool | HostedTool;

/** The form that the final text must take. */
export type TextFormat =
  | { type: "text" }
  | { type: "json_object" }
  | { type: "json_schema"; name: string; schema: JsonObject; description?: string | null; strict?: boolean | null };

/** The text of parts, joined by newlines; parts without text are left out. */
export function textOf(content: string | readonly Part[]): string {
  if (typeof content === "string") return content;
  const texts: string[] = [];
  for (const part of content) {
    if (part.type === "input_text" || part.type === "output_text") texts.push(part.text);
    else if (part.type === "refusal") texts.push(part.refusal);
  }
  return texts.join("\n");
}
