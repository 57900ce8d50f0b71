// What a validator of streams says, and the comparison it needs. Promises that a violation names its rule, the event and what was seen.
import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type JsonObject } from "../../src/kit/json.ts";

/** One breach of the contract. `at` is the place of the event in the stream (-1: the stream as a whole), `type` its type. */
export interface Violation {
  rule: string;
  at: number;
  type: string;
  message: string;
}

/** Records a breach of `rule` at the current event. */
export type Report = (rule: string, message: string) => void;

/** An event whose type has been checked. */
export type StreamEvent = JsonObject & { type: string };

/** Fields that the service encrypts anew each time it sends an item: equal in meaning, never in value. */
const VOLATILE = new Set(["encrypted_content", "fingerprint"]);

function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, field]) => (VOLATILE.has(key) ? [] : [[key, steady(field)]])));
}

/** Whether two JSON values are the same but for opaque state. */
export function isSame(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(steady(left), steady(right));
}

/** A value, short enough to stand in a message. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

/** The first place at which two values differ: `.content[0].text: "a" / "b"`. */
export function difference(left: unknown, right: unknown, path = ""): string {
  if (isSame(left, right)) return "";
  if (isObject(left) && isObject(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const found = VOLATILE.has(key) ? "" : difference(left[key], right[key], `${path}.${key}`);
      if (found !== "") return found;
    }
  }
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    for (const [index, entry] of left.entries()) {
      const found = difference(entry, right[index], `${path}[${index}]`);
      if (found !== "") return found;
    }
  }
  return `${path}: ${show(left)} / ${show(right)}`;
}

/** Ids of the wire: what every client and every vendor takes. */
export function checkId(id: Json | undefined, prefix: string | undefined, report: Report): void {
  if (typeof id !== "string" || id === "") report("id.missing", `no id: ${show(id)}`);
  else if (id.length > 64) report("id.length", `${id.length} characters: ${show(id)}`);
  else if (!/^[A-Za-z0-9_-]+$/.test(id)) report("id.charset", show(id));
  else if (prefix !== undefined && !prefix.split("|").some((word) => id.startsWith(`${word}_`)))
    report("id.prefix", `${id} does not begin with ${prefix}_`);
}
