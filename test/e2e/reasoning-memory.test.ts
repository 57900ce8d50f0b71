// Clients that drop reasoning: what a model thought before its calls goes back to it all the same, to it alone, for its own client alone.
import { expect, test } from "vitest";
import { asList, asObject, isObject, type JsonObject } from "../../src/kit/json.ts";
import { DONE, delta, finish, stream, usage } from "../support/chat-frames.ts";
import { startFaultUpstream, type UpstreamExchange } from "../support/fault-upstream.ts";
import { afterThis, startStage, type Stage } from "../support/gateway.ts";
import { ask, body, eventsOf, lastResponse } from "./client.ts";

const TOOLS = [{ type: "function", name: "look", parameters: { type: "object", properties: { at: { type: "string" } } } }];
const ME = { authorization: "Bearer one", "session-id": "s1" };
const WANTS = { quirks: { reasoning_back: "reasoning_content" } };

function callFrame(more: JsonObject = {}): string {
  return delta({
    tool_calls: [{ index: 0, id: "call_0", type: "function", function: { name: "look", arguments: '{"at": "x"}' }, ...more }],
  });
}

/** Thinks, then calls a tool. */
function thinkAndCall(exchange: UpstreamExchange): void {
  exchange.send(delta({ reasoning_content: "I should look." }) + callFrame() + finish("tool_calls") + usage() + DONE);
  exchange.end();
}

/** Calls with a signature and without a word of thought, as Google's compatible end does. */
function signedCall(exchange: UpstreamExchange): void {
  exchange.send(callFrame({ extra_content: { google: { thought_signature: "c2ln" } } }) + finish("tool_calls") + usage() + DONE);
  exchange.end();
}

function done(exchange: UpstreamExchange): void {
  exchange.send(stream("Seen."));
  exchange.end();
}

/** The tool loop of a client that keeps calls and drops reasoning; `further` is what it adds. */
function history(...further: JsonObject[]): JsonObject[] {
  return [
    { role: "user", content: "Look." },
    { type: "function_call", call_id: "call_0", name: "look", arguments: '{"at":"x"}' },
    { type: "function_call_output", call_id: "call_0", output: "a tree" },
    ...further,
  ];
}

async function turn(stage: Stage, input: JsonObject[] | string, headers: Record<string, string>, more: JsonObject = {}): Promise<void> {
  eventsOf(await ask(stage.url, body({ stream: true, tools: TOOLS, input, ...more }), { headers }));
}

/** The assistant message that went upstream in the second turn. */
function assistantOf(exchange: UpstreamExchange | undefined): JsonObject | undefined {
  return asList(exchange?.request.json["messages"])
    .filter(isObject)
    .find((message) => message["role"] === "assistant");
}

async function lossesOf(stage: Stage, number: number): Promise<string[]> {
  return ((await stage.log.ended(number)).end?.losses ?? []).map((loss) => `${loss.kind} ${loss.feature}`);
}

test("what was thought before a call goes back with it", async () => {
  const stage = await startStage({}, {}, WANTS);
  stage.upstream.play(thinkAndCall, done);
  await turn(stage, "Look.", ME);
  await turn(stage, history(), ME);
  expect(assistantOf(stage.upstream.exchanges[1])).toMatchObject({ reasoning_content: "I should look.", tool_calls: [{ id: "call_0" }] });
  expect(await lossesOf(stage, 1)).toEqual(["lowered reasoning.remembered"]);
});

test("a client that sends it back is left alone", async () => {
  const stage = await startStage({}, {}, WANTS);
  stage.upstream.play(thinkAndCall, done);
  const first = eventsOf(await ask(stage.url, body({ stream: true, tools: TOOLS }), { headers: ME }));
  const output = asList(lastResponse(first)["output"]);
  await turn(stage, [{ role: "user", content: "Look." }, ...output.filter(isObject), ...history().slice(2)], ME);
  expect(assistantOf(stage.upstream.exchanges[1])).toMatchObject({ reasoning_content: "I should look." });
  expect(await lossesOf(stage, 1)).toEqual([]);
});

