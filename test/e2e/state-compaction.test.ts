// Compaction and truncation beside stored state: in the background, in conversations, in chains; what is stored stays whole.
import OpenAI from "openai";
import { expect, test } from "vitest";
import { asList, asObject, type Json, type JsonObject } from "../../src/kit/json.ts";
import { whole } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { validateSse } from "../support/validate-stream.ts";
import { ask, body, eventsOf, jsonOf, lastResponse, outputText, typesOf } from "./client.ts";
import { compactionOf, DEMAND, GOOD, promptOf, say, session, user } from "./compaction-words.ts";

const TRIGGER = { type: "compaction_trigger" };
const COMPACT = { path: "/v1/responses/compact" };
const above = { context_management: [{ type: "compaction", compact_threshold: 3000 }] };

const start = (more: JsonObject = {}): Promise<Stage> => startStage({}, { state: { store: true }, ...more });
const client = (stage: Stage): OpenAI => new OpenAI({ apiKey: "unused", baseURL: `${stage.url}/v1`, maxRetries: 0, timeout: 20_000 });
const get = async (stage: Stage, path: string): Promise<string> => (await fetch(stage.url + path)).text();
const lastPrompt = (stage: Stage): string => promptOf(stage.upstream.exchanges.at(-1));
const json = async (stage: Stage, path: string): Promise<JsonObject> => asObject(JSON.parse(await get(stage, path)) as Json) ?? {};

test("a trigger in the background is polled, resumed and continued like any response", async () => {
  const stage = await start();
  stage.upstream.play(say(GOOD), say("Going on."));
  const queued = jsonOf(await ask(stage.url, body({ input: [...session(), TRIGGER], background: true })));
  expect(queued).toMatchObject({ status: "queued", output: [] });
  const path = `/v1/responses/${String(queued["id"])}`;
  await expect.poll(async () => (await json(stage, path))["status"]).toBe("completed");
  const done = await json(stage, path);
  compactionOf(done["output"]);
  expect(done["usage"]).toMatchObject({ total_tokens: 110 });
  await ask(stage.url, body({ previous_response_id: queued["id"] ?? null, input: "Go on." }));
  expect(lastPrompt(stage)).toMatch(/MARK-OF-THE-MODEL[^]*Go on\.$/);
});

test("a trigger in the background, streamed: the same events live and replayed", async () => {
  const stage = await start();
  stage.upstream.play(say(GOOD));
  const answer = await ask(stage.url, body({ input: [...session(), TRIGGER], background: true, stream: true }));
  const events = eventsOf(answer);
  expect(typesOf(events)).toEqual(["created", "queued", "in_progress", "output_item.added", "output_item.done", "completed"]);
  const path = `/v1/responses/${String(lastResponse(events)["id"])}?stream=true`;
  expect(await get(stage, path)).toBe(answer.text);
  const resumed = await get(stage, `${path}&starting_after=2`);
  expect(validateSse(resumed, { resumeAfter: events.slice(0, 3) })).toEqual([]);
});

test("a compaction in the background can be cancelled while the model sums up", async () => {
  const stage = await start();
  stage.upstream.play((exchange) => exchange.begin());
  const queued = jsonOf(await ask(stage.url, body({ input: [...session(), TRIGGER], background: true })));
  const asked = await stage.upstream.request(0);
  const cancelled = await client(stage).responses.cancel(String(queued["id"]));
  expect(cancelled).toMatchObject({ status: "cancelled", output: [], error: null });
  await asked.closed;
});

test("a conversation in which a compaction was made goes on from it, and keeps all its items", async () => {
  const stage = await start();
  stage.upstream.play(say("First answer."), say(GOOD), say("Third answer."), say(GOOD), say("Fourth answer."));
  const conversation = (await client(stage).conversations.create()).id;
  await ask(stage.url, body({ conversation, input: session() }));
  await ask(stage.url, body({ conversation, input: [TRIGGER] }));
  await ask(stage.url, body({ conversation, input: "Go on." }));
  expect(lastPrompt(stage)).toMatch(/MARK-OF-THE-MODEL[^]*Go on\.$/);
  expect(lastPrompt(stage)).not.toMatch(/First answer\.|line of output/);
  const list = await json(stage, `/v1/conversations/${conversation}/items?limit=100&order=asc`);
  const types = asList(list["data"]).map((item) => asObject(item)?.["type"]);
  expect(types.filter((type) => type === "compaction")).toHaveLength(1);
  expect(types.slice(-4)).toEqual(["message", "compaction", "message", "message"]);
  expect(types).toContain("function_call_output");
});

