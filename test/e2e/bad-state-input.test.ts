// What leans on state or opaque content in a way that cannot be: status, type, code, param and words, each as the contract has them,
// over HTTP and over WebSocket.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { request } from "undici";
import { expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/kit/json.ts";
import { stream, whole } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, errorOf, eventsOf, jsonOf, lastResponse, outputText, type Answer } from "./client.ts";
import { compactionOf, GOOD, say, session, user } from "./compaction-words.ts";
import { connect, create } from "./socket-client.ts";

const TEXT = 10_485_760;
const invalid = { type: "invalid_request_error" };

/** A gateway with one stored response, one deleted one, one conversation and one deleted one. */
async function start(): Promise<{ stage: Stage; kept: string; deleted: string; conversation: string; gone: string }> {
  const stage = await startStage({}, { state: { store: true } });
  stage.upstream.always((exchange) => exchange.answer(200, whole("fine")));
  const [kept, deleted] = [await createOne(stage), await createOne(stage)];
  const made = async (): Promise<string> => String(jsonOf(await call(stage, "POST", "/v1/conversations"))["id"]);
  const [conversation, gone] = [await made(), await made()];
  expect(jsonOf(await call(stage, "DELETE", `/v1/responses/${deleted}`))).toEqual({ id: deleted, object: "response", deleted: true });
  await call(stage, "DELETE", `/v1/conversations/${gone}`);
  return { stage, kept, deleted, conversation, gone };
}

async function createOne(stage: Stage): Promise<string> {
  return String(jsonOf(await ask(stage.url, body()))["id"]);
}

async function call(stage: Stage, method: "GET" | "POST" | "DELETE", path: string): Promise<Answer> {
  const reply = await request(stage.url + path, { method });
  return { status: reply.statusCode, headers: reply.headers, text: await reply.body.text() };
}

test("unknown and deleted responses, wherever they are named", async () => {
  const { stage, deleted } = await start();
  for (const id of ["resp_unknown", deleted]) {
    const none = { ...invalid, status: 404, code: null, param: null, message: `Response with id '${id}' not found.` };
    expect(errorOf(await call(stage, "GET", `/v1/responses/${id}`))).toEqual(none);
    expect(errorOf(await call(stage, "GET", `/v1/responses/${id}?stream=true`))).toEqual(none);
    expect(errorOf(await call(stage, "DELETE", `/v1/responses/${id}`))).toEqual(none);
    expect(errorOf(await call(stage, "POST", `/v1/responses/${id}/cancel`))).toEqual(none);
    expect(errorOf(await call(stage, "GET", `/v1/responses/${id}/input_items`))).toEqual(none);
    const previous = {
      ...invalid,
      status: 400,
      code: "previous_response_not_found",
      param: "previous_response_id",
      message: `Previous response with id '${id}' not found.`,
    };
    for (const path of ["/v1/responses", "/v1/responses/compact", "/v1/responses/input_tokens"])
      expect(errorOf(await ask(stage.url, body({ previous_response_id: id }), { path })), path).toEqual(previous);
    for (const more of [{ stream: true }, { background: true }])
      expect(errorOf(await ask(stage.url, body({ previous_response_id: id, ...more })))).toEqual(previous);
  }
});

test("unknown and deleted conversations and items, wherever they are named", async () => {
  const { stage, gone, conversation } = await start();
  for (const id of ["conv_unknown", gone]) {
    const none = { ...invalid, status: 404, code: null, message: `Conversation with id '${id}' not found.` };
    expect(errorOf(await call(stage, "GET", `/v1/conversations/${id}`))).toEqual({ ...none, param: null });
    expect(errorOf(await call(stage, "DELETE", `/v1/conversations/${id}`))).toEqual({ ...none, param: null });
    expect(errorOf(await call(stage, "GET", `/v1/conversations/${id}/items`))).toEqual({ ...none, param: null });
    for (const path of ["/v1/responses", "/v1/responses/compact", "/v1/responses/input_tokens"])
      expect(errorOf(await ask(stage.url, body({ conversation: id }), { path })), path).toEqual({ ...none, param: "conversation" });
  }
  expect(errorOf(await call(stage, "GET", `/v1/conversations/${conversation}/items/msg_none`))).toMatchObject({ ...invalid, status: 404 });
  expect(errorOf(await ask(stage.url, body({ input: [{ type: "item_reference", id: "msg_none" }] })))).toEqual({
    ...invalid,
    status: 404,
    code: null,
    param: "input",
    message:
      "Item with id 'msg_none' not found. Items are not persisted when `store` is set to false. " +
      "Try again with `store` set to true, or remove this item from your input.",
  });
});

test("both a conversation and a response to continue, on every route", async () => {
  const { stage, kept, conversation } = await start();
  for (const path of ["/v1/responses", "/v1/responses/compact", "/v1/responses/input_tokens"]) {
    expect(errorOf(await ask(stage.url, body({ conversation, previous_response_id: kept }), { path })), path).toEqual({
      ...invalid,
      status: 400,
      code: "mutually_exclusive_parameters",
      param: "previous_response_id",
      message: "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of them.",
    });
  }
});

