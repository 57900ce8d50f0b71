// Calls and their outputs across a stored history and the input that continues it. Promises the service's own refusals for a call that
// was left unanswered, and for an answer to no call.
import type { Item } from "../../hub/item.ts";
import { isCall, isOutput, pairCalls } from "../../hub/pair-calls.ts";
import { refuse } from "./refuse.ts";

/** Throws a FaultError where the items from `start` on do not answer the calls before them, or answer what nobody called. */
export function checkChain(items: readonly Item[], start: number): void {
  const { outputs, calls } = pairCalls(items);
  for (const [index, item] of items.entries()) {
    if (index < start) {
      if (isCall(item) && !outputs.has(index) && awaitsOutput(item)) throw unanswered(wordsOf(item.type), item.call_id ?? "");
    } else if (isOutput(item) && !calls.has(index) && item.type !== "tool_search_output") throw orphan(wordsOf(item.type), item.call_id);
  }
}

/** A search that a server answers, and a call that was cut short, wait for nothing. */
function awaitsOutput(item: Item): boolean {
  if (item.type === "tool_search_call") return item.execution === "client" && item.status !== "incomplete";
  if (item.type === "built_in_call") return item.wire["status"] !== "incomplete";
  return (item.type === "function_call" || item.type === "custom_tool_call") && item.status !== "incomplete";
}

/** `function call` for function_call and function_call_output. */
function wordsOf(type: Item["type"]): string {
  return type
    .replace(/_output$/, "")
    .replace(/^built_in$/, "built_in_call")
    .replaceAll("_", " ");
}

function unanswered(words: string, id: string): Error {
  return refuse("input", null, `No tool output found for ${words} ${id.slice(0, 64)}.`);
}

function orphan(words: string, id: string): Error {
  return refuse("input", null, `No tool call found for ${words} output with call_id ${id.slice(0, 64)}.`);
}
