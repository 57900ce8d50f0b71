// Pieces in few words, for tests of what becomes of them.
import type { CallKind, FinishReason, Piece } from "../../src/hub/piece.ts";
import type { JsonObject } from "../../src/kit/json.ts";

export const text = (value: string): Piece => ({ kind: "text", text: value });
export const thought = (value: string): Piece => ({ kind: "reasoning", text: value });
export const state = (value: string): Piece => ({ kind: "state", state: { value } });
export const args = (key: number, value: string): Piece => ({ kind: "args", key, text: value });
export const ended = (key: number, intact = true): Piece => ({ kind: "call_end", key, intact });
export const finish = (reason: FinishReason): Piece => ({ kind: "finish", reason });
export const call = (key: number, kind: CallKind = "function"): Piece => ({
  kind: "call",
  key,
  call_id: `call_${key}`,
  name: `tool_${key}`,
  call: kind,
});

/** Type and status of each item. */
export function statuses(output: readonly JsonObject[]): string[] {
  return output.map((item) => `${String(item["type"])} ${String(item["status"] ?? "")}`.trim());
}
