// Reasoning in every vendor's spelling: readable as it streams, and sealed in the form in which it came.
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/kit/json.ts";
import { chunk, lines, readStream, readWhole, reply, STOP } from "./replies.ts";

const FINISH = "finish stop";
const hi = chunk({ content: "Hi" });
const call = (more: JsonObject = {}): JsonObject =>
  chunk({ tool_calls: [{ index: 0, id: "call_a", type: "function", function: { name: "get", arguments: "{}" }, ...more }] });

function state(form: string, text: string, more: JsonObject = {}): string {
  return `state ${JSON.stringify({ form, text, ...more })}`;
}

describe("in a field", () => {
  test.each<[string, JsonObject[], string]>([
    ["reasoning_content", [chunk({ reasoning_content: "h" }), chunk({ reasoning_content: "m" })], "reasoning_content"],
    ["reasoning", [chunk({ reasoning: "h" }), chunk({ reasoning: "m" })], "reasoning"],
    ["with the role", [chunk({ role: "assistant", content: "", reasoning_content: "hm" })], "reasoning_content"],
    ["beside empty or null content", [chunk({ content: "", reasoning: "h" }), chunk({ content: null, reasoning: "m" })], "reasoning"],
    ["beside a channel", [chunk({ reasoning: "hm", channel: "analysis" })], "reasoning"],
    ["both keys, one null", [chunk({ reasoning: "hm", reasoning_content: null })], "reasoning"],
    ["both keys, one empty", [chunk({ reasoning: "hm", reasoning_content: "" })], "reasoning"],
    [
      "both keys, both said",
      [chunk({ reasoning: "h", reasoning_content: "h" }), chunk({ reasoning: "m", reasoning_content: "m" })],
      "reasoning_content",
    ],
    [
      "then null beside the text",
      [chunk({ reasoning_content: "hm" }), chunk({ reasoning_content: null, content: "" })],
      "reasoning_content",
    ],
  ])("%s", (_name, chunks, form) => {
    expect(lines(readStream([...chunks, hi, STOP]))).toEqual(["reasoning hm", state(form, "hm"), "text Hi", FINISH]);
  });

  test("null, or empty, in every chunk is none", () => {
    expect(
      lines(
        readStream([
          chunk({ content: "H", reasoning: null, reasoning_content: null }),
          chunk({ content: "i", reasoning: "", reasoning_content: "" }),
          STOP,
        ]),
      ),
    ).toEqual(["text Hi", FINISH]);
  });

  test("before a call, and in the finish chunk", () => {
    expect(lines(readStream([chunk({ reasoning: "hm" }), call(), STOP]))).toEqual([
      "reasoning hm",
      state("reasoning", "hm"),
      "call 0 call_a get",
      "args 0 {}",
      "end 0",
      FINISH,
    ]);
    expect(lines(readStream([hi, chunk({ reasoning: "hm", role: "assistant" }, "stop")]))).toEqual([
      "text Hi",
      "reasoning hm",
      state("reasoning", "hm"),
      FINISH,
    ]);
  });

  test("again after the text has a seal of its own", () => {
    expect(lines(readStream([chunk({ reasoning: "one" }), hi, chunk({ reasoning: "two" }), hi, STOP]))).toEqual([
      "reasoning one",
      state("reasoning", "one"),
      "text Hi",
      "reasoning two",
      state("reasoning", "two"),
      "text Hi",
      FINISH,
    ]);
  });

  test("in a whole reply comes before the text", () => {
    for (const form of ["reasoning", "reasoning_content"]) {
      expect(lines(readWhole(reply({ content: "Hi", [form]: "hm" })))).toEqual(["reasoning hm", state(form, "hm"), "text Hi", FINISH]);
    }
  });
});

