// Requests that lean on stored state in a way that cannot be: the contract's status, code, param and words; and what happens to turns
// when the disk refuses.
import { request } from "undici";
import { expect, test } from "vitest";
import { asList, asObject, asString, type Json, type JsonObject } from "../../src/kit/json.ts";
import { DONE, delta, finish, stream, text, whole } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, errorOf, eventsOf, failureOf, finished, jsonOf, lastResponse, send, type Answer } from "./client.ts";

const start = (): Promise<Stage> => startStage({}, { state: { store: true } });

/** A request without a body, or with one in JSON. */
async function call(stage: Stage, method: "GET" | "POST" | "DELETE", path: string, content?: Json): Promise<Answer> {
  const reply = await request(stage.url + path, {
    method,
    ...(content === undefined ? {} : { body: JSON.stringify(content), headers: { "content-type": "application/json" } }),
  });
  return { status: reply.statusCode, headers: reply.headers, text: await reply.body.text() };
}

/** Creates a response that the model answers with these calls; its id. */
async function calling(stage: Stage, ...ids: string[]): Promise<string> {
  const calls = ids.map((id, index) => ({ index, id, type: "function", function: { name: "f", arguments: "{}" } }));
  stage.upstream.play((exchange) => {
    exchange.send(delta({ tool_calls: calls }) + finish("tool_calls") + DONE);
    exchange.end();
  });
  const tools = [{ type: "function", name: "f", parameters: { type: "object", properties: {} } }];
  const events = eventsOf(await ask(stage.url, body({ stream: true, tools })));
  return asString(lastResponse(events)["id"]) ?? "";
}

const output = (call_id: string): JsonObject => ({ type: "function_call_output", call_id, output: "done" });

test("calls of the response before must be answered, and nothing else", async () => {
  const stage = await start();
  const previous_response_id = await calling(stage, "call_a", "call_b");
  const refused = async (input: Json): Promise<string> => {
    const error = errorOf(await ask(stage.url, body({ previous_response_id, input })));
    expect(error).toMatchObject({ status: 400, type: "invalid_request_error", code: null, param: "input" });
    return error.message;
  };
  expect(await refused("never mind")).toBe("No tool output found for function call call_a.");
  expect(await refused([output("call_a")])).toBe("No tool output found for function call call_b.");
  expect(await refused([output("call_a"), output("call_b"), output("call_c")])).toBe(
    "No tool call found for function call output with call_id call_c.",
  );
  stage.upstream.play((exchange) => exchange.answer(200, whole("thanks")));
  const reply = await ask(stage.url, body({ previous_response_id, input: [output("call_b"), output("call_a")] }));
  expect(reply.status, reply.text).toBe(200);
  const messages = asList(stage.upstream.exchanges.at(-1)?.request.json["messages"]).map(asObject);
  expect(messages.map((message) => message?.["role"])).toEqual(["user", "assistant", "tool", "tool"]);
  // The answered history can go on.
  stage.upstream.play((exchange) => exchange.answer(200, whole("and on")));
  expect((await ask(stage.url, body({ previous_response_id: jsonOf(reply)["id"] ?? null, input: "go on" }))).status).toBe(200);
});

test("a history that a client sends whole is mended, not refused", async () => {
  const stage = await start();
  stage.upstream.play((exchange) => exchange.answer(200, whole("fine")));
  expect((await ask(stage.url, body({ input: [output("call_z"), { role: "user", content: "go on" }] }))).status).toBe(200);
});

test("store: false leaves nothing to continue or retrieve", async () => {
  const stage = await start();
  stage.upstream.always((exchange) => exchange.answer(200, whole("gone")));
  const reply = jsonOf(await ask(stage.url, body({ store: false })));
  expect(reply["store"]).toBe(false);
  const id = String(reply["id"]);
  expect(errorOf(await call(stage, "GET", `/v1/responses/${id}`))).toMatchObject({
    status: 404,
    message: `Response with id '${id}' not found.`,
  });
  expect(errorOf(await ask(stage.url, body({ previous_response_id: id })))).toMatchObject({
    status: 400,
    type: "invalid_request_error",
    code: "previous_response_not_found",
    param: "previous_response_id",
    message: `Previous response with id '${id}' not found.`,
  });
});

