// `truncation: "auto"`, and old tool results that are cut: what reaches the model, and what the client is told of it.
import { expect, test } from "vitest";
import { asList, asObject, parseJson, type JsonObject } from "../../src/kit/json.ts";
import { stream, whole } from "../support/chat-frames.ts";
import type { Step } from "../support/fault-upstream.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, errorOf } from "./client.ts";

const TOO_LONG: Step = (exchange) =>
  exchange.answer(400, { error: { message: "This model's maximum context length is 8192 tokens.", code: "context_length_exceeded" } });
const FINE: Step = (exchange) => exchange.answer(200, whole("ok"));
const user = (text: string): JsonObject => ({ role: "user", content: text });
const said = (text: string): JsonObject => ({ role: "assistant", content: text });
const call = (id: string): JsonObject => ({ type: "function_call", call_id: id, name: "look", arguments: "{}" });
const output = (id: string, text: string): JsonObject => ({ type: "function_call_output", call_id: id, output: text });
const filler = "word ".repeat(400);
/** Ten exchanges of about 500 tokens each, by bytes, and a question. */
const CHAT = [
  ...Array.from({ length: 10 }, (_, index) => [user(`question ${index} ${filler}`), said(`answer ${index}`)]).flat(),
  user("last"),
];

function sent(stage: Stage, number: number): string {
  return JSON.stringify(stage.upstream.exchanges[number]?.request.json["messages"]);
}

function start(entry: JsonObject = {}): Promise<Stage> {
  return startStage({}, { models: { m: { provider: "box", model: "nobody-knows", ...entry } } });
}

test("what is longer than the model's window loses its beginning, says so, and echoes the wish", async () => {
  const stage = await start({ context_window: 4000 });
  stage.upstream.always(FINE);
  const answer = await ask(stage.url, body({ input: CHAT, instructions: "rules", truncation: "auto", max_output_tokens: 1000 }));
  expect(answer.status).toBe(200);
  expect(parseJson(answer.text)).toMatchObject({ truncation: "auto" });
  const [messages] = [sent(stage, 0)];
  expect(messages).toContain("rules");
  expect(messages).not.toContain("question 0 ");
  expect(messages).toContain("question 9 ");
  expect(messages).toContain("last");
  expect(Buffer.byteLength(messages) / 4).toBeLessThan(3000);
  expect(answer.headers["x-waystation-loss"]).toContain("dropped truncation.message[0], dropped truncation.message[1]");
  expect(stage.upstream.exchanges).toHaveLength(1);
});

test("what fits is sent whole", async () => {
  const stage = await start({ context_window: 100_000 });
  stage.upstream.always(FINE);
  const answer = await ask(stage.url, body({ input: CHAT, truncation: "auto" }));
  expect(sent(stage, 0)).toContain("question 0 ");
  expect(answer.headers["x-waystation-loss"] ?? "").not.toContain("truncation");
});

test.each([false, true])("a model that still finds it too long is asked again with less (stream: %s)", async (streamed) => {
  const stage = await start();
  stage.upstream.play(TOO_LONG, TOO_LONG, (exchange) => {
    if (!streamed) return FINE(exchange);
    exchange.begin();
    exchange.send(stream("ok"));
    return exchange.end();
  });
  const answer = await ask(stage.url, body({ input: CHAT, truncation: "auto", stream: streamed }));
  expect(answer.status, answer.text).toBe(200);
  expect(answer.text).toContain("ok");
  const sizes = stage.upstream.exchanges.map(({ request }) => request.body.length);
  expect(sizes).toHaveLength(3);
  expect(sizes).toEqual(sizes.toSorted((one, other) => other - one));
  expect(sent(stage, 2)).toContain("last");
  expect((await stage.log.ended(0)).end.losses.map(({ feature }) => feature)).toContain("truncation.message[0]");
});

test("the tries are bounded, and the error is the contract's", async () => {
  const stage = await start();
  stage.upstream.always(TOO_LONG);
  const answer = await ask(stage.url, body({ input: CHAT, truncation: "auto" }));
  expect(errorOf(answer)).toMatchObject({ status: 400, code: "context_length_exceeded" });
  expect(stage.upstream.exchanges).toHaveLength(5);
});

test("any other failure is no reason to cut", async () => {
  const stage = await start();
  stage.upstream.always((exchange) => exchange.answer(500, { error: { message: "out of luck" } }));
  expect(errorOf(await ask(stage.url, body({ input: CHAT, truncation: "auto" })))).toMatchObject({ status: 500 });
  expect(stage.upstream.exchanges).toHaveLength(1);
});

test("where nothing may go, nobody is asked twice", async () => {
  const stage = await start();
  stage.upstream.always(TOO_LONG);
  expect(errorOf(await ask(stage.url, body({ input: "short", truncation: "auto" })))).toMatchObject({ code: "context_length_exceeded" });
  expect(stage.upstream.exchanges).toHaveLength(1);
});

test.each([{}, { truncation: "disabled" }])("without the wish nothing is cut, and the model's word stands: %j", async (wish) => {
  const stage = await start({ context_window: 4000 });
  stage.upstream.always(TOO_LONG);
  expect(errorOf(await ask(stage.url, body({ input: CHAT, ...wish })))).toMatchObject({ status: 400, code: "context_length_exceeded" });
  expect(stage.upstream.exchanges).toHaveLength(1);
  expect(sent(stage, 0)).toContain("question 0 ");
});

test("calls and their outputs go together", async () => {
  const stage = await start({ context_window: 4000 });
  stage.upstream.always(FINE);
  const steps = Array.from({ length: 12 }, (_, index) => [call(`c${index}`), output(`c${index}`, filler)]).flat();
  const tools = [{ type: "function", name: "look", parameters: { type: "object", properties: {} } }];
  await ask(stage.url, body({ input: [user("do it"), ...steps], tools, truncation: "auto", max_output_tokens: 1000 }));
  const messages = asList(stage.upstream.exchanges[0]?.request.json["messages"]).map(asObject);
  const called = messages.flatMap((message) => asList(message?.["tool_calls"]).map((one) => asObject(one)?.["id"]));
  const answered = messages.flatMap((message) => (message?.["role"] === "tool" ? [message["tool_call_id"]] : []));
  expect(answered).toEqual(called);
  expect(called.at(-1)).toBe("c11");
  expect(called.length).toBeLessThan(8);
  expect(messages[0]).toMatchObject({ role: "user", content: "do it" });
});

test("old tool results are cut where the configuration says so, and only there", async () => {
  const input = [user("do it"), call("a"), output("a", `first ${filler}`), call("b"), output("b", `second ${filler}`)];
  const stage = await start({ age_tool_results: { keep_last: 1, over_bytes: 600 } });
  stage.upstream.always(FINE);
  const answer = await ask(stage.url, body({ input }));
  const messages = asList(stage.upstream.exchanges[0]?.request.json["messages"]).map((message) => JSON.stringify(message));
  expect(messages.find((message) => message.includes("first"))).toMatch(/bytes of this older tool result were left out/);
  expect(messages.find((message) => message.includes("second"))).toContain(filler.trim());
  expect(answer.headers["x-waystation-loss"]).toBe("dropped aged.function_call_output[2]");
  const plain = await start();
  plain.upstream.always(FINE);
  expect((await ask(plain.url, body({ input }))).headers["x-waystation-loss"]).toBeUndefined();
});
