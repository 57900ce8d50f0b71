// `include` where stored things are read: what a client gets unasked, what it has to ask for, in both ways in which SDKs write lists.
import { expect, test } from "vitest";
import { asList, asObject, parseJson, type Json, type JsonObject } from "../../src/kit/json.ts";
import { whole } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, jsonOf } from "./client.ts";
import { compactionOf, GOOD, say, session } from "./compaction-words.ts";

const IMAGE = "data:image/png;base64,aGk=";
const input = [{ role: "user", content: [{ type: "input_image", image_url: IMAGE, detail: "auto" }] }];
/** Two spellings of a query for these. */
const spellings = (...names: string[]): string[] => [
  names.map((name) => `include[]=${name}`).join("&"),
  names.map((name) => `include=${name}`).join("&"),
];

async function get(stage: Stage, path: string): Promise<JsonObject> {
  return asObject(parseJson(await (await fetch(stage.url + path)).text())) ?? {};
}

/** A reply that thinks, and tells the probabilities of what it says. */
function thoughtful(): JsonObject {
  const logprobs = { content: [{ token: "Hi", logprob: -0.1, bytes: [72, 105], top_logprobs: [] }] };
  const message = { role: "assistant", content: "Hi", reasoning_content: "A greeting." };
  return whole("", { choices: [{ index: 0, message, finish_reason: "stop", logprobs }] });
}

const partOf = (response: JsonObject): JsonObject | undefined => {
  const message = asList(response["output"])
    .map(asObject)
    .find((item) => item?.["type"] === "message");
  return asObject(asList(message?.["content"])[0]);
};
const sealOf = (response: JsonObject): Json => {
  const reasoning = asList(response["output"])
    .map(asObject)
    .find((item) => item?.["type"] === "reasoning");
  expect(reasoning).toBeDefined();
  return reasoning?.["encrypted_content"] ?? null;
};

test("a retrieved response has sealed reasoning and probabilities where they are asked for, then or when it was made", async () => {
  const stage = await startStage({}, { state: { store: true } });
  stage.upstream.always((exchange) => exchange.answer(200, thoughtful()));
  const probabilities = { top_logprobs: 1, include: ["message.output_text.logprobs"] };
  const plain = `/v1/responses/${String(jsonOf(await ask(stage.url, body()))["id"])}`;
  expect(sealOf(await get(stage, plain))).toBeNull();
  for (const query of spellings("reasoning.encrypted_content")) expect(sealOf(await get(stage, `${plain}?${query}`))).toMatch(/^ws1\./);

  const made = jsonOf(await ask(stage.url, body(probabilities)));
  expect(partOf(made)?.["logprobs"]).toMatchObject([{ token: "Hi" }]);
  expect(partOf(await get(stage, `/v1/responses/${String(made["id"])}`))?.["logprobs"]).toMatchObject([{ token: "Hi" }]);
  // What it leans on later is whole, whatever a reader is shown.
  await ask(stage.url, body({ previous_response_id: plain.slice("/v1/responses/".length), input: "And?" }));
  const messages = asList(stage.upstream.exchanges.at(-1)?.request.json["messages"]).map(asObject);
  expect(messages.find((message) => message?.["role"] === "assistant")).toMatchObject({ content: "Hi" });
});

test("lists of items show an image's URL where that is asked for", async () => {
  const stage = await startStage({}, { state: { store: true } });
  stage.upstream.always((exchange) => exchange.answer(200, whole("ok")));
  const conversation = String(jsonOf(await ask(stage.url, { items: input }, { path: "/v1/conversations" }))["id"]);
  const { id } = jsonOf(await ask(stage.url, body({ input })));
  const list = `/v1/conversations/${conversation}/items`;
  const item = String(asObject(asList((await get(stage, list))["data"])[0])?.["id"]);
  for (const path of [`/v1/responses/${String(id)}/input_items`, list, `${list}/${item}`]) {
    expect(JSON.stringify(await get(stage, path)), path).toContain('"image_url":null');
    for (const query of spellings("message.input_image.image_url"))
      expect(JSON.stringify(await get(stage, `${path}?${query}`)), `${path}?${query}`).toContain(IMAGE);
    expect(await get(stage, `${path}?include=everything`)).toMatchObject({ error: { param: "include[0]", code: "invalid_value" } });
  }
  const added = await ask(stage.url, { items: input }, { path: `${list}?include[]=message.input_image.image_url` });
  expect(added.text).toContain(IMAGE);
});

test("a compaction's blob is always shown: without it the item is worth nothing", async () => {
  const stage = await startStage({}, { state: { store: true } });
  stage.upstream.play(say(GOOD), say("Yes."));
  const made = jsonOf(await ask(stage.url, body({ input: [...session(), { type: "compaction_trigger" }] })));
  const path = `/v1/responses/${String(made["id"])}`;
  expect(compactionOf((await get(stage, path))["output"])).toEqual(compactionOf(made["output"]));
  const next = jsonOf(await ask(stage.url, body({ previous_response_id: made["id"] ?? null, input: "Go on." })));
  const items = asList((await get(stage, `/v1/responses/${String(next["id"])}/input_items`))["data"]);
  expect(compactionOf(items)).toEqual(compactionOf(made["output"]));
});
