import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guardJson, JSON_LIMITS } from "../../src/kit/json-guard.ts";
import type { Json } from "../../src/kit/json.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The same bytes, but beginning at any place in a larger buffer. */
function shifted(text: string, by: number): Uint8Array {
  const plain = bytes(text);
  const whole = new Uint8Array(plain.length + by + 5).fill(0x22);
  whole.set(plain, by);
  return whole.subarray(by, by + plain.length);
}

/** Depth and node count as a parser sees them. */
function measure(value: Json | undefined): { depth: number; nodes: number } {
  if (typeof value !== "object" || value === null) return { depth: 0, nodes: 1 };
  let depth = 0;
  let nodes = 1;
  for (const child of Array.isArray(value) ? value : Object.values(value)) {
    const inner = measure(child);
    depth = Math.max(depth, inner.depth);
    nodes += inner.nodes;
  }
  return { depth: depth + 1, nodes };
}

/** Text that gives a scanner trouble: quotes, runs of backslashes, brackets, and lengths round the places where it changes its step. */
const awkwardText = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', "\\", "[", "{", "]", "}", ",", ":", "é", "漢", "\u0000", "\n", "😀"),
      fc.string(),
      fc.nat(600).map((n) => "x".repeat(n)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

const document = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.oneof(awkwardText, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(awkwardText, tie("value"), { maxKeys: 5 }),
  ),
})).value;

describe("guardJson", () => {
  test("knows depth and node count of any valid document exactly, however it is laid out and wherever it lies in memory", () => {
    fc.assert(
      fc.property(document, fc.constantFrom(undefined, 1, "\t"), fc.nat(7), (value, indent, offset) => {
        const text = JSON.stringify(value, null, indent);
        const { depth, nodes } = measure(JSON.parse(text));
        const json = shifted(text, offset);
        expect(guardJson(json, { depth, nodes })).toEqual({ ok: true });
        expect(guardJson(json, { depth, nodes: nodes - 1 })).toMatchObject({ ok: false, what: "nodes" });
        if (depth > 0) expect(guardJson(json, { depth: depth - 1, nodes })).toMatchObject({ ok: false, what: "depth" });
      }),
      { numRuns: 400 },
    );
  });

  test("says at which byte the limit was passed", () => {
    expect(guardJson(bytes('{"a":[[1]]}'), { depth: 2, nodes: 99 })).toEqual({ ok: false, what: "depth", at: 6 });
    expect(guardJson(bytes("[1,2,3]"), { depth: 9, nodes: 3 })).toEqual({ ok: false, what: "nodes", at: 4 });
    expect(guardJson(bytes("[1,2,3]"), { depth: 9, nodes: 0 })).toEqual({ ok: false, what: "nodes", at: 0 });
  });

  test("finds an escaped quote behind a run of backslashes of any length and place", () => {
    for (let lead = 0; lead < 300; lead += lead < 40 ? 1 : 37) {
      for (let slashes = 0; slashes < 20; slashes++) {
        const text = JSON.stringify([`${"x".repeat(lead)}${"\\".repeat(slashes)}"[[[[`, 1]);
        expect(guardJson(bytes(text), { depth: 1, nodes: 3 })).toEqual({ ok: true });
      }
    }
  });

  test("leaves what is not JSON to the parser and never reads past its end", () => {
    for (const text of [
      "",
      " ",
      '"',
      '"abc',
      '"abc\\',
      `"${"x".repeat(300)}`,
      `"${"x".repeat(300)}\\"`,
      "{",
      "]]]]",
      "nonsense",
      '{"a" 1}',
      "\ufeff{}",
    ]) {
      for (let offset = 0; offset < 5; offset++) expect(guardJson(shifted(text, offset), { depth: 3, nodes: 9 })).toEqual({ ok: true });
    }
  });

  test("refuses a depth bomb and a node bomb by the limits for clients", () => {
    expect(guardJson(bytes("[".repeat(5_000_000)))).toEqual({ ok: false, what: "depth", at: JSON_LIMITS.depth });
    expect(guardJson(bytes(`[${"{},".repeat(1_200_000)}{}]`))).toMatchObject({ ok: false, what: "nodes" });
    expect(guardJson(bytes(`${"[".repeat(128)}${"]".repeat(128)}`))).toEqual({ ok: true });
  });
});
