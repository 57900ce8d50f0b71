// Calls and their results as chat messages: each result after its call, under the id and name that the upstream knows.
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/kit/json.ts";
import { call, messages, output, said, user, write } from "./write.ts";

const IMAGE = "data:image/png;base64,AA==";
const image: JsonObject = { type: "input_image", image_url: IMAGE };

describe("calls and results", () => {
  const toolCall = (id: string, name = "get", args = "{}"): JsonObject => ({ id, type: "function", function: { name, arguments: args } });

  test("stand in one assistant message, each result after it in the order of the calls", () => {
    expect(
      messages([user("Hi"), said("Let me see."), call("a", "get", '{"x":1}'), call("b"), output("b"), output("a"), said("Done.")]),
    ).toEqual([
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Let me see.", tool_calls: [toolCall("a", "get", '{"x":1}'), toolCall("b")] },
      { role: "tool", tool_call_id: "a", content: "out a" },
      { role: "tool", tool_call_id: "b", content: "out b" },
      { role: "assistant", content: "Done." },
    ]);
  });

  test("one after the other are two messages", () => {
    expect(messages([user("Hi"), call("a"), output("a"), call("b"), output("b")]).map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "assistant",
      "tool",
    ]);
  });

  test("go under the upstream's own id again", () => {
    const id = `call_b64_${Buffer.from("functions.get:0").toString("base64url")}`;
    const [, assistant, tool] = messages([user("Hi"), call(id), output(id)]);
    expect(assistant).toMatchObject({ tool_calls: [{ id: "functions.get:0" }] });
    expect(tool).toMatchObject({ tool_call_id: "functions.get:0" });
  });

  test("of freeform tools and searches are calls of functions", () => {
    const tools = [
      { type: "custom", name: "apply_patch" },
      { type: "tool_search", execution: "client" },
    ];
    const input = [
      user("Hi"),
      { type: "custom_tool_call", call_id: "a", name: "apply_patch", input: 'say "x"\n' },
      { type: "custom_tool_call_output", call_id: "a", output: "ok" },
      { type: "tool_search_call", call_id: "b", execution: "client", arguments: { query: "notes" } },
      {
        type: "tool_search_output",
        call_id: "b",
        execution: "client",
        tools: [{ type: "function", name: "add_note", description: "Adds a note.", parameters: {} }],
      },
    ];
    const { messages: written, body } = write({ input, tools });
    expect(written.slice(1)).toEqual([
      { role: "assistant", content: "", tool_calls: [toolCall("a", "apply_patch", '{"input":"say \\"x\\"\\n"}')] },
      { role: "tool", tool_call_id: "a", content: "ok" },
      { role: "assistant", content: "", tool_calls: [toolCall("b", "tool_search", '{"query":"notes"}')] },
      { role: "tool", tool_call_id: "b", content: "These tools were found and can be called from now on:\n- add_note: Adds a note." },
    ]);
    expect(JSON.stringify(body["tools"])).toContain("add_note");
  });

  test("a result of texts is text", () => {
    expect(
      messages([
        user("Hi"),
        call("a"),
        output("a", [
          { type: "input_text", text: "x" },
          { type: "input_text", text: "y" },
        ]),
      ])[2],
    ).toEqual({ role: "tool", tool_call_id: "a", content: "x\ny" });
  });

  test("a picture in a result follows all results in a user message", () => {
    const picture = [{ type: "input_text", text: "see" }, image];
    const { messages: written, losses } = write({
      input: [user("Hi"), call("a"), call("b"), output("a", picture), output("b"), user("And?")],
    });
    expect(written.slice(2)).toEqual([
      { role: "tool", tool_call_id: "a", content: "see\n(see the attachment in the next message)" },
      { role: "tool", tool_call_id: "b", content: "out b" },
      {
        role: "user",
        content: [
          { type: "text", text: "(Attachment of the tool result above.)" },
          { type: "image_url", image_url: { url: IMAGE } },
          { type: "text", text: "And?" },
        ],
      },
    ]);
    expect(losses).toEqual(["lowered tool_output.parts"]);
  });

  test("a picture in the last result is the last message", () => {
    expect(messages([user("Hi"), call("a"), output("a", [image])]).at(-1)).toMatchObject({ role: "user" });
  });

  test("parts stay in the result where the target takes them", () => {
    const { messages: written, losses } = write(
      { input: [user("Hi"), call("a"), output("a", [image])] },
      { capabilities: { toolOutputParts: true } },
    );
    expect(written[2]).toEqual({ role: "tool", tool_call_id: "a", content: [{ type: "image_url", image_url: { url: IMAGE } }] });
    expect(losses).toEqual([]);
  });

  test("a user after a result is led in where a template wants an answer between", () => {
    const roles = messages([user("Hi"), call("a"), output("a"), user("And?")], { quirks: { userAfterTool: false } }).map(
      ({ role }) => role,
    );
    expect(roles).toEqual(["user", "assistant", "tool", "assistant", "user"]);
  });
});
