// The rows of the contract's table: what becomes of a part of a request, and the proof of it.
import type { JsonObject } from "../../src/kit/json.ts";

/** What becomes of something: sent on, done by us, only repeated, refused, or left out with a declared loss. */
export type Fate = "translated" | "emulated" | "echoed" | "refused" | "dropped";

/** What shows it. */
export interface Proof {
  /** What the upstream gets. */
  sent?: JsonObject;
  /** What it does not get. */
  unsent?: string[];
  /** What the response says. */
  reply?: JsonObject;
  /** `kind feature`; default: none. */
  losses?: string[];
  /** Of a refusal, always with status 400 unless it says otherwise. */
  error?: JsonObject;
  /** What the target differs in. */
  provider?: JsonObject;
  /** Further entries of the configuration. */
  config?: JsonObject;
}

/** A line of the table. */
export type Row = [what: string, fate: Fate, request: JsonObject, proof: Proof];

export const LOOK = {
  type: "function",
  name: "look",
  description: "Looks.",
  parameters: { type: "object", properties: {} },
  strict: false,
};
export const FUNCTION = { name: "look", description: "Looks.", parameters: { type: "object", properties: {} } };
export const SCHEMA = { type: "object", properties: { a: { type: "string" } } };
export const format = (more: JsonObject): JsonObject => ({ text: { format: more } });
export const JSON_SCHEMA = format({ type: "json_schema", name: "x", schema: SCHEMA, strict: true });
export const user = (content: unknown): JsonObject => ({ role: "user", content }) as JsonObject; // what tests write here is JSON
export const input = (...items: JsonObject[]): JsonObject => ({ input: items });
export const quirks = (more: JsonObject): JsonObject => ({ quirks: more });
export const capabilities = (more: JsonObject): JsonObject => ({ capabilities: more });
export const pairs = (count: number, key = "k", value = "v"): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${key}${index}`, value]));
export const PDF = "data:application/pdf;base64,JVBERg==";
export const message = (content: unknown, role = "user"): JsonObject => ({ messages: [{ role, content }] }) as JsonObject; // as above
