// The echo stands in every lifecycle event, so it is judged there: by the project's own strict judge, and by the reference one.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRequest } from "../../../src/dialects/responses/read-request.ts";
import { LossList } from "../../../src/hub/loss.ts";
import type { Json, JsonObject } from "../../../src/kit/json.ts";
import { corpus } from "../../support/corpus.ts";
import { validateEvents } from "../../support/validate-stream.ts";
import { everyItem } from "./every-item.ts";

const echoOf = (body: JsonObject): JsonObject => readRequest({ model: "m", input: "hi", ...body }, new LossList()).echo;

/** The shortest stream that repeats an echo: created, in progress, completed. */
function streamOf(echo: JsonObject): JsonObject[] {
  const running = {
    ...echo,
    id: `resp_${"0".repeat(50)}`,
    object: "response",
    created_at: 1_700_000_000,
    status: "in_progress",
    completed_at: null,
    error: null,
    incomplete_details: null,
    output: [],
    usage: null,
  };
  const usage = {
    input_tokens: 1,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: 0,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 1,
  };
  const ended = { ...running, status: "completed", completed_at: 1_700_000_001, service_tier: "default", usage };
  return [
    { type: "response.created", sequence_number: 0, response: running },
    { type: "response.in_progress", sequence_number: 1, response: running },
    { type: "response.completed", sequence_number: 2, response: ended },
  ];
}

const bodies: readonly (readonly [string, JsonObject])[] = [
  ["the least", {}],
  ["everything", everyItem()],
];

test.each(bodies)("a stream that repeats the echo of %s obeys the contract", (_, body) => {
  expect(validateEvents(streamOf(echoOf(structuredClone(body))))).toEqual([]);
});

describe.skipIf(corpus === undefined)("by the reference judge", () => {
  test.each(bodies)("the echo of %s has no violation, not even a mild one", async (_, body) => {
    const judge = await import(join(corpus ?? "", "tools/validate-stream.mjs"));
    expect(judge.validateEvents(streamOf(echoOf(structuredClone(body)))).violations).toEqual([]);
  });
});

test("the echo of the least request is the service's own, in one order", () => {
  expect(JSON.stringify(echoOf({}))).toBe(
    JSON.stringify({
      background: false,
      frequency_penalty: 0,
      instructions: null,
      max_output_tokens: null,
      max_tool_calls: null,
      metadata: {},
      model: "m",
      moderation: null,
      parallel_tool_calls: true,
      presence_penalty: 0,
      previous_response_id: null,
      prompt_cache_key: null,
      prompt_cache_retention: null,
      reasoning: { effort: null, summary: null },
      safety_identifier: null,
      service_tier: "auto",
      store: false,
      temperature: 1,
      text: { format: { type: "text" }, verbosity: "medium" },
      tool_choice: "auto",
      tools: [],
      top_logprobs: 0,
      top_p: 1,
      truncation: "disabled",
      user: null,
    }),
  );
});

test("the echo repeats what was given; what is not done says so", () => {
  expect(echoOf(everyItem())).toMatchObject({
    frequency_penalty: 0.1,
    instructions: "be kind",
    max_output_tokens: 100,
    max_tool_calls: 3,
    metadata: { run: "1" },
    parallel_tool_calls: false,
    presence_penalty: -0.1,
    prompt_cache_key: "key",
    prompt_cache_retention: "24h",
    reasoning: { effort: "low", summary: "auto", context: "all_turns" },
    safety_identifier: "user-1",
    store: false,
    temperature: 0.5,
    text: { format: { type: "json_schema", name: "n", schema: { type: "object" }, strict: true, description: null }, verbosity: "low" },
    tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] },
    top_logprobs: 2,
    top_p: 0.9,
    truncation: "auto",
    user: "u",
  });
});

test.each<readonly [string, JsonObject, Json]>([
  ["a bare function", { type: "function", name: "f" }, { type: "function", name: "f", description: null, parameters: null, strict: true }],
  [
    "a whole function",
    { type: "function", name: "f", description: "d", parameters: {}, strict: false, defer_loading: true },
    { type: "function", name: "f", description: "d", parameters: {}, strict: false, defer_loading: true },
  ],
  ["a bare custom tool", { type: "custom", name: "c" }, { type: "custom", name: "c", description: null, format: { type: "text" } }],
  [
    "a namespace",
    { type: "namespace", name: "n", tools: [{ type: "function", name: "f" }] },
    {
      type: "namespace",
      name: "n",
      description: null,
      tools: [{ type: "function", name: "f", description: null, parameters: null, strict: true }],
    },
  ],
  ["a hosted tool", { type: "web_search", search_context_size: "low" }, { type: "web_search", search_context_size: "low" }],
  [
    "a remote tool server, whose secrets are masked",
    {
      type: "mcp",
      server_label: "s",
      server_url: "https://u:canary@mcp.example/canary?k=canary",
      authorization: "canary",
      headers: { "x-key": "canary" },
    },
    {
      type: "mcp",
      server_label: "s",
      server_url: "https://mcp.example/<redacted>",
      authorization: "<redacted>",
      headers: { "x-key": "<redacted>" },
    },
  ],
  ["a remote tool server at no URL", { type: "mcp", server_url: "canary" }, { type: "mcp", server_url: "<redacted>" }],
])("the echo of %s", (_, tool, expected) => {
  expect(echoOf({ tools: [tool] })["tools"]).toEqual([expected]);
});
