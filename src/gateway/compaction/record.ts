// The record of a conversation as text, for a model that is to sum it up. Promises that every item is in it, that one huge item takes
// no more than its share, and parts that each fit into so many bytes.
import { builtInArguments, builtInResult } from "../../hub/built-in.ts";
import type { CallItem } from "../../hub/alias.ts";
import type { Item, Part, ToolOutput } from "../../hub/item.ts";

/** More parts than this are not asked about: then each item gets less room. */
const MOST_PARTS = 12;
/** Bytes of one item. */
const LONGEST_ENTRY = 24_000;
const SHORTEST_ENTRY = 400;

/** The record in parts of at most so many bytes each; none where nothing was said. */
export function recordParts(items: readonly Item[], partBytes: number): string[] {
  for (let longest = Math.min(LONGEST_ENTRY, Math.floor(partBytes / 3)); ; longest = Math.floor(longest / 2)) {
    const parts = pack(items, longest, partBytes);
    if (parts.length <= MOST_PARTS) return parts;
    // The beginning says what was wanted, the end how it stands.
    if (longest < SHORTEST_ENTRY) return [...parts.slice(0, 2), ...parts.slice(2 - MOST_PARTS)];
  }
}

/** Bytes of an item as it stands in a record that leaves nothing out. */
export function recordBytes(item: Item): number {
  return Buffer.byteLength(entryOf(item));
}

function pack(items: readonly Item[], longest: number, partBytes: number): string[] {
  const parts: string[] = [];
  let entries: string[] = [];
  let size = 0;
  for (const item of items) {
    const whole = entryOf(item);
    if (whole === "") continue;
    const entry = shorten(whole, longest);
    const bytes = Buffer.byteLength(entry) + 2;
    if (size + bytes > partBytes && entries.length > 0) {
      parts.push(entries.join("\n\n"));
      entries = [];
      size = 0;
    }
    entries.push(entry);
    size += bytes;
  }
  if (entries.length > 0) parts.push(entries.join("\n\n"));
  return parts;
}

/** Head and tail of a text that is longer than so many bytes. */
function shorten(text: string, bytes: number): string {
  if (text.length <= bytes / 4 || Buffer.byteLength(text) <= bytes) return text;
  const half = Math.floor(bytes / 2);
  const encoded = Buffer.from(text);
  const [head, tail] = [encoded.subarray(0, half), encoded.subarray(-half)].map((piece) => piece.toString().replaceAll("\ufffd", ""));
  return `${head}\n[... ${encoded.length - 2 * half} bytes left out ...]\n${tail}`;
}

function entryOf(item: Item): string {
  switch (item.type) {
    case "message":
      return labelled(item.role, contentText(item.content));
    case "reasoning":
      return labelled("reasoning", [...item.summary, ...(item.content ?? [])].map((part) => part.text).join("\n"));
    case "function_call":
    case "custom_tool_call":
    case "tool_search_call":
    case "built_in_call":
      return `[call ${item.call_id ?? ""} of ${nameOf(item)}]\n${argumentsOf(item)}`;
    case "function_call_output":
    case "custom_tool_call_output":
      return `[output of call ${item.call_id}]\n${outputText(item.output)}`;
    case "built_in_output":
      return `[output of call ${item.call_id}]\n${builtInResult(item)}`;
    case "tool_search_output":
      return `[output of call ${item.call_id ?? ""}]\n${item.tools.length} tools were found`;
    case "agent_message":
      return labelled(`message from ${item.author} to ${item.recipient}`, item.text);
    case "compaction":
    case "additional_tools":
    case "configuration_update":
    case "opaque":
      return "";
  }
}

function labelled(label: string, text: string): string {
  return text.trim() === "" ? "" : `[${label}]\n${text}`;
}

function nameOf(item: CallItem): string {
  if (item.type === "built_in_call") return item.tool;
  if (item.type === "tool_search_call") return "tool_search";
  return item.namespace === undefined ? item.name : `${item.namespace}.${item.name}`;
}

function argumentsOf(item: CallItem): string {
  if (item.type === "custom_tool_call") return item.input;
  if (item.type === "tool_search_call") return JSON.stringify(item.arguments);
  return item.type === "built_in_call" ? builtInArguments(item) : item.arguments;
}

function outputText(output: ToolOutput): string {
  return typeof output === "string" ? output : contentText(output);
}

function contentText(content: readonly Part[]): string {
  return content.map(partText).join("\n");
}

function partText(part: Part): string {
  switch (part.type) {
    case "input_text":
    case "output_text":
      return part.text;
    case "refusal":
      return part.refusal;
    case "input_image":
      return "(an image)";
    case "input_file":
      return `(a file${part.filename ? `: ${part.filename}` : ""})`;
    case "input_audio":
      return "(a recording)";
    case "opaque":
      return "(an attachment)";
  }
}
