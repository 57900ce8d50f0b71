// The assembler: whatever order pieces come in, the client gets one item after the other.
import { describe, expect, test } from "vitest";
import type { Piece } from "../../src/hub/piece.ts";
import { assemble, begin } from "./assembled.ts";
import { args, call, ended, state, text, thought } from "./pieces.ts";

describe("items", () => {
  test("a message, a thought and a call, one after the other", () => {
    const { types, output, violations, response } = assemble([
      thought("hm"),
      state("s"),
      text("Hello"),
      text(" world"),
      call(0),
      args(0, '{"a":1}'),
      ended(0),
    ]);
    expect(violations).toEqual([]);
    expect(response["status"]).toBe("completed");
    expect(types).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "reasoning_text.delta",
      "reasoning_text.done",
      "content_part.done",
      "output_item.done",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "output_item.added",
      "function_call_arguments.delta",
      "function_call_arguments.done",
      "output_item.done",
      "completed",
    ]);
    expect(output).toEqual([
      {
        id: "rs_1",
        type: "reasoning",
        summary: [],
        content: [{ type: "reasoning_text", text: "hm" }],
        encrypted_content: 'sealed {"value":"s"}',
      },
      {
        id: "msg_1",
        type: "message",
        status: "completed",
        role: "assistant",
        content: [{ type: "output_text", text: "Hello world", annotations: [], logprobs: [] }],
      },
      { id: "fc_1", type: "function_call", status: "completed", call_id: "call_0", name: "tool_0", arguments: '{"a":1}' },
    ]);
  });

  test("a thought goes out as a summary where that was asked for", () => {
    const { types, output, violations } = assemble([thought("h"), thought("m"), state("s")], { reasoningStyle: "summary" });
    expect(violations).toEqual([]);
    expect(types).toContain("reasoning_summary_text.delta");
    expect(output).toEqual([
      { id: "rs_1", type: "reasoning", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: 'sealed {"value":"s"}' },
    ]);
  });

  test("a state without a thought is an item of its own; what cannot be sealed has no seal, not null", () => {
    expect(assemble([text("Hi"), state("s")]).output[1]).toEqual({
      id: "rs_1",
      type: "reasoning",
      summary: [],
      content: [],
      encrypted_content: 'sealed {"value":"s"}',
    });
    expect(assemble([thought("hm"), state("s")], { seal: () => null }).output[0]).not.toHaveProperty("encrypted_content");
  });

  test("what is thought after a state is an item of its own, so that each seal holds its own thought", () => {
    const { output, violations } = assemble([thought("one"), state("one"), text("\n"), thought("two"), state("two")]);
    expect(violations).toEqual([]);
    expect(output).toMatchObject([
      { content: [{ text: "one" }], encrypted_content: 'sealed {"value":"one"}' },
      { content: [{ text: "two" }], encrypted_content: 'sealed {"value":"two"}' },
    ]);
  });

  test("of two states in a row each is kept", () => {
    expect(assemble([thought("one"), state("one"), state("late")]).output.map((item) => item["encrypted_content"])).toEqual([
      'sealed {"value":"one"}',
      'sealed {"value":"late"}',
    ]);
  });

  test("a custom call and a search", () => {
    const { output, violations, types } = assemble([
      call(0, "custom"),
      args(0, "*** Begin"),
      ended(0),
      call(1, "tool_search"),
      args(1, '{"query":"q"}'),
      ended(1),
    ]);
    expect(violations).toEqual([]);
    expect(types).toContain("custom_tool_call_input.delta");
    expect(output).toEqual([
      { id: "ctc_1", type: "custom_tool_call", status: "completed", call_id: "call_0", name: "tool_0", input: "*** Begin" },
      { id: "tsc_1", type: "tool_search_call", status: "completed", call_id: "call_1", execution: "client", arguments: { query: "q" } },
    ]);
  });

  test("a call carries its namespace", () => {
    expect(assemble([{ kind: "call", key: 0, call_id: "c", name: "n", namespace: "s", call: "function" }, ended(0)]).output).toMatchObject([
      { name: "n", namespace: "s" },
    ]);
  });

  test("interleaved calls come one after the other, in the order in which they began", () => {
    const { output, violations, types } = assemble([
      call(0),
      call(1),
      args(1, '{"b"'),
      args(0, '{"a"'),
      args(1, ":2}"),
      ended(1),
      text("late"),
      args(0, ":1}"),
      ended(0),
    ]);
    expect(violations).toEqual([]);
    expect(output).toMatchObject([{ arguments: '{"a":1}' }, { arguments: '{"b":2}' }, { content: [{ text: "late" }] }]);
    expect(types.filter((type) => type === "output_item.added")).toHaveLength(3);
  });

  test("a finished call is done as soon as something follows, before the end of the reply", () => {
    const { assembler, finish: now } = begin();
    assembler.start();
    for (const piece of [call(0), args(0, "{}"), ended(0), text("more")]) assembler.push(piece);
    expect(now().types).toContain("output_item.done");
  });

  test("refusals are parts of the message, or text for clients that drop them", () => {
    const refused: Piece[] = [text("I "), { kind: "refusal", text: "can" }, { kind: "refusal", text: "not" }];
    const parts = assemble(refused);
    expect(parts.violations).toEqual([]);
    expect(parts.output).toMatchObject([
      {
        content: [
          { type: "output_text", text: "I " },
          { type: "refusal", refusal: "cannot" },
        ],
      },
    ]);
    expect(assemble(refused, { refusalsAsText: true }).output).toMatchObject([{ content: [{ type: "output_text", text: "I cannot" }] }]);
  });

  test("annotations and log probabilities stand in the part", () => {
    const logprob = { token: "Hi", bytes: [72, 105], logprob: -0.1, top_logprobs: [] };
    const { output, violations } = assemble([
      { kind: "text", text: "Hi", logprobs: [logprob] },
      { kind: "annotation", annotation: { type: "url_citation", url: "u", title: "t", start_index: 0, end_index: 2 } },
    ]);
    expect(violations).toEqual([]);
    expect(output).toMatchObject([{ content: [{ text: "Hi", logprobs: [logprob], annotations: [{ url: "u" }] }] }]);
  });
});

describe("white space", () => {
  test("alone makes no message", () => {
    expect(
      assemble([thought("hm"), text("\n"), text("\n"), call(0), args(0, "{}"), ended(0), text(" ")]).output.map((item) => item["type"]),
    ).toEqual(["reasoning", "function_call"]);
    expect(assemble([text(" \n")]).output).toEqual([]);
  });

  test("before, inside and after a text is kept", () => {
    expect(assemble([text("\n"), text(" Hello"), text("\n"), text("you"), text("\n\n")]).output).toMatchObject([
      { content: [{ text: "\n Hello\nyou\n\n" }] },
    ]);
  });
});
