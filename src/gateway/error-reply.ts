// A fault as an HTTP reply: for whoever has no headers yet.
import type { Headers } from "../contract.ts";
import { DEFAULT_RETRY_AFTER, writeError } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";

/** A fault as an HTTP reply in OpenAI's shape. */
export function errorReply(failure: Fault): { status: number; headers: Headers; body: string } {
  const headers: Headers = { "content-type": "application/json" };
  if (failure.kind === "rate_limit" || (failure.retryAfter !== undefined && failure.status >= 429)) {
    headers["retry-after"] = String(Math.max(1, Math.ceil(failure.retryAfter ?? DEFAULT_RETRY_AFTER)));
  }
  if (failure.status === 401 || failure.status === 403) headers["x-should-retry"] = "false";
  return { status: failure.status, headers, body: JSON.stringify({ error: writeError(failure) }) };
}