test("reasoning that comes back without its seal gives way to what is remembered", async () => {
  const stage = await startStage({}, {}, WANTS);
  stage.upstream.play(thinkAndCall, done);
  await turn(stage, "Look.", ME);
  const [word, ...rest] = history();
  await turn(stage, [word ?? {}, { type: "reasoning", summary: [{ type: "summary_text", text: "cut" }] }, ...rest], ME);
  expect(assistantOf(stage.upstream.exchanges[1])).toMatchObject({ reasoning_content: "I should look." });
  expect(await lossesOf(stage, 1)).toEqual(["lowered reasoning.remembered"]);
});

test("a call's signature goes back, whatever the provider wants of reasoning", async () => {
  const stage = await startStage();
  stage.upstream.play(signedCall, done);
  await turn(stage, "Look.", ME);
  await turn(stage, history(), ME);
  expect(assistantOf(stage.upstream.exchanges[1])?.["tool_calls"]).toMatchObject([
    { extra_content: { google: { thought_signature: "c2ln" } } },
  ]);
  expect(await lossesOf(stage, 1)).toEqual(["lowered reasoning.remembered"]);
});

test.each<[string, Record<string, string>, Record<string, string>]>([
  ["another credential", ME, { ...ME, authorization: "Bearer two" }],
  ["another conversation", ME, { ...ME, "session-id": "s2" }],
  ["no credential", ME, { "session-id": "s1" }],
  ["neither credential nor conversation", {}, {}],
])("with %s nothing is remembered", async (_, one, other) => {
  const stage = await startStage({}, {}, WANTS);
  stage.upstream.play(signedCall, done);
  await turn(stage, "Look.", one);
  await turn(stage, history(), other);
  expect(JSON.stringify(stage.upstream.exchanges[1]?.request.json)).not.toContain("c2ln");
  expect(await lossesOf(stage, 1)).toEqual([]);
});

test("a credential alone will do, and the call must be the same", async () => {
  const stage = await startStage({}, {}, WANTS);
  const headers = { authorization: "Bearer one" };
  stage.upstream.play(thinkAndCall, done, done);
  await turn(stage, "Look.", headers);
  await turn(stage, history(), headers);
  expect(assistantOf(stage.upstream.exchanges[1])).toHaveProperty("reasoning_content");
  const [word, , result] = history();
  await turn(
    stage,
    [word ?? {}, { type: "function_call", call_id: "call_0", name: "look", arguments: '{"at":"y"}' }, result ?? {}],
    headers,
  );
  expect(assistantOf(stage.upstream.exchanges[2])).not.toHaveProperty("reasoning_content");
});

test("another provider gets nothing of it", async () => {
  const other = await startFaultUpstream();
  afterThis(() => other.close());
  const stage = await startStage({}, {}, WANTS);
  const both = await startStage(
    {},
    {
      providers: {
        box: { dialect: "chat", base_url: stage.upstream.url, ...WANTS },
        other: { dialect: "chat", base_url: other.url, ...WANTS },
      },
      models: { m: { provider: "box" }, n: { provider: "other" } },
    },
  );
  stage.upstream.play(thinkAndCall);
  other.play(done);
  await turn(both, "Look.", ME);
  await turn(both, history(), ME, { model: "n" });
  expect(assistantOf(other.exchanges[0])).not.toHaveProperty("reasoning_content");
});

test.each<[string, JsonObject, boolean]>([
  ["all", {}, true],
  ["turn", { reasoning_keep: "turn" }, false],
  ["none", { reasoning_keep: "none" }, false],
  ["no field for it", { reasoning_back: "none" }, false],
])("of an earlier turn it goes back as the provider wants it: %s", async (_, quirks, expected) => {
  const stage = await startStage({}, {}, { quirks: { ...WANTS.quirks, ...quirks } });
  stage.upstream.play(thinkAndCall, done);
  await turn(stage, "Look.", ME);
  await turn(stage, history({ role: "assistant", content: "A tree." }, { role: "user", content: "And now?" }), ME);
  expect(asObject(assistantOf(stage.upstream.exchanges[1]))?.["reasoning_content"]).toBe(expected ? "I should look." : undefined);
  expect(await lossesOf(stage, 1)).toEqual(expected ? ["lowered reasoning.remembered"] : []);
});
