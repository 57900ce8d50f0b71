// A client's body, from bytes to JSON. Promises bounds on depth and node count before anything is parsed, and a sentence that
// says where malformed JSON breaks.
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import type { Json } from "../kit/json.ts";
import { guardJson } from "../kit/json-guard.ts";

/** Deepest nesting, and most values, of a request. */
const BOUNDS = { depth: 128, nodes: 1_000_000 };

/** The parsed body, or why there is none. */
export function parseBody(bytes: Uint8Array): { ok: true; body: Json } | { ok: false; fault: Fault } {
  if (bytes.length === 0)
    return { ok: false, fault: fault("invalid_request", "The request has no body: a JSON object with `model` and `input` is needed.") };
  const guarded = guardJson(bytes, BOUNDS);
  if (!guarded.ok) {
    const limit = guarded.what === "depth" ? `nested deeper than ${BOUNDS.depth} levels` : `made of more than ${BOUNDS.nodes} values`;
    return { ok: false, fault: fault("invalid_request", `The request's JSON is ${limit} (at byte ${guarded.at}).`) };
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  try {
    // JSON.parse is typed `any`; what it returns is Json by definition.
    return { ok: true, body: JSON.parse(text) as Json };
  } catch (error) {
    const words = error instanceof Error ? error.message : "";
    return { ok: false, fault: fault("invalid_request", `We could not parse the JSON body of your request: ${words.slice(0, 200)}`) };
  }
}