describe("in tags", () => {
  const think = (content: string): string[] =>
    lines(
      readStream(
        content
          .split("")
          .map((one) => chunk({ content: one }))
          .concat(STOP),
      ),
    );

  test.each<[string, string, string[]]>([
    ["at the head", "<think>hm</think>\n\nHi", ["reasoning hm", state("think", "hm", { gap: "\n\n" }), "text Hi", FINISH]],
    ["without a gap", "<think>hm</think>Hi", ["reasoning hm", state("think", "hm"), "text Hi", FINISH]],
    ["after white space", "\n <think>hm</think> Hi", ["reasoning hm", state("think", "hm", { gap: " " }), "text Hi", FINISH]],
    [
      "with white space inside",
      "<think>\nhm\n</think>\nHi",
      ["reasoning \nhm\n", state("think", "\nhm\n", { gap: "\n" }), "text Hi", FINISH],
    ],
    ["that look like their end", "<think>a</thin</think>Hi", ["reasoning a</thin", state("think", "a</thin"), "text Hi", FINISH]],
    ["that never close", "<think>hm</thi", ["reasoning hm</thi", state("think", "hm</thi"), FINISH]],
    ["that are empty", "<think></think>\n\nHi", ["text Hi", FINISH]],
    ["later in the text are text", "See <think>hm</think>", ["text See <think>hm</think>", FINISH]],
    ["that were never opened are text", "hm</think>Hi", ["text hm</think>Hi", FINISH]],
    ["that only begin are text", "<thin", ["text <thin", FINISH]],
    ["of other names are text", "<thinking>hm</thinking>", ["text <thinking>hm</thinking>", FINISH]],
  ])("%s", (_name, content, expected) => {
    expect(think(content)).toEqual(expected);
    expect(lines(readWhole(reply({ content })))).toEqual(expected);
  });

  test("are text where the server has a field for reasoning", () => {
    expect(lines(readStream([chunk({ content: "<think>hm</think>Hi" }), STOP], { thinkTags: false }))).toEqual([
      "text <think>hm</think>Hi",
      FINISH,
    ]);
  });

  test("before a call, with and without text after it", () => {
    const thought = chunk({ content: "<think>hm</think>\n\n" });
    const sealed = ["reasoning hm", state("think", "hm", { gap: "\n\n" }), "call 0 call_a get", "args 0 {}"];
    expect(lines(readStream([thought, call(), STOP]))).toEqual([...sealed, "end 0", FINISH]);
    expect(lines(readStream([thought, call(), chunk({ content: "\n\nHi" }), STOP]))).toEqual([...sealed, "text \n\nHi", "end 0", FINISH]);
  });

  test("that only seem to begin come before what follows", () => {
    expect(lines(readStream([chunk({ content: "<th" }), chunk({ reasoning: "hm" }), STOP]))).toEqual([
      "text <th",
      "reasoning hm",
      state("reasoning", "hm"),
      FINISH,
    ]);
    expect(lines(readStream([chunk({ content: "<th" }), call(), STOP]))).toEqual([
      "text <th",
      "call 0 call_a get",
      "args 0 {}",
      "end 0",
      FINISH,
    ]);
    expect(lines(readStream([chunk({ content: "<th" }), chunk({ refusal: "No" }), STOP]))).toEqual(["text <th", "refusal No", FINISH]);
  });

  test("white space before reasoning in a field does not cut it in two", () => {
    expect(lines(readStream([chunk({ reasoning: "h" }), chunk({ content: "\n" }), chunk({ reasoning: "m" }), hi, STOP]))).toEqual([
      "reasoning hm",
      state("reasoning", "hm"),
      "text \nHi",
      FINISH,
    ]);
  });
});

describe("in parts of the text", () => {
  const thinking = (text: string): JsonObject => ({ type: "thinking", thinking: [{ type: "text", text }] });

  test("Mistral's, then a plain string", () => {
    const chunks = [
      chunk({ content: [thinking("h")] }),
      chunk({ content: [thinking("m")] }),
      chunk({ content: [{ type: "text", text: "H" }] }),
      chunk({ content: "i" }),
      chunk({ content: "" }, "stop"),
    ];
    expect(lines(readStream(chunks))).toEqual(["reasoning hm", state("parts", "hm"), "text Hi", FINISH]);
  });

  test("in one list, also of a whole reply", () => {
    const content = [thinking("hm"), { type: "text", text: "Hi" }, { type: "reference", reference_ids: [1] }, "stray", null];
    const expected = ["reasoning hm", state("parts", "hm"), "text Hi", FINISH];
    expect(lines(readStream([chunk({ content }), STOP]))).toEqual(expected);
    expect(lines(readWhole(reply({ content })))).toEqual(expected);
  });

  test("as a summary, or as a plain string", () => {
    expect(
      lines(readStream([chunk({ content: [{ type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] }] }), hi, STOP]))[0],
    ).toBe("reasoning hm");
    expect(lines(readStream([chunk({ content: [{ type: "thinking", thinking: "hm" }] }), hi, STOP]))[0]).toBe("reasoning hm");
  });
});
