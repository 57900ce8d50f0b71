// Answers that wait for a check: nothing is lost, nothing is overtaken, and what is no mere text does not wait.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFirstCall } from "../../src/hub/first-call.ts";
import { HeldAnswer } from "../../src/hub/held-answer.ts";
import type { Piece } from "../../src/hub/piece.ts";
import { args, call, ended, finish, state, text, thought } from "./pieces.ts";

function hold(pieces: readonly Piece[]): { answer: HeldAnswer; out: Piece[] } {
  const answer = new HeldAnswer();
  const out: Piece[] = [];
  answer.take(pieces, out);
  return { answer, out };
}

const refusal: Piece = { kind: "refusal", text: "no" };
const note: Piece = { kind: "annotation", annotation: { type: "url_citation" } };

describe("an answer", () => {
  test("waits from its first word on; what was thought before it does not", () => {
    const { answer, out } = hold([thought("a"), state("s"), text("\n"), thought("b"), text("{"), thought("c"), text("}"), finish("stop")]);
    expect(out).toEqual([thought("a"), state("s"), thought("b"), finish("stop")]);
    expect(answer).toMatchObject({ text: "\n{}", finish: "stop", isFree: false, said: { text: 3, reasoning: 3, calls: 0 } });
    expect(answer.release()).toEqual([text("\n"), text("{"), thought("c"), text("}")]);
    expect(answer.release()).toEqual([]);
  });

  test("is replaced where it stood, without the annotations of its old text", () => {
    const { answer } = hold([text("a"), thought("b"), text("c"), note]);
    expect(answer.replaceText("new")).toEqual([text("new"), thought("b")]);
    expect(hold([]).answer.replaceText("new")).toEqual([text("new")]);
  });

  test.each([
    ["a call", [call(0), args(0, "{}"), ended(0)]],
    ["a refusal", [refusal]],
  ])("that goes on with %s waits no more", (_, more) => {
    const { answer, out } = hold([text("a"), thought("b"), ...more, text("c")]);
    expect(out).toEqual([text("a"), thought("b"), ...more, text("c")]);
    expect(answer.isFree).toBe(true);
  });
});

const piece = fc.oneof(
  fc.constantFrom("a", " ", "\n", "").map(text),
  fc.constantFrom("a", "").map(thought),
  fc.constantFrom(refusal, note, state("s"), call(0), args(0, "{}"), ended(0), finish("stop")),
);

test("of any pieces none is lost, and text and notes keep their order", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 15 }), (pieces) => {
      const { answer, out } = hold(pieces);
      const all = [...out, ...answer.release()];
      expect(all.toSorted(byKind)).toEqual(pieces.toSorted(byKind));
      const blank = pieces.findIndex((one) => one.kind === "text" && one.text.trim() !== "");
      const told = (list: readonly Piece[]): Piece[] =>
        list.filter((one) => one.kind !== "finish" && one.kind !== "args" && one.kind !== "call_end");
      if (blank === 0) expect(told(all)).toEqual(told(pieces));
    }),
  );
});

function byKind(one: Piece, other: Piece): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : JSON.stringify(one) > JSON.stringify(other) ? 1 : 0;
}

describe("the first call alone", () => {
  test("is kept of several, with all that is no call", () => {
    let dropped = 0;
    const take = createFirstCall(() => (dropped += 1));
    expect(take([text("a"), call(3), call(1), args(1, "x"), args(3, "y")])).toEqual([text("a"), call(3), args(3, "y")]);
    expect(take([ended(1), call(2), ended(3), ended(2), finish("stop")])).toEqual([ended(3), finish("stop")]);
    expect(dropped).toBe(2);
  });
});
