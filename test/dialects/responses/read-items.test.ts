// What the reader makes of each form in which clients send items.
import { describe, expect, test } from "vitest";
import type { HubRequest } from "../../../src/hub/request.ts";
import type { Json, JsonObject } from "../../../src/kit/json.ts";
import { readBody } from "./read-body.ts";

const readItems = (...input: Json[]): HubRequest["input"] => readBody({ input }).request.input;
const output = (text: string): JsonObject => ({ type: "output_text", text, annotations: [], logprobs: [] });
const input = (text: string): JsonObject => ({ type: "input_text", text });

test("a string is one user message", () => {
  expect(readBody({ input: "hello" }).request.input).toEqual([{ type: "message", role: "user", content: [input("hello")] }]);
});

describe("a message", () => {
  test("needs no type, and its text becomes a part of the speaker's kind", () => {
    expect(readItems(...["user", "system", "developer", "assistant"].map((role) => ({ role, content: "x" })))).toEqual(
      ["user", "system", "developer", "assistant"].map((role) => ({
        type: "message",
        role,
        content: [(role === "assistant" ? output : input)("x")],
      })),
    );
  });

  test("has the parts of its speaker, whatever the client calls them", () => {
    const mixed = (): Json[] => [
      input("a"),
      { type: "output_text", text: "b" },
      { type: "text", text: "c" },
      { type: "refusal", refusal: "d" },
    ];
    const [user, assistant] = readItems({ role: "user", content: mixed() }, { role: "assistant", content: mixed() });
    expect(user).toEqual({ type: "message", role: "user", content: [input("a"), input("b"), input("c"), input("d")] });
    expect(assistant).toEqual({
      type: "message",
      role: "assistant",
      content: [output("a"), output("b"), output("c"), { type: "refusal", refusal: "d" }],
    });
  });

  test("keeps annotations, phase and status of what a model said", () => {
    const said = { type: "message", id: "msg_1", role: "assistant", status: "incomplete", phase: "final_answer" };
    const part = { ...output("x"), annotations: [{ type: "url_citation", url: "u" }] };
    expect(readItems({ ...said, content: [structuredClone(part)] })).toEqual([{ ...said, content: [part] }]);
  });

  test("takes null as not given", () => {
    expect(readItems({ type: null, id: null, status: null, phase: null, role: "user", content: "x" })).toStrictEqual([
      { type: "message", role: "user", content: [input("x")] },
    ]);
    expect(readItems({ role: "assistant", content: null })).toStrictEqual([{ type: "message", role: "assistant", content: [] }]);
  });

  test("keeps a part that nobody knows whole, and says so", () => {
    const video = { type: "input_video", video: { data: "AA" } };
    const { request, losses } = readBody({ input: [{ role: "user", content: [structuredClone(video), { type: "a\nb" }] }] });
    expect(request.input).toMatchObject([
      {
        content: [
          { type: "opaque", wire: video },
          { type: "opaque", wire: { type: "a\nb" } },
        ],
      },
    ]);
    expect(losses).toBe("dropped part.input_video, dropped part.unknown");
  });
});

