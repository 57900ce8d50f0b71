// Background responses: queued at once, polled, cancelled, and their streams resumed with the numbers of the first telling.
import { get } from "node:http";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { asObject, type JsonObject } from "../../src/kit/json.ts";
import { DONE, finish, stream, text, usage, whole } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { validateEvents, validateSse } from "../support/validate-stream.ts";
import {
  ask,
  body,
  errorOf,
  eventsOf,
  finished,
  jsonOf,
  lastResponse,
  openReply,
  outputText,
  send,
  typesOf,
  type OpenReply,
} from "./client.ts";

const client = (stage: Stage): OpenAI => new OpenAI({ apiKey: "unused", baseURL: `${stage.url}/v1`, maxRetries: 0, timeout: 20_000 });

const start = (limits: JsonObject = {}): Promise<Stage> => startStage(limits, { state: { store: true } });

/** Opens a GET whose reply comes bit by bit. */
function read(stage: Stage, path: string): Promise<OpenReply> {
  return new Promise((resolve, reject) => {
    const outgoing = get(stage.url + path, { agent: false }, (incoming) => resolve(openReply(outgoing, incoming)));
    outgoing.on("error", reject);
  });
}

/** The first event's response of a stream that is still coming. */
function createdIn(reply: OpenReply): JsonObject {
  const [, data = "{}"] = /^data: (.*)$/m.exec(reply.text()) ?? [];
  return asObject(asObject(JSON.parse(data) as JsonObject)?.["response"]) ?? {};
}

test("a response is queued at once, polled, and complete in its time, though its client has left", async () => {
  const stage = await start();
  const { responses } = client(stage);
  const release = Promise.withResolvers<void>();
  stage.upstream.play(async (exchange) => {
    await release.promise;
    exchange.answer(200, whole("at last"));
  });
  const queued = await responses.create({ model: "m", input: "Take your time.", background: true });
  expect(queued).toMatchObject({ status: "queued", background: true, store: true, output: [], usage: null, completed_at: null });
  await stage.upstream.request(0);
  await expect.poll(async () => (await responses.retrieve(queued.id)).status).toBe("in_progress");
  expect(await responses.retrieve(queued.id)).toMatchObject({ output: [], usage: null });
  await expect(responses.delete(queued.id)).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining("Cannot delete an in-flight response."),
  });
  const early = responses.create({ model: "m", input: "And?", previous_response_id: queued.id });
  await expect(early).rejects.toMatchObject({ status: 400, param: "previous_response_id" });
  release.resolve();
  await expect.poll(async () => (await responses.retrieve(queued.id)).status).toBe("completed");
  const done = await responses.retrieve(queued.id);
  expect(done).toMatchObject({ id: queued.id, created_at: queued.created_at, output_text: "at last", usage: { total_tokens: 110 } });
  const streamed = responses.retrieve(queued.id, { stream: true });
  await expect(streamed).rejects.toMatchObject({ status: 400, param: "stream" });
  await expect(responses.cancel(queued.id)).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining("Cannot cancel a completed response."),
  });
  stage.upstream.play((exchange) => exchange.answer(200, whole("more")));
  expect((await responses.create({ model: "m", input: "And?", previous_response_id: queued.id })).output_text).toBe("more");
  await responses.delete(queued.id);
});

test("a stream that is left goes on, and is resumed at any number, by any reader", async () => {
  const stage = await start();
  const going = Promise.withResolvers<void>();
  stage.upstream.play(async (exchange) => {
    exchange.send(text("Hello"));
    await going.promise;
    exchange.send(text(", world") + finish() + usage(7, 3) + DONE);
    exchange.end();
  });
  const first = await send(stage.url, body({ stream: true, background: true })).reply;
  await first.until("response.output_text.delta");
  const { id, status } = createdIn(first);
  expect(status).toBe("queued");
  first.leave();
  await first.over;
  const seen = [...first.text().matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? "") as JsonObject);
  expect(typesOf(seen)).toEqual(["created", "queued", "in_progress", "output_item.added", "content_part.added", "output_text.delta"]);

  const path = `/v1/responses/${String(id)}?stream=true`;
  const resumed = await read(stage, `${path}&starting_after=${seen.length - 1}`);
  const replayed = await read(stage, path);
  const afterFirst = await read(stage, `${path}&starting_after=0`);
  await replayed.until("response.output_text.delta");
  going.resolve();
  const all = await finished(replayed);
  expect(all.slice(0, seen.length)).toEqual(seen);
  expect(typesOf(all).at(-1)).toBe("completed");
  expect(outputText(lastResponse(all))).toBe("Hello, world");
  expect(await resumed.over).toBe("ended");
  expect(validateSse(resumed.text(), { resumeAfter: seen })).toEqual([]);
  expect(await afterFirst.over).toBe("ended");
  expect(validateSse(afterFirst.text(), { resumeAfter: all.slice(0, 1) })).toEqual([]);
  expect(afterFirst.text()).toMatch(/^event: response\.queued\ndata: {"type":"response\.queued","sequence_number":1,/);

  // Once it is over, it can be read again, and there is nothing after its end.
  expect(eventsOf(await readAll(stage, path))).toEqual(all);
  const nothing = await readAll(stage, `${path}&starting_after=${all.length - 1}`);
  expect(nothing).toMatchObject({ status: 200, text: "" });
  expect(jsonOf(await readAll(stage, `/v1/responses/${String(id)}`))).toEqual(lastResponse(all));
});

