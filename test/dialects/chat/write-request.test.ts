// The chat body that goes upstream: only fields that the target takes, each loss declared, the same for the same request.
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../../src/kit/json.ts";
import { isObject } from "../../../src/kit/json.ts";
import { call, output, said, user, write, type WriteOptions } from "./write.ts";

const SCHEMA = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false };
const TOOL = { type: "function", name: "get", description: "Gets.", parameters: SCHEMA, strict: true };
const input = [user("Hi")];

/** The body without its messages. */
function fields(request: JsonObject, options: WriteOptions = {}): JsonObject {
  const { messages: _, ...rest } = write({ input, ...request }, options).body;
  return rest;
}

function losses(request: JsonObject, options: WriteOptions = {}): string[] {
  return write({ input, ...request }, options).losses;
}

describe("the plainest request", () => {
  test("says the model, the words, and how the reply shall come", () => {
    expect(write({ input: "Hi" }).body).toEqual({
      model: "upstream-m",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(fields({}, { stream: false })).toEqual({ model: "upstream-m", stream: false });
    expect(fields({}, { quirks: { streamUsage: false } })).toEqual({ model: "upstream-m", stream: true });
  });

  test("has no loss", () => {
    expect(losses({})).toEqual([]);
  });
});

test("the model's own field for the longest reply", () => {
  expect(fields({ max_output_tokens: 100 })).toMatchObject({ max_tokens: 100 });
  expect(fields({ max_output_tokens: 100 }, { quirks: { maxTokensField: "max_completion_tokens" } })).toMatchObject({
    max_completion_tokens: 100,
  });
});

test("keys and users go where they are taken", () => {
  const request = { prompt_cache_key: "k", safety_identifier: "s", user: "u" };
  expect(fields(request)).not.toHaveProperty("prompt_cache_key");
  expect(fields(request)).not.toHaveProperty("user");
  expect(fields(request, { quirks: { promptCacheKey: true, userField: true } })).toMatchObject({ prompt_cache_key: "k", user: "s" });
  expect(fields({ user: "u" }, { quirks: { userField: true } })).toMatchObject({ user: "u" });
});

test("the target's own fields are added; what is written otherwise wins", () => {
  const extraFields = { stream: false, top_k: 5, chat_template_kwargs: { a: 1, enable_thinking: true } };
  const quirks = { extraFields };
  expect(fields({}, { quirks })).toMatchObject({ stream: true, top_k: 5, chat_template_kwargs: { a: 1, enable_thinking: true } });
  const options: WriteOptions = { quirks, capabilities: { reasoningEffort: "template_switch", efforts: ["none", "medium"] } };
  expect(fields({ reasoning: { effort: "none" } }, options)).toMatchObject({ chat_template_kwargs: { a: 1, enable_thinking: false } });
});

describe("tools", () => {
  test("are functions; strict is said only where it is taken", () => {
    const plain = { type: "function", function: { name: "get", description: "Gets.", parameters: SCHEMA } };
    expect(fields({ tools: [TOOL] })).toMatchObject({ tools: [plain], parallel_tool_calls: true });
    expect(fields({ tools: [TOOL] }, { quirks: { strictField: true } })["tools"]).toEqual([
      { ...plain, function: { ...plain.function, strict: true } },
    ]);
  });

  test("without description or parameters are whole all the same", () => {
    expect(fields({ tools: [{ type: "function", name: "get" }] })["tools"]).toEqual([
      { type: "function", function: { name: "get", parameters: { type: "object", properties: {} } } },
    ]);
  });

  test("none: nothing is said of them", () => {
    expect(Object.keys(fields({ tools: [], parallel_tool_calls: false }))).toEqual(["model", "stream", "stream_options"]);
    const { body, losses: lost } = write({ input, tools: [TOOL], tool_choice: "required" }, { capabilities: { tools: false } });
    expect(body).not.toHaveProperty("tools");
    expect(body).not.toHaveProperty("tool_choice");
    expect(lost).toContain("dropped tools");
  });

  test("one at a time, or several, where that can be said; else one at a time is a loss", () => {
    expect(fields({ tools: [TOOL], parallel_tool_calls: false })).toMatchObject({ parallel_tool_calls: false });
    for (const options of [{ quirks: { parallelField: false } }, { capabilities: { parallelToolCalls: false } }]) {
      expect(fields({ tools: [TOOL], parallel_tool_calls: false }, options)).not.toHaveProperty("parallel_tool_calls");
      expect(losses({ tools: [TOOL], parallel_tool_calls: false }, options)).toEqual([
        "lowered tool.strict",
        "lowered parallel_tool_calls",
      ]);
      expect(losses({ tools: [{ ...TOOL, strict: false }] }, options)).toEqual([]);
    }
  });

  test.each<[string, Json, Json | undefined, number]>([
    ["auto", "auto", undefined, 2],
    ["required", "required", "required", 2],
    ["a function", { type: "function", name: "put" }, { type: "function", function: { name: "put" } }, 2],
    ["some of them", { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "put" }] }, undefined, 1],
    ["one of some", { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "put" }] }, "required", 1],
  ])("chosen: %s", (_name, tool_choice, expected, count) => {
    const body = fields({ tools: [TOOL, { ...TOOL, name: "put" }], tool_choice });
    expect(body["tool_choice"]).toEqual(expected);
    expect(body["tools"]).toHaveLength(count);
  });

  test("chosen: none is said, or nothing is offered", () => {
    const body = fields({ tools: [TOOL], tool_choice: "none" });
    expect(body["tool_choice"] === "none" || body["tools"] === undefined).toBe(true);
  });

  test("chosen where no choice is taken is a loss", () => {
    const options: WriteOptions = { capabilities: { toolChoice: false } };
    expect(fields({ tools: [TOOL], tool_choice: "required" }, options)).not.toHaveProperty("tool_choice");
    expect(losses({ tools: [TOOL], tool_choice: "required" }, options)).toEqual(["dropped tool_choice", "lowered tool.strict"]);
  });
});

