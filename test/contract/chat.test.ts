// The contract of the Responses API over a chat-completions upstream, as a table: a line for each field of the request, each item and
// each part, with what becomes of it and the proof. Promises that a line which says "translated" was seen on the upstream's wire.
import { describe, expect, test } from "vitest";
import { asList, isObject, type JsonObject } from "../../src/kit/json.ts";
import { ask, body, errorOf, eventsOf, jsonOf, lastResponse } from "../e2e/client.ts";
import { delta, DONE, finish, stream, usage, whole } from "../support/chat-frames.ts";
import { startStage } from "../support/gateway.ts";

import { INPUT_ROWS } from "./input-rows.ts";
import { ITEM_ROWS } from "./item-rows.ts";
import { capabilities, LOOK, quirks } from "./row.ts";
import { SETTING_ROWS } from "./setting-rows.ts";
import { TOOL_ROWS } from "./tool-rows.ts";

test("every fate is proved: what is sent on was seen upstream, what is left out is a loss", () => {
  for (const [what, fate, , { sent, losses = [], error }] of [...INPUT_ROWS, ...TOOL_ROWS, ...SETTING_ROWS, ...ITEM_ROWS]) {
    if (fate === "translated") expect(sent, what).toBeDefined();
    if (fate === "dropped")
      expect(
        losses.some((loss) => loss.startsWith("dropped ")),
        what,
      ).toBe(true);
    else
      expect(
        losses.filter((loss) => !loss.startsWith("lowered ")),
        what,
      ).toEqual([]);
    expect(error !== undefined, what).toBe(fate === "refused");
  }
});

describe.each([
  ["input field", INPUT_ROWS],
  ["tool field", TOOL_ROWS],
  ["setting", SETTING_ROWS],
  ["item", ITEM_ROWS],
])("each %s:", (_, rows) => {
  test.each(rows)("%s: %s", async (_what, fate, request, { sent = {}, unsent = [], reply = {}, losses = [], error, provider, config }) => {
    const stage = await startStage({}, config, provider);
    stage.upstream.always((exchange) => {
      const said = JSON.stringify({ a: "Hi." });
      if (exchange.request.json["stream"] !== true) return exchange.answer(200, whole(said));
      exchange.send(stream(said));
      exchange.end();
    });
    const answer = await ask(stage.url, body(request));
    if (fate === "refused") {
      expect(errorOf(answer)).toMatchObject({ status: 400, ...error });
      expect(stage.upstream.exchanges).toEqual([]);
      return;
    }
    const response = request["stream"] === true ? lastResponse(eventsOf(answer)) : jsonOf(answer);
    expect(answer.status, answer.text).toBe(200);
    expect(response).toMatchObject({ status: "completed", ...reply });
    const upstream = stage.upstream.exchanges[0]?.request.json ?? {};
    const { messages, ...fields } = sent;
    expect(upstream).toMatchObject(fields);
    if (messages !== undefined) expect(asList(upstream["messages"]).slice(0, asList(messages).length)).toMatchObject(asList(messages));
    for (const name of unsent) expect(upstream).not.toHaveProperty(name);
    expect((await stage.log.ended(0)).end.losses.map((loss) => `${loss.kind} ${loss.feature}`)).toEqual(losses);
  });
});

