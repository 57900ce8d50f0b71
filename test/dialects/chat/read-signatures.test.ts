// Signed and encrypted reasoning: whatever a vendor needs back is kept, block by block, and sealed with what was thought.
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/kit/json.ts";
import { mergeDetails } from "../../../src/dialects/chat/reasoning-state.ts";
import { chunk, lines, readStream, readWhole, reply, STOP } from "./replies.ts";

const FINISH = "finish stop";
const hi = chunk({ content: "Hi" });
const call = (more: JsonObject = {}): JsonObject =>
  chunk({ tool_calls: [{ index: 0, id: "call_a", type: "function", function: { name: "get", arguments: "{}" }, ...more }] });

function state(form: string, text: string, more: JsonObject = {}): string {
  return `state ${JSON.stringify({ form, text, ...more })}`;
}

describe("in details", () => {
  const text = (words: string, more: JsonObject = {}): JsonObject => ({
    type: "reasoning.text",
    text: words,
    format: "f",
    index: 0,
    ...more,
  });

  test("beside a field: said once, its signature kept", () => {
    const chunks = [
      chunk({ reasoning: "h", reasoning_details: [text("h")] }),
      chunk({ reasoning: "m", reasoning_details: [text("m")] }),
      chunk({ reasoning: null, reasoning_details: [{ type: "reasoning.text", signature: "s", index: 0 }] }),
    ];
    expect(lines(readStream([...chunks, hi, STOP]))).toEqual([
      "reasoning hm",
      state("reasoning", "hm", { details: [text("hm", { signature: "s" })] }),
      "text Hi",
      FINISH,
    ]);
  });

  test("alone", () => {
    expect(lines(readStream([chunk({ reasoning_details: [text("h")] }), chunk({ reasoning_details: [text("m")] }), hi, STOP]))).toEqual([
      "reasoning hm",
      state("details", "hm", { details: [text("hm")] }),
      "text Hi",
      FINISH,
    ]);
    expect(lines(readWhole(reply({ content: "Hi", reasoning_details: [text("hm")] })))).toEqual([
      "reasoning hm",
      state("details", "hm", { details: [text("hm")] }),
      "text Hi",
      FINISH,
    ]);
  });

  test("encrypted say nothing, and are kept", () => {
    const details = [{ type: "reasoning.encrypted", data: "xyz", id: "r", index: 0 }];
    expect(lines(readStream([chunk({ content: "", reasoning: null, reasoning_details: details }), call(), STOP]))).toEqual([
      state("details", "", { details }),
      "call 0 call_a get",
      "args 0 {}",
      "end 0",
      FINISH,
    ]);
  });

  test("that come after the text, or after the finish, are kept at the end", () => {
    const details = [{ type: "reasoning.encrypted", data: "xyz", index: 0 }];
    expect(lines(readStream([hi, chunk({ content: "", reasoning_details: details }), STOP]))).toEqual([
      "text Hi",
      state("details", "", { details }),
      FINISH,
    ]);
    expect(lines(readStream([hi, STOP, chunk({ content: "", reasoning_details: details })]))).toEqual([
      "text Hi",
      FINISH,
      state("details", "", { details }),
    ]);
  });

  test("are merged block by block: a signature ends a block, ids and indexes tell blocks apart", () => {
    const into: JsonObject[] = [];
    mergeDetails(into, [
      text("a"),
      text("b"),
      text("", { signature: "1" }),
      text("c"),
      text("d", { index: 1 }),
      { type: "reasoning.text", text: "e", index: 1, id: "x" },
    ]);
    mergeDetails(into, [
      { type: "reasoning.text", text: "f", index: 1, id: "y" },
      { type: "reasoning.encrypted", data: "g" },
      { type: "reasoning.encrypted", data: "h" },
      "stray",
      null,
    ]);
    expect(into).toEqual([
      text("ab", { signature: "1" }),
      text("c"),
      { ...text("de", { index: 1 }), id: "x" },
      { type: "reasoning.text", text: "f", index: 1, id: "y" },
      { type: "reasoning.encrypted", data: "g" },
      { type: "reasoning.encrypted", data: "h" },
    ]);
  });
});

describe("Google's signatures", () => {
  const extra = { google: { thought_signature: "sig" } };

  test("on a call come before it", () => {
    const expected = [state("details", "", { extra: { call_a: extra } }), "call 0 call_a get", "args 0 {}", "end 0", FINISH];
    expect(lines(readStream([call({ extra_content: extra }), STOP]))).toEqual(expected);
    const message = {
      role: "assistant",
      tool_calls: [{ id: "call_a", type: "function", function: { name: "get", arguments: "{}" }, extra_content: extra }],
    };
    expect(lines(readWhole(reply(message, "tool_calls")))).toEqual(expected);
  });

  test("on a call join the reasoning before it", () => {
    expect(lines(readStream([chunk({ reasoning: "hm" }), call({ extra_content: extra }), STOP])).slice(0, 2)).toEqual([
      "reasoning hm",
      state("reasoning", "hm", { extra: { call_a: extra } }),
    ]);
  });

  test("on a call that has begun come at the end", () => {
    expect(lines(readStream([call(), chunk({ tool_calls: [{ index: 0, extra_content: extra }] }), STOP]))).toEqual([
      "call 0 call_a get",
      "args 0 {}",
      "end 0",
      state("details", "", { extra: { call_a: extra } }),
      FINISH,
    ]);
  });

  test("on a message stand under no id", () => {
    const sealed = state("details", "", { extra: { "": extra } });
    expect(lines(readWhole(reply({ content: "Hi", extra_content: extra })))).toEqual([sealed, "text Hi", FINISH]);
    expect(lines(readStream([hi, chunk({ extra_content: extra }), STOP]))).toEqual(["text Hi", sealed, FINISH]);
  });
});
