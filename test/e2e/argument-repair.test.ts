// Calls that a model made nearly right reach the client right, are counted, and stand in the log; what is not certain passes.
import { expect, test } from "vitest";
import { asList, isObject, type JsonObject } from "../../src/kit/json.ts";
import { DONE, delta, finish, usage } from "../support/chat-frames.ts";
import type { UpstreamExchange } from "../support/fault-upstream.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, eventsOf, finished, jsonOf, lastResponse, send } from "./client.ts";

const TOOL = {
  type: "function",
  name: "read_lines",
  parameters: { type: "object", properties: { path: { type: "string" }, from_line: { type: "integer" }, tags: { type: "array" } } },
};
const REQUEST = body({ stream: true, tools: [TOOL] });

function callFrame(args: string, name: string | undefined = "read_lines", index = 0): string {
  return delta({
    tool_calls: [{ index, ...(name === undefined ? {} : { id: `call_${index}`, type: "function" }), function: { name, arguments: args } }],
  });
}

function callAnswer(args: string, name = "read_lines", reason = "tool_calls") {
  return (exchange: UpstreamExchange): void => {
    exchange.send(callFrame(args, name) + finish(reason) + usage() + DONE);
    exchange.end();
  };
}

function callsOf(response: JsonObject): JsonObject[] {
  return asList(response["output"]).filter(isObject);
}

async function lossesOf(stage: Stage): Promise<string[]> {
  return ((await stage.log.ended(0)).end?.losses ?? []).map((loss) => `${loss.kind} ${loss.feature}`);
}

async function metricsOf(stage: Stage): Promise<string[]> {
  const text = await (await fetch(`${stage.url}/metrics`)).text();
  return text.split("\n").filter((line) => line.startsWith("waystation_call_repairs_total"));
}

test.each([
  ['{"from_line":3.0}', '{"from_line":3}', "integer"],
  ['{"from_line":"3"}', '{"from_line":3}', "number"],
  ['{"tags":"[1]"}', '{"tags":[1]}', "encoded"],
  ['{"fromLine":3}', '{"from_line":3}', "property_name"],
  ['```json\n{"path":"a"}\n```', '{"path":"a"}', "fenced"],
  ['{"path":"a"', '{"path":"a"}', "unclosed"],
])("%s", async (given, repaired, kind) => {
  const stage = await startStage();
  stage.upstream.play(callAnswer(given));
  const response = lastResponse(eventsOf(await ask(stage.url, REQUEST)));
  expect(callsOf(response)).toMatchObject([{ type: "function_call", status: "completed", arguments: repaired }]);
  expect(response["status"]).toBe("completed");
  expect(await lossesOf(stage)).toEqual([`lowered tool.arguments.${kind}`]);
  expect(await metricsOf(stage)).toEqual([`waystation_call_repairs_total{kind="${kind}"} 1`]);
});

test("a whole reply is repaired as a stream is", async () => {
  const stage = await startStage();
  const message = {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c", type: "function", function: { name: "ReadLines", arguments: '{"from_line":"3"}' } }],
  };
  stage.upstream.play((exchange) => exchange.answer(200, { choices: [{ index: 0, message, finish_reason: "tool_calls" }] }));
  const answer = await ask(stage.url, body({ tools: [TOOL] }));
  expect(callsOf(jsonOf(answer))).toMatchObject([{ name: "read_lines", arguments: '{"from_line":3}' }]);
  expect(answer.headers["x-waystation-loss"]).toBe("lowered tool.name, lowered tool.arguments.number");
});

test.each(['{"from_line":"three"}', '{"path":3}', '{"unknown":"3"}'])("%s passes to the letter", async (given) => {
  const stage = await startStage();
  stage.upstream.play(callAnswer(given));
  expect(callsOf(lastResponse(eventsOf(await ask(stage.url, REQUEST))))).toMatchObject([{ arguments: given, status: "completed" }]);
  expect(await lossesOf(stage)).toEqual([]);
  expect(await metricsOf(stage)).toEqual([]);
});

test.each(["length", "content_filter"])("what ended by %s is not completed", async (reason) => {
  const stage = await startStage();
  stage.upstream.play(callAnswer('{"path":"a"', "read_lines", reason));
  const response = lastResponse(eventsOf(await ask(stage.url, REQUEST)));
  expect(response["status"]).toBe("incomplete");
  expect(callsOf(response)).toMatchObject([{ status: "incomplete", arguments: '{"path":"a"' }]);
});

test("two calls whose pieces interleave come one after the other, each in one piece", async () => {
  const stage = await startStage();
  stage.upstream.play((exchange) => {
    exchange.send(callFrame('{"from_', "read_lines", 0) + callFrame('{"path":', "read_lines", 1));
    exchange.send(callFrame('line":"1"}', undefined, 0) + callFrame('"b"}', undefined, 1) + finish("tool_calls") + DONE);
    exchange.end();
  });
  const events = eventsOf(await ask(stage.url, REQUEST));
  expect(callsOf(lastResponse(events))).toMatchObject([{ arguments: '{"from_line":1}' }, { arguments: '{"path":"b"}' }]);
  expect(events.filter((event) => event["type"] === "response.function_call_arguments.delta")).toHaveLength(2);
});

test("with the quirk off arguments stream, and are the model's own", async () => {
  const stage = await startStage({}, {}, { quirks: { repair_arguments: false } });
  stage.upstream.play((exchange) => exchange.send(callFrame('{"from_line":')));
  const open = await send(stage.url, REQUEST).reply;
  await open.until("response.function_call_arguments.delta");
  const exchange = await stage.upstream.request(0);
  exchange.send(callFrame('"3"}', undefined) + finish("tool_calls") + DONE);
  exchange.end();
  expect(callsOf(lastResponse(await finished(open)))).toMatchObject([{ arguments: '{"from_line":"3"}' }]);
  expect(await lossesOf(stage)).toEqual([]);
});
