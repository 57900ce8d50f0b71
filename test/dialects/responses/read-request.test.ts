// What the reader makes of tools, tool choice and settings, and which losses it declares.
import { describe, expect, test } from "vitest";
import type { HubRequest } from "../../../src/hub/request.ts";
import type { Json, JsonObject } from "../../../src/kit/json.ts";
import { everyItem } from "./every-item.ts";
import { readBody } from "./read-body.ts";

describe("tools", () => {
  test("hosted tools are kept whole and are no loss of the reader's", () => {
    const { request, losses } = readBody({ tools: [{ type: "web_search", external_web_access: false }] });
    expect(request.tools).toEqual([{ type: "hosted", wire: { type: "web_search", external_web_access: false } }]);
    expect(losses).toBe("");
  });

  test("in a namespace only what can be called is carried", () => {
    const { request, losses } = readBody({
      tools: [{ type: "namespace", name: "n", tools: [{ type: "function", name: "f" }, { type: "mcp" }, { type: "custom", name: "c" }] }],
    });
    expect(request.tools).toMatchObject([{ tools: [{ name: "f" }, { name: "c" }] }]);
    expect(losses).toBe("dropped tool.namespace.mcp");
  });

  const tools = (): Json[] => [
    { type: "function", name: "f" },
    { type: "custom", name: "p" },
    {
      type: "namespace",
      name: "n",
      tools: [
        { type: "function", name: "f" },
        { type: "function", name: "g" },
      ],
    },
    { type: "web_search_2025_08_26" },
  ];
  test.each<readonly [JsonObject | string | null, HubRequest["tool_choice"]]>([
    [null, "auto"],
    ["required", "required"],
    ["none", "none"],
    [
      { type: "function", name: "f" },
      { type: "function", name: "f" },
    ],
    [
      { type: "custom", name: "p" },
      { type: "custom", name: "p" },
    ],
    [
      { type: "function", name: "g" },
      { type: "function", name: "g", namespace: "n" },
    ],
    [
      { type: "function", name: "f", namespace: "n" },
      { type: "function", name: "f", namespace: "n" },
    ],
    [
      { type: "function", name: "late" },
      { type: "function", name: "late" },
    ],
    [{ type: "web_search" }, { type: "hosted", wire: { type: "web_search" } }],
    [
      { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "f" }] },
      { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "f" }] },
    ],
  ])("the choice %j is found among all the tools that the request brings", (choice, expected) => {
    const added = { type: "additional_tools", tools: [{ type: "function", name: "late" }] };
    const { request } = readBody({ tools: tools(), tool_choice: choice, input: [{ role: "user", content: "x" }, added] });
    expect(request.tool_choice).toEqual(expected);
  });

  test("tools that only items bring are enough for `required`", () => {
    const added = { type: "additional_tools", tools: [{ type: "function", name: "late" }] };
    expect(readBody({ tool_choice: "required", input: [added] }).request.tool_choice).toBe("required");
  });
});

describe("settings", () => {
  test("nothing but model and input means the service's defaults", () => {
    const { request, losses } = readBody({});
    const { echo: _echo, input: _input, ...rest } = request;
    expect(losses).toBe("");
    expect(rest).toStrictEqual({
      model: "m",
      instructions: null,
      tools: [],
      tool_choice: "auto",
      parallel_tool_calls: true,
      stream: false,
      reasoning: null,
      text: { format: { type: "text" }, verbosity: null },
      max_output_tokens: null,
      temperature: null,
      top_p: null,
      top_logprobs: null,
      frequency_penalty: null,
      presence_penalty: null,
      stop: null,
      seed: null,
      include: [],
      prompt_cache_key: null,
      safety_identifier: null,
      user: null,
    });
  });

  test("null means the same as absent, for every field", () => {
    const nothing = Object.fromEntries(
      Object.keys(everyItem())
        .filter((name) => name !== "model" && name !== "input")
        .map((name) => [name, null]),
    );
    const { request, losses } = readBody(nothing);
    expect(request).toStrictEqual(readBody({}).request);
    expect(losses).toBe("");
  });

  test("what is given arrives", () => {
    const { echo: _echo, input: _input, tools: _tools, ...rest } = readBody(everyItem()).request;
    expect(rest).toStrictEqual({
      model: "m",
      instructions: "be kind",
      tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] },
      parallel_tool_calls: false,
      stream: true,
      reasoning: { effort: "low", summary: "auto", context: "all_turns" },
      text: { format: { type: "json_schema", name: "n", schema: { type: "object" }, strict: true }, verbosity: "low" },
      max_output_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      top_logprobs: 2,
      frequency_penalty: 0.1,
      presence_penalty: -0.1,
      stop: ["END"],
      seed: 7,
      include: ["reasoning.encrypted_content"],
      prompt_cache_key: "key",
      safety_identifier: "user-1",
      user: "u",
      compaction: { when: "above", threshold: 5000 },
    });
  });

  test("the deprecated name of a summary counts", () => {
    expect(readBody({ reasoning: { generate_summary: "concise" } }).request.reasoning).toEqual({ summary: "concise" });
  });

  test("a single stop is a list of one", () => {
    expect(readBody({ stop: "END" }).request.stop).toEqual(["END"]);
  });

  test("an empty input will do where instructions say everything", () => {
    expect(readBody({ instructions: "speak", input: [] }).request.input).toEqual([]);
  });
});

test.each<readonly [string, JsonObject, string]>([
  ["storing", { store: true }, "dropped store"],
  ["not storing", { store: false, background: false }, ""],
  ["obfuscation", { stream_options: { include_obfuscation: true } }, "dropped stream_options"],
  ["no obfuscation", { stream_options: { include_obfuscation: false } }, ""],
  ["compaction within the turn", { context_management: [{ type: "compaction" }] }, ""],
  ["cutting what is too long", { truncation: "auto" }, ""],
  ["refusing what is too long", { truncation: "disabled" }, ""],
  ["a tier", { service_tier: "flex" }, "dropped service_tier"],
  ["the usual tier", { service_tier: "default" }, ""],
  ["how long to cache", { prompt_cache_retention: "24h" }, "dropped prompt_cache_retention"],
  ["how to cache", { prompt_cache_options: { mode: "explicit" } }, "dropped prompt_cache_options"],
  [
    "where to cache",
    { input: [{ role: "user", content: [{ type: "input_text", text: "x", prompt_cache_breakpoint: { mode: "explicit" } }] }] },
    "dropped prompt_cache_breakpoint",
  ],
  ["moderation", { moderation: { model: "x" } }, "dropped moderation"],
  ["the client's notes", { client_metadata: { thread_id: "t" } }, "dropped client_metadata"],
  ["access programs", { access_programs: {} }, "dropped access_programs"],
  ["thinking for longer", { reasoning: { mode: "pro" } }, "dropped reasoning.mode"],
  ["the fields of a socket", { type: "response.create", generate: false, stream_id: "s" }, "dropped generate, dropped stream_id"],
  ["metadata and a limit of hosted calls, which the reply repeats", { metadata: { a: "b" }, max_tool_calls: 2 }, ""],
])("losses: %s", (_, body, header) => {
  expect(readBody(body).losses).toBe(header);
});
