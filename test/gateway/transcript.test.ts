// A transcript shows what was said, whole or cut, and reads anything without a throw.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTranscript } from "../../src/gateway/transcript.ts";
import { asList, asObject, asString, parseJson } from "../../src/kit/json.ts";

const CORPUS = resolve(process.env["WAYSTATION_CORPUS"] ?? join(import.meta.dirname, "../../../shared"));

const event = (type: string, fields: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

test("a stream that was cut shows how far it came, and that it has no end", () => {
  const reply =
    event("response.created", { response: { status: "in_progress", output: [] } }) +
    event("response.output_item.added", { output_index: 0, item: { type: "reasoning", summary: [] } }) +
    event("response.reasoning_summary_text.delta", { output_index: 0, summary_index: 0, delta: "Let me " }) +
    event("response.reasoning_summary_text.delta", { output_index: 0, summary_index: 0, delta: "see." }) +
    event("response.output_item.added", { output_index: 1, item: { type: "function_call", name: "shell", call_id: "c", arguments: "" } }) +
    event("response.function_call_arguments.delta", { output_index: 1, delta: '{"comm' });
  expect(readTranscript(null, reply).reply).toEqual([
    { kind: "reasoning", text: "Let me see.", sealed: false },
    { kind: "call", tool: "shell", callId: "c", input: '{"comm' },
    { kind: "note", text: "the reply has no end" },
  ]);
});

test("a reply that failed or is incomplete says why", () => {
  const failed = event("response.failed", {
    response: { status: "failed", error: { code: "server_error", message: "overloaded" }, output: [] },
  });
  expect(readTranscript(null, failed).reply).toEqual([{ kind: "note", text: "error server_error: overloaded" }]);
  const incomplete = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output: [] };
  expect(readTranscript(null, JSON.stringify(incomplete)).reply).toEqual([{ kind: "note", text: "incomplete: max_output_tokens" }]);
  const refused = { error: { code: "model_not_found", message: "no such model" } };
  expect(readTranscript(null, JSON.stringify(refused)).reply).toEqual([{ kind: "note", text: "error model_not_found: no such model" }]);
});

test("parts without text are named, data is counted and not shown", () => {
  const content = [
    { type: "input_text", text: "look" },
    { type: "input_image", image_url: `data:image/png;base64,${"A".repeat(5000)}` },
    { type: "input_image", image_url: "https://example.test/a.png" },
    { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" },
  ];
  expect(readTranscript(JSON.stringify({ input: [{ role: "user", content }] }), null).request).toEqual([
    {
      kind: "message",
      role: "user",
      text: "look\n[input_image, 5022 characters of data]\n[input_image, https://example.test/a.png]\n[input_file a.pdf, 32 characters of data]",
    },
  ]);
});

test("the call that an output answers is named, with its namespace", () => {
  const input = [
    { type: "function_call", namespace: "mcp__files", name: "read", call_id: "c1", arguments: "{}" },
    { type: "custom_tool_call", name: "apply_patch", call_id: "c2", input: "*** Begin Patch" },
    { type: "custom_tool_call_output", call_id: "c2", output: [{ type: "input_text", text: "done" }] },
    { type: "function_call_output", call_id: "c1", output: "text" },
    { type: "function_call_output", call_id: "c9", output: "orphan" },
  ];
  expect(readTranscript(JSON.stringify({ input }), null).request).toEqual([
    { kind: "call", tool: "mcp__files.read", callId: "c1", input: "{}" },
    { kind: "call", tool: "apply_patch", callId: "c2", input: "*** Begin Patch" },
    { kind: "result", tool: "apply_patch", callId: "c2", text: "done" },
    { kind: "result", tool: "mcp__files.read", callId: "c1", text: "text" },
    { kind: "result", tool: null, callId: "c9", text: "orphan" },
  ]);
});

test("no body makes it throw", () => {
  const wild = fc.oneof(fc.string(), fc.json());
  const item = fc.record({
    type: fc.constantFrom("message", "reasoning", "function_call", "tool_search_output", "x"),
    content: fc.jsonValue(),
    summary: fc.jsonValue(),
    output: fc.jsonValue(),
    call_id: fc.jsonValue(),
    tools: fc.jsonValue(),
  });
  const body = fc.oneof(
    wild,
    fc.array(item).map((input) => JSON.stringify({ input, output: input, tools: input })),
  );
  const data = fc.record({
    type: fc.constantFrom("response.output_item.added", "response.output_text.delta", "response.completed", "error"),
    output_index: fc.jsonValue(),
    item: fc.jsonValue(),
    delta: fc.jsonValue(),
    response: fc.jsonValue(),
  });
  const stream = fc.array(data).map((events) => events.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(""));
  fc.assert(fc.property(body, fc.oneof(body, stream), (request, reply) => void readTranscript(request, reply)));
});

describe.skipIf(!existsSync(CORPUS))("real traffic", () => {
  const captures = join(CORPUS, "captures/codex");
  const names = existsSync(captures)
    ? readdirSync(captures).filter((name) => name.includes(".POST_") && name.endsWith("responses.json"))
    : [];

  test.each(names)("every item of %s is shown", (name) => {
    const body = asObject(asObject(parseJson(readFileSync(join(captures, name), "utf8")))?.["body"]);
    const entries = readTranscript(JSON.stringify(body), null).request;
    const aside = (asList(body?.["tools"]).length > 0 ? 1 : 0) + ((asString(body?.["instructions"]) ?? "") === "" ? 0 : 1);
    expect(entries.length).toBe(asList(body?.["input"]).length + aside);
    const users = asList(body?.["input"]).filter((item) => asObject(item)?.["role"] === "user");
    expect(entries.filter((entry) => entry.kind === "message" && entry.role === "user" && entry.text !== "").length).toBe(users.length);
  });

  const streams = join(CORPUS, "recordings/responses-streams");
  // In 08 the ends of some items are missing from the stream, in 04b its beginning.
  const recorded = existsSync(streams) ? readdirSync(streams).filter((name) => name.endsWith(".sse") && !/^(08|04b)/.test(name)) : [];

  test.each(recorded)("%s shows the same items with its end and without", (name) => {
    const text = readFileSync(join(streams, name), "utf8");
    const frames = text.split(/(?<=\n\n)/);
    const cut = frames.filter((frame) => !/^event: response\.(completed|incomplete|failed)/.test(frame)).join("");
    expect(cut.length).toBeLessThan(text.length);
    const whole = readTranscript(null, text).reply;
    expect(whole.length).toBeGreaterThan(0);
    const tail = [{ kind: "note", text: "the reply has no end" }];
    expect(readTranscript(null, cut).reply).toEqual([
      ...whole.filter((entry) => entry.kind !== "note" || entry.text.startsWith("[")),
      ...tail,
    ]);
  });
});