async function readAll(stage: Stage, path: string): Promise<{ status: number; headers: OpenReply["headers"]; text: string }> {
  const reply = await read(stage, path);
  expect(await reply.over).toBe("ended");
  return { status: reply.status, headers: reply.headers, text: reply.text() };
}

test("the SDK streams in the background, and resumes where it was", async () => {
  const stage = await start();
  const { responses } = client(stage);
  const going = Promise.withResolvers<void>();
  stage.upstream.play(async (exchange) => {
    exchange.send(text("one "));
    await going.promise;
    exchange.send(text("two") + finish() + usage() + DONE);
    exchange.end();
  });
  const opened = await responses.create({ model: "m", input: "Count.", background: true, stream: true });
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  let id = "";
  for await (const event of opened) {
    events.push(event);
    if (event.type === "response.created") ({ id } = event.response);
    if (event.type === "response.output_text.delta") break;
  }
  going.resolve();
  const rest = await responses.retrieve(id, { stream: true, starting_after: events.at(-1)?.sequence_number ?? 0 });
  for await (const event of rest) events.push(event);
  expect(validateEvents(events)).toEqual([]);
  expect(events.at(-1)?.type).toBe("response.completed");
  const helper = responses.stream({ response_id: id });
  expect((await helper.finalResponse()).output_text).toBe("one two");
});

test("a response is cancelled in mid-stream: its upstream call ends, and its stream too", async () => {
  const stage = await start();
  const { responses } = client(stage);
  stage.upstream.play((exchange) => exchange.send(text("half a")));
  const reply = await send(stage.url, body({ stream: true, background: true })).reply;
  await reply.until("response.output_text.delta");
  const id = String(createdIn(reply)["id"]);
  const cancelled = await responses.cancel(id);
  expect(cancelled).toMatchObject({ id, status: "cancelled", output: [], error: null, completed_at: null });
  await stage.upstream.exchanges[0]?.closed;
  const events = await finished(reply);
  expect(events.at(-1)).toMatchObject({ type: "response.failed", response: { status: "cancelled", output: [] } });
  expect(await responses.cancel(id)).toEqual(cancelled);
  expect(await responses.retrieve(id)).toMatchObject({ ...cancelled });
  expect((await stage.log.ended(0)).end).toMatchObject({ state: "failed", fault: "cancelled" });
});

test("what cannot be cancelled says why", async () => {
  const stage = await start();
  const { responses } = client(stage);
  stage.upstream.play(
    (exchange) => exchange.answer(200, whole("now")),
    (exchange) => exchange.answer(401, { error: { message: "no" } }),
  );
  const { id } = await responses.create({ model: "m", input: "Now." });
  await expect(responses.cancel(id)).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining("Cannot cancel a synchronous response."),
  });
  await expect(responses.cancel("resp_unknown")).rejects.toMatchObject({ status: 404 });
  const failed = await responses.create({ model: "m", input: "Fail.", background: true });
  await expect.poll(async () => (await responses.retrieve(failed.id)).status).toBe("failed");
  expect(await responses.retrieve(failed.id)).toMatchObject({ error: { code: "invalid_api_key" }, output: [], usage: null });
  await expect(responses.cancel(failed.id)).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining("Cannot cancel a failed response."),
  });
});

test("a background response is tried again, as long as it has said nothing", async () => {
  const stage = await start({ retries: 1 });
  stage.upstream.play(
    (exchange) => exchange.answer(503, { error: { message: "busy" } }),
    (exchange) => {
      exchange.send(stream("second try"));
      exchange.end();
    },
  );
  const events = eventsOf(await ask(stage.url, body({ stream: true, background: true })));
  expect(outputText(lastResponse(events))).toBe("second try");
  expect(lastResponse(events)).toMatchObject({ background: true, store: true });
  expect((await stage.log.ended(0)).attempts).toHaveLength(2);
});

test("with store: false it is kept for its time, and is nobody's parent", async () => {
  const stage = await start();
  const { responses } = client(stage);
  stage.upstream.play((exchange) => exchange.answer(200, whole("passing")));
  const queued = await responses.create({ model: "m", input: "x", background: true, store: false });
  expect(queued).toMatchObject({ status: "queued", store: false });
  const { id } = queued;
  await expect.poll(async () => (await responses.retrieve(id)).status).toBe("completed");
  const next = responses.create({ model: "m", input: "y", previous_response_id: id });
  await expect(next).rejects.toMatchObject({ status: 400, code: "previous_response_not_found" });
});

test("a request that cannot be read is refused as any other", async () => {
  const stage = await start();
  expect(errorOf(await ask(stage.url, body({ background: true, model: "unknown" })))).toMatchObject({
    status: 400,
    code: "model_not_found",
  });
  expect(errorOf(await ask(stage.url, body({ background: "yes" })))).toMatchObject({ status: 400, param: "background" });
});

test("queries that make no sense are refused", async () => {
  const stage = await start();
  for (const [query, param] of [
    ["stream=true&starting_after=x", "starting_after"],
    ["stream=true&starting_after=-1", "starting_after"],
    ["starting_after=1", "starting_after"],
    ["stream=perhaps", "stream"],
    ["include[]=everything", "include[0]"],
  ] as const) {
    const answer = await readAll(stage, `/v1/responses/resp_1?${query}`);
    expect(errorOf(answer), query).toMatchObject({ status: 400, param });
  }
});
