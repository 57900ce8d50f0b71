// POST /v1/responses/input_tokens: the server's own counter where it has one, else a tokenizer, else bytes; the reply says which.
import OpenAI from "openai";
import { expect, test } from "vitest";
import { asNumber, asObject, parseJson, type JsonObject } from "../../src/kit/json.ts";
import { whole } from "../support/chat-frames.ts";
import type { Step } from "../support/fault-upstream.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, errorOf } from "./client.ts";

interface Count {
  tokens: number;
  method: unknown;
  usage: unknown;
}

async function count({ url }: Stage, more: JsonObject = {}): Promise<Count> {
  const answer = await ask(url, body({ input: "Count these words, please.", ...more }), { path: "/v1/responses/input_tokens" });
  expect(answer.status, answer.text).toBe(200);
  const tokens = asNumber(asObject(parseJson(answer.text))?.["input_tokens"]) ?? 0;
  return { tokens, method: answer.headers["x-waystation-usage-method"], usage: answer.headers["x-waystation-usage"] };
}

/** A stage whose one model has this name there, at a provider of this kind. */
function stageOf(model: string, provider: JsonObject = {}, entry: JsonObject = {}): Promise<Stage> {
  return startStage({}, { models: { m: { provider: "box", model, ...entry } } }, provider);
}

test("llama-server renders and counts by itself", async () => {
  const stage = await stageOf("qwen3", { kind: "llamacpp" });
  const answers: Record<string, JsonObject> = {
    "/apply-template": { prompt: "<|im_start|>user ..." },
    "/tokenize": { tokens: Array.from({ length: 77 }, (_, index) => index) },
  };
  const answer: Step = (exchange) => exchange.answer(200, answers[exchange.request.path] ?? {});
  stage.upstream.play(answer, answer);
  expect(await count(stage, { instructions: "Be brief." })).toEqual({ tokens: 77, method: "vendor", usage: undefined });
  const [template, tokenize] = stage.upstream.exchanges.map(({ request }) => request);
  expect(template).toMatchObject({ path: "/apply-template", json: { model: "qwen3" } });
  expect(JSON.stringify(template?.json)).toContain("Be brief.");
  expect(tokenize).toMatchObject({ path: "/tokenize", json: { content: "<|im_start|>user ...", add_special: true } });
});

test("vLLM counts in one question, Moonshot on its own path, with the key", async () => {
  const vllm = await stageOf("qwen3", { kind: "vllm" });
  vllm.upstream.play((exchange) => exchange.answer(200, { count: 42, max_model_len: 4096, tokens: [] }));
  expect(await count(vllm)).toMatchObject({ tokens: 42, method: "vendor" });
  expect(vllm.upstream.exchanges[0]?.request).toMatchObject({ path: "/tokenize", json: { add_generation_prompt: true } });
  const moonshot = await stageOf("kimi-k2.5", { kind: "moonshot", key: "sk-provider-key-0123456789" });
  moonshot.upstream.play((exchange) => exchange.answer(200, { code: 0, data: { total_tokens: 80 } }));
  expect(await count(moonshot)).toMatchObject({ tokens: 80, method: "vendor" });
  const asked = moonshot.upstream.exchanges[0]?.request;
  expect(asked?.path).toBe("/v1/tokenizers/estimate-token-count");
  expect(asked?.headers["authorization"]).toBe("Bearer sk-provider-key-0123456789");
});

test.each<[string, Step]>([
  ["has no such route", (exchange) => exchange.answer(404, { error: { message: "no such route" } })],
  ["answers nonsense", (exchange) => exchange.answer(200, { count: -3 })],
  ["answers HTML", (exchange) => exchange.answer(200, "<html>", { "content-type": "text/html" })],
  ["breaks off", (exchange) => exchange.reset()],
  ["says nothing", () => {}],
])("a server that %s leaves it to the tokenizer", async (_, step) => {
  const stage = await stageOf("qwen3", { kind: "vllm" });
  stage.upstream.play(step);
  const { tokens, method, usage } = await count(stage);
  expect({ method, usage }).toEqual({ method: "tokenizer:cl100k-digits", usage: "estimated" });
  expect(tokens).toBe(3 + 5 + 6);
});

test("a name that tells nothing is counted by the family that the configuration names, else by its bytes", async () => {
  const named = await stageOf("mine", {}, { capabilities: { tokenizer: "llama-3.1" } });
  expect(await count(named)).toEqual({ tokens: 30 + 5 + 6, method: "tokenizer:cl100k-asian", usage: "estimated" });
  const nameless = await stageOf("mine");
  expect(await count(nameless)).toMatchObject({ method: "bytes", usage: "estimated" });
  nameless.upstream.play((exchange) =>
    exchange.answer(200, { ...whole("ok"), usage: { prompt_tokens: 900, completion_tokens: 1, total_tokens: 901 } }),
  );
  await ask(nameless.url, body({ input: "word ".repeat(500) }));
  expect(await count(nameless, { input: "word ".repeat(500) })).toMatchObject({ tokens: 900, method: "calibrated_bytes" });
});

test("a guess by a neighbour's vocabulary is marked, and gives way to what the target has stated", async () => {
  const stage = await stageOf("claude-like-1");
  expect(await count(stage)).toMatchObject({ method: "tokenizer:o200k~", usage: "estimated" });
  stage.upstream.play((exchange) =>
    exchange.answer(200, { ...whole("ok"), usage: { prompt_tokens: 800, completion_tokens: 1, total_tokens: 801 } }),
  );
  await ask(stage.url, body({ input: "word ".repeat(500) }));
  expect(await count(stage)).toMatchObject({ method: "calibrated_bytes" });
});

test("every field that the API has for it is read, and a conversation counts with its items", async () => {
  const stage = await startStage({}, { state: { store: true } });
  const { responses, conversations } = new OpenAI({ apiKey: "unused", baseURL: `${stage.url}/v1`, maxRetries: 0 });
  const { id } = await conversations.create({ items: [{ role: "user", content: "word ".repeat(400) }] });
  const short = await responses.inputTokens.count({ model: "m", input: "hi" });
  const all = await responses.inputTokens.count({
    model: "m",
    input: "hi",
    conversation: id,
    instructions: "Be brief.",
    tools: [{ type: "function", name: "look", parameters: { type: "object", properties: {} }, strict: false }],
    tool_choice: "auto",
    text: { format: { type: "json_object" } },
    reasoning: { effort: "low" },
    truncation: "disabled",
    parallel_tool_calls: true,
    personality: "friendly",
  });
  expect(all).toEqual({ object: "response.input_tokens", input_tokens: expect.any(Number) });
  expect(all.input_tokens).toBeGreaterThan(short.input_tokens + 300);
  expect((await responses.inputTokens.count()).input_tokens).toBeGreaterThan(0);
  // Counting adds nothing to it, and asks no model.
  expect((await conversations.items.list(id)).data).toHaveLength(1);
  expect(stage.upstream.exchanges).toEqual([]);
  const unread = await ask(stage.url, Buffer.from("{"), { path: "/v1/responses/input_tokens" });
  expect(errorOf(unread)).toMatchObject({ status: 400, type: "invalid_request_error" });
});
