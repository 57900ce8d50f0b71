// Stored responses and conversations by OpenAI's own SDK: what it creates is there when it asks for it, in the form that it reads.
import OpenAI from "openai";
import { expect, test } from "vitest";
import { asList, asObject, type JsonObject } from "../../src/kit/json.ts";
import { whole } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";

const KEEPS = { state: { store: true } };

const client = (stage: Stage, apiKey = "unused"): OpenAI =>
  new OpenAI({ apiKey, baseURL: `${stage.url}/v1`, maxRetries: 0, timeout: 20_000 });

/** A gateway whose model answers `answer 0`, `answer 1`, ... */
async function start(more: JsonObject = {}): Promise<Stage> {
  const stage = await startStage({}, { ...KEEPS, ...more });
  stage.upstream.always((exchange) => exchange.answer(200, whole(`answer ${stage.upstream.exchanges.length - 1}`)));
  return stage;
}

/** What the model was told in its request of this number, as `role: text`. */
function told(stage: Stage, number: number): string[] {
  const messages = asList(stage.upstream.exchanges[number]?.request.json["messages"]);
  return messages.map((message) => `${String(asObject(message)?.["role"])}: ${String(asObject(message)?.["content"])}`);
}

test("a response is retrieved as it was told, and continued, with forks and without its instructions", async () => {
  const stage = await start();
  const { responses } = client(stage);
  const first = await responses.create({ model: "m", input: "one", instructions: "Be brief.", metadata: { a: "b" } });
  expect(first).toMatchObject({ store: true, previous_response_id: null });
  expect(await responses.retrieve(first.id)).toEqual(first);
  const second = await responses.create({ model: "m", input: "two", previous_response_id: first.id, instructions: "Be kind." });
  expect(second.previous_response_id).toBe(first.id);
  expect(told(stage, 1)).toEqual(["system: Be kind.", "user: one", "assistant: answer 0", "user: two"]);
  await responses.create({ model: "m", input: [{ role: "user", content: "three" }], previous_response_id: first.id });
  expect(told(stage, 2)).toEqual(["user: one", "assistant: answer 0", "user: three"]);
  const fork = await responses.create({ model: "m", input: "four", previous_response_id: second.id });
  expect(told(stage, 3)).toEqual(["user: one", "assistant: answer 0", "user: two", "assistant: answer 1", "user: four"]);

  // What is deleted is gone for whoever asks for it, and stays in what was built on it.
  await responses.delete(second.id);
  await expect(responses.retrieve(second.id)).rejects.toMatchObject({ status: 404, message: expect.stringContaining(second.id) });
  await responses.create({ model: "m", input: "five", previous_response_id: fork.id });
  expect(told(stage, 4).slice(2)).toEqual(["user: two", "assistant: answer 1", "user: four", "assistant: answer 3", "user: five"]);
  const gone = responses.create({ model: "m", input: "six", previous_response_id: second.id });
  await expect(gone).rejects.toMatchObject({ status: 400, code: "previous_response_not_found", param: "previous_response_id" });
  expect(stage.upstream.exchanges).toHaveLength(5);
});

test("input items come newest first, page by page, with their history", async () => {
  const stage = await start();
  const { responses } = client(stage);
  const image = "data:image/png;base64,aGk=";
  const first = await responses.create({
    model: "m",
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: "look" },
          { type: "input_image", image_url: image, detail: "auto" },
        ],
      },
    ],
  });
  const second = await responses.create({ model: "m", input: "and now?", previous_response_id: first.id });
  const texts = async (query: OpenAI.Responses.InputItemListParams): Promise<string[]> => {
    const found: string[] = [];
    for await (const item of responses.inputItems.list(second.id, query)) {
      expect(item.id).toMatch(/^msg_/);
      if (item.type === "message") found.push(`${item.role} ${item.status}: ${JSON.stringify(item.content)}`);
    }
    return found;
  };
  const [newest, answer, oldest] = await texts({ limit: 2 });
  expect(newest).toBe('user completed: [{"type":"input_text","text":"and now?"}]');
  expect(answer).toContain("answer 0");
  expect(oldest).toContain('"image_url":null');
  expect((await texts({ order: "asc", include: ["message.input_image.image_url"] }))[0]).toContain(image);
  const page = await responses.inputItems.list(second.id, { limit: 1, order: "asc" });
  expect(page).toMatchObject({ has_more: true, data: [{ role: "user" }] });
});

test("an item is named instead of sent", async () => {
  const stage = await start();
  const { responses } = client(stage);
  const first = await responses.create({ model: "m", input: "one" });
  const [answer] = first.output;
  await responses.create({
    model: "m",
    input: [
      { type: "item_reference", id: answer?.id ?? "" },
      { role: "user", content: "two" },
    ],
  });
  expect(told(stage, 1)).toEqual(["assistant: answer 0", "user: two"]);
  const unknown = responses.create({ model: "m", input: [{ type: "item_reference", id: "rs_unknown" }] });
  await expect(unknown).rejects.toMatchObject({
    status: 404,
    param: "input",
    message: expect.stringContaining("Item with id 'rs_unknown' not found. Items are not persisted when `store` is set to false."),
  });
});

