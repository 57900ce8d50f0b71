// Continuing responses over WebSocket: what only the connection remembers, what is stored, and what is prepared ahead.
import { expect, test } from "vitest";
import { asList, asObject, type JsonObject } from "../../src/kit/json.ts";
import { delta, finish, stream, usage, DONE } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, jsonOf, lastResponse, outputText, typesOf } from "./client.ts";
import { connect, create } from "./socket-client.ts";

const KEEPS = { state: { store: true } };

/** A gateway whose model answers `answer 0`, `answer 1`, ... */
async function start(more: JsonObject = {}): Promise<Stage> {
  const stage = await startStage({}, more);
  stage.upstream.always((exchange) => exchange.send(stream(`answer ${stage.upstream.exchanges.length - 1}`)));
  return stage;
}

/** What the model was told in its request of this number, as `role: text`. */
function told(stage: Stage, number: number): string[] {
  const messages = asList(stage.upstream.exchanges[number]?.request.json["messages"]);
  return messages.map((message) => `${String(asObject(message)?.["role"])}: ${String(asObject(message)?.["content"])}`);
}

const idOf = (events: readonly JsonObject[]): string => String(lastResponse(events)["id"]);

test.each([
  ["keeps nothing", {}],
  ["keeps what it may", KEEPS],
])("a gateway that %s continues a response with store: false on its connection, with forks, and on no other", async (_, more) => {
  const stage = await start(more);
  const socket = await connect(stage.url);
  const first = await socket.turn({ input: "one", instructions: "Be brief." });
  const second = await socket.turn({ input: "two", previous_response_id: idOf(first) });
  expect(lastResponse(second)).toMatchObject({ previous_response_id: idOf(first), store: false, instructions: null });
  const third = await socket.turn({ input: [{ role: "user", content: "three" }], previous_response_id: idOf(second), stream_id: "side" });
  await socket.turn({ input: "four", previous_response_id: idOf(first) });
  expect(told(stage, 1)).toEqual(["user: one", "assistant: answer 0", "user: two"]);
  expect(told(stage, 2)).toEqual(["user: one", "assistant: answer 0", "user: two", "assistant: answer 1", "user: three"]);
  expect(told(stage, 3)).toEqual(["user: one", "assistant: answer 0", "user: four"]);

  const other = await connect(stage.url);
  other.send(create({ previous_response_id: idOf(third) }));
  const unknown = { type: "invalid_request_error", code: "previous_response_not_found", param: "previous_response_id" };
  expect(await other.error()).toMatchObject({ status: 400, error: unknown });
  const overHttp = await ask(stage.url, body({ previous_response_id: idOf(third) }));
  expect(jsonOf(overHttp)).toMatchObject({ error: unknown });
  if (more === KEEPS) expect((await fetch(`${stage.url}/v1/responses/${idOf(first)}`)).status).toBe(404);
});

test("a tool loop sends only what is new, reasoning comes back with it, and calls must be answered", async () => {
  const stage = await start();
  const call = { index: 0, id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };
  stage.upstream.play((exchange) =>
    exchange.send(delta({ reasoning_content: "I look." }) + delta({ tool_calls: [call] }) + finish("tool_calls") + usage() + DONE),
  );
  const tools = [{ type: "function", name: "look", parameters: { type: "object", properties: {} }, strict: false }];
  const socket = await connect(stage.url);
  const first = await socket.turn({ input: "go", tools });
  const output = { type: "function_call_output", call_id: "call_1", output: "a teapot" };
  const second = await socket.turn({ input: [output], tools, previous_response_id: idOf(first) });
  expect(outputText(lastResponse(second))).toBe("answer 1");
  const messages = asList(stage.upstream.exchanges[1]?.request.json["messages"]);
  expect(messages).toMatchObject([
    { role: "user", content: "go" },
    { role: "assistant", tool_calls: [{ id: "call_1" }] },
    { role: "tool", tool_call_id: "call_1", content: "a teapot" },
  ]);
  socket.send(create({ input: "and?", tools, previous_response_id: idOf(first) }));
  expect(await socket.error()).toMatchObject({ status: 400, error: { message: expect.stringContaining("No tool output found") } });
});

