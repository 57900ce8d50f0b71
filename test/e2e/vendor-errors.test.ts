// Errors of a vendor, told to the client: before the commit by their status, afterwards by the terminal event, in the codes that
// clients know.
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/kit/json.ts";
import type { UpstreamExchange } from "../support/fault-upstream.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, errorOf, failureOf, finished, send } from "./client.ts";

const STREAM = body({ stream: true });

/** Lets the stream begin, then answers: the failure comes after the commit. */
async function failAfterCommit(stage: Stage, answer: (exchange: UpstreamExchange) => void): Promise<{ code: string; message: string }> {
  stage.upstream.play(() => {});
  const reply = await send(stage.url, STREAM).reply;
  await reply.until("response.created");
  answer(await stage.upstream.request(0));
  return failureOf(await finished(reply));
}

const COMMIT_AT_ONCE = { commit_s: 0.01 };

test.each([
  [400, { error: { message: "temperature must be at most 1", type: "invalid_request_error", param: "temperature" } }, "temperature"],
  [404, { error: { message: "no such route" } }, null],
  [409, { error: { message: "somebody else is at it" } }, null],
  [413, { error: { message: "that is too much" } }, null],
  [422, { detail: [{ loc: ["body", "top_k"], msg: "extra fields not permitted" }] }, null],
  [451, "unavailable for legal reasons", null],
])("a vendor's %i keeps its status and message and is not tried again", async (status, content, param) => {
  const { upstream, url, log } = await startStage({ retries: 2 });
  upstream.always((exchange) => exchange.answer(status, content));
  const error = errorOf(await ask(url, STREAM));
  const words = typeof content === "string" ? content : /"(?:message|msg)":"([^"]+)"/.exec(JSON.stringify(content))?.[1];
  expect(error).toMatchObject({ status, param });
  expect(error.message).toContain(words);
  expect(upstream.exchanges).toHaveLength(1);
  expect((await log.ended(0)).end).toMatchObject({ state: "failed", status });
});

test.each([401, 403])("a vendor's %i says whose key it is, and that trying again is no use", async (status) => {
  const { upstream, url } = await startStage({ retries: 2 }, {}, { key: "sk-provider-key-0123456789" });
  upstream.always((exchange) => exchange.answer(status, { error: { message: "no entry", code: "invalid_api_key" } }));
  const reply = await ask(url, STREAM);
  const error = errorOf(reply);
  expect(error.status).toBe(status);
  expect(error.message).toMatch(/^no entry \(.*`box`.*providers\.box\.key/);
  expect(reply.headers["x-should-retry"]).toBe("false");
  expect(upstream.exchanges).toHaveLength(1);
});

test("a vendor that wants a key where none is configured is told so", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => exchange.answer(401, { error: { message: "who are you?" } }));
  expect(errorOf(await ask(url, STREAM)).message).toMatch(/`box` wants a key and has none: set providers\.box\.key/);
});

test("a model that the vendor does not know is model_not_found, and says who said so", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => exchange.answer(404, { error: { message: "The model `upstream-model` does not exist" } }));
  const error = errorOf(await ask(url, STREAM));
  expect(error).toMatchObject({ status: 400, code: "model_not_found" });
  expect(error.message).toMatch(/`box`.*`upstream-model`/);
});

test("a model that nobody has is 400 model_not_found at param model, and reaches no upstream", async () => {
  const { upstream, url, log } = await startStage();
  const error = errorOf(await ask(url, body({ model: "mm" })));
  expect(error).toMatchObject({ status: 400, code: "model_not_found", param: "model", type: "invalid_request_error" });
  expect(error.message).toContain("`mm`");
  expect(error.message).toContain("Did you mean `m`");
  expect(upstream.exchanges).toEqual([]);
  expect((await log.ended(0)).end).toMatchObject({ state: "failed", fault: "model_not_found", model: "mm", provider: null });
});

/** As these vendors say that the prompt is too long. */
const TOO_LONG: [string, number, JsonObject][] = [
  [
    "OpenAI",
    400,
    {
      error: {
        message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        type: "invalid_request_error",
        param: "messages",
        code: "context_length_exceeded",
      },
    },
  ],
  [
    "llama.cpp",
    400,
    {
      error: {
        code: 400,
        message: "request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it",
        type: "exceed_context_size_error",
        n_prompt_tokens: 9000,
        n_ctx: 8192,
      },
    },
  ],
  [
    "vLLM",
    400,
    {
      object: "error",
      message: "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens in the messages.",
      type: "BadRequestError",
      param: null,
      code: 400,
    },
  ],
  [
    "OpenRouter",
    400,
    { error: { message: "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 tokens.", code: 400 } },
  ],
  [
    "Mistral",
    422,
    {
      object: "error",
      message: "Prompt contains 9000 tokens, too large for model with 8192 maximum context length",
      type: "invalid_request_prompt_too_long",
      code: "3051",
    },
  ],
  [
    "a proxy before Anthropic",
    400,
    { error: { type: "invalid_request_error", message: "prompt is too long: 9000 tokens > 8192 maximum" } },
  ],
];