test("a threshold passed in a conversation: the compaction is kept in it after the answer, and the next turn starts from there", async () => {
  const stage = await start();
  stage.upstream.play(say("First answer."), say(GOOD), say("The answer."), say("Another."));
  const conversation = (await client(stage).conversations.create()).id;
  await ask(stage.url, body({ conversation, input: session() }));
  const second = jsonOf(await ask(stage.url, body({ conversation, input: "Which port?", ...above })));
  expect(asList(second["output"])).toMatchObject([{ type: "message" }, { type: "compaction" }]);
  await ask(stage.url, body({ conversation, input: "And now?", ...above }));
  expect(lastPrompt(stage)).toMatch(/MARK-OF-THE-MODEL[^]*Which port\?[^]*The answer\.[^]*And now\?$/);
  expect(lastPrompt(stage)).not.toMatch(/line of output|First answer\./);
  expect(stage.upstream.exchanges).toHaveLength(4);
});

test.each([true, false])(
  "truncation: auto in a conversation cuts what the model gets and nothing that is kept (stream: %s)",
  async (stream) => {
    const stage = await start({ models: { m: { provider: "box", context_window: 4000 } } });
    stage.upstream.always(say("Yes."));
    const conversation = (await client(stage).conversations.create()).id;
    const long = (number: number): string => `question ${number} ${"word ".repeat(400)}`;
    const wish = { conversation, truncation: "auto", max_output_tokens: 1000, stream };
    for (let number = 0; number < 8; number++) await ask(stage.url, body({ ...wish, input: long(number) }));
    const answer = await ask(stage.url, body({ ...wish, input: "last" }));
    const response = stream ? lastResponse(eventsOf(answer)) : jsonOf(answer);
    expect(response).toMatchObject({ truncation: "auto", conversation: { id: conversation } });
    expect(answer.headers["x-waystation-loss"]).toContain("dropped truncation.message[0]");
    expect(lastPrompt(stage)).not.toContain("question 0 ");
    expect(lastPrompt(stage)).toMatch(/question 7 [^]*last$/);
    const list = await json(stage, `/v1/conversations/${conversation}/items?limit=100&order=asc`);
    expect(asList(list["data"])).toHaveLength(18);
    expect(JSON.stringify(list)).toContain("question 0 ");
  },
);

test("the compact route takes a stored response with no input of its own, or with more", async () => {
  const stage = await start();
  stage.upstream.play(say("First answer."), say(GOOD), say(GOOD));
  const { id } = jsonOf(await ask(stage.url, body({ input: session() })));
  for (const input of [[], [user("And this.")]]) {
    const { output } = jsonOf(await ask(stage.url, { model: "m", previous_response_id: id ?? null, input }, COMPACT));
    const said = asList(output).slice(0, -1);
    expect(said.map((item) => asObject(asList(asObject(item)?.["content"])[0])?.["text"])).toEqual([
      `Make the parser work. ${DEMAND}`,
      ...(input.length > 0 ? ["And this."] : []),
    ]);
    compactionOf(output);
    expect(lastPrompt(stage)).toContain("First answer.");
  }
});

test("the SDK compacts a stored response, and its answer is neither retrieved nor continued", async () => {
  const stage = await start();
  stage.upstream.play((exchange) => exchange.answer(200, whole("First answer.")), say(GOOD), say("Going on."));
  const { responses } = client(stage);
  // The session is made of input items; its type is that of any JSON.
  const first = await responses.create({ model: "m", input: session() as unknown as OpenAI.Responses.ResponseInput });
  const compacted = await responses.compact({ model: "m", previous_response_id: first.id });
  expect(compacted).toMatchObject({ object: "response.compaction", usage: { total_tokens: 110 } });
  expect(compacted.output.map((item) => item.type)).toEqual(["message", "compaction"]);
  await expect(responses.retrieve(compacted.id)).rejects.toMatchObject({ status: 404 });
  const continued = responses.create({ model: "m", input: "x", previous_response_id: compacted.id });
  await expect(continued).rejects.toMatchObject({ status: 400, code: "previous_response_not_found" });
  const head = compacted.output as unknown as OpenAI.Responses.ResponseInput;
  const next = await responses.create({ model: "m", input: [...head, { role: "user", content: "Go on." }] });
  expect(next.output_text).toBe("Going on.");
  expect(lastPrompt(stage)).toMatch(/MARK-OF-THE-MODEL[^]*Go on\.$/);
});

test("what stood before a compaction can be had back: from the response before it, and from its input items", async () => {
  const stage = await start();
  stage.upstream.play(say("First answer."), say(GOOD), say("Once more."));
  const { responses } = client(stage);
  const first = jsonOf(await ask(stage.url, body({ input: session() })));
  const second = jsonOf(await ask(stage.url, body({ previous_response_id: first["id"] ?? null, input: [TRIGGER] })));
  const items: OpenAI.Responses.ResponseItem[] = [];
  for await (const item of responses.inputItems.list(String(second["id"]), { order: "asc" })) items.push(item);
  expect(items.map((item) => item.type).slice(0, 4)).toEqual(["message", "message", "function_call", "function_call_output"]);
  const fork = jsonOf(await ask(stage.url, body({ previous_response_id: first["id"] ?? null, input: "As it was." })));
  expect(outputText(fork)).toBe("Once more.");
  expect(lastPrompt(stage)).toContain("line of output");
});