describe("the output format", () => {
  const format = { type: "json_schema", name: "answer", schema: SCHEMA, strict: true, description: "An answer." };

  test("as a schema, as an object, or in words", () => {
    expect(fields({ text: { format } })["response_format"]).toEqual({
      type: "json_schema",
      json_schema: { name: "answer", schema: SCHEMA, strict: true, description: "An answer." },
    });
    const object = write({ input, text: { format } }, { capabilities: { jsonSchema: "object" } });
    expect(object.body["response_format"]).toEqual({ type: "json_object" });
    expect(object.messages[0]?.["content"]).toContain(JSON.stringify(SCHEMA));
    expect(object.losses).toEqual(["lowered text.format.json_schema"]);
    const words = write({ input, instructions: "Be kind.", text: { format } }, { capabilities: { jsonSchema: "prompt" } });
    expect(words.body).not.toHaveProperty("response_format");
    expect(words.messages[0]).toMatchObject({
      role: "system",
      content: expect.stringMatching(/^Be kind\.\n\nAnswer with one JSON value/) as string,
    });
    expect(words.losses).toEqual(["lowered text.format.json_schema", "lowered text.format"]);
  });

  test("without description or strict", () => {
    expect(fields({ text: { format: { type: "json_schema", name: "answer", schema: SCHEMA } } })["response_format"]).toEqual({
      type: "json_schema",
      json_schema: { name: "answer", schema: SCHEMA },
    });
  });

  test("any object", () => {
    const any = { text: { format: { type: "json_object" } } };
    expect(fields(any)["response_format"]).toEqual({ type: "json_object" });
    const words = write({ input, ...any }, { capabilities: { jsonSchema: "prompt" } });
    expect(words.messages[0]).toEqual({ role: "system", content: "Answer with one JSON object and nothing else." });
  });

  test("text is nothing", () => {
    expect(fields({ text: { format: { type: "text" } } })).not.toHaveProperty("response_format");
  });

  test("beside tools is asked for in words where both are too much", () => {
    const options: WriteOptions = { capabilities: { formatWithTools: false } };
    expect(fields({ text: { format } }, options)).toHaveProperty("response_format");
    expect(fields({ text: { format }, tools: [TOOL] }, options)).not.toHaveProperty("response_format");
  });

  test("that changes on the way is that of the last change", () => {
    const change = { type: "configuration_update", text: { format: { type: "json_object" } }, reasoning: { effort: "high" } };
    expect(fields({ input: [user("Hi"), change], reasoning: { effort: "low" } })).toMatchObject({
      response_format: { type: "json_object" },
      reasoning_effort: "high",
    });
  });
});

