// The form in which a chat upstream showed its reasoning, as sealed state: read from a reply, merged, and written back.
// Promises that the upstream gets its reasoning back in the very field and form in which it sent it.
import type { Json, JsonObject } from "../../kit/json.ts";
import { asObject, asString, isObject } from "../../kit/json.ts";

/** Where readable reasoning stood: a field beside the text, tags in it, thinking parts of list content, or details alone. */
export type ReasoningForm = "reasoning_content" | "reasoning" | "think" | "parts" | "details";

/** What a seal of a chat reply holds. */
export interface ReasoningState {
  form: ReasoningForm;
  text: string;
  /** White space between a closing think tag and the text. */
  gap?: string;
  /** `reasoning_details` as OpenRouter and others send them: signatures and encrypted blocks among them. */
  details?: JsonObject[];
  /** Google's `extra_content` (thought signatures) by our call id; the empty id stands for the message itself. */
  extra?: JsonObject;
}

/** Adds details to a list as a stream brings them: the pieces of one block become one block again. */
export function mergeDetails(into: JsonObject[], details: readonly Json[]): void {
  for (const detail of details) {
    if (!isObject(detail)) continue;
    const last = into.at(-1);
    if (last === undefined || !continues(last, detail)) {
      into.push({ ...detail });
      continue;
    }
    for (const [key, value] of Object.entries(detail)) {
      if (value === null || value === undefined) continue;
      const known = last[key];
      const text = key === "text" || key === "summary";
      last[key] = text && typeof known === "string" && typeof value === "string" ? known + value : value;
    }
  }
}

/** Whether a detail is more of the block before it: same type and index, no other id; data comes whole, and a signature last. */
function continues(block: JsonObject, detail: JsonObject): boolean {
  if (block["type"] !== detail["type"] || (block["index"] ?? 0) !== (detail["index"] ?? 0)) return false;
  if (block["id"] && detail["id"] && block["id"] !== detail["id"]) return false;
  return !block["signature"] && !(block["data"] && detail["data"]);
}

/** The readable text of details. */
export function detailsText(details: readonly Json[]): string {
  return details.map((detail) => (isObject(detail) ? (asString(detail["text"]) ?? asString(detail["summary"]) ?? "") : "")).join("");
}

/** A state from the data of a seal; undefined where it is not of this dialect's making. */
export function openState(data: JsonObject): ReasoningState | undefined {
  const form = data["form"];
  if (form !== "reasoning_content" && form !== "reasoning" && form !== "think" && form !== "parts" && form !== "details") return undefined;
  const state: ReasoningState = { form, text: asString(data["text"]) ?? "" };
  const gap = asString(data["gap"]);
  if (gap !== undefined) state.gap = gap;
  const details = data["details"];
  if (Array.isArray(details)) state.details = details.filter(isObject);
  const extra = asObject(data["extra"]);
  if (extra !== undefined) state.extra = extra;
  return state;
}

/** A state as the data of a seal. */
export function sealData(state: ReasoningState): JsonObject {
  return { ...state };
}

/** Whether the state holds the signatures of calls: Google's end refuses calls without theirs. */
export function bindsCalls(state: JsonObject): boolean {
  return Object.keys(asObject(state["extra"]) ?? {}).some((callId) => callId !== "");
}
