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

/**
 * Seconds to wait after an error of this status, from any header form that vendors use, or from the words of the body; undefined
 * where none says so.
 */
export function retryAfterOf(status: number, headers: Headers, text: string, nowMs: number): number | undefined {
  // Azure sends `retry-after-ms: 0` beside `retry-after: 1`.
  const exact = Number(headers["retry-after-ms"]);
  if (exact > 0 && Number.isFinite(exact)) return exact / 1000;
  const value = headers["retry-after"]?.trim();
  const asked = value ? (durationOf(value, nowMs) ?? untilDate(value, nowMs)) : undefined;
  return asked ?? waitInWords(text) ?? (status === 429 ? untilReset(headers, nowMs) : undefined);
}

function untilDate(text: string, nowMs: number): number | undefined {
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - nowMs) / 1000);
}

/** The counters that several vendors send with every reply: that of what is used up, else the first that says when it begins anew. */
function untilReset(headers: Headers, nowMs: number): number | undefined {
  const waits = ["-requests", "-tokens", ""].flatMap((name) => {
    const wait = durationOf(headers[`x-ratelimit-reset${name}`] ?? "", nowMs);
    return wait === undefined ? [] : [{ wait, isUsedUp: headers[`x-ratelimit-remaining${name}`] === "0" }];
  });
  return (waits.find(({ isUsedUp }) => isUsedUp) ?? waits[0])?.wait;
}

const DURATION = /(\d+(?:\.\d+)?)\s*(milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h)(?![a-z])/gi;

/** `1.5`, `1s`, `6m0s`, `120ms`, or a moment as seconds or milliseconds since the epoch. */
function durationOf(text: string, nowMs: number): number | undefined {
  const plain = text === "" ? Number.NaN : Number(text);
  if (Number.isFinite(plain)) {
    if (plain > 1e12) return Math.max(0, (plain - nowMs) / 1000);
    return plain > 1e9 ? Math.max(0, plain - nowMs / 1000) : Math.max(0, plain);
  }
  const parts = [...text.matchAll(DURATION)];
  return parts.length === 0 ? undefined : parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * secondsIn(unit ?? ""), 0);
}

function secondsIn(unit: string): number {
  if (/^(?:ms|milli)/i.test(unit)) return 0.001;
  return /^s/i.test(unit) ? 1 : /^m/i.test(unit) ? 60 : 3600;
}

/** "Please try again in 7m12.5s", "retry in 20 seconds", `"retryDelay": "34s"`. */
function waitInWords(text: string): number | undefined {
  const words = /(?:try again in|retry in|retryDelay"?:\s*")\s*([\d.]+\s*[a-z]+(?:\s*\d[\d.]*\s*[a-z]+)*)/i.exec(
    text.slice(0, 20_000),
  )?.[1];
  return words === undefined ? undefined : durationOf(words, 0);
}
