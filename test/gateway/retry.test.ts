// When a call is tried again, when another target is asked, and how long a wait the vendors ask for, in every form they use.
import { describe, expect, test } from "vitest";
import { fault, type FaultKind } from "../../src/hub/fault.ts";
import { decide, mayFallBack, retryAfterOf } from "../../src/gateway/retry.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const CHANCE = 0.5;

describe("a call that failed is tried again", () => {
  test.each<[FaultKind, boolean, boolean]>([
    ["invalid_request", false, false],
    ["authentication", false, true],
    ["permission", false, true],
    ["not_found", false, true],
    ["model_not_found", false, true],
    ["too_large", false, false],
    ["context_length", false, true],
    ["content_filter", false, false],
    ["rate_limit", false, true],
    ["quota", false, true],
    ["overloaded", true, true],
    ["server", true, true],
    ["unreachable", true, true],
    ["timeout", false, true],
    ["bad_reply", true, true],
    ["cut", true, true],
    ["client_closed", false, false],
    ["shutdown", false, false],
  ])("%s: %s; another target is asked: %s", (kind, isTried, isAsked) => {
    expect(decide(fault(kind, "x"), 1, 2, 2, CHANCE).next).toBe(isTried ? "retry" : "give_up");
    expect(mayFallBack(fault(kind, "x"))).toBe(isAsked);
  });

  test("as often as the limit says, and no more", () => {
    const failure = fault("server", "x");
    expect([1, 2, 3].map((tried) => decide(failure, tried, 2, 2, CHANCE).next)).toEqual(["retry", "retry", "give_up"]);
    expect(decide(failure, 1, 0, 2, CHANCE)).toEqual({ next: "give_up" });
  });

  test("after a wait that grows, with jitter, and never beyond the limit", () => {
    const wait = (tried: number, chance: number, limit = 60): unknown => decide(fault("server", "x"), tried, 20, limit, chance);
    expect(wait(1, 1)).toEqual({ next: "retry", waitMs: 100 });
    expect(wait(3, 1)).toEqual({ next: "retry", waitMs: 400 });
    expect(wait(3, 0.25)).toEqual({ next: "retry", waitMs: 100 });
    expect(wait(3, 0)).toEqual({ next: "retry", waitMs: 0 });
    expect(wait(15, 1)).toEqual({ next: "retry", waitMs: 8000 });
    expect(wait(15, 1, 2)).toEqual({ next: "retry", waitMs: 2000 });
  });

  test("after the wait that the vendor asks for, if that is short enough", () => {
    expect(decide(fault("rate_limit", "x", { retryAfter: 1.5 }), 1, 2, 2, CHANCE)).toEqual({ next: "retry", waitMs: 1500 });
    expect(decide(fault("rate_limit", "x", { retryAfter: 2.5 }), 1, 2, 2, CHANCE)).toEqual({ next: "give_up" });
    expect(decide(fault("overloaded", "x", { retryAfter: 30 }), 1, 2, 2, CHANCE)).toEqual({ next: "give_up" });
    expect(decide(fault("quota", "x", { retryAfter: 1 }), 1, 2, 2, CHANCE)).toEqual({ next: "give_up" });
  });

  test("never where it would end the same way", () => {
    expect(decide(fault("bad_reply", "x", { final: true }), 1, 2, 2, CHANCE)).toEqual({ next: "give_up" });
  });
});

describe("the wait that a vendor asks for", () => {
  test.each<[string, Record<string, string>, string, number | undefined]>([
    ["seconds", { "retry-after": "20" }, "", 20],
    ["a fraction", { "retry-after": "0.5" }, "", 0.5],
    ["none at all", { "retry-after": "0" }, "", 0],
    ["a date", { "retry-after": "Wed, 25 Nov 2026 12:00:30 GMT" }, "", 30],
    ["a date that is past", { "retry-after": "Wed, 25 Nov 2026 11:00:00 GMT" }, "", 0],
    ["a duration", { "retry-after": "1m30s" }, "", 90],
    ["milliseconds, more exact than seconds", { "retry-after-ms": "1500", "retry-after": "2" }, "", 1.5],
    ["no milliseconds, but a second (Azure)", { "retry-after-ms": "0", "retry-after": "1" }, "", 1],
    ["nonsense", { "retry-after": "soon", "retry-after-ms": "soon" }, "", undefined],
    ["an empty header", { "retry-after": "", "retry-after-ms": "" }, "", undefined],
    ["a negative one", { "retry-after": "-5" }, "", 0],
    ["a reset in seconds", { "x-ratelimit-reset": "7" }, "", 7],
    ["a reset as a duration", { "x-ratelimit-reset-requests": "6m0s" }, "", 360],
    ["a reset in milliseconds", { "x-ratelimit-reset-tokens": "120ms" }, "", 0.12],
    ["a reset as a moment in milliseconds (OpenRouter)", { "x-ratelimit-reset": String(NOW + 42_000) }, "", 42],
    ["a reset as a moment in seconds", { "x-ratelimit-reset": String(NOW / 1000 + 42) }, "", 42],
    [
      "the reset of what is used up",
      {
        "x-ratelimit-remaining-requests": "10",
        "x-ratelimit-reset-requests": "120ms",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "8.6s",
      },
      "",
      8.6,
    ],
    ["words", {}, '{"error":{"message":"Rate limit reached. Please try again in 1.2s. Visit ..."}}', 1.2],
    ["words in minutes", {}, "Please try again in 7m12.5s.", 432.5],
    ["words in milliseconds", {}, "Please try again in 250ms.", 0.25],
    ["words in words", {}, "Please try again in 20 seconds.", 20],
    ["words of Google's", {}, "Please retry in 34.07s.", 34.07],
    ["Google's detail", {}, '{"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}', 34],
    ["words before a reset of something else", { "x-ratelimit-reset-requests": "120ms" }, "Please try again in 6s.", 6],
    ["nothing", {}, "Too many requests", undefined],
  ])("%s", (_name, headers, text, seconds) => {
    const found = retryAfterOf(429, headers, text, NOW);
    if (seconds === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(seconds, 3);
  });

  test("is not read from the counters that some vendors send with every reply", () => {
    const counters = { "x-ratelimit-remaining-tokens": "100", "x-ratelimit-reset-tokens": "6m0s" };
    expect(retryAfterOf(500, counters, "", NOW)).toBeUndefined();
    expect(retryAfterOf(503, { ...counters, "retry-after": "3" }, "", NOW)).toBe(3);
  });
});
