// context_management near its threshold: there the tokens are counted, by the server or a tokenizer, as far as the target has one; far
// from it nobody is asked.
import { expect, test } from "vitest";
import { asList, asObject, type Json, type JsonObject } from "../../src/kit/json.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, jsonOf } from "./client.ts";
import { GOOD, promptOf, say, session, user } from "./compaction-words.ts";

/** A stage whose server says that every prompt has so many tokens, or nothing where it is null. */
async function start(tokens: number | null, provider: JsonObject = { kind: "vllm" }, model = "nobody-knows"): Promise<Stage> {
  const stage = await startStage({}, { models: { m: { provider: "box", model } } }, provider);
  stage.upstream.always((exchange) => {
    if (exchange.request.path.endsWith("/tokenize")) return exchange.answer(tokens === null ? 500 : 200, { count: tokens, tokens: [] });
    return say(promptOf(exchange).includes("<record>") ? GOOD : "The answer.")(exchange);
  });
  return stage;
}

const asked = (stage: Stage): number => stage.upstream.exchanges.filter(({ request }) => request.path.endsWith("/tokenize")).length;

/** Whether a turn of this input, which has about 5,500 tokens by its bytes unless told otherwise, was compacted. */
async function compacts(stage: Stage, threshold: number, input: Json = [...session(), user("Which port?")]): Promise<boolean> {
  const context_management: JsonObject[] = [{ type: "compaction", compact_threshold: threshold }];
  const answer = await ask(stage.url, body({ input, context_management }));
  expect(answer.status, answer.text).toBe(200);
  return asList(jsonOf(answer)["output"]).some((item) => asObject(item)?.["type"] === "compaction");
}

test.each([
  ["fewer than its bytes tell: it stays as it is", 3000, 4000, false],
  ["more than its bytes tell: it is compacted", 9000, 7000, true],
])("the server counts %s", async (_, tokens, threshold, expected) => {
  const stage = await start(tokens);
  expect(await compacts(stage, threshold)).toBe(expected);
  expect(asked(stage)).toBe(1);
});

test.each([
  ["far below", 100_000, false],
  ["far above", 1000, true],
])("%s the threshold nobody is asked", async (_, threshold, expected) => {
  const stage = await start(1);
  expect(await compacts(stage, threshold)).toBe(expected);
  expect(asked(stage)).toBe(0);
});

test("a server that does not count leaves it to the bytes", async () => {
  const stage = await start(null);
  expect(await compacts(stage, 4000)).toBe(true);
  expect(asked(stage)).toBe(1);
});

test.each([
  ["nobody-knows", true],
  ["gpt-4o", false],
])("words of five letters are fewer tokens than their bytes tell, where the vocabulary is known (%s)", async (model, expected) => {
  const input = [
    user("Read the words."),
    { type: "function_call", call_id: "call_1", name: "read", arguments: "{}" },
    { type: "function_call_output", call_id: "call_1", output: "word ".repeat(4000) },
    { role: "assistant", content: "I have read them." },
    user("How many?"),
  ];
  expect(await compacts(await start(null, {}, model), 4500, input)).toBe(expected);
});
