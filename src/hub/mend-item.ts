// The single items that a repaired history needs: made, marked with another id, or recognised as empty. Promises that the
// items given are never changed.
import type { CallItem } from "./alias.ts";
import { builtInResult } from "./built-in.ts";
import type { InputPart, Item, MessageItem, Part, ToolSearchCallItem, ToolSearchOutputItem } from "./item.ts";
import type { OutputOfCall } from "./pair-calls.ts";

const NO_RESULT = "Interrupted: the client gave no result for this call. It may have run, wholly or in part, or not at all.";

/** Whether an item says nothing: a message without parts, or with empty texts alone. */
export function isEmpty(item: Item): boolean {
  if (item.type === "agent_message") return item.text === "";
  return item.type === "message" && item.content.every(isEmptyPart);
}

function isEmptyPart(part: Part): boolean {
  if (part.type === "input_text" || part.type === "output_text") return part.text === "";
  return part.type === "refusal" && part.refusal === "";
}

/** Whether a call names no tool. */
export function isUnnamed(item: CallItem): boolean {
  return (item.type === "function_call" || item.type === "custom_tool_call") && item.name.trim() === "";
}

/** The item with a call id; the same object where it has that id. */
export function withId<T extends CallItem | OutputOfCall>(item: T, id: string): T {
  return item.call_id === id ? item : { ...item, call_id: id };
}

/** An output that says that there was none, of the kind that the call demands. */
export function outputFor(call: Item | undefined, id: string): OutputOfCall {
  if (call?.type === "tool_search_call")
    return { type: "tool_search_output", call_id: id, status: "incomplete", execution: call.execution, tools: [] };
  if (call?.type === "built_in_call")
    return { type: "built_in_output", tool: call.tool, call_id: id, wire: { status: "incomplete", output: NO_RESULT } };
  const type = call?.type === "custom_tool_call" ? "custom_tool_call_output" : "function_call_output";
  return { type, call_id: id, status: "incomplete", output: NO_RESULT };
}

/** The call that a search result must once have had. */
export function describeLostCall(output: ToolSearchOutputItem): ToolSearchCallItem {
  return { type: "tool_search_call", call_id: output.call_id, status: "completed", execution: output.execution, arguments: {} };
}

/** An output as a user message; `isFurther` = its call has an output already. */
export function quoteOutput(item: Exclude<OutputOfCall, ToolSearchOutputItem>, isFurther: boolean): MessageItem {
  const head = isFurther
    ? `[Further output of the tool call ${item.call_id}]`
    : `[Output of a tool call that is not part of this conversation]`;
  const output = item.type === "built_in_output" ? builtInResult(item) : item.output;
  const content: InputPart[] =
    typeof output === "string" ? [{ type: "input_text", text: `${head}\n${output}` }] : [{ type: "input_text", text: head }, ...output];
  return { type: "message", role: "user", content };
}