test("conversation and previous_response_id exclude each other", async () => {
  const stage = await start();
  const error = errorOf(await ask(stage.url, body({ conversation: "conv_1", previous_response_id: "resp_1" })));
  expect(error).toMatchObject({ status: 400, code: "mutually_exclusive_parameters" });
  expect(errorOf(await ask(stage.url, body({ conversation: 5 })))).toMatchObject({ status: 400, param: "conversation" });
  expect(errorOf(await ask(stage.url, body({ conversation: {} })))).toMatchObject({ status: 400, param: "conversation.id" });
  expect(errorOf(await ask(stage.url, body({ conversation: "conv_1" })))).toMatchObject({ status: 404, param: "conversation" });
});

test("a conversation takes one writer at a time", async () => {
  const stage = await start();
  const { id } = jsonOf(await call(stage, "POST", "/v1/conversations"));
  const conversation = String(id);
  const release = Promise.withResolvers<void>();
  stage.upstream.play(async (exchange) => {
    exchange.send(text("one"));
    await release.promise;
    exchange.send(finish() + DONE);
    exchange.end();
  });
  const first = await send(stage.url, body({ stream: true, conversation })).reply;
  await first.until("response.output_text.delta");
  const attempts = [
    ask(stage.url, body({ conversation })),
    call(stage, "POST", `/v1/conversations/${conversation}/items`, { items: [{ role: "user", content: "x" }] }),
    call(stage, "DELETE", `/v1/conversations/${conversation}`),
  ];
  for (const answer of await Promise.all(attempts))
    expect(errorOf(answer)).toMatchObject({ status: 409, code: "conversation_locked", param: "conversation" });
  release.resolve();
  await finished(first);
  const list = jsonOf(await call(stage, "GET", `/v1/conversations/${conversation}/items?order=asc`));
  expect(asList(list["data"]).map((item) => asObject(item)?.["role"])).toEqual(["user", "assistant"]);
  stage.upstream.play((exchange) => exchange.answer(200, whole("two")));
  expect((await ask(stage.url, body({ conversation }))).status).toBe(200);
});

test("a reply that fails leaves a conversation as it was, and is kept as failed where its client knows of it", async () => {
  const stage = await start();
  const { id } = jsonOf(await call(stage, "POST", "/v1/conversations", {}));
  stage.upstream.play((exchange) => exchange.send(text("half a")));
  const reply = await send(stage.url, body({ stream: true, conversation: String(id) })).reply;
  await reply.until("response.output_text.delta");
  stage.upstream.exchanges[0]?.reset();
  const events = await finished(reply);
  const { code } = failureOf(events);
  const kept = jsonOf(await call(stage, "GET", `/v1/responses/${String(lastResponse(events)["id"])}`));
  expect(kept).toMatchObject({ status: "failed", error: { code } });
  expect(kept).toEqual(lastResponse(events));
  expect(jsonOf(await call(stage, "GET", `/v1/conversations/${String(id)}/items`))).toMatchObject({
    data: [],
    first_id: null,
    has_more: false,
  });
});

test("a stream whose client left is cancelled", async () => {
  const stage = await start();
  stage.upstream.play((exchange) => exchange.send(text("half a")));
  const reply = await send(stage.url, body({ stream: true })).reply;
  await reply.until("response.output_text.delta");
  const [, id = ""] = /"id":"(resp_[^"]*)"/.exec(reply.text()) ?? [];
  expect((await call(stage, "GET", `/v1/responses/${id}`)).status).toBe(404);
  reply.leave();
  await stage.log.ended(0);
  expect(jsonOf(await call(stage, "GET", `/v1/responses/${id}`))).toMatchObject({ status: "cancelled", output: [] });
});

