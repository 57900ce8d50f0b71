// When a target is left alone, when it is asked again and by how many, and how often failed calls are tried again: in a time that the
// test makes.
import { describe, expect, test } from "vitest";
import { Circuit, type Passage, type Verdict } from "../../src/gateway/circuit.ts";

const RULE = { failuresInRow: 5, firstPause: 1_000, longestPause: 8_000, spareTries: 3 };

/** A call that is let through and ends. */
function call(circuit: Circuit, now: number, verdict: Verdict): boolean {
  const passage = circuit.enter(now);
  if (passage === null) throw new Error("the call was not let through");
  if (verdict === "good") passage.heard();
  return passage.ended(verdict, now);
}

function opened(now = 0): Circuit {
  const circuit = new Circuit(RULE);
  for (let count = 0; count < 5; count++) call(circuit, now, "bad");
  return circuit;
}

function mustEnter(circuit: Circuit, now: number): Passage {
  const passage = circuit.enter(now);
  expect(passage).not.toBeNull();
  // It was just seen not to be null.
  return passage as Passage;
}

describe("a circuit opens", () => {
  test("at the fifth failure in a row, for a while", () => {
    const circuit = new Circuit(RULE);
    expect([1, 2, 3, 4, 5].map(() => call(circuit, 0, "bad"))).toEqual([false, false, false, false, true]);
    expect(circuit.isOpen).toBe(true);
    expect(circuit.enter(999)).toBeNull();
    expect(circuit.wait(400)).toBe(600);
    expect(circuit.enter(1_000)).not.toBeNull();
  });

  test("not where a call in between went well", () => {
    const circuit = new Circuit(RULE);
    for (let count = 0; count < 4; count++) call(circuit, 0, "bad");
    call(circuit, 0, "good");
    for (let count = 0; count < 4; count++) call(circuit, 0, "bad");
    expect(circuit.isOpen).toBe(false);
  });

  test("where half of twenty calls fail, in whatever order", () => {
    const circuit = new Circuit(RULE);
    for (let count = 0; count < 9; count++) for (const verdict of ["bad", "good"] as const) call(circuit, count, verdict);
    call(circuit, 10, "good");
    expect(circuit.isOpen).toBe(false);
    expect(call(circuit, 10, "bad")).toBe(true);
  });

  test("not where these are long past", () => {
    const circuit = new Circuit(RULE);
    for (let count = 0; count < 9; count++) for (const verdict of ["bad", "good"] as const) call(circuit, count * 4_000, verdict);
    for (const verdict of ["good", "bad"] as const) call(circuit, 40_000, verdict);
    expect(circuit.isOpen).toBe(false);
  });

  test.each(["answered", "unknown"] as const)("never by calls that say nothing bad of the target (%s)", (verdict) => {
    const circuit = new Circuit(RULE);
    for (let count = 0; count < 100; count++) call(circuit, count, verdict);
    expect(circuit.isOpen).toBe(false);
  });

  test("once for all calls that were under way; their ends do not prolong it", () => {
    const circuit = new Circuit(RULE);
    const passages = Array.from({ length: 20 }, () => mustEnter(circuit, 0));
    const openings = passages.filter((passage, at) => passage.ended("bad", at * 10));
    expect(openings).toHaveLength(1);
    expect(circuit.wait(40)).toBe(1_000);
  });
});

describe("after the pause", () => {
  test("one call alone is let through, and the others once it is answered well", () => {
    const circuit = opened();
    const probe = mustEnter(circuit, 1_000);
    for (let now = 1_000; now < 2_000; now += 10) expect(circuit.enter(now)).toBeNull();
    probe.heard();
    expect(circuit.isOpen).toBe(false);
    for (let now = 2_000; now < 3_000; now += 10) expect(circuit.enter(now)).not.toBeNull();
  });

  test("a call that fails too makes the next pause twice as long, up to the longest", () => {
    const circuit = opened();
    let now = 0;
    const pauses: number[] = [];
    for (let count = 0; count < 6; count++) {
      const pause = circuit.wait(now);
      pauses.push(pause);
      expect(circuit.enter(now + pause - 1)).toBeNull();
      now += pause;
      expect(call(circuit, now, "bad")).toBe(true);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  });

  test("a call that ends well makes pauses short again", () => {
    const circuit = opened();
    call(circuit, 1_000, "bad");
    call(circuit, 3_000, "good");
    for (let count = 0; count < 5; count++) call(circuit, 3_000, "bad");
    expect(circuit.wait(3_000)).toBe(1_000);
  });

  test("a call that the client left leaves the question to the next one", () => {
    const circuit = opened();
    mustEnter(circuit, 1_000).ended("unknown", 1_500);
    expect(mustEnter(circuit, 1_500)).not.toBeNull();
    expect(circuit.enter(1_500)).toBeNull();
  });

  test("a request that is refused for its own sake shows that the target answers", () => {
    const circuit = opened();
    call(circuit, 1_000, "answered");
    expect(circuit.isOpen).toBe(false);
  });

  test("a call that hangs does not lock the others out for long, and no longer counts as the one that finds out", () => {
    const circuit = opened();
    const hanging = mustEnter(circuit, 1_000);
    expect(circuit.enter(15_999)).toBeNull();
    const second = mustEnter(circuit, 16_000);
    hanging.ended("good", 16_001);
    expect(circuit.isOpen).toBe(true);
    second.ended("good", 16_002);
    expect(circuit.isOpen).toBe(false);
  });
});

describe("failed calls are tried again", () => {
  test("as often as a lone user needs", () => {
    const circuit = new Circuit(RULE);
    mustEnter(circuit, 0);
    expect([1, 2, 3, 4].map(() => circuit.mayRetry(0))).toEqual([true, true, true, false]);
    expect(circuit.mayRetry(30_000)).toBe(true);
  });

  test("at most once for five calls where there are many", () => {
    const circuit = new Circuit(RULE);
    let tries = 0;
    // A hundred calls a second for a minute; each that fails wants to be tried again.
    for (let now = 0; now < 60_000; now += 10) {
      call(circuit, now, now % 30 === 0 ? "bad" : "good");
      if (now % 30 === 0 && circuit.mayRetry(now)) tries++;
    }
    expect(tries).toBeGreaterThan(900);
    expect(tries).toBeLessThanOrEqual(0.2 * 6_000 + RULE.spareTries);
  });

  test("not at a target that is left alone", () => {
    expect(opened().mayRetry(0)).toBe(false);
  });
});
