// A table of bad requests, each with the exact status, param and code that a client sees, and with OpenAI's sentence where a
// client is known to read it.
import { describe, expect, test } from "vitest";
import { readRequest } from "../../../src/dialects/responses/read-request.ts";
import type { ReadRequestOptions } from "../../../src/dialects/responses/read-request.ts";
import { FaultError, writeError } from "../../../src/hub/fault.ts";
import type { Fault } from "../../../src/hub/fault.ts";
import { LossList } from "../../../src/hub/loss.ts";
import type { Json, JsonObject } from "../../../src/kit/json.ts";
import { body, ITEMS, items, said, tool, TOOLS } from "./bad-rows.ts";
import type { Row } from "./bad-rows.ts";

/** The fault with which a body is refused. */
function refusal(bad: Json, options: ReadRequestOptions = {}): Fault {
  try {
    readRequest(structuredClone(bad), new LossList(), options);
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(bad).slice(0, 200)}`);
}

const pairs = (count: number): JsonObject => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));

const BODY: readonly Row[] = [
  ["a list", [], null, "invalid_type"],
  ["null", null, null, "invalid_type"],
  ["a word", "hello", null, "invalid_type"],
  ["no model", { input: "hi" }, "model", "missing_required_parameter"],
  ["a model of null", { model: null, input: "hi" }, "model", "missing_required_parameter"],
  ["an empty model", { model: "", input: "hi" }, "model", "empty_string"],
  ["a model that is a number", { model: 4, input: "hi" }, "model", "invalid_type"],
  ["no input", { model: "m" }, "input", "missing_required_parameter"],
  ["chat's messages", { model: "m", messages: [] }, "input", "missing_required_parameter"],
  ["an input that is a number", { model: "m", input: 7 }, "input", "invalid_type"],
  ["an input that is one item", { model: "m", input: { role: "user" } }, "input", "invalid_type"],
  ["an empty input", { model: "m", input: [] }, "input", "empty_array"],
  ["an input that is too long", { model: "m", input: "x".repeat(10_485_761) }, "input", "string_above_max_length"],
];

const STORED: readonly Row[] = [
  ["a previous response", body({ previous_response_id: "resp_1" }), "previous_response_id", "previous_response_not_found"],
  [
    "a previous response and no input",
    { model: "m", previous_response_id: "resp_1" },
    "previous_response_id",
    "previous_response_not_found",
  ],
  ["a previous response that is a number", body({ previous_response_id: 1 }), "previous_response_id", "invalid_type"],
  ["a conversation", body({ conversation: "conv_1" }), "conversation", "unsupported_parameter"],
  ["a conversation as object", body({ conversation: { id: "conv_1" } }), "conversation", "unsupported_parameter"],
  ["a conversation that is a number", body({ conversation: 1 }), "conversation", "invalid_type"],
  [
    "a previous response and a conversation",
    body({ previous_response_id: "resp_1", conversation: "conv_1" }),
    "previous_response_id",
    "mutually_exclusive_parameters",
  ],
  ["a prompt template", body({ prompt: { id: "pmpt_1" } }), "prompt", "unsupported_parameter"],
  ["work in the background", body({ background: true }), "background", "unsupported_parameter"],
  ["a compaction trigger after nothing", items({ type: "compaction_trigger" }), "input", "empty_array"],
];

const SETTINGS: readonly Row[] = [
  ["instructions that are a list", body({ instructions: [] }), "instructions", "invalid_type"],
  ["stream that is a word", body({ stream: "true" }), "stream", "invalid_type"],
  ["parallel_tool_calls that is a number", body({ parallel_tool_calls: 1 }), "parallel_tool_calls", "invalid_type"],
  ["reasoning that is a word", body({ reasoning: "high" }), "reasoning", "invalid_type"],
  ["an unknown effort", body({ reasoning: { effort: "huge" } }), "reasoning.effort", "invalid_value"],
  ["an unknown summary", body({ reasoning: { summary: "long" } }), "reasoning.summary", "invalid_value"],
  ["a format without a type", body({ text: { format: {} } }), "text.format.type", "missing_required_parameter"],
  ["an unknown format", body({ text: { format: { type: "xml" } } }), "text.format.type", "invalid_value"],
  [
    "a schema without a name",
    body({ text: { format: { type: "json_schema", schema: {} } } }),
    "text.format.name",
    "missing_required_parameter",
  ],
  ["no schema", body({ text: { format: { type: "json_schema", name: "n" } } }), "text.format.schema", "missing_required_parameter"],
  [
    "a schema that is a string",
    body({ text: { format: { type: "json_schema", name: "n", schema: "" } } }),
    "text.format.schema",
    "invalid_type",
  ],
  ["an unknown verbosity", body({ text: { verbosity: "chatty" } }), "text.verbosity", "invalid_value"],
  ["too few output tokens", body({ max_output_tokens: 1 }), "max_output_tokens", "integer_below_min_value"],
  ["half an output token", body({ max_output_tokens: 16.5 }), "max_output_tokens", "invalid_type"],
  ["a temperature below 0", body({ temperature: -1 }), "temperature", "decimal_below_min_value"],
  ["a temperature above 2", body({ temperature: 2.5 }), "temperature", "decimal_above_max_value"],
  ["a temperature that is a word", body({ temperature: "hot" }), "temperature", "invalid_type"],
  ["top_p above 1", body({ top_p: 1.5 }), "top_p", "decimal_above_max_value"],
  ["top_logprobs above 20", body({ top_logprobs: 21 }), "top_logprobs", "integer_above_max_value"],
  ["a penalty below -2", body({ presence_penalty: -3 }), "presence_penalty", "decimal_below_min_value"],
  ["a seed that is a word", body({ seed: "x" }), "seed", "invalid_type"],
  ["a stop that is a number", body({ stop: ["a", 1] }), "stop[1]", "invalid_type"],
  ["an unknown include", body({ include: ["reasoning.encrypted_content", "secrets"] }), "include[1]", "invalid_value"],
  ["include that is a word", body({ include: "reasoning.encrypted_content" }), "include", "invalid_type"],
  ["a cache key that is a number", body({ prompt_cache_key: 1 }), "prompt_cache_key", "invalid_type"],
  ["a long safety identifier", body({ safety_identifier: "x".repeat(129) }), "safety_identifier", "string_above_max_length"],
  ["too many pairs of metadata", body({ metadata: pairs(17) }), "metadata", "object_above_max_properties"],
  ["a long key of metadata", body({ metadata: { ["k".repeat(65)]: "v" } }), "metadata", "string_above_max_length"],
  ["a long value of metadata", body({ metadata: { k: "v".repeat(513) } }), "metadata.k", "string_above_max_length"],
  ["metadata that is a number", body({ metadata: { k: 1 } }), "metadata.k", "invalid_type"],
  ["store that is a word", body({ store: "yes" }), "store", "invalid_type"],
  ["an unknown truncation", body({ truncation: "middle" }), "truncation", "invalid_value"],
  ["an unknown tier", body({ service_tier: "gold" }), "service_tier", "invalid_value"],
  ["an unknown retention", body({ prompt_cache_retention: "1y" }), "prompt_cache_retention", "invalid_value"],
  ["stream_options that is a word", body({ stream_options: "x" }), "stream_options", "invalid_type"],
  ["max_tool_calls below 0", body({ max_tool_calls: -1 }), "max_tool_calls", "integer_below_min_value"],
  ["an unknown context rule", body({ context_management: [{ type: "forget" }] }), "context_management[0].type", "invalid_value"],
  [
    "a low threshold of compaction",
    body({ context_management: [{ type: "compaction", compact_threshold: 10 }] }),
    "context_management[0].compact_threshold",
    "integer_below_min_value",
  ],
];

describe.each([
  ["body", BODY],
  ["what needs stored responses", STORED],
  ["items", ITEMS],
  ["tools", TOOLS],
  ["settings", SETTINGS],
])("a bad request is refused by its first offence: %s", (_, rows) => {
  test.each(rows)("%s", (_what, bad, param, code) => {
    const failure = refusal(bad);
    expect(failure).toMatchObject({ kind: "invalid_request", status: 400, param, code, upstream: false });
    expect(writeError(failure).type).toBe("invalid_request_error");
    // A sentence names the field, ends as one, and never repeats what may be megabytes.
    expect(failure.message).toMatch(/\.$/);
    expect(failure.message.length).toBeLessThan(600);
  });
});

test.each<readonly [Json, string]>([
  [{ input: "hi" }, "Missing required parameter: 'model'."],
  [body({ temperature: -1 }), "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 instead."],
  [body({ model: 4 }), "Invalid type for 'model': expected a string, but got an integer instead."],
  [
    items({ role: "user", content: 1.5 }),
    "Invalid type for 'input[0].content': expected one of a string or array of objects, but got a decimal instead.",
  ],
  [said({ type: "input_text", text: null }), "Missing required parameter: 'input[0].content[0].text'."],
  [body({ truncation: "x" }), "Invalid value: 'x'. Supported values are: 'auto' and 'disabled'."],
  [body({ text: { verbosity: "x" } }), "Invalid value: 'x'. Supported values are: 'low', 'medium', and 'high'."],
  [body({ max_output_tokens: 1 }), "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead."],
  [{ ...tool({}), tool_choice: { type: "function", name: "g" } }, "Tool choice 'g' not found in 'tools' parameter."],
  [[], "Invalid type for the request body: expected an object, but got an array instead."],
])("the service's own words: %j", (bad, message) => {
  expect(refusal(bad).message).toBe(message);
});

test("an item that is only referred to is not found, and the sentence says why and what to do", () => {
  for (const reference of [{ type: "item_reference", id: "rs_1" }, { id: "rs_1" }, { type: null, id: "rs_1" }]) {
    const failure = refusal(items(reference));
    expect(failure).toMatchObject({ kind: "not_found", status: 404, param: "input", code: null });
    expect(failure.message).toContain("Item with id 'rs_1' not found. Items are not persisted when `store` is set to false.");
    expect(failure.message).toContain("set `store` to false in the client");
  }
});

test("what needs stored responses is refused with a sentence that says that none are kept", () => {
  for (const [, bad] of STORED.filter(([, , , code]) => code === "previous_response_not_found")) {
    expect(refusal(bad).message).toContain("keeps no responses; send the whole conversation as input instead");
  }
});

test("the first offence wins, whatever the order in which the client wrote the fields", () => {
  const offences = { temperature: 9, tools: [{}], input: [{ role: "user", content: 1 }], model: "m", metadata: 1 };
  expect(refusal(offences).param).toBe("input[0].content");
  expect(refusal(Object.fromEntries(Object.entries(offences).toReversed())).param).toBe("input[0].content");
});

test("an unknown field is refused only where strictness is asked for", () => {
  const losses = new LossList();
  readRequest(body({ max_tokens: 5, "x\r\ny": 1 }), losses);
  expect(losses.header()).toBe("dropped max_tokens, dropped unknown");
  expect(refusal(body({ max_tokens: 5 }), { strict: true })).toMatchObject({
    status: 400,
    param: "max_tokens",
    code: "unknown_parameter",
    message: "Unknown parameter: 'max_tokens'.",
  });
});