test("bad bodies and queries of the routes are refused by the field", async () => {
  const stage = await start();
  const { id } = jsonOf(await call(stage, "POST", "/v1/conversations"));
  const path = `/v1/conversations/${String(id)}`;
  const many = Array.from({ length: 21 }, () => ({ role: "user", content: "x" }));
  const cases: [Promise<Answer>, number, string | null][] = [
    [call(stage, "POST", "/v1/conversations", { metadata: { a: 1 } }), 400, "metadata.a"],
    [call(stage, "POST", "/v1/conversations", { items: "x" }), 400, "items"],
    [call(stage, "POST", "/v1/conversations", { items: many }), 400, "items"],
    [call(stage, "POST", "/v1/conversations", []), 400, null],
    [call(stage, "POST", path, {}), 400, "metadata"],
    [call(stage, "POST", `${path}/items`, {}), 400, "items"],
    [call(stage, "POST", `${path}/items`, { items: [{ role: "user" }] }), 400, "items[0].content"],
    [call(stage, "GET", `${path}/items?limit=0`), 400, "limit"],
    [call(stage, "GET", `${path}/items?limit=101`), 400, "limit"],
    [call(stage, "GET", `${path}/items?order=up`), 400, "order"],
    [call(stage, "GET", `${path}/items?after=msg_none`), 400, "after"],
    [call(stage, "GET", `${path}/items/msg_none`), 404, null],
    [call(stage, "DELETE", `${path}/items/msg_none`), 404, null],
    [call(stage, "GET", "/v1/conversations/conv_none"), 404, null],
    [call(stage, "GET", "/v1/conversations/conv_none/items"), 404, null],
    [call(stage, "POST", "/v1/conversations/conv_none/items", { items: [] }), 404, null],
    [call(stage, "GET", "/v1/responses/resp_none/input_items"), 404, null],
    [call(stage, "DELETE", "/v1/responses/resp_none"), 404, null],
    [call(stage, "POST", "/v1/responses/resp_none/cancel"), 404, null],
  ];
  for (const [answer, status, param] of cases) {
    const given = await answer;
    expect(errorOf(given), given.text).toMatchObject({ status, param, type: "invalid_request_error" });
  }
  const broken = await ask(stage.url, Buffer.from("{"), { path });
  expect(errorOf(broken)).toMatchObject({ status: 400 });
});

test("where nothing is kept, the routes say so, and replies say store: false", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.answer(200, whole("fine")));
  const reply = await ask(stage.url, body({ store: true }));
  expect(jsonOf(reply)["store"]).toBe(false);
  expect(reply.headers["x-waystation-loss"]).toContain("store");
  for (const path of ["/v1/responses/resp_1", "/v1/responses/resp_1/input_items", "/v1/conversations/conv_1"]) {
    const error = errorOf(await call(stage, "GET", path));
    expect(error.status).toBe(404);
    expect(error.message).toContain("state.store");
  }
});

/** A store whose disk takes nothing but what opens it. */
const REFUSING = { module: new URL("../gateway/state/refusing-worker.ts", import.meta.url) };

test("a disk that refuses fails the turn before it says that it is complete", async () => {
  const stage = await startStage({}, { state: { store: true } }, {}, { state: REFUSING });
  stage.upstream.always((exchange) => {
    exchange.send(stream("lost words"));
    exchange.end();
  });
  const events = eventsOf(await ask(stage.url, body({ stream: true })));
  expect(events.some((event) => event["type"] === "response.completed")).toBe(false);
  expect(failureOf(events)).toMatchObject({ code: "server_error", message: expect.stringContaining("the disk is full") });
  // From then on no model is asked in vain.
  const error = errorOf(await ask(stage.url, body()));
  expect(error).toMatchObject({ status: 500, code: "server_error" });
  expect(error.message).toMatch(/the disk is full.*store: false/);
  expect(stage.upstream.exchanges).toHaveLength(1);
  stage.upstream.always((exchange) => exchange.answer(200, whole("not kept")));
  expect((await ask(stage.url, body({ store: false }))).status).toBe(200);
  expect((await call(stage, "GET", "/metrics")).text).toContain("waystation_state_trouble 1");
});
