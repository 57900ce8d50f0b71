// The judge is judged: by a stream of our own that it must pass, and by one breach of each rule that it must name.
import { describe, expect, test } from "vitest";
import { asString, isObject, type Json, type JsonObject } from "../../src/kit/json.ts";
import { number, put } from "./spoil.ts";
import { validateEvents, validateSse } from "./validate-stream.ts";

const RESPONSE: JsonObject = {
  id: "resp_1",
  object: "response",
  created_at: 1700000000,
  status: "in_progress",
  background: false,
  completed_at: null,
  error: null,
  frequency_penalty: 0,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  model: "m",
  output: [],
  parallel_tool_calls: true,
  presence_penalty: 0,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: "default",
  store: false,
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: "disabled",
  usage: null,
  user: null,
};
const USAGE: JsonObject = {
  input_tokens: 5,
  input_tokens_details: { cached_tokens: 2, cache_write_tokens: 0 },
  output_tokens: 4,
  output_tokens_details: { reasoning_tokens: 1 },
  total_tokens: 9,
};
const PART = (text: string): JsonObject => ({ type: "output_text", text, annotations: [], logprobs: [] });
const MESSAGE: JsonObject = { id: "msg_1", type: "message", status: "completed", role: "assistant", content: [PART("Hi there")] };
const THOUGHT: JsonObject = { id: "rs_1", type: "reasoning", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "ws1.x" };
const CALL: JsonObject = {
  id: "fc_1",
  type: "function_call",
  status: "completed",
  call_id: "call_1",
  name: "shell",
  arguments: '{"a":1}',
};
const PATCH: JsonObject = { id: "ctc_1", type: "custom_tool_call", status: "completed", call_id: "call_2", name: "patch", input: "*** x" };

/** A stream with an item of each kind that we send; places are named in the table of breaches below. */
function goodStream(): JsonObject[] {
  const at = (item_id: string, output_index: number): JsonObject => ({ item_id, output_index });
  const text = { ...at("msg_1", 1), content_index: 0 };
  const summary = { ...at("rs_1", 0), summary_index: 0 };
  const events: JsonObject[] = [
    { type: "response.created", response: RESPONSE },
    { type: "response.in_progress", response: RESPONSE },
    { type: "response.output_item.added", output_index: 0, item: { ...THOUGHT, summary: [] } },
    { type: "response.reasoning_summary_part.added", ...summary, part: { type: "summary_text", text: "" } },
    { type: "response.reasoning_summary_text.delta", ...summary, delta: "hm" },
    { type: "response.reasoning_summary_text.done", ...summary, text: "hm" },
    { type: "response.reasoning_summary_part.done", ...summary, part: { type: "summary_text", text: "hm" } },
    // Opaque state may be made anew for every event.
    { type: "response.output_item.done", output_index: 0, item: { ...THOUGHT, encrypted_content: "ws1.y" } },
    { type: "response.output_item.added", output_index: 1, item: { ...MESSAGE, status: "in_progress", content: [] } },
    { type: "response.content_part.added", ...text, part: PART("") },
    { type: "response.output_text.delta", ...text, delta: "Hi ", logprobs: [] },
    { type: "response.in_progress", response: RESPONSE },
    { type: "response.output_text.delta", ...text, delta: "there", logprobs: [] },
    { type: "response.output_text.done", ...text, text: "Hi there", logprobs: [] },
    { type: "response.content_part.done", ...text, part: PART("Hi there") },
    { type: "response.output_item.done", output_index: 1, item: MESSAGE },
    { type: "response.output_item.added", output_index: 2, item: { ...CALL, status: "in_progress", arguments: "" } },
    { type: "response.function_call_arguments.delta", ...at("fc_1", 2), delta: '{"a":1}' },
    { type: "response.function_call_arguments.done", ...at("fc_1", 2), arguments: '{"a":1}' },
    { type: "response.output_item.done", output_index: 2, item: CALL },
    { type: "response.output_item.added", output_index: 3, item: { ...PATCH, status: "in_progress", input: "" } },
    { type: "response.custom_tool_call_input.delta", ...at("ctc_1", 3), delta: "*** x" },
    { type: "response.custom_tool_call_input.done", ...at("ctc_1", 3), input: "*** x" },
    { type: "response.output_item.done", output_index: 3, item: PATCH },
    {
      type: "response.completed",
      response: { ...RESPONSE, status: "completed", completed_at: 1700000001, output: [THOUGHT, MESSAGE, CALL, PATCH], usage: USAGE },
    },
  ];
  return number(events);
}

