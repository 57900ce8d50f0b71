// When to try again, and how long to wait. Pure. Promises that nothing is tried again that cannot succeed, and that a wait
// longer than the limit is the client's to make.
import type { Fault } from "../hub/fault.ts";
import { isRetryable } from "../hub/fault.ts";
import type { Headers } from "../contract.ts";

/** What follows a failed attempt. */
export type Decision = { next: "retry"; waitMs: number } | { next: "give_up" };

const BASE_MS = 100;
const CAP_MS = 8000;

/**
 * Decides after attempt number `tried` (1 = the first) failed. `chance` is a random number in [0, 1) for full jitter;
 * `retries` and `retryWaitS` are the limits of that name.
 */
export function decide(failure: Fault, tried: number, retries: number, retryWaitS: number, chance: number): Decision {
  if (!isRetryable(failure) || tried > retries) return { next: "give_up" };
  if (failure.retryAfter !== undefined) {
    return failure.retryAfter <= retryWaitS ? { next: "retry", waitMs: failure.retryAfter * 1000 } : { next: "give_up" };
  }
  // A limit without a time is the client's: it has to be told to wait, and a quick retry only counts against it.
  if (failure.kind === "rate_limit") return { next: "give_up" };
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** (tried - 1), retryWaitS * 1000);
  return { next: "retry", waitMs: Math.round(ceiling * chance) };
}

/** Whether another target may do better: not where the request itself, or the client, is at fault. */
export function mayFallBack(failure: Fault): boolean {
  return !["invalid_request", "client_closed", "shutdown", "content_filter", "too_large"].includes(failure.kind);
}

/** Seconds to wait, from any header form that vendors use, or from the words of the body; undefined where none says so. */
export function retryAfterOf(headers: Headers, text: string, nowMs: number): number | undefined {
  const exact = Number(headers["retry-after-ms"]);
  if (Number.isFinite(exact) && headers["retry-after-ms"] !== undefined) return Math.max(0, exact / 1000);
  const value = headers["retry-after"];
  if (value !== undefined) {
    const seconds = Number(value);
    if (Number.isFinite(seconds)) return Math.max(0, seconds);
    const date = Date.parse(value);
    if (!Number.isNaN(date)) return Math.max(0, (date - nowMs) / 1000);
  }
  for (const name of ["x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset"]) {
    const reset = headers[name];
    const seconds = reset === undefined ? undefined : durationOf(reset, nowMs);
    if (seconds !== undefined) return seconds;
  }
  return waitInWords(text);
}

/** `1.5`, `1s`, `6m0s`, `120ms`, or a moment as seconds or milliseconds since the epoch. */
function durationOf(text: string, nowMs: number): number | undefined {
  const plain = Number(text);
  if (Number.isFinite(plain)) {
    if (plain > 1e12) return Math.max(0, (plain - nowMs) / 1000);
    return plain > 1e9 ? Math.max(0, plain - nowMs / 1000) : Math.max(0, plain);
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0) return undefined;
  const unit: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };
  return parts.reduce((sum, [, amount, name]) => sum + Number(amount) * (unit[name ?? ""] ?? 0), 0);
}

/** "Please try again in 1.2s", `"retryDelay": "34s"`. */
function waitInWords(text: string): number | undefined {
  const match = /(?:try again in|retry in|retryDelay"?:\s*")\s*(\d+(?:\.\d+)?)\s*(ms|s)\b/i.exec(text.slice(0, 20_000));
  return match === null ? undefined : Number(match[1]) * (match[2] === "ms" ? 0.001 : 1);
}