test.each(TOO_LONG)("a prompt that is too long, in the words of %s, is context_length_exceeded", async (_, status, content) => {
  const { upstream, url } = await startStage({ retries: 2 });
  upstream.always((exchange) => exchange.answer(status, content));
  expect(errorOf(await ask(url, STREAM))).toMatchObject({ status: 400, code: "context_length_exceeded", type: "invalid_request_error" });
  expect(upstream.exchanges).toHaveLength(1);
});

test.each(TOO_LONG)("a prompt that is too long, in the words of %s, after the commit", async (_, status, content) => {
  const stage = await startStage(COMMIT_AT_ONCE);
  const failure = await failAfterCommit(stage, (exchange) => exchange.answer(status, content));
  expect(failure).toMatchObject({ code: "context_length_exceeded" });
});

test.each([
  ["retry-after in seconds", { "retry-after": "7" }, {}, "7"],
  ["retry-after in part of a second", { "retry-after": "6.2" }, {}, "7"],
  ["retry-after-ms", { "retry-after-ms": "6500" }, {}, "7"],
  ["a reset header", { "x-ratelimit-reset-requests": "6.5s" }, {}, "7"],
  ["words", {}, { message: "Rate limit reached. Please try again in 6.5s." }, "7"],
  ["nothing", {}, {}, "5"],
])("a rate limit passes on its wait, said by %s", async (_, headers, more, wait) => {
  const { upstream, url } = await startStage({ retries: 2, retry_wait_s: 2 });
  upstream.always((exchange) => exchange.answer(429, { error: { message: "slow down", code: "rate_limit_exceeded", ...more } }, headers));
  const reply = await ask(url, STREAM);
  expect(errorOf(reply)).toMatchObject({ status: 429, code: "rate_limit_exceeded", type: "rate_limit_error" });
  expect(reply.headers["retry-after"]).toBe(wait);
  expect(upstream.exchanges).toHaveLength(1);
});

test("a rate limit with a date passes on the seconds until then", async () => {
  const { upstream, url } = await startStage();
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  upstream.always((exchange) => exchange.answer(429, { error: { message: "slow down" } }, { "retry-after": date }));
  const wait = Number((await ask(url, STREAM)).headers["retry-after"]);
  expect(wait).toBeGreaterThan(3500);
  expect(wait).toBeLessThanOrEqual(3600);
});

test.each([
  ["7", "7"],
  [undefined, "5"],
])("a rate limit after the commit says when to try again (retry-after: %s)", async (header, seconds) => {
  const stage = await startStage(COMMIT_AT_ONCE);
  const headers = header === undefined ? {} : { "retry-after": header };
  const failure = await failAfterCommit(stage, (exchange) => exchange.answer(429, { error: { message: "slow down" } }, headers));
  expect(failure).toEqual({ code: "rate_limit_exceeded", message: `slow down Please try again in ${seconds}s.` });
});

test.each([
  ["OpenAI's code", 429, { error: { message: "You exceeded your current quota.", code: "insufficient_quota" } }],
  ["HTTP 402", 402, { error: { message: "Insufficient credits.", code: 402 } }],
])("a spent quota, told by %s, is insufficient_quota and final", async (_, status, content) => {
  const { upstream, url } = await startStage({ retries: 2, retry_wait_s: 2 });
  upstream.always((exchange) => exchange.answer(status, content, { "retry-after": "1" }));
  expect(errorOf(await ask(url, STREAM))).toMatchObject({ status: 429, code: "insufficient_quota" });
  expect(upstream.exchanges).toHaveLength(1);
});

test("a spent quota after the commit", async () => {
  const stage = await startStage(COMMIT_AT_ONCE);
  const content = { error: { message: "You exceeded your current quota.", code: "insufficient_quota" } };
  expect(await failAfterCommit(stage, (exchange) => exchange.answer(429, content))).toMatchObject({ code: "insufficient_quota" });
});

test.each([500, 502, 503, 529])("a vendor's %i keeps its status, and the word overloaded", async (status) => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => exchange.answer(status, { error: { message: "the model is overloaded" } }));
  const error = errorOf(await ask(url, STREAM));
  expect(error).toMatchObject({ status, code: "server_error", type: "server_error" });
  expect(error.message).toContain("overloaded");
});

test("a vendor's 500 is told to Codex as a 502, which shows its message", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => exchange.answer(500, { error: { message: "the GPU fell off the bus" } }));
  const error = errorOf(await ask(url, STREAM, { headers: { originator: "codex_cli_rs" } }));
  expect(error).toMatchObject({ status: 502, message: "the GPU fell off the bus" });
});

test("a vendor's 503 after the commit is a failed response, and is not tried again", async () => {
  const stage = await startStage({ ...COMMIT_AT_ONCE, retries: 2 });
  const failure = await failAfterCommit(stage, (exchange) => exchange.answer(503, { error: { message: "overloaded" } }));
  expect(failure).toEqual({ code: "server_error", message: "overloaded" });
  expect(stage.upstream.exchanges).toHaveLength(1);
});

test("a failed terminal of a client that did not ask to stream is its HTTP status", async () => {
  const { upstream, url } = await startStage({ ...COMMIT_AT_ONCE });
  upstream.always((exchange) => exchange.answer(503, { error: { message: "overloaded" } }));
  expect(errorOf(await ask(url, body()))).toMatchObject({ status: 503, code: "server_error" });
});