function frames(events: readonly JsonObject[]): string {
  return events.map((event) => `event: ${asString(event["type"]) ?? ""}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

const at = (place: number, path: readonly (string | number)[], field?: Json): JsonObject[] =>
  goodStream().map((event, index) => {
    const changed = index === place ? put(event, path, field) : event;
    return isObject(changed) ? changed : {};
  });
const without = (...places: number[]): JsonObject[] => number(goodStream().filter((_, index) => !places.includes(index)));
const swapped = (place: number, other: number): JsonObject[] =>
  number(goodStream().map((event, index, all) => all[index === place ? other : index === other ? place : index] ?? event));

const BREACHES: [rule: string, how: string, events: JsonObject[]][] = [
  ["life.end", "no terminal event", goodStream().slice(0, -1)],
  ["life.end", "nothing at all", []],
  ["life.after", "an event after the terminal one", number([...goodStream(), { type: "response.in_progress", response: RESPONSE }])],
  ["life.first", "created comes second", swapped(0, 1)],
  ["life.order", "no in_progress", without(1, 11)],
  [
    "life.error",
    "an error, then completed",
    number([...goodStream().slice(0, -1), { type: "error", error: { code: null, message: "m" } }, ...goodStream().slice(-1)]),
  ],
  ["event.required", "a delta without logprobs", at(10, ["logprobs"])],
  ["event.extra", "a field of our own", at(10, ["waystation"], 1)],
  ["event.unknown", "an invented event", at(11, ["type"], "response.heartbeat")],
  ["event.index", "an index that is no number", at(10, ["content_index"], "0")],
  ["event.text", "a delta that is no text", at(10, ["delta"], 1)],
  ["sequence.gap", "a number left out", at(5, ["sequence_number"], 6)],
  ["sequence.missing", "no number", at(5, ["sequence_number"])],
  ["response.field", "an incomplete response", at(0, ["response", "truncation"])],
  ["response.constant", "another model at the end", at(24, ["response", "model"], "other")],
  ["response.constant", "another id at the end", at(24, ["response", "id"], "resp_2")],
  ["response.created_at", "milliseconds", at(0, ["response", "created_at"], 1700000000000)],
  ["response.status", "completed while running", at(1, ["response", "status"], "completed")],
  ["response.early", "usage while running", at(1, ["response", "usage"], USAGE)],
  ["response.completed_at", "completed without a time", at(24, ["response", "completed_at"], null)],
  ["response.error", "completed with an error", at(24, ["response", "error"], { code: "server_error", message: "m" })],
  ["usage.missing", "no usage", at(24, ["response", "usage"], null)],
  ["usage.total", "a wrong total", at(24, ["response", "usage", "total_tokens"], 10)],
  ["usage.bounds", "more cached than input", at(24, ["response", "usage", "input_tokens_details", "cached_tokens"], 6)],
  ["usage.bounds", "more reasoning than output", at(24, ["response", "usage", "output_tokens_details", "reasoning_tokens"], 5)],
  ["usage.shape", "no details", at(24, ["response", "usage", "output_tokens_details"], {})],
  ["item.open", "an item never done", without(23)],
  ["item.overlap", "two items open at once", swapped(15, 16)],
  ["item.index", "an index left out", at(8, ["output_index"], 2)],
  ["item.unknown", "a delta for no item", at(10, ["output_index"], 9)],
  ["item.id", "a delta for another item", at(10, ["item_id"], "msg_2")],
  ["item.id", "another id when done", at(15, ["item", "id"], "msg_2")],
  ["item.id", "an id used twice", at(16, ["item", "id"], "msg_1")],
  ["item.constant", "another call id when done", at(19, ["item", "call_id"], "call_9")],
  ["item.start", "a message that begins with content", at(8, ["item", "content"], [PART("")])],
  ["item.status", "a message that is completed when added", at(8, ["item", "status"], "completed")],
  ["item.status", "a message that is still in progress when done", at(15, ["item", "status"], "in_progress")],
  ["item.content", "an item that differs from its parts", at(15, ["item", "content", 0, "text"], "Hi")],
  ["item.summary", "an item without its summary", at(7, ["item", "summary"], [])],
  ["id.prefix", "a message called fc_", at(8, ["item", "id"], "fc_9")],
  ["id.charset", "a dot in a call id", at(16, ["item", "call_id"], "call.1")],
  ["id.length", "an id of 65 characters", at(0, ["response", "id"], `resp_${"a".repeat(60)}`)],
  ["id.missing", "a call without id", at(16, ["item", "call_id"], "")],
  ["part.index", "a content index left out", at(9, ["content_index"], 1)],
  ["part.unknown", "a delta without a part", without(9)],
  ["part.open", "a part never done", without(14)],
  ["part.order", "a part done before its text", swapped(13, 14)],
  ["part.start", "a part that begins with text", at(9, ["part", "text"], "Hi")],
  ["text.sum", "a text that is not the sum", at(13, ["text"], "Hi")],
  ["text.sum", "a lost delta", without(10)],
  ["text.sum", "arguments that are not the sum", at(18, ["arguments"], "{}")],
  ["delta.empty", "an empty delta", at(10, ["delta"], "")],
  ["input.done", "arguments never done", without(18)],
  ["input.done", "input never done", without(22)],
  ["item.input", "a call that differs from its done", at(23, ["item", "input"], "***")],
  [
    "input.json",
    "arguments that are no JSON",
    ["delta", "arguments"].reduce<JsonObject[]>(
      (events, field, step) => events.map((event, index) => (index === 17 + step ? { ...event, [field]: "{" } : event)),
      at(19, ["item", "arguments"], "{"),
    ),
  ],
  ["output.length", "an item too few at the end", at(24, ["response", "output"], [THOUGHT, MESSAGE, CALL])],
  ["output.item", "an item that differs at the end", at(24, ["response", "output", 1, "content", 0, "text"], "Hi")],
];

const RAW: [rule: string, how: string, text: string][] = [
  ["frame.event", "an event line that is not the type", frames(goodStream()).replace("event: response.created", "event: response.made")],
  ["frame.form", "no event line", frames(goodStream()).replace("event: response.created\n", "")],
  ["frame.form", "a comment", `: hello\n\n${frames(goodStream())}`],
  ["frame.form", "two data lines", frames(goodStream()).replace("\n\n", "\ndata: x\n\n")],
  ["frame.line", "carriage returns", frames(goodStream()).replaceAll("\n", "\r\n")],
  ["frame.end", "no empty line at the end", frames(goodStream()).slice(0, -1)],
  ["frame.json", "data that is no JSON", frames(goodStream()).replace("data: {", "data: ")],
  ["frame.after", "an event after [DONE]", `data: [DONE]\n\n${frames(goodStream())}`],
];

describe("a stream of our own", () => {
  test("that obeys the contract passes", () => {
    expect(validateSse(frames(goodStream()))).toEqual([]);
    expect(validateSse(`${frames(goodStream())}data: [DONE]\n\n`)).toEqual([]);
  });

  test.each(BREACHES)("%s: %s", (rule, _how, events) => {
    expect(validateEvents(events).map((violation) => violation.rule)).toContain(rule);
  });

  test.each(RAW)("%s: %s", (rule, _how, text) => {
    expect(validateSse(text).map((violation) => violation.rule)).toContain(rule);
  });

  test("a stream that is resumed is whole with what came before", () => {
    const events = goodStream();
    const [before, rest] = [events.slice(0, 5), events.slice(5)];
    expect(validateSse(frames(rest), { resumeAfter: before })).toEqual([]);
    expect(validateSse(frames(rest)).length).toBeGreaterThan(0);
    expect(validateSse(frames(rest.slice(1)), { resumeAfter: before }).map(({ rule }) => rule)).toContain("sequence.gap");
  });

  test("a response that was cancelled has no output, whatever was streamed of it", () => {
    const events = number([
      ...goodStream().slice(0, 3),
      { type: "response.failed", response: { ...RESPONSE, status: "cancelled", output: [] } },
    ]);
    expect(validateEvents(events)).toEqual([]);
  });

  test("a cut reply may leave the last call unfinished, if it says so", () => {
    const cut = { ...CALL, status: "incomplete", arguments: '{"a' };
    const events = number([
      ...goodStream().slice(0, 2),
      { type: "response.output_item.added", output_index: 0, item: { ...CALL, status: "in_progress", arguments: "" } },
      { type: "response.function_call_arguments.delta", item_id: "fc_1", output_index: 0, delta: '{"a' },
      { type: "response.output_item.done", output_index: 0, item: cut },
      {
        type: "response.incomplete",
        response: { ...RESPONSE, status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output: [cut], usage: USAGE },
      },
    ]);
    expect(validateEvents(events)).toEqual([]);
    const claimed = events.map((event, index) => (index === 4 ? put(event, ["item", "status"], "completed") : event));
    expect(validateEvents(claimed).map((violation) => violation.rule)).toContain("item.status");
  });

  test("a failure may leave an item open, if the output holds it", () => {
    const failed = { ...RESPONSE, status: "failed", error: { code: "server_error", message: "m" } };
    const open = goodStream().slice(0, 11);
    const output = [THOUGHT, { ...MESSAGE, status: "incomplete", content: [PART("Hi ")] }];
    expect(validateEvents(number([...open, { type: "response.failed", response: { ...failed, output } }]))).toEqual([]);
    expect(validateEvents(number([...open, { type: "response.failed", response: failed }])).map(({ rule }) => rule)).toEqual([
      "output.length",
    ]);
  });
});
