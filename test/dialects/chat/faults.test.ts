// Error replies of chat servers: the kind that a client can act on, the status, and the vendor's own words whole.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFault } from "../../../src/dialects/chat/faults.ts";
import { localRows } from "./fault-rows-local.ts";
import { rows } from "./fault-rows.ts";

test.each([...rows, ...localRows])("%s", (_name, status, body, kind, told, message) => {
  const failure = readFault(status, typeof body === "string" ? body : JSON.stringify(body), undefined);
  expect(failure).toMatchObject({ kind, status: told, message, upstream: true });
});

describe("a limit that says when it ends", () => {
  const google = JSON.stringify({
    error: {
      code: 429,
      message: "You exceeded your current quota, please check your plan and billing details.",
      status: "RESOURCE_EXHAUSTED",
    },
  });

  test("is a rate, although its words are of a quota", () => {
    expect(readFault(429, google, 34)).toMatchObject({ kind: "rate_limit", retryAfter: 34 });
  });

  test("that says no time is a quota", () => {
    expect(readFault(429, google, undefined).kind).toBe("quota");
  });

  test("of a quota stays one", () => {
    expect(readFault(429, JSON.stringify({ error: { code: "insufficient_quota", message: "x" } }), 1).kind).toBe("quota");
  });
});

test("the parameter at fault is kept", () => {
  expect(readFault(400, JSON.stringify({ error: { message: "x", param: "messages[3]" } }), undefined).param).toBe("messages[3]");
});

test("a long message is kept whole where it is JSON, and cut where it is not", () => {
  const words = "word ".repeat(2000).trim();
  expect(readFault(400, JSON.stringify({ error: { message: words } }), undefined).message).toBe(words);
  expect(readFault(400, words, undefined).message.length).toBeLessThanOrEqual(500);
});

test("no body makes it throw, and every fault has a message and an error's status", () => {
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 599 }), fc.oneof(fc.json(), fc.string()), (status, text) => {
      const failure = readFault(status, text, undefined);
      expect(failure.message).not.toBe("");
      expect(failure.status).toBeGreaterThanOrEqual(400);
    }),
  );
});
