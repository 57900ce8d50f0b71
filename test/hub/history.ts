// Histories for the tests of their repair: short ways to write items, and to read what came of them.
import type { Item } from "../../src/hub/item.ts";
import { LossList } from "../../src/hub/loss.ts";
import { repairItems } from "../../src/hub/repair.ts";

/** An item of that kind. */
export const user = (text: string): Item => ({ type: "message", role: "user", content: [{ type: "input_text", text }] });
/** An item of that kind. */
export const said = (text: string): Item => ({
  type: "message",
  role: "assistant",
  content: [{ type: "output_text", text, annotations: [], logprobs: [] }],
});
/** An item of that kind. */
export const thought = (text: string): Item => ({ type: "reasoning", summary: [], content: [{ type: "reasoning_text", text }] });
/** An item of that kind. */
export const call = (call_id: string, name = "exec"): Item => ({ type: "function_call", call_id, name, arguments: `{"of":"${call_id}"}` });
/** An item of that kind. */
export const output = (call_id: string, text = `output of ${call_id}`): Item => ({ type: "function_call_output", call_id, output: text });
/** An item of that kind. */
export const custom = (call_id: string): Item => ({ type: "custom_tool_call", call_id, name: "patch", input: "p" });
/** An item of that kind. */
export const customOutput = (call_id: string, text = "done"): Item => ({ type: "custom_tool_call_output", call_id, output: text });
/** An item of that kind. */
export const search = (call_id: string | null): Item => ({
  type: "tool_search_call",
  call_id,
  execution: "client",
  arguments: { query: "q" },
});
/** An item of that kind. */
export const found = (call_id: string | null): Item => ({
  type: "tool_search_output",
  call_id,
  execution: "client",
  tools: [{ type: "function", name: "send" }],
});

/** The history in short: `call a`, `output a: text`, `user: text`. */
function short(items: readonly Item[]): string[] {
  return items.map((item) => {
    switch (item.type) {
      case "message":
        return `${item.role}: ${item.content.map((part) => ("text" in part ? part.text : part.type)).join(" | ")}`;
      case "reasoning":
        return `reasoning: ${item.content?.[0]?.text ?? ""}`;
      case "function_call":
      case "custom_tool_call":
      case "tool_search_call":
        return `call ${item.call_id}`;
      case "function_call_output":
      case "custom_tool_call_output":
        return `output ${item.call_id}: ${typeof item.output === "string" ? item.output : "parts"}`;
      case "tool_search_output":
        return `found ${item.call_id}: ${item.tools.length}`;
      default:
        return item.type;
    }
  });
}

/** The repaired history, as items, in short, and its losses. */
export function repair(items: readonly Item[]): { items: Item[]; text: string[]; losses: string } {
  const losses = new LossList();
  const repaired = repairItems(items, losses);
  return { items: repaired, text: short(repaired), losses: losses.header() };
}