describe("effort", () => {
  test.each<[string, WriteOptions["capabilities"] & object, JsonObject, string[]]>([
    ["low", {}, { reasoning_effort: "low" }, []],
    ["xhigh", {}, { reasoning_effort: "high" }, ["lowered reasoning.effort"]],
    ["minimal", {}, { reasoning_effort: "low" }, ["lowered reasoning.effort"]],
    ["medium", { efforts: ["low", "high"] }, { reasoning_effort: "low" }, ["lowered reasoning.effort"]],
    ["medium", { reasoningEffort: "reasoning_object" }, { reasoning: { effort: "medium" } }, []],
    ["high", { reasoningEffort: "none" }, {}, ["dropped reasoning.effort"]],
    ["high", { efforts: [] }, {}, ["dropped reasoning.effort"]],
    ["medium", { reasoningEffort: "thinking_type", efforts: ["none", "medium"] }, { thinking: { type: "enabled" } }, []],
    ["none", { reasoningEffort: "thinking_type", efforts: ["none", "medium"] }, { thinking: { type: "disabled" } }, []],
    ["high", { reasoningEffort: "thinking_effort" }, { thinking: { type: "enabled" }, reasoning_effort: "high" }, []],
    ["low", { reasoningEffort: "thinking_budget" }, { enable_thinking: true, thinking_budget: 4096 }, []],
    ["high", { reasoningEffort: "template_effort" }, { chat_template_kwargs: { reasoning_effort: "high" } }, []],
    ["none", { reasoningEffort: "enable_thinking", efforts: ["none", "medium"] }, { enable_thinking: false }, []],
  ])("%s of %o", (effort, capabilities, expected, lost) => {
    const { model: _m, stream: _s, stream_options: _o, ...rest } = fields({ reasoning: { effort } }, { capabilities });
    expect(rest).toEqual(expected);
    expect(losses({ reasoning: { effort } }, { capabilities })).toEqual(lost);
  });

  test("none in particular says nothing", () => {
    for (const reasoning of [null, {}, { summary: "auto" }, { effort: null }])
      expect(Object.keys(fields({ reasoning }))).toEqual(["model", "stream", "stream_options"]);
  });
});

describe("sampling", () => {
  test("goes where it is taken, zero too, and is a loss elsewhere", () => {
    const request = { temperature: 0, top_p: 0.5 };
    expect(fields(request)).toMatchObject(request);
    expect(losses(request, { capabilities: { sampling: false } })).toEqual(["dropped temperature", "dropped top_p"]);
    expect(fields(request, { capabilities: { sampling: false } })).not.toHaveProperty("temperature");
  });

  test("log probabilities where they are to be included, as many as were asked for", () => {
    const include = ["message.output_text.logprobs"];
    expect(fields({ include, top_logprobs: 3 })).toMatchObject({ logprobs: true, top_logprobs: 3 });
    const plain = fields({ include });
    expect(plain).toMatchObject({ logprobs: true });
    expect(plain).not.toHaveProperty("top_logprobs");
    expect(fields({ top_logprobs: 3 })).not.toHaveProperty("logprobs");
    expect(losses({ include, top_logprobs: 3 }, { capabilities: { logprobs: false } })).toEqual(["dropped logprobs"]);
  });

  test("verbosity goes where it is taken, and is a loss elsewhere, unless it is the usual one", () => {
    expect(fields({ text: { verbosity: "low" } }, { capabilities: { verbosity: true } })).toMatchObject({ verbosity: "low" });
    expect(losses({ text: { verbosity: "low" } })).toEqual(["dropped text.verbosity"]);
    expect(losses({ text: { verbosity: "medium" } })).toEqual([]);
  });
});

function holes(value: Json | undefined, path = ""): string[] {
  if (value === null || value === undefined) return [path];
  if (Array.isArray(value)) return value.flatMap((one, at) => holes(one, `${path}[${at}]`));
  return isObject(value) ? Object.entries(value).flatMap(([key, one]) => holes(one, `${path}.${key}`)) : [];
}

describe("every body", () => {
  const request: JsonObject = {
    input: [
      user([
        { type: "input_text", text: "Hi" },
        { type: "input_image", image_url: "data:image/png;base64,AA==", detail: null },
      ]),
      said("Yes"),
      call("a"),
      output("a"),
      user("Ok"),
    ],
    instructions: null,
    tools: [
      TOOL,
      { type: "custom", name: "patch", description: null },
      { type: "namespace", name: "ns", tools: [{ type: "function", name: "in" }] },
    ],
    reasoning: { effort: "low", summary: null },
    text: { format: { type: "json_schema", name: "answer", schema: SCHEMA, description: null, strict: null } },
    max_output_tokens: null,
    temperature: null,
    metadata: {},
  };

  test("has no field that is null or undefined", () => {
    const { body } = write(request, { quirks: { userField: true, promptCacheKey: true, strictField: true } });
    expect(holes(body)).toEqual([]);
  });

  test("is the same for the same request, to the byte", () => {
    expect(JSON.stringify(write(request).body)).toBe(JSON.stringify(write(request).body));
  });

  test("begins as it did before, when the conversation goes on", () => {
    const more = { ...request, input: [...(request["input"] as JsonObject[]), said("Done"), user("More")] }; // it is a list, four lines above
    const [before, after] = [write(request), write(more)].map(({ messages }) => messages.map((message) => JSON.stringify(message)));
    expect(after?.slice(0, before?.length)).toEqual(before);
  });

  test("does not change the request that it was made from", () => {
    const before = JSON.stringify(request);
    write(request);
    expect(JSON.stringify(request)).toBe(before);
  });
});
