// Structured output of models that can only be asked for it in words: the answer is held, checked, and asked for once more.
import { expect, test } from "vitest";
import { asList, asObject, asString, isObject, type JsonObject } from "../../src/kit/json.ts";
import { DONE, delta, finish, stream, text, usage, whole } from "../support/chat-frames.ts";
import type { UpstreamExchange } from "../support/fault-upstream.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, eventsOf, finished, jsonOf, lastResponse, outputText, send, typesOf } from "./client.ts";

const SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, degrees: { type: "integer" } },
  required: ["city", "degrees"],
  additionalProperties: false,
};
const FORMAT = { text: { format: { type: "json_schema", name: "weather", schema: SCHEMA } } };
const GOOD = '{"city":"Oslo","degrees":3}';
const BAD = '{"city":"Oslo","degrees":"cold"}';

/** A gateway before a model that takes no schema. */
function startInWords(limits: JsonObject = {}, capabilities: JsonObject = { json_schema: "prompt" }): Promise<Stage> {
  return startStage(limits, {}, { capabilities });
}

/** Answers each request with the next of these texts, in the form that was asked for. */
function say(stage: Stage, ...answers: readonly string[]): void {
  stage.upstream.play(...answers.map((answer) => (exchange: UpstreamExchange) => reply(exchange, answer)));
}

function reply(exchange: UpstreamExchange, answer: string): void {
  if (exchange.request.json["stream"] !== true) return exchange.answer(200, whole(answer));
  exchange.send(stream(answer));
  exchange.end();
}

async function lossesOf(stage: Stage): Promise<string[]> {
  const { end } = await stage.log.ended(0);
  return (end?.losses ?? []).map((loss) => `${loss.kind} ${loss.feature}`).filter((loss) => loss.includes("json_"));
}

const LOWERED = "lowered text.format.json_schema";

test.each([true, false])("an answer that fits goes out as it is (stream: %s)", async (streamed) => {
  const stage = await startInWords();
  say(stage, GOOD);
  const answer = await ask(stage.url, body({ ...FORMAT, stream: streamed }));
  const response = streamed ? lastResponse(eventsOf(answer)) : jsonOf(answer);
  expect(outputText(response)).toBe(GOOD);
  expect(response).toMatchObject({ status: "completed", usage: { input_tokens: 100, output_tokens: 10 } });
  expect(stage.upstream.exchanges).toHaveLength(1);
  expect(await lossesOf(stage)).toEqual([LOWERED]);
});

test.each([
  ["a fence", `\`\`\`json\n${GOOD}\n\`\`\``],
  ["prose", `The weather is ${GOOD}, I think.`],
])("%s around the answer is left out", async (_, said) => {
  const stage = await startInWords();
  say(stage, said);
  const events = eventsOf(await ask(stage.url, body({ ...FORMAT, stream: true })));
  expect(outputText(lastResponse(events))).toBe(GOOD);
  expect(stage.upstream.exchanges).toHaveLength(1);
  expect(await lossesOf(stage)).toEqual([LOWERED, "lowered text.format.json_unwrapped"]);
});

test.each([true, false])("an answer that does not fit is asked for once more (stream: %s)", async (streamed) => {
  const stage = await startInWords();
  say(stage, BAD, `\`\`\`\n${GOOD}\n\`\`\``);
  const answer = await ask(stage.url, body({ ...FORMAT, stream: streamed }));
  const response = streamed ? lastResponse(eventsOf(answer)) : jsonOf(answer);
  expect(outputText(response)).toBe(GOOD);
  expect(asList(response["output"])).toHaveLength(1);
  expect(response["usage"]).toMatchObject({ input_tokens: 200, output_tokens: 20, total_tokens: 220 });
  expect(await lossesOf(stage)).toEqual([LOWERED, "lowered text.format.json_schema_repaired"]);
  const [first, second] = stage.upstream.exchanges.map(({ request }) => asList(request.json["messages"]).filter(isObject));
  expect(second?.slice(0, first?.length)).toEqual(first);
  const added = second?.slice(first?.length);
  expect(added).toMatchObject([{ role: "assistant", content: BAD }, { role: "user" }]);
  expect(asString(added?.[1]?.["content"])).toContain('degrees: The value type "string" is invalid. Expected "integer".');
  const turn = await stage.log.ended(0);
  expect(turn.attempts).toHaveLength(2);
  expect(turn.end).toMatchObject({ state: "done", usage: { input: 200, output: 20 } });
});

test("an answer that still does not fit goes out as it was at first, with a loss", async () => {
  const stage = await startInWords();
  say(stage, BAD, "Sorry, I cannot do better.");
  const response = lastResponse(eventsOf(await ask(stage.url, body({ ...FORMAT, stream: true }))));
  expect(outputText(response)).toBe(BAD);
  expect(response).toMatchObject({ status: "completed", usage: { total_tokens: 220 } });
  expect(stage.upstream.exchanges).toHaveLength(2);
  expect(await lossesOf(stage)).toEqual([LOWERED, "lowered text.format.json_schema_unmet"]);
});