test("an output that answers no call, in a chain and in a conversation", async () => {
  const { stage, kept, conversation } = await start();
  const kinds: [string, JsonObject][] = [
    ["function call", { type: "function_call_output", call_id: "call_none", output: "x" }],
    ["custom tool call", { type: "custom_tool_call_output", call_id: "call_none", output: "x" }],
  ];
  for (const [words, item] of kinds) {
    for (const lean of [{ previous_response_id: kept }, { conversation }]) {
      expect(errorOf(await ask(stage.url, body({ ...lean, input: [item] })))).toEqual({
        ...invalid,
        status: 400,
        code: null,
        param: "input",
        message: `No tool call found for ${words} output with call_id call_none.`,
      });
    }
  }
});

test("a synchronous response is not cancelled, nor streamed again", async () => {
  const { stage, kept } = await start();
  expect(errorOf(await call(stage, "POST", `/v1/responses/${kept}/cancel`))).toEqual({
    ...invalid,
    status: 400,
    code: null,
    param: null,
    message: "Cannot cancel a synchronous response.",
  });
  const refusal = { ...invalid, status: 400, code: null, param: "stream" };
  expect(errorOf(await call(stage, "GET", `/v1/responses/${kept}?stream=true`))).toEqual({
    ...refusal,
    message: "This response cannot be streamed because it was not created with background=true.",
  });
  const { id } = jsonOf(await ask(stage.url, body({ background: true })));
  expect(errorOf(await call(stage, "GET", `/v1/responses/${String(id)}?stream=true`))).toEqual({
    ...refusal,
    message: "This response cannot be streamed because it was not created with background=true and stream=true.",
  });
});

test("a stream past its window is resumed no more, from wherever; the response itself is there", async () => {
  const { stage } = await start();
  stage.upstream.play((exchange) => {
    exchange.send(stream("told once"));
    exchange.end();
  });
  const events = eventsOf(await ask(stage.url, body({ background: true, stream: true })));
  const path = `/v1/responses/${String(lastResponse(events)["id"])}`;
  expect((await call(stage, "GET", `${path}?stream=true`)).status).toBe(200);
  // What the sweep does ten minutes after the end.
  const database = new DatabaseSync(join(stage.dataDir, "state.db"));
  database.exec("DELETE FROM events; UPDATE responses SET events = 3 WHERE events = 2");
  database.close();
  for (const query of ["stream=true", "stream=true&starting_after=3", "stream=true&starting_after=9999"]) {
    expect(errorOf(await call(stage, "GET", `${path}?${query}`)), query).toEqual({
      ...invalid,
      status: 400,
      code: null,
      param: "stream",
      message: "Response can no longer be streamed: its events are kept for ten minutes.",
    });
  }
  expect(outputText(jsonOf(await call(stage, "GET", path)))).toBe("told once");
});

test("a compaction with one flipped byte, on every route", async () => {
  const { stage } = await start();
  stage.upstream.play(say(GOOD));
  const { encrypted_content: blob } = compactionOf(
    jsonOf(await ask(stage.url, { model: "m", input: session() }, { path: "/v1/responses/compact" }))["output"],
  );
  const flipped = `${blob.slice(0, 60)}${blob[60] === "A" ? "B" : "A"}${blob.slice(61)}`;
  const input = [{ type: "compaction", encrypted_content: flipped }, user("Go on.")];
  for (const path of ["/v1/responses", "/v1/responses/compact", "/v1/responses/input_tokens"]) {
    expect(errorOf(await ask(stage.url, body({ input }), { path })), path).toEqual({
      ...invalid,
      status: 400,
      code: "invalid_encrypted_content",
      param: null,
      message: `The encrypted content ws1....${flipped.slice(-4)} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
    });
  }
});

const LONG = "x".repeat(20 * 1024 * 1024);
const tooLong = (param: string): JsonObject => ({
  ...invalid,
  code: "string_above_max_length",
  param,
  message: `Invalid '${param}': string too long. Expected a string with maximum length ${TEXT}, but got a string with length ${LONG.length} instead.`,
});

test.each<[string, Json, string]>([
  ["a tool's output", [{ type: "function_call_output", call_id: "call_1", output: LONG }], "input[0].output"],
  ["an input that is one text", LONG, "input"],
])("20 MB in %s is refused for its length, whether streamed, kept or over WebSocket", async (_, input, param) => {
  const { stage, kept } = await start();
  for (const more of [{}, { stream: true }, { background: true }, { previous_response_id: kept }])
    expect(errorOf(await ask(stage.url, body({ input, ...more })))).toEqual({ status: 400, ...tooLong(param) });
  stage.upstream.always((exchange) => exchange.send(stream("Still here.")));
  const socket = await connect(stage.url);
  socket.send(create({ input }));
  expect(await socket.error()).toEqual({ type: "error", status: 400, error: tooLong(param) });
  expect(outputText(lastResponse(await socket.turn()))).toBe("Still here.");
});

test("20 MB in parts that may be so large is taken, kept, and given back whole", async () => {
  const { stage } = await start();
  const url = `data:image/png;base64,${"A".repeat(20 * 1024 * 1024 - 100)}`;
  const input = [{ role: "user", content: [{ type: "input_image", image_url: url }] }];
  const reply = jsonOf(await ask(stage.url, body({ input })));
  expect(reply["status"]).toBe("completed");
  const path = `/v1/responses/${String(reply["id"])}/input_items?include[]=message.input_image.image_url`;
  expect((await call(stage, "GET", path)).text.includes(url)).toBe(true);
  const next = await ask(stage.url, body({ previous_response_id: reply["id"] ?? null, input: "And?" }));
  expect(next.status, next.text.slice(0, 300)).toBe(200);
  expect(stage.upstream.exchanges.at(-1)?.request.body.length).toBeGreaterThan(20 * 1024 * 1024);
});
