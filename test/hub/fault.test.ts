// Faults in OpenAI's terms: every kind has a status, a type and a sentence, before and after the headers.
import { describe, expect, test } from "vitest";
import { FaultError, fault, isRetryable, writeError, writeResponseError, type FaultKind } from "../../src/hub/fault.ts";

type Row = [kind: FaultKind, status: number, type: string, code: string | null, retryable: boolean];

const rows: Row[] = [
  ["invalid_request", 400, "invalid_request_error", null, false],
  ["authentication", 401, "invalid_request_error", "invalid_api_key", false],
  ["permission", 403, "invalid_request_error", null, false],
  ["not_found", 404, "invalid_request_error", null, false],
  ["model_not_found", 400, "invalid_request_error", "model_not_found", false],
  ["too_large", 413, "invalid_request_error", "request_too_large", false],
  ["context_length", 400, "invalid_request_error", "context_length_exceeded", false],
  ["content_filter", 400, "invalid_request_error", "content_filter", false],
  ["rate_limit", 429, "rate_limit_error", "rate_limit_exceeded", true],
  ["quota", 429, "insufficient_quota", "insufficient_quota", false],
  ["overloaded", 503, "server_error", "server_error", true],
  ["server", 500, "server_error", "server_error", true],
  ["unreachable", 502, "server_error", "server_error", true],
  ["timeout", 504, "server_error", "server_error", false],
  ["bad_reply", 502, "server_error", "server_error", true],
  ["cut", 502, "server_error", "server_error", true],
  ["client_closed", 499, "server_error", null, false],
  ["shutdown", 503, "server_error", "server_error", false],
];

test.each(rows)("%s", (kind, status, type, code, retryable) => {
  const failure = fault(kind, "Words.");
  expect(failure).toMatchObject({ kind, status, code, message: "Words.", param: null, upstream: false });
  expect(writeError(failure)).toEqual({ message: "Words.", type, param: null, code });
  expect(isRetryable(failure)).toBe(retryable);
  expect(writeResponseError(failure)).toEqual({
    code: code ?? "server_error",
    message: kind === "rate_limit" ? "Words. Please try again in 5s." : "Words.",
  });
});

describe("what is known beside the kind", () => {
  test("is told: status, param, wait", () => {
    const failure = fault("rate_limit", "Slow down.", { status: 498, param: "model", retryAfter: 1.5, upstream: true });
    expect(failure).toMatchObject({ status: 498, param: "model", upstream: true });
    expect(writeError(failure)).toMatchObject({ param: "model" });
    expect(writeResponseError(failure).message).toBe("Slow down. Please try again in 1.5s.");
  });

  test("that the same call would end the same way, whatever the kind", () => {
    expect(isRetryable(fault("unreachable", "Wrong certificate.", { final: true }))).toBe(false);
  });
});

test("a fault that is thrown keeps its sentence", () => {
  const failure = fault("invalid_request", "No model.");
  const error = new FaultError(failure);
  expect(error.fault).toBe(failure);
  expect(error.message).toBe("No model.");
});