describe("what the upstream says:", () => {
  const tokens = (text: string): JsonObject => ({
    choices: [
      {
        index: 0,
        delta: { content: text },
        logprobs: { content: [{ token: text, logprob: -0.5, bytes: [72], top_logprobs: [{ token: "x", logprob: -1, bytes: [120] }] }] },
      },
    ],
  });
  const shown = { token: "Hi", bytes: [72], logprob: -0.5, top_logprobs: [{ token: "x", bytes: [120], logprob: -1 }] };

  test.each([
    ["included are shown in delta, done and item, not in the part", ["message.output_text.logprobs"], [shown]],
    ["not included are not shown, though they came", [], []],
  ])("log probabilities that are %s", async (_, include, logprobs) => {
    const stage = await startStage({}, {}, quirks({ extra_fields: { logprobs: true } }));
    stage.upstream.play((exchange) => {
      exchange.send(`data: ${JSON.stringify(tokens("Hi"))}\n\n${finish()}${usage()}${DONE}`);
      exchange.end();
    });
    const events = eventsOf(await ask(stage.url, body({ stream: true, include })));
    const find = (type: string): JsonObject => events.find((event) => event["type"] === `response.${type}`) ?? {};
    expect(find("output_text.delta")["logprobs"]).toEqual(logprobs);
    expect(find("output_text.done")["logprobs"]).toEqual(logprobs);
    expect(find("content_part.done")).toMatchObject({ part: { logprobs: [] } });
    expect(lastResponse(events)["output"]).toMatchObject([{ content: [{ text: "Hi", logprobs }] }]);
  });

  test("a refusal is a part of its own, streamed", async () => {
    const stage = await startStage();
    stage.upstream.play((exchange) => {
      exchange.send(delta({ role: "assistant", content: null, refusal: "I " }) + delta({ refusal: "cannot." }) + finish() + usage() + DONE);
      exchange.end();
    });
    const events = eventsOf(await ask(stage.url, body({ stream: true })));
    const deltas = events.filter((event) => event["type"] === "response.refusal.delta").map((event) => event["delta"]);
    expect(deltas).toEqual(["I ", "cannot."]);
    expect(lastResponse(events)).toMatchObject({ status: "completed", output: [{ content: [{ type: "refusal", refusal: "I cannot." }] }] });
  });

  test.each([
    ["length", "max_output_tokens"],
    ["content_filter", "content_filter"],
  ])("%s is incomplete, as %s", async (reason, told) => {
    const stage = await startStage();
    stage.upstream.play((exchange) => exchange.answer(200, { choices: [{ index: 0, message: { content: "Hi" }, finish_reason: reason }] }));
    const response = jsonOf(await ask(stage.url, body()));
    expect(response).toMatchObject({ status: "incomplete", incomplete_details: { reason: told }, completed_at: null });
    expect(response["output"]).toMatchObject([{ status: "incomplete" }]);
  });

  test("of several calls at once the first is kept where one was asked for", async () => {
    const stage = await startStage({}, {}, capabilities({ parallel_tool_calls: false }));
    const call = (index: number, args: string): JsonObject => ({
      index,
      id: `c${index}`,
      type: "function",
      function: { name: "look", arguments: args },
    });
    stage.upstream.play((exchange) => {
      exchange.send(delta({ tool_calls: [call(0, '{"a":')] }) + delta({ tool_calls: [call(1, "{}")] }));
      exchange.send(delta({ tool_calls: [{ index: 0, function: { arguments: "1}" } }] }) + finish("tool_calls") + usage() + DONE);
      exchange.end();
    });
    const events = eventsOf(await ask(stage.url, body({ stream: true, tools: [LOOK], parallel_tool_calls: false })));
    const output = asList(lastResponse(events)["output"]).filter(isObject);
    expect(output).toMatchObject([{ type: "function_call", call_id: "c0", arguments: '{"a":1}' }]);
    expect(output).toHaveLength(1);
    expect((await stage.log.ended(0)).end.losses.map((loss) => `${loss.kind} ${loss.feature}`)).toEqual([
      "lowered parallel_tool_calls",
      "dropped parallel_tool_calls",
    ]);
  });

  test("several calls at once are all kept where nothing was said", async () => {
    const stage = await startStage();
    const call = (index: number): JsonObject => ({ index, id: `c${index}`, type: "function", function: { name: "look", arguments: "{}" } });
    stage.upstream.play((exchange) => {
      exchange.send(delta({ tool_calls: [call(0), call(1)] }) + finish("tool_calls") + usage() + DONE);
      exchange.end();
    });
    expect(lastResponse(eventsOf(await ask(stage.url, body({ stream: true, tools: [LOOK] }))))["output"]).toHaveLength(2);
  });
});
