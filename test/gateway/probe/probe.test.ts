// `check PROVIDER` against servers of quite different habits: what it finds, what it prints, and that what it prints, once written down,
// changes what is sent.
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { JsonObject } from "../../../src/kit/json.ts";
import { asList, asObject, asString } from "../../../src/kit/json.ts";
import { ask, body, jsonOf } from "../../e2e/client.ts";
import { whole } from "../../support/chat-frames.ts";
import { afterThis, startGateway } from "../../support/gateway.ts";
import { serveModels } from "../../support/model-servers.ts";
import type { Checked } from "./check.ts";
import { check, command } from "./check.ts";
import { answerAs, STRICT } from "./habits.ts";

const differs = ({ report }: Checked): JsonObject => asObject(report["differs"]) ?? {};
const verdictOf = ({ report }: Checked, topic: string): string | undefined =>
  asString(
    asList(report["findings"])
      .map(asObject)
      .find((found) => found?.["topic"] === topic)?.["verdict"],
  );

describe("a server that", () => {
  test("does all that it is asked needs only what is not assumed of everybody", async () => {
    const checked = await check(
      answerAs({
        pattern: "value",
        refuses: (sent) => ("waystation_check" in sent || sent["verbosity"] === "waystation" ? "unknown" : undefined),
      }),
    );
    expect(checked.code).toBe(0);
    expect(differs(checked)).toEqual({
      capabilities: { tool_pattern: "value", system_messages: "anywhere", verbosity: true, tool_name_length: 123 },
      quirks: { prompt_cache_key: true, user_field: true, strict_field: true },
    });
    expect(verdictOf(checked, "output by json_schema")).toBe("yes");
  });

  test("refuses much is described by its refusals", async () => {
    const checked = await check(answerAs(STRICT));
    expect(differs(checked)).toEqual({
      capabilities: {
        tool_choice: false,
        parallel_tool_calls: false,
        images: false,
        json_schema: "object",
        system_messages: "none",
        format_with_tools: false,
        efforts: ["low", "high"],
        penalties: false,
        logprobs: false,
        tool_name_length: 123,
      },
      quirks: {
        max_tokens_field: "max_completion_tokens",
        stream_usage: false,
        parallel_field: false,
        empty_content: "null",
        user_after_tool: false,
        seed_field: "random_seed",
        call_id: "mistral9",
      },
    });
  });

  test("ignores much is told from one that does what it is asked", async () => {
    const checked = await check(
      answerAs({
        ignores: ["tool_choice", "stop", "response_format", "logprobs", "parallel_tool_calls"],
        thinks: "reasoning_content",
        careless: true,
      }),
    );
    expect(differs(checked)).toEqual({
      capabilities: {
        tool_choice: false,
        parallel_tool_calls: false,
        json_schema: "prompt",
        system_messages: "anywhere",
        reasoning_effort: "enable_thinking",
        efforts: ["none", "medium"],
        stop: false,
        logprobs: false,
        tool_name_length: 123,
      },
      quirks: { reasoning_back: "reasoning_content" },
    });
    expect(verdictOf(checked, "ignores unknown fields")).toBe("yes");
  });

  test("answers streams whole, or whole replies not at all, is asked in the other way", async () => {
    const never = await check((exchange) =>
      answerAs({})({ ...exchange, request: { ...exchange.request, json: { ...exchange.request.json, stream: false } } }),
    );
    expect(differs(never)).toMatchObject({ quirks: { upstream_stream: "never" } });
    const always = await check(answerAs({ refuses: (sent) => (sent["stream"] === true ? undefined : "only stream: true is supported") }));
    expect(differs(always)).toMatchObject({ quirks: { upstream_stream: "always" } });
  });
});

test("what is printed, once it is written down, changes what is sent", async () => {
  const { report, upstream } = await check(answerAs(STRICT));
  const found: JsonObject = asObject(parse(asString(report["config"]) ?? "")) ?? {};
  const gateway = await startGateway({
    providers: { box: { dialect: "chat", base_url: upstream.url, ...asObject(asObject(found["providers"])?.["box"]) } },
    models: { m: { provider: "box", model: "upstream-model" } },
    limits: { retries: 0 },
  });
  const strict = answerAs(STRICT);
  upstream.always((exchange) => {
    const refusal = STRICT.refuses?.(exchange.request.json);
    return refusal === undefined ? exchange.answer(200, whole("Hi.")) : strict(exchange);
  });
  const before = upstream.exchanges.length;
  const request = body({
    instructions: "Be brief.",
    max_output_tokens: 100,
    seed: 1,
    reasoning: { effort: "medium" },
    parallel_tool_calls: false,
    tools: [{ type: "function", name: "weather", parameters: { type: "object", properties: {} }, strict: true }],
    input: [
      { role: "user", content: "Weather?" },
      { type: "function_call", call_id: "call_1", name: "weather", arguments: "{}" },
      { type: "function_call_output", call_id: "call_1", output: "Sunny." },
      { role: "user", content: "And tomorrow?" },
    ],
  });
  expect(jsonOf(await ask(gateway.url, request))).toMatchObject({ status: "completed" });
  const sent = upstream.exchanges[before]?.request.json ?? {};
  expect(sent).toMatchObject({ max_completion_tokens: 100, random_seed: 1, reasoning_effort: "low" });
  expect(asList(sent["messages"])[0]).toMatchObject({ role: "user", content: "Be brief.\n\nWeather?" });
  expect(asList(sent["messages"])[1]).toMatchObject({ role: "assistant", content: null });
});

describe("a fragment", () => {
  test("for one of several models stands under its name", async () => {
    const server = await serveModels({ "/v1/models": { data: [{ id: "a" }, { id: "b" }] } });
    afterThis(() => server.close());
    // It answers no POST as a chat server would, so that only the list is looked at.
    const { code, error } = await command(["check", "far"], { providers: { far: { dialect: "chat", base_url: `${server.origin}/v1` } } });
    expect(code).toBe(1);
    expect(error).toContain("may not know the model a");
    const known = await check(answerAs({ ignores: ["stop"] }), { entries: { models: { mine: { provider: "box", model: "m" } } } });
    expect(parse(asString(known.report["config"]) ?? "")).toMatchObject({
      models: { mine: { provider: "box", model: "m", capabilities: { stop: false } } },
    });
  });

  test("says nothing of what the model's own entry says already", async () => {
    const entries = {
      models: { m: { provider: "box", capabilities: { stop: false, system_messages: "anywhere", tool_name_length: 123 } } },
    };
    expect((await check(answerAs({ ignores: ["stop"] }), { entries })).report["config"]).toBeNull();
  });

  test("is not there where nothing differs", async () => {
    const first = await check(answerAs({}));
    const again = await check(answerAs({}), { provider: differs(first), argv: [] });
    expect(again.out).toContain("Nothing to write down");
    expect(again.code).toBe(0);
  });
});
