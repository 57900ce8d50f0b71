// context_management: a turn whose input passes its threshold goes on with a hand-over, and ends its output with the compaction.
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { asList, asObject, type Json, type JsonObject } from "../../src/kit/json.ts";
import { delta, DONE, finish, usage } from "../support/chat-frames.ts";
import type { UpstreamExchange } from "../support/fault-upstream.ts";
import { startStage } from "../support/gateway.ts";
import { ask, body, errorOf, eventsOf, jsonOf, lastResponse, outputText } from "./client.ts";
import { compactionOf, DEMAND, GOOD, promptOf, say, session, user } from "./compaction-words.ts";

const above = (threshold?: number): JsonObject => ({
  context_management: [{ type: "compaction", ...(threshold === undefined ? {} : { compact_threshold: threshold }) }],
});
const typesOfOutput = (response: JsonObject): (Json | undefined)[] => asList(response["output"]).map((item) => asObject(item)?.["type"]);

test.each([true, false])("above the threshold: the answer, then the compaction (stream: %s)", async (stream) => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD), say("The answer."));
  const answer = await ask(stage.url, body({ input: [...session(), user("Which port?")], ...above(3000), stream }));
  const response = stream ? lastResponse(eventsOf(answer)) : jsonOf(answer);
  expect(typesOfOutput(response)).toEqual(["message", "compaction"]);
  expect(outputText(response)).toBe("The answer.");
  expect(response["usage"]).toMatchObject({ output_tokens: 20 });
  const prompt = promptOf(stage.upstream.exchanges[1]);
  expect(prompt).toMatch(/You are an agent for code\.[^]*keep port 4917[^]*MARK-OF-THE-MODEL[^]*Which port\?$/);
  expect(prompt).not.toContain("line of output");
});

test("below the threshold nothing happens", async () => {
  const stage = await startStage();
  stage.upstream.play(say("The answer."));
  const response = jsonOf(await ask(stage.url, body({ input: session(), ...above(100_000) })));
  expect(typesOfOutput(response)).toEqual(["message"]);
  expect((await stage.log.ended(0)).end?.losses).toEqual([]);
});

test.each([
  ["sends all of it again", (input: JsonObject[], output: Json[]): Json[] => [...input, ...output]],
  ["drops what went before the compaction", (_: JsonObject[], output: Json[]): Json[] => output.slice(-1)],
])("a client that %s goes on from the same place", async (_, history) => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD), say("The answer."), say("Another."));
  const input = [...session(), user("Which port?")];
  const first = jsonOf(await ask(stage.url, body({ input, ...above(3000) })));
  const second = await ask(stage.url, body({ input: [...history(input, asList(first["output"])), user("And now?")], ...above(3000) }));
  expect(typesOfOutput(jsonOf(second))).toEqual(["message"]);
  const prompt = promptOf(stage.upstream.exchanges[2]);
  expect(prompt).toMatch(/agent for code\.[^]*keep port 4917[^]*MARK-OF-THE-MODEL[^]*Which port\?[^]*The answer\.[^]*And now\?$/);
  expect(prompt.split(DEMAND)).toHaveLength(3);
  expect(prompt).not.toContain("line of output");
});

test("a chain of stored responses goes on from it", async () => {
  const stage = await startStage({}, { state: { store: true } });
  stage.upstream.play(say(GOOD), say("The answer."), say("Another."));
  const first = jsonOf(await ask(stage.url, body({ input: [...session(), user("Which port?")], ...above(3000) })));
  const second = await ask(stage.url, body({ previous_response_id: first["id"] ?? null, input: "And now?", ...above(3000) }));
  expect(second.status, second.text).toBe(200);
  const prompt = promptOf(stage.upstream.exchanges[2]);
  expect(prompt).toMatch(/MARK-OF-THE-MODEL[^]*Which port\?[^]*The answer\.[^]*And now\?$/);
  expect(prompt).not.toContain("line of output");
});

/** Calls a tool. */
const callTool = (exchange: UpstreamExchange): void => {
  const call = { index: 0, id: "call_next", type: "function", function: { name: "shell", arguments: '{"command":"ls"}' } };
  exchange.send(delta({ tool_calls: [call] }) + finish("tool_calls") + usage() + DONE);
  exchange.end();
};
const TOOLS = { tools: [{ type: "function", name: "shell", parameters: { type: "object", properties: { command: { type: "string" } } } }] };

test("in the middle of a tool loop: the latest output stays as it is, and the next one finds its call", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD), callTool, say("Done."));
  const loop = [
    { type: "function_call", call_id: "call_last", name: "shell", arguments: '{"command":"cat port"}' },
    { type: "function_call_output", call_id: "call_last", output: "4917, as it was" },
  ];
  const first = lastResponse(
    eventsOf(await ask(stage.url, body({ input: [...session(), ...loop], ...above(3000), ...TOOLS, stream: true }))),
  );
  expect(typesOfOutput(first)).toEqual(["function_call", "compaction"]);
  expect(promptOf(stage.upstream.exchanges[1])).toMatch(/MARK-OF-THE-MODEL[^]*4917, as it was$/);
  const result = { type: "function_call_output", call_id: "call_next", output: "port" };
  const input = [...asList(first["output"]), result];
  expect(outputText(jsonOf(await ask(stage.url, body({ input, ...TOOLS, ...above(3000) }))))).toBe("Done.");
  const messages = asList(stage.upstream.exchanges[2]?.request.json["messages"]).map(asObject);
  expect(messages.map((message) => message?.["role"]).slice(-4)).toEqual(["assistant", "tool", "assistant", "tool"]);
  expect(messages.at(-1)).toMatchObject({ tool_call_id: "call_next", content: "port" });
  expect((await stage.log.ended(1)).end?.losses).toEqual([]);
});