test.each<[string, (exchange: UpstreamExchange) => void]>([
  ["fails", (exchange) => exchange.answer(500, { error: { message: "out of order" } })],
  ["breaks off", (exchange) => (exchange.send(text(GOOD)), exchange.reset())],
  ["is cut", (exchange) => (exchange.send(text(GOOD) + finish("length") + usage() + DONE), exchange.end())],
  ["refuses", (exchange) => (exchange.send(delta({ refusal: "No." }) + finish() + DONE), exchange.end())],
  [
    "calls a tool",
    (exchange) => (
      exchange.send(delta({ tool_calls: [{ index: 0, id: "c", type: "function", function: { name: "f", arguments: "{}" } }] })),
      exchange.send(finish("tool_calls") + DONE),
      exchange.end()
    ),
  ],
])("a second answer that %s leaves the first", async (_, second) => {
  const stage = await startInWords({ retries: 2 });
  stage.upstream.play((exchange) => reply(exchange, BAD), second);
  const response = lastResponse(eventsOf(await ask(stage.url, body({ ...FORMAT, stream: true }))));
  expect(outputText(response)).toBe(BAD);
  expect(asList(response["output"])).toHaveLength(1);
  expect(response["status"]).toBe("completed");
  expect(stage.upstream.exchanges).toHaveLength(2);
  expect(await lossesOf(stage)).toContain("lowered text.format.json_schema_unmet");
});

test("where no counts are given they are estimated over both answers", async () => {
  const stage = await startInWords();
  stage.upstream.always((exchange) => {
    const { choices } = whole(stage.upstream.exchanges.length === 1 ? BAD : GOOD);
    exchange.answer(200, { choices: choices ?? [] });
  });
  const answer = await ask(stage.url, body(FORMAT));
  expect(answer.headers["x-waystation-usage"]).toBe("estimated");
  const sent = stage.upstream.exchanges.map(({ request }) => request.body.length).reduce((one, other) => one + other, 0);
  expect(jsonOf(answer)["usage"]).toMatchObject({ input_tokens: Math.ceil(sent / 4), output_tokens: 15 });
  expect((await stage.log.ended(0)).end?.usage).toMatchObject({ estimated: true });
});

test("thoughts before the answer stream; those before a second answer do not show", async () => {
  const stage = await startInWords();
  const thinking = (thought: string, answer: string) => (exchange: UpstreamExchange) => {
    exchange.send(delta({ reasoning_content: thought }) + text(answer) + finish() + usage() + DONE);
    exchange.end();
  };
  stage.upstream.play(thinking("first thought", BAD), thinking("second thought", GOOD));
  const events = eventsOf(await ask(stage.url, body({ ...FORMAT, stream: true })));
  expect(lastResponse(events)["output"]).toMatchObject([
    { type: "reasoning", content: [{ text: "first thought" }] },
    { type: "message", content: [{ text: GOOD }] },
  ]);
});

test("nothing of the text shows before it is whole, and the client is kept alive meanwhile", async () => {
  const stage = await startInWords({ commit_s: 0, heartbeat_s: 0.02 });
  stage.upstream.play((exchange) => exchange.send(text(BAD.slice(0, 10))));
  const { reply: opened } = send(stage.url, body({ ...FORMAT, stream: true }));
  const open = await opened;
  await open.until("response.in_progress", 3);
  expect(open.text()).not.toContain("output_item.added");
  const first = await stage.upstream.request(0);
  stage.upstream.play((exchange) => exchange.begin());
  first.send(text(BAD.slice(10)) + finish() + usage() + DONE);
  first.end();
  const second = await stage.upstream.request(1);
  const beats = open.text().split("event: response.in_progress\n").length - 1;
  await open.until("response.in_progress", beats + 3);
  expect(open.text()).not.toContain("output_item.added");
  second.send(stream(GOOD));
  second.end();
  expect(outputText(lastResponse(await finished(open)))).toBe(GOOD);
});

test("a client that leaves during the second question ends it", async () => {
  const stage = await startInWords();
  stage.upstream.play(
    (exchange) => reply(exchange, BAD),
    (exchange) => exchange.begin(),
  );
  const sent = send(stage.url, body({ ...FORMAT, stream: true }));
  const second = await stage.upstream.request(1);
  sent.leave();
  await second.closed;
  expect((await stage.log.ended(0)).end).toMatchObject({ state: "client_closed" });
});

test("a call is no answer: what was said before it and the call go out as they are", async () => {
  const stage = await startInWords();
  const tools = [{ type: "function", name: "look", parameters: { type: "object", properties: {} } }];
  stage.upstream.play((exchange) => {
    exchange.send(text("Let me look. ") + delta({ tool_calls: [{ index: 0, id: "c1", function: { name: "look", arguments: "{}" } }] }));
    exchange.send(text("Now I wait.") + finish("tool_calls") + usage() + DONE);
    exchange.end();
  });
  const response = lastResponse(eventsOf(await ask(stage.url, body({ ...FORMAT, stream: true, tools }))));
  expect(response["output"]).toMatchObject([
    { type: "message", content: [{ text: "Let me look. " }] },
    { type: "function_call", name: "look", arguments: "{}" },
    { type: "message", content: [{ text: "Now I wait." }] },
  ]);
  expect(stage.upstream.exchanges).toHaveLength(1);
  expect(await lossesOf(stage)).toEqual([LOWERED]);
});

