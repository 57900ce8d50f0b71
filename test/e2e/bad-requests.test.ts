// Requests that cannot be served: OpenAI's error object, the right status, the field at fault, a row in the log, and not a byte to
// the upstream.
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/kit/json.ts";
import { whole } from "../support/chat-frames.ts";
import { startStage } from "../support/gateway.ts";
import { ask, body, errorOf } from "./client.ts";

/** What must hold of every refused request. */
async function refused(
  content: Json | Uint8Array,
  headers: Record<string, string> = {},
  limits: JsonObject = {},
  entries: JsonObject = {},
) {
  const { url, upstream, log } = await startStage(limits, entries);
  const reply = await ask(url, content, { headers });
  const error = errorOf(reply);
  const { end, start, attempts } = await log.ended(0);
  expect(end).toMatchObject({ state: "failed", status: error.status, detail: error.message });
  expect(Buffer.concat(end.reply?.body ?? []).toString()).toBe(reply.text);
  expect(attempts).toEqual([]);
  expect(upstream.exchanges).toEqual([]);
  expect(reply.headers["x-waystation-turn"]).toBe(start.id);
  expect(reply.headers["content-type"]).toMatch(/^application\/json/);
  return { ...error, kept: Buffer.concat([...start.request.body]).length };
}

test.each<[string, string, RegExp]>([
  ["no body", "", /no body/],
  ["half a body", '{"model":"m","input":', /JSON/],
  ["a body that is no JSON", "model=m&input=hi", /JSON/],
  ["a list", "[]", /object/],
  ["a string", '"hi"', /object/],
  ["null", "null", /object/],
])("%s is a 400 that says what is wrong", async (_, content, words) => {
  const error = await refused(Buffer.from(content));
  expect(error).toMatchObject({ status: 400, type: "invalid_request_error" });
  expect(error.message).toMatch(words);
});

test.each<[string, Json, string]>([
  ["a model that is a number", { model: 7, input: "hi" }, "model"],
  ["no model", { input: "hi" }, "model"],
  ["no input", { model: "m" }, "input"],
  ["an input that is a number", body({ input: 7 }), "input"],
  ["an item without a type or role", body({ input: [{ foo: 1 }] }), "input[0].type"],
  ["a role that does not exist", body({ input: [{ role: "boss", content: "hi" }] }), "input[0].role"],
  ["a temperature that is a word", body({ temperature: "warm" }), "temperature"],
  ["tools that are no list", body({ tools: {} }), "tools"],
  ["a stream that is a word", body({ stream: "yes" }), "stream"],
])("%s is a 400 at its place", async (_, content, param) => {
  expect(await refused(content)).toMatchObject({ status: 400, type: "invalid_request_error", param });
});

test("an unknown parameter is refused where the configuration is strict", async () => {
  const error = await refused(body({ temprature: 1 }), {}, {}, { strict: true });
  expect(error).toMatchObject({ status: 400, code: "unknown_parameter", param: "temprature" });
});

test("an unknown parameter is a loss that the client is told of, where it is not", async () => {
  const { url, upstream, log } = await startStage();
  upstream.always((exchange) => exchange.answer(200, whole("ok")));
  const reply = await ask(url, body({ temprature: 1 }));
  expect(reply.status).toBe(200);
  expect(reply.headers["x-waystation-loss"]).toContain("temprature");
  expect((await log.ended(0)).end.losses).toMatchObject([{ kind: "dropped", feature: "temprature" }]);
});

test.each<[string, Json, number, string]>([
  ["previous_response_id", body({ previous_response_id: "resp_1" }), 400, "previous_response_id"],
  ["conversation", body({ conversation: "conv_1" }), 400, "conversation"],
  ["background", body({ background: true }), 400, "background"],
  ["item_reference", body({ input: [{ type: "item_reference", id: "msg_1" }] }), 404, "input"],
])("%s is refused with a sentence that says it is not there yet", async (_, content, status, param) => {
  const error = await refused(content);
  expect(error).toMatchObject({ status, type: "invalid_request_error" });
  expect(error.param).toContain(param);
  expect(error.message).toMatch(/this (?:version|gateway)/i);
});

test("JSON nested deeper than 128 levels is refused before it is parsed", async () => {
  const deep = `{"model":"m","input":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
  const error = await refused(Buffer.from(deep));
  expect(error.status).toBe(400);
  expect(error.message).toMatch(/deeper than 128/);
});

test("JSON of more than a million values is refused before it is parsed", async () => {
  const wide = `{"model":"m","input":[${"0,".repeat(1_000_001)}0]}`;
  const error = await refused(Buffer.from(wide));
  expect(error.status).toBe(400);
  expect(error.message).toMatch(/1000000 values/);
});

test.each([
  ["gzip", gzipSync],
  ["br", brotliCompressSync],
  ["zstd", zstdCompressSync],
])("a body in %s that expands without measure is a 413, and little of it is kept", async (coding, compress) => {
  const bomb = compress(Buffer.alloc(48 * 1024 * 1024, " "));
  const error = await refused(bomb, { "content-encoding": coding });
  expect(error).toMatchObject({ status: 413, type: "invalid_request_error" });
  expect(error.message).toMatch(/expands|larger/);
  expect(error.kept).toBeLessThanOrEqual(64 * 1024);
});

test("a body over body_mb is a 413 that names the limit", async () => {
  const error = await refused(Buffer.alloc(1_100_000, " "), {}, { body_mb: 1 });
  expect(error.status).toBe(413);
  expect(error.message).toContain("body_mb");
});

test("a body that is larger only once it is decoded is a 413 too", async () => {
  const noise = Array.from({ length: 40_000 }, (_, index) => `${(index * 2_654_435_761) % 4_294_967_296}`)
    .join(" ")
    .repeat(4);
  const error = await refused(zstdCompressSync(Buffer.from(noise)), { "content-encoding": "zstd" }, { body_mb: 1 });
  expect(error.status).toBe(413);
  expect(error.message).toContain("body_mb");
});

test.each([
  ["is not what its coding says", Buffer.from("plain"), "zstd", 400],
  ["breaks off", zstdCompressSync(Buffer.from(JSON.stringify(body()))).subarray(0, 20), "zstd", 400],
  ["is in two codings", gzipSync(gzipSync("{}")), "gzip, gzip", 415],
  ["is in a coding that nobody knows", Buffer.from("{}"), "lzma", 415],
])("a body that %s is refused", async (_, content, coding, status) => {
  expect((await refused(content, { "content-encoding": coding })).status).toBe(status);
});

test("a request from Codex, in zstd, is read", async () => {
  const { url, upstream, log } = await startStage();
  upstream.always((exchange) => exchange.answer(200, whole("ok")));
  const content = Buffer.from(JSON.stringify(body()));
  const reply = await ask(url, zstdCompressSync(content), { headers: { "content-encoding": "zstd", originator: "codex_exec" } });
  expect(reply.status).toBe(200);
  const { start } = await log.ended(0);
  expect(start.request.encoding).toBe("zstd");
  expect(Buffer.concat([...start.request.body])).toEqual(content);
});
