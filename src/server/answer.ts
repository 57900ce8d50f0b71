// Answers that are whole: JSON documents, text, and faults in OpenAI's error object. Promises one write each, with its length, and
// nothing in a fault but what the fault says.
import { writeError } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import type { Headers } from "../contract.ts";
import type { ReplyPort } from "../gateway/port.ts";

/** Sends a whole body. */
export function answer(port: ReplyPort, status: number, type: string, body: string | Uint8Array, more: Headers = {}): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  port.start(status, { "content-type": type, "content-length": String(bytes.length), ...more });
  if (bytes.length > 0) port.write(bytes);
  port.end();
}

/** Sends a JSON document. */
export function answerJson(port: ReplyPort, status: number, body: string | Uint8Array, more: Headers = {}): void {
  answer(port, status, "application/json", body, more);
}

/** Sends a fault by its status. */
export function answerFault(port: ReplyPort, failure: Fault, more: Headers = {}): void {
  answerJson(port, failure.status, faultBody(failure), { ...faultHeaders(failure), ...more });
}

/** A fault as an HTTP body. */
export function faultBody(failure: Fault): string {
  return JSON.stringify({ error: writeError(failure) });
}

/** What else an answer says of a fault. */
export function faultHeaders(failure: Fault): Headers {
  if (failure.status === 401) return { "www-authenticate": "Bearer", "x-should-retry": "false" };
  return failure.status === 403 ? { "x-should-retry": "false" } : {};
}