test("a response whose continuation failed is forgotten; what continued it before is not", async () => {
  const stage = await start();
  const socket = await connect(stage.url);
  const first = idOf(await socket.turn({ input: "one" }));
  const second = idOf(await socket.turn({ input: "two", previous_response_id: first }));
  stage.upstream.play((exchange) => exchange.answer(400, { error: { message: "No." } }));
  socket.send(create({ input: "three", previous_response_id: first }));
  expect(await socket.error()).toMatchObject({ status: 400, error: { message: expect.stringContaining("No.") } });
  socket.send(create({ input: "three", previous_response_id: first }));
  expect(await socket.error()).toMatchObject({ status: 400, error: { code: "previous_response_not_found" } });
  await socket.turn({ input: "four", previous_response_id: second });
  expect(told(stage, 3)).toEqual(["user: one", "assistant: answer 0", "user: two", "assistant: answer 1", "user: four"]);
});

test("what is stored over one is found over the other", async () => {
  const stage = await start(KEEPS);
  const socket = await connect(stage.url);
  const first = idOf(await socket.turn({ input: "one", store: true }));
  const read = async (id: string): Promise<JsonObject> => asObject(await (await fetch(`${stage.url}/v1/responses/${id}`)).json()) ?? {};
  expect(outputText(await read(first))).toBe("answer 0");
  const second = String(jsonOf(await ask(stage.url, body({ input: "two", previous_response_id: first, stream: false })))["id"]);
  stage.upstream.exchanges.length = 0;
  const other = await connect(stage.url);
  const third = await other.turn({ input: "three", previous_response_id: second });
  expect(told(stage, 0).slice(0, 3)).toEqual(["user: one", "assistant: answer 0", "user: two"]);
  // From what is stored to what only a connection remembers, and back to what is stored.
  const fourth = idOf(await other.turn({ input: "four", previous_response_id: idOf(third), store: true }));
  const fifth = await ask(stage.url, body({ input: "five", previous_response_id: fourth, stream: true }));
  expect(fifth.status).toBe(200);
  expect(told(stage, 2).filter((line) => line.startsWith("user"))).toEqual([
    "user: one",
    "user: two",
    "user: three",
    "user: four",
    "user: five",
  ]);
  expect((await read(fourth))["previous_response_id"]).toBe(idOf(third));
});

test("generate: false asks no model, and what it prepared can be continued", async () => {
  const stage = await start();
  const socket = await connect(stage.url);
  const developer = { role: "developer", content: "Be kind." };
  const prepared = await socket.turn({ generate: false, input: [developer], tools: [{ type: "web_search" }] });
  expect(typesOf(prepared)).toEqual(["created", "in_progress", "completed"]);
  expect(lastResponse(prepared)).toMatchObject({ output: [], status: "completed", usage: { total_tokens: 0 } });
  expect(stage.upstream.exchanges).toEqual([]);
  await socket.turn({ input: "hello", previous_response_id: idOf(prepared) });
  expect(told(stage, 0)).toEqual(["system: Be kind.", "user: hello"]);
  const nothing = await socket.turn({ generate: false, input: [] });
  await socket.turn({ input: "hello again", previous_response_id: idOf(nothing) });
  expect(told(stage, 1)).toEqual(["user: hello again"]);
  const row = await stage.log.ended(0);
  expect(row.end).toMatchObject({ state: "done", status: 200, model: "m", provider: null });
  expect(row.attempts).toEqual([]);
});

test("what is prepared is checked as any request, and stored where that is asked for", async () => {
  const stage = await start(KEEPS);
  const socket = await connect(stage.url);
  socket.send(create({ generate: false, model: "nobody/knows-it" }));
  expect(await socket.error()).toMatchObject({ status: 400, error: { code: "model_not_found", param: "model" } });
  const prepared = idOf(await socket.turn({ generate: false, input: "one", store: true }));
  await ask(stage.url, body({ input: "two", previous_response_id: prepared, stream: true }));
  expect(told(stage, 0)).toEqual(["user: one\n\ntwo"]);
});

test("an incomplete response can be continued", async () => {
  const stage = await start();
  stage.upstream.play(
    (exchange) => exchange.send(delta({ content: "too lo" }) + finish("length") + usage() + DONE),
    (exchange) => exchange.send(stream("on")),
  );
  const socket = await connect(stage.url);
  const first = await socket.turn({ input: "one" });
  expect(lastResponse(first)["status"]).toBe("incomplete");
  await socket.turn({ input: "go on", previous_response_id: idOf(first) });
  expect(told(stage, 1)).toEqual(["user: one", "assistant: too lo", "user: go on"]);
});