test("a refusal is no answer either", async () => {
  const stage = await startInWords();
  stage.upstream.play((exchange) => {
    exchange.send(delta({ refusal: "I will not." }) + finish() + usage() + DONE);
    exchange.end();
  });
  const response = lastResponse(eventsOf(await ask(stage.url, body({ ...FORMAT, stream: true }))));
  expect(response["output"]).toMatchObject([{ content: [{ type: "refusal", refusal: "I will not." }] }]);
  expect(stage.upstream.exchanges).toHaveLength(1);
});

test.each(["length", "content_filter"])("an answer that ended by %s is not judged", async (reason) => {
  const stage = await startInWords();
  stage.upstream.play((exchange) => {
    exchange.send(text('{"city":"Os') + finish(reason) + usage() + DONE);
    exchange.end();
  });
  const response = lastResponse(eventsOf(await ask(stage.url, body({ ...FORMAT, stream: true }))));
  expect(response["status"]).toBe("incomplete");
  expect(outputText(response)).toBe('{"city":"Os');
  expect(stage.upstream.exchanges).toHaveLength(1);
});

test("a model that says nothing is asked once more", async () => {
  const stage = await startInWords();
  say(stage, "\n", GOOD);
  const response = lastResponse(eventsOf(await ask(stage.url, body({ ...FORMAT, stream: true }))));
  expect(outputText(response)).toBe(GOOD);
  const messages = asList(stage.upstream.exchanges[1]?.request.json["messages"]);
  expect(asString(asObject(messages.at(-1))?.["content"])).toMatch(/empty/);
});

test("a model that takes a schema is not held up", async () => {
  const stage = await startStage();
  stage.upstream.play((exchange) => exchange.send(text("{")));
  const { reply: opened } = send(stage.url, body({ ...FORMAT, stream: true }));
  const open = await opened;
  await open.until("response.output_text.delta");
  const exchange = await stage.upstream.request(0);
  expect(exchange.request.json["response_format"]).toMatchObject({ type: "json_schema" });
  exchange.send(text("no JSON") + finish() + usage() + DONE);
  exchange.end();
  expect(outputText(lastResponse(await finished(open)))).toBe("{no JSON");
  expect(stage.upstream.exchanges).toHaveLength(1);
});

test("one model of a provider can be set to be asked in words", async () => {
  const models = {
    m: { provider: "box", model: "plain", capabilities: { json_schema: "object" } },
    other: { provider: "box", model: "able" },
  };
  const stage = await startStage({}, { models });
  stage.upstream.always((exchange) => reply(exchange, `\`\`\`json\n${GOOD}\n\`\`\``));
  expect(outputText(jsonOf(await ask(stage.url, body(FORMAT))))).toBe(GOOD);
  expect(stage.upstream.exchanges[0]?.request.json["response_format"]).toEqual({ type: "json_object" });
  expect(outputText(jsonOf(await ask(stage.url, body({ ...FORMAT, model: "other" }))))).toContain("```");
});

test("an object in words must be one", async () => {
  const stage = await startInWords();
  say(stage, "[1]", GOOD);
  expect(outputText(jsonOf(await ask(stage.url, body({ text: { format: { type: "json_object" } } }))))).toBe(GOOD);
  expect(stage.upstream.exchanges).toHaveLength(2);
});

test("a format that the conversation changed to is the one that counts", async () => {
  const stage = await startInWords();
  say(stage, BAD, GOOD);
  const input = [
    { type: "configuration_update", text: FORMAT.text },
    { role: "user", content: "Weather?" },
  ];
  expect(outputText(jsonOf(await ask(stage.url, body({ input }))))).toBe(GOOD);
});

test.each<[string, JsonObject, RegExp]>([
  ["refers to nothing", { $ref: "#/$defs/none" }, /none/],
  ["takes forever", { type: "object", properties: { city: { type: "string", pattern: "^(\\w+)+$" } } }, /500 ms/],
])("a schema that %s is a loss, and JSON goes out all the same", async (_, schema, why) => {
  const stage = await startInWords();
  const said = JSON.stringify({ city: `${"a".repeat(60)}!` });
  say(stage, `Here: ${said}`);
  const answer = await ask(stage.url, body({ text: { format: { type: "json_schema", name: "x", schema } } }));
  expect(outputText(jsonOf(answer))).toBe(said);
  const losses = (await stage.log.ended(0)).end?.losses ?? [];
  expect(losses.find((loss) => loss.feature === "text.format.json_schema_unchecked")?.detail).toMatch(why);
});

test("the types of events are those of any message", async () => {
  const stage = await startInWords();
  say(stage, BAD, GOOD);
  expect(typesOf(eventsOf(await ask(stage.url, body({ ...FORMAT, stream: true }))))).toEqual([
    "created",
    "in_progress",
    "output_item.added",
    "content_part.added",
    "output_text.delta",
    "output_text.done",
    "content_part.done",
    "output_item.done",
    "completed",
  ]);
});
