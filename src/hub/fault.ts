// Faults: every way in which a turn can fail, as one closed union with a kind, and their meaning in OpenAI's terms.
// Promises that a fault always has a status, a code and a sentence, and that no fault carries a secret.

/** What went wrong. Kinds are about the cause, not about who is told. */
export type FaultKind =
  | "invalid_request"
  | "authentication"
  | "permission"
  | "not_found"
  | "model_not_found"
  | "too_large"
  | "context_length"
  | "content_filter"
  | "rate_limit"
  | "quota"
  | "overloaded"
  | "server"
  | "unreachable"
  | "timeout"
  | "bad_reply"
  | "cut"
  | "client_closed"
  | "cancelled"
  | "shutdown";

/** A failure on its way to the client and to the log. */
export interface Fault {
  kind: FaultKind;
  /** The HTTP status for a client that has not got its headers yet. */
  status: number;
  /** A sentence: what was wrong, where, and what to do. */
  message: string;
  /** OpenAI's `code`; null where the API has none. */
  code: string | null;
  /** OpenAI's `param`: the path of the field at fault. */
  param: string | null;
  /** Seconds to wait before the next try, where the upstream said so. */
  retryAfter?: number;
  /** The fault came from the upstream's own words (their status and message), not from us. */
  upstream: boolean;
  /** Whatever its kind: the same call would end the same way. */
  final?: true;
}

interface KindRule {
  status: number;
  code: string | null;
  type: string;
  /** Whether another try of the same request may succeed. */
  retryable: boolean;
}

const RULES: Readonly<Record<FaultKind, KindRule>> = {
  invalid_request: { status: 400, code: null, type: "invalid_request_error", retryable: false },
  authentication: { status: 401, code: "invalid_api_key", type: "invalid_request_error", retryable: false },
  permission: { status: 403, code: null, type: "invalid_request_error", retryable: false },
  not_found: { status: 404, code: null, type: "invalid_request_error", retryable: false },
  model_not_found: { status: 400, code: "model_not_found", type: "invalid_request_error", retryable: false },
  too_large: { status: 413, code: "request_too_large", type: "invalid_request_error", retryable: false },
  context_length: { status: 400, code: "context_length_exceeded", type: "invalid_request_error", retryable: false },
  content_filter: { status: 400, code: "content_filter", type: "invalid_request_error", retryable: false },
  rate_limit: { status: 429, code: "rate_limit_exceeded", type: "rate_limit_error", retryable: true },
  quota: { status: 429, code: "insufficient_quota", type: "insufficient_quota", retryable: false },
  overloaded: { status: 503, code: "server_error", type: "server_error", retryable: true },
  server: { status: 500, code: "server_error", type: "server_error", retryable: true },
  unreachable: { status: 502, code: "server_error", type: "server_error", retryable: true },
  timeout: { status: 504, code: "server_error", type: "server_error", retryable: false },
  bad_reply: { status: 502, code: "server_error", type: "server_error", retryable: true },
  cut: { status: 502, code: "server_error", type: "server_error", retryable: true },
  client_closed: { status: 499, code: null, type: "server_error", retryable: false },
  cancelled: { status: 409, code: null, type: "invalid_request_error", retryable: false },
  shutdown: { status: 503, code: "server_error", type: "server_error", retryable: false },
};

/** Makes a fault; status and code follow from the kind unless given. */
export function fault(kind: FaultKind, message: string, more: Partial<Omit<Fault, "kind" | "message">> = {}): Fault {
  const rule = RULES[kind];
  return { kind, message, status: rule.status, code: rule.code, param: null, upstream: false, ...more };
}

/** Whether the same request may be tried again after this fault. */
export function isRetryable(failure: Fault): boolean {
  return RULES[failure.kind].retryable && failure.final !== true;
}

/** OpenAI's error object, as in an HTTP body (`{error: this}`). */
export interface WireError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/** The fault as OpenAI's error object. */
export function writeError(failure: Fault): WireError {
  return { message: failure.message, type: RULES[failure.kind].type, param: failure.param, code: failure.code };
}

/** The fault as the `error` of a failed Response, whose code may not be null; the wait is in the words that Codex parses. */
export function writeResponseError(failure: Fault): { code: string; message: string } {
  const wait = failure.kind === "rate_limit" ? ` Please try again in ${failure.retryAfter ?? DEFAULT_RETRY_AFTER}s.` : "";
  return { code: failure.code ?? "server_error", message: failure.message + wait };
}

/** Seconds told to a client whose upstream limits it without saying for how long: a bare 429 is final for Codex. */
export const DEFAULT_RETRY_AFTER = 5;

/** An error that carries a fault through code that throws (validation of requests). */
export class FaultError extends Error {
  readonly fault: Fault;

  constructor(failure: Fault) {
    super(failure.message);
    this.name = "FaultError";
    this.fault = failure;
  }
}