test("a conversation gathers what is said in it", async () => {
  const stage = await start();
  const { responses, conversations } = client(stage);
  const empty = await conversations.create();
  expect(empty).toEqual({ id: empty.id, object: "conversation", created_at: empty.created_at, metadata: {} });
  const conversation = await conversations.create({ metadata: { topic: "demo" }, items: [{ role: "user", content: "before" }] });
  const { id } = conversation;
  expect(await conversations.retrieve(id)).toEqual(conversation);
  const reply = await responses.create({ model: "m", input: "one", conversation: id });
  expect(reply).toMatchObject({ conversation: { id }, previous_response_id: null });
  expect(told(stage, 0)).toEqual(["user: before\n\none"]);
  await responses.create({ model: "m", input: "two", conversation: { id }, store: false });
  expect(told(stage, 1)).toEqual(["user: before\n\none", "assistant: answer 0", "user: two"]);

  const added = await conversations.items.create(id, { items: [{ role: "user", content: "aside" }] });
  expect(added).toMatchObject({ object: "list", has_more: false, data: [{ type: "message", role: "user", status: "completed" }] });
  const items: OpenAI.Conversations.ConversationItem[] = [];
  for await (const item of conversations.items.list(id, { order: "asc", limit: 2 })) items.push(item);
  const roles = items.map((item) => (item.type === "message" ? item.role : item.type));
  expect(roles).toEqual(["user", "user", "assistant", "user", "assistant", "user"]);
  const said = items[2];
  expect(said).toEqual(reply.output[0]);
  const itemId = said !== undefined && "id" in said ? (said.id ?? "") : "";
  expect(await conversations.items.retrieve(itemId, { conversation_id: id })).toEqual(said);
  expect(await conversations.items.delete(itemId, { conversation_id: id })).toEqual(conversation);
  await expect(conversations.items.retrieve(itemId, { conversation_id: id })).rejects.toMatchObject({ status: 404 });
  await responses.create({ model: "m", input: "three", conversation: id });
  expect(told(stage, 2)).toEqual(["user: before\n\none\n\ntwo", "assistant: answer 1", "user: aside\n\nthree"]);

  expect(await conversations.update(id, { metadata: { topic: "other" } })).toEqual({ ...conversation, metadata: { topic: "other" } });
  expect(await conversations.delete(id)).toEqual({ id, object: "conversation.deleted", deleted: true });
  await expect(conversations.retrieve(id)).rejects.toMatchObject({ status: 404 });
  await expect(responses.create({ model: "m", input: "x", conversation: id })).rejects.toMatchObject({
    status: 404,
    param: "conversation",
  });
  // The response that was made in it knows it still, and so does whoever continues it or names an item of it.
  expect(await responses.retrieve(reply.id)).toEqual(reply);
  await responses.create({ model: "m", input: "four", previous_response_id: reply.id });
  expect(told(stage, 3)).toEqual(["user: before\n\none", "assistant: answer 0", "user: four"]);
  await responses.create({
    model: "m",
    input: [
      { type: "item_reference", id: reply.output[0]?.id ?? "" },
      { role: "user", content: "five" },
    ],
  });
  expect(told(stage, 4)).toEqual(["assistant: answer 0", "user: five"]);
});

test("input tokens are counted, with the history", async () => {
  const stage = await start();
  const { responses } = client(stage);
  const first = await responses.create({ model: "m", input: "word ".repeat(400) });
  const { data: short, response } = await responses.inputTokens.count({ model: "m", input: "hi" }).withResponse();
  expect(short.object).toBe("response.input_tokens");
  expect(response.headers.get("x-waystation-usage")).toBe("estimated");
  const long = await responses.inputTokens.count({ model: "m", input: "hi", previous_response_id: first.id });
  expect(short.input_tokens).toBeGreaterThan(0);
  expect(long.input_tokens).toBeGreaterThan(short.input_tokens + 300);
  expect((await responses.inputTokens.count({ input: "hi" })).input_tokens).toBeGreaterThan(0);
  await expect(responses.inputTokens.count({ model: "m", input: 5 as never })).rejects.toMatchObject({ status: 400, param: "input" });
  expect(stage.upstream.exchanges).toHaveLength(1);
});

test("a key sees only what is its own", async () => {
  const [mine, other] = ["wk_mine_0123456789abcdef", "wk_other_0123456789abcdef"];
  const stage = await start({ server: { keys: [mine, other] } });
  const me = client(stage, mine);
  const another = client(stage, other);
  const response = await me.responses.create({ model: "m", input: "one" });
  const conversation = await me.conversations.create({ items: [{ role: "user", content: "x" }] });
  expect((await me.responses.retrieve(response.id)).id).toBe(response.id);
  const attempts = [
    () => another.responses.retrieve(response.id),
    () => another.responses.delete(response.id),
    () => another.responses.cancel(response.id),
    () => another.responses.inputItems.list(response.id),
    () => another.conversations.retrieve(conversation.id),
    () => another.conversations.update(conversation.id, { metadata: {} }),
    () => another.conversations.items.list(conversation.id),
    () => another.conversations.delete(conversation.id),
    () => another.responses.create({ model: "m", input: [{ type: "item_reference", id: response.output[0]?.id ?? "" }] }),
    () => another.responses.create({ model: "m", input: "x", conversation: conversation.id }),
  ];
  for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ status: 404 });
  const continued = another.responses.create({ model: "m", input: "x", previous_response_id: response.id });
  await expect(continued).rejects.toMatchObject({ status: 400, code: "previous_response_not_found" });
  expect((await me.responses.retrieve(response.id)).id).toBe(response.id);
  expect(stage.upstream.exchanges).toHaveLength(1);
});
