// A turn as a readable conversation, from the bodies that the log keeps of it: what the client sent, and what it got.
// Pure, and promises to read leniently: every item gives an entry, one of an unknown type is shown by its type, and a body
// that is no Responses request or reply gives a note that says so.
import { asList, asNumber, asObject, asString, isObject, parseJson } from "../kit/json.ts";
import type { Json, JsonObject } from "../kit/json.ts";
import { readStream } from "./transcript-stream.ts";

/** One step of a conversation. */
export type TranscriptEntry =
  | { kind: "message"; role: string; text: string }
  /** `sealed`: there is state that only its issuer can read. */
  | { kind: "reasoning"; text: string; sealed: boolean }
  /** `input` is the arguments' JSON text, or a custom tool's plain text. */
  | { kind: "call"; tool: string; callId: string; input: string }
  /** `tool` is the name of the call that it answers, where that is known. */
  | { kind: "result"; tool: string | null; callId: string; text: string }
  /** What has no text of its own: tools, items of other types, the end of a reply. */
  | { kind: "note"; text: string };

/** The conversation of one turn. */
export interface Transcript {
  request: TranscriptEntry[];
  reply: TranscriptEntry[];
}

/** Derives the transcript of a Responses turn from the bodies of the client's request and reply; null = there is none. */
export function readTranscript(request: string | null, reply: string | null): Transcript {
  const tools = new Map<string, string>();
  return {
    request: request === null ? [] : readRequest(request, tools),
    reply: reply === null ? [] : readReply(reply, tools),
  };
}

const note = (text: string): TranscriptEntry => ({ kind: "note", text });

function readRequest(text: string, tools: Map<string, string>): TranscriptEntry[] {
  const body = asObject(parseJson(text));
  if (body === undefined) return [note(`the request is no JSON object: ${text.slice(0, 200)}`)];
  const entries: TranscriptEntry[] = [];
  const instructions = asString(body["instructions"]);
  if (instructions !== undefined && instructions !== "") entries.push({ kind: "message", role: "instructions", text: instructions });
  const names = asList(body["tools"]).map(toolName);
  if (names.length > 0) entries.push(note(`tools: ${names.join(", ")}`));
  const input = body["input"];
  if (typeof input === "string") entries.push({ kind: "message", role: "user", text: input });
  else entries.push(...asList(input).flatMap((item) => readItem(item, tools)));
  return entries;
}

function readReply(text: string, tools: Map<string, string>): TranscriptEntry[] {
  const whole = asObject(parseJson(text));
  const { items, response, error } =
    whole === undefined || typeof whole["type"] === "string"
      ? readStream(text)
      : { items: whole["output"], response: whole, error: whole["error"] };
  const entries = asList(items).flatMap((item) => readItem(item, tools));
  const status = asString(response?.["status"]);
  const reason = asString(asObject(response?.["incomplete_details"])?.["reason"]);
  if (status === "incomplete") entries.push(note(`incomplete: ${reason ?? "no reason given"}`));
  const problem = asObject(response?.["error"]) ?? asObject(error);
  if (problem !== undefined) entries.push(note(`error ${asString(problem["code"]) ?? ""}: ${asString(problem["message"]) ?? ""}`));
  else if (response === undefined) entries.push(note("the reply has no end"));
  return entries;
}

function toolName(tool: Json): string {
  const wire = asObject(tool);
  const name = asString(wire?.["name"]);
  const type = asString(wire?.["type"]) ?? "tool";
  if (type === "namespace") return `${name ?? type} (${asList(wire?.["tools"]).map(toolName).join(", ")})`;
  return name ?? type;
}

function readItem(raw: Json, tools: Map<string, string>): TranscriptEntry[] {
  if (!isObject(raw)) return [note(`an item that is no object: ${JSON.stringify(raw).slice(0, 200)}`)];
  const callId = asString(raw["call_id"]) ?? "";
  switch (asString(raw["type"]) ?? "message") {
    case "message":
      return [{ kind: "message", role: asString(raw["role"]) ?? "unknown", text: textOf(raw["content"]) }];
    case "reasoning":
      return [readReasoning(raw)];
    case "function_call":
    case "custom_tool_call":
    case "tool_search_call": {
      const tool = [asString(raw["namespace"]), asString(raw["name"]) ?? asString(raw["type"])]
        .filter((name) => name !== undefined)
        .join(".");
      tools.set(callId, tool);
      return [{ kind: "call", tool, callId, input: textOf(raw["arguments"] ?? raw["input"]) }];
    }
    case "function_call_output":
    case "custom_tool_call_output":
      return [{ kind: "result", tool: tools.get(callId) ?? null, callId, text: textOf(raw["output"]) }];
    case "tool_search_output": {
      const found = asList(raw["tools"]).map(toolName).join(", ");
      return [{ kind: "result", tool: tools.get(callId) ?? "tool_search", callId, text: `found: ${found}` }];
    }
    case "additional_tools":
      return [note(`more tools: ${asList(raw["tools"]).map(toolName).join(", ")}`)];
    case "compaction":
    case "compaction_summary":
      return [note(`[compaction] the conversation so far, sealed in ${asString(raw["encrypted_content"])?.length ?? 0} characters`)];
    default:
      return [note(readOther(raw))];
  }
}

function readReasoning(item: JsonObject): TranscriptEntry {
  const texts = [...asList(item["summary"]), ...asList(item["content"])].map((part) => asString(asObject(part)?.["text"]) ?? "");
  return {
    kind: "reasoning",
    text: texts.filter((text) => text !== "").join("\n\n"),
    sealed: typeof item["encrypted_content"] === "string",
  };
}

const LONGEST_OTHER = 500;

/** An item that we have no form for: its type, and as much of it as one likes to see. */
function readOther(item: JsonObject): string {
  const { type, ...rest } = item;
  const text =
    asString(rest["text"]) ?? JSON.stringify(rest, (_key, value: unknown) => (typeof value === "string" ? shorten(value) : value));
  return `[${asString(type) ?? "item"}] ${text.length > LONGEST_OTHER ? `${text.slice(0, LONGEST_OTHER)}...` : text}`;
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}... (${text.length} characters)` : text;
}

/** Text, parts, or any other JSON as text; parts without text are named by their type. */
function textOf(content: Json | undefined): string {
  if (typeof content === "string") return content;
  if (content === undefined || content === null) return "";
  if (!Array.isArray(content)) return JSON.stringify(content);
  return content.map(partText).join("\n");
}

function partText(part: Json): string {
  const wire = asObject(part);
  const text = asString(wire?.["text"]) ?? asString(wire?.["refusal"]);
  if (text !== undefined) return text;
  const url = asString(wire?.["image_url"]) ?? asString(wire?.["file_url"]) ?? asString(wire?.["file_data"]);
  const name = asString(wire?.["filename"]) ?? asString(wire?.["file_id"]);
  const size = asNumber(url?.length);
  const what = url === undefined || url.startsWith("data:") ? (size === undefined ? "" : `, ${size} characters of data`) : `, ${url}`;
  return `[${asString(wire?.["type"]) ?? "part"}${name === undefined ? "" : ` ${name}`}${what}]`;
}
