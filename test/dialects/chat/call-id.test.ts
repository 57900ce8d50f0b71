// Ids of calls: clients get one that they can take, the upstream gets its own back.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientCallId, upstreamCallId } from "../../../src/dialects/chat/call-id.ts";

const CLEAN = /^[A-Za-z0-9_-]{1,64}$/;

test("a clean id is the client's as it is", () => {
  for (const id of ["call_abc", "0", "chatcmpl-tool-0a1b", "9Ab3xYz12", "x".repeat(64)]) {
    expect(clientCallId(id)).toBe(id);
    expect(upstreamCallId(id)).toBe(id);
  }
});

test("any other is carried: to the client clean, and back to the upstream as it was", () => {
  for (const id of ["functions.get:0", "a b", "é", "call_b64_x", "tool/1"]) {
    expect(clientCallId(id)).toMatch(CLEAN);
    expect(upstreamCallId(clientCallId(id))).toBe(id);
  }
});

test("for any id", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }),
        fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 100 }),
      ),
      (id) => {
        const client = clientCallId(id);
        expect(client).toMatch(CLEAN);
        expect(clientCallId(id)).toBe(client);
        const isCarried = CLEAN.test(id) || Buffer.byteLength(id) <= 41;
        if (isCarried) expect(upstreamCallId(client)).toBe(id);
      },
    ),
  );
});

describe("by a target's rule", () => {
  test.each<["clean" | "clean40" | "mistral9", RegExp]>([
    ["clean", CLEAN],
    ["clean40", /^[A-Za-z0-9_-]{1,40}$/],
    ["mistral9", /^[A-Za-z0-9]{9}$/],
  ])("%s, always the same", (rule, form) => {
    const ids = ["call_abc", "functions.get:0", "x".repeat(64), "é", "9Ab3xYz12", "call_1", "call_2"];
    const written = ids.map((id) => upstreamCallId(clientCallId(id), rule));
    for (const id of written) expect(id).toMatch(form);
    expect(new Set(written).size).toBe(ids.length);
    expect(ids.map((id) => upstreamCallId(clientCallId(id), rule))).toEqual(written);
  });

  test("Mistral's own ids are kept", () => {
    expect(upstreamCallId("9Ab3xYz12", "mistral9")).toBe("9Ab3xYz12");
  });
});