describe("history", () => {
  test("reasoning: a null content is none, parts get their names, the seal stays", () => {
    expect(
      readItems(
        { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "s" }], content: null, encrypted_content: "e" },
        { type: "reasoning", content: [{ type: "text", text: "t" }], encrypted_content: null },
      ),
    ).toStrictEqual([
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "s" }], encrypted_content: "e" },
      { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "t" }] },
    ]);
  });

  test("calls and outputs keep their namespace; a status of another item type goes", () => {
    const call = { type: "function_call", call_id: "c", name: "f", namespace: "n", arguments: "{}" };
    expect(readItems({ ...call, status: "searching" }, { type: "function_call_output", call_id: "c", output: "x" })).toEqual([
      call,
      { type: "function_call_output", call_id: "c", output: "x" },
    ]);
  });

  test("an output may name the function instead of the call", () => {
    const [, , answer] = readItems(
      { type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
      { type: "function_call", call_id: "c2", name: "f", arguments: "{}" },
      { type: "function_call_output", name: "f", output: "x" },
    );
    expect(answer).toMatchObject({ type: "function_call_output", call_id: "c2" });
  });

  test("a tool's output in parts has input parts only", () => {
    const parts = [
      { type: "output_text", text: "x" },
      { type: "input_image", image_url: "data:image/png;base64,AA==" },
    ];
    expect(readItems({ type: "custom_tool_call_output", call_id: "c", output: structuredClone(parts) })).toMatchObject([
      { output: [input("x"), parts[1]] },
    ]);
  });

  test("tool search: arguments are an object, whoever wrote them, and the tools it found are read", () => {
    const found = { type: "namespace", name: "n", tools: [{ type: "function", name: "f", defer_loading: true }] };
    expect(
      readItems(
        { type: "tool_search_call", call_id: "c", arguments: '{"query":"q"}' },
        { type: "tool_search_call", call_id: null, arguments: "no json" },
        { type: "tool_search_output", call_id: "c", tools: [structuredClone(found), { type: "mcp", server_label: "s" }] },
      ),
    ).toStrictEqual([
      { type: "tool_search_call", call_id: "c", execution: "client", arguments: { query: "q" } },
      { type: "tool_search_call", call_id: null, execution: "server", arguments: {} },
      {
        type: "tool_search_output",
        call_id: "c",
        execution: "client",
        tools: [found, { type: "hosted", wire: { type: "mcp", server_label: "s" } }],
      },
    ]);
  });

  test("a message between agents is the text of all its parts, also of those that are named encrypted", () => {
    const content = [input("Payload:\n"), { type: "encrypted_content", encrypted_content: "do it" }];
    expect(readItems({ type: "agent_message", id: "amsg_1", author: "/root", recipient: "/root/a", content })).toEqual([
      { type: "agent_message", id: "amsg_1", author: "/root", recipient: "/root/a", text: "Payload:\ndo it" },
    ]);
  });

  test("a compaction keeps its blob, also under its older name", () => {
    expect(readItems({ type: "compaction_summary", encrypted_content: "b" })).toEqual([{ type: "compaction", encrypted_content: "b" }]);
  });

  test("an update without a format leaves the format alone", () => {
    expect(readItems({ type: "configuration_update", reasoning: { effort: "high" }, text: { format: null } })).toStrictEqual([
      { type: "configuration_update", reasoning: { effort: "high" }, text: {} },
    ]);
  });

  test.each([
    ["local_shell_call", "built_in_call", "local_shell"],
    ["local_shell_call_output", "built_in_output", "local_shell"],
    ["shell_call", "built_in_call", "shell"],
    ["shell_call_output", "built_in_output", "shell"],
    ["apply_patch_call", "built_in_call", "apply_patch"],
    ["apply_patch_call_output", "built_in_output", "apply_patch"],
  ])("%s is kept whole and is no loss", (wireType, type, tool) => {
    const wire = { type: wireType, id: "x", anything: [null] };
    const { request, losses } = readBody({ input: [{ role: "user", content: "x" }, structuredClone(wire)] });
    expect(request.input[1]).toStrictEqual({ type, tool, call_id: "x", wire });
    expect(losses).toBe("");
  });

  test.each(
    (
      "web_search_call file_search_call code_interpreter_call image_generation_call mcp_list_tools mcp_call mcp_approval_request " +
      "mcp_approval_response computer_call computer_call_output program program_output from_the_future"
    ).split(" "),
  )("%s is kept whole and declared as a loss", (type) => {
    const wire = { type, id: null, call_id: 1, anything: [null] };
    const { request, losses } = readBody({ input: [{ role: "user", content: "x" }, structuredClone(wire)] });
    expect(request.input[1]).toStrictEqual({ type: "opaque", wire });
    expect(losses).toBe(`dropped item.${type}`);
  });
});