test("a threshold that no compaction can reach does not compact at each turn", async () => {
  const stage = await startStage();
  let summaries = 0;
  stage.upstream.always((exchange) => {
    const isSummary = promptOf(exchange).includes("<record>");
    summaries += isSummary ? 1 : 0;
    return say(isSummary ? GOOD : "Yes.")(exchange);
  });
  let input: Json[] = [{ type: "message", role: "developer", content: "A long rule. ".repeat(1000) }, ...session()];
  for (let turn = 0; turn < 6; turn++) {
    input.push(user(`Question ${turn}.`));
    const response = jsonOf(await ask(stage.url, body({ input, ...above(1000) })));
    input = [...input, ...asList(response["output"])];
  }
  expect(summaries).toBe(1);
});

test("a model that does not sum up costs no turn its answer", async () => {
  const stage = await startStage();
  stage.upstream.play(say(""), say(""), say("The answer."));
  const answer = await ask(stage.url, body({ input: [...session(), user("Which port?")], ...above(3000) }));
  expect(typesOfOutput(jsonOf(answer))).toEqual(["message", "compaction"]);
  expect(answer.headers["x-waystation-loss"]).toContain("lowered compaction.extract");
  expect(promptOf(stage.upstream.exchanges[2])).toContain(DEMAND);
});

test("an answer that was cut keeps its status beside a compaction", async () => {
  const stage = await startStage();
  const cut = (exchange: UpstreamExchange): void => {
    exchange.send(delta({ content: "Half of" }) + finish("length") + usage() + DONE);
    exchange.end();
  };
  stage.upstream.play(say(GOOD), cut);
  const response = lastResponse(
    eventsOf(await ask(stage.url, body({ input: [...session(), user("Which?")], ...above(3000), stream: true }))),
  );
  expect(response).toMatchObject({ status: "incomplete", output: [{ type: "message", status: "incomplete" }, { type: "compaction" }] });
  compactionOf(response["output"]);
});

test("attachments that a blob cannot hold are left out of it, and the conversation goes on", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD), say("The answer."), say("Another."));
  // Random text, which no compression makes short.
  const image = (): JsonObject => ({
    type: "input_image",
    image_url: `data:image/png;base64,${randomBytes(9_000_000).toString("base64")}`,
  });
  const shown = (text: string): JsonObject => ({
    type: "message",
    role: "user",
    content: [{ type: "input_text", text }, image(), image()],
  });
  const input = [...session(), shown("Which port?")];
  const first = jsonOf(await ask(stage.url, body({ input, ...above(3000) })));
  expect(compactionOf(first["output"]).encrypted_content.length).toBeLessThan(100_000);
  const second = await ask(stage.url, body({ input: [...asList(first["output"]), user("And now?")] }));
  expect(second.status, second.text).toBe(200);
  expect(promptOf(stage.upstream.exchanges[2])).toContain("Which port?");
});

test("a second compaction keeps what the first one knew", async () => {
  const stage = await startStage();
  const stated = {
    ...GOOD,
    decisions: Array.from({ length: 40 }, (_, index) => `Decision ${index} holds, for a reason that takes some words to say.`),
  };
  stage.upstream.play(say(stated), say("The answer."), say({ ...stated, next: "SECOND-MARK" }), say("Another."), say("A third."));
  const first = jsonOf(await ask(stage.url, body({ input: [...session(), user("Which port?")], ...above(3000) })));
  const input = [...asList(first["output"]), ...session(1).slice(2), user("And now?")];
  const second = jsonOf(await ask(stage.url, body({ input, ...above(2000) })));
  expect(promptOf(stage.upstream.exchanges[2])).toContain("Decision 39");
  await ask(stage.url, body({ input: [...asList(second["output"]), user("Go on.")] }));
  const prompt = promptOf(stage.upstream.exchanges[4]);
  expect(prompt).toContain("SECOND-MARK");
  expect(prompt).toContain("Decision 39");
});

test("counting tells what a compacted window costs", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD));
  const { output } = jsonOf(await ask(stage.url, { model: "m", input: session() }, { path: "/v1/responses/compact" }));
  const count = async (input: Json): Promise<number> =>
    Number(jsonOf(await ask(stage.url, { model: "m", input }, { path: "/v1/responses/input_tokens" }))["input_tokens"]);
  expect(await count(output ?? [])).toBeLessThan((await count(session())) / 5);
});

test.each<[string, Json, JsonObject]>([
  [
    "a threshold below the least",
    [{ type: "compaction", compact_threshold: 999 }],
    { code: "integer_below_min_value", param: "context_management[0].compact_threshold" },
  ],
  ["an unknown kind", [{ type: "pruning" }], { code: "invalid_value", param: "context_management[0].type" }],
  ["no list", { type: "compaction" }, { code: "invalid_type", param: "context_management" }],
])("%s is refused", async (_, context_management, error) => {
  const stage = await startStage();
  expect(errorOf(await ask(stage.url, body({ context_management })))).toMatchObject({
    status: 400,
    type: "invalid_request_error",
    ...error,
  });
});
