// A compaction_trigger among the input of POST /v1/responses: one compaction back, streamed or whole, and what its blob is good for.
import { expect, test } from "vitest";
import { ringOf } from "../../src/gateway/key-ring.ts";
import { asList, type JsonObject } from "../../src/kit/json.ts";
import { startGateway, startStage } from "../support/gateway.ts";
import { ask, body, errorOf, eventsOf, finished, jsonOf, lastResponse, send, typesOf } from "./client.ts";
import { compactionOf, DEMAND, GOOD, json, promptOf, say, session, user } from "./compaction-words.ts";

const TRIGGER = { type: "compaction_trigger" };

test.each([true, false])("the reply is one compaction and nothing else (stream: %s)", async (streamed) => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD), say("Going on."));
  const answer = await ask(stage.url, body({ input: [...session(), TRIGGER], stream: streamed, store: false }));
  const response = streamed ? lastResponse(eventsOf(answer)) : jsonOf(answer);
  expect(response).toMatchObject({ status: "completed", usage: { input_tokens: 100, output_tokens: 10, total_tokens: 110 } });
  expect(asList(response["output"])).toHaveLength(1);
  const item = compactionOf(response["output"]);
  if (streamed) {
    expect(typesOf(eventsOf(answer))).toEqual(["created", "in_progress", "output_item.added", "output_item.done", "completed"]);
  }
  expect((await stage.log.ended(0)).end).toMatchObject({ state: "done", usage: { input: 100, output: 10 }, responseId: response["id"] });

  const kept = [user("Make the parser work."), item, user("Go on.")];
  const next = await ask(stage.url, body({ input: kept }));
  expect(next.status, next.text).toBe(200);
  const prompt = promptOf(stage.upstream.exchanges[1]);
  expect(prompt).toMatch(/Make the parser work\.[^]*MARK-OF-THE-MODEL[^]*Go on\./);
});

test("signs of life come while the model sums up", async () => {
  const stage = await startStage({ commit_s: 0, heartbeat_s: 0.02 });
  stage.upstream.play(() => undefined);
  const reply = await send(stage.url, body({ input: [...session(), TRIGGER], stream: true })).reply;
  await reply.until("response.in_progress", 3);
  const asked = await stage.upstream.request(0);
  say(GOOD)(asked);
  compactionOf(lastResponse(await finished(reply))["output"]);
});

test("a client that leaves ends the summing up", async () => {
  const stage = await startStage({ commit_s: 0 });
  stage.upstream.play((exchange) => exchange.begin());
  const reply = await send(stage.url, body({ input: [...session(), TRIGGER], stream: true })).reply;
  const asked = await stage.upstream.request(0);
  reply.leave();
  await asked.closed;
  expect((await stage.log.ended(0)).end).toMatchObject({ state: "client_closed" });
});

test("what stands before a compaction is not told again, but for the words of users and developers", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD), say("Yes."));
  const first = lastResponse(eventsOf(await ask(stage.url, body({ input: [...session(), TRIGGER], stream: true }))));
  const next = await ask(stage.url, body({ input: [...session(), ...asList(first["output"]), user("Go on.")] }));
  expect(next.status, next.text).toBe(200);
  const prompt = promptOf(stage.upstream.exchanges[1]);
  expect(prompt).not.toContain("line of output");
  expect(prompt).not.toContain("Round 1 is done.");
  expect(prompt).toMatch(/You are an agent for code\.[^]*Make the parser work\.[^]*MARK-OF-THE-MODEL[^]*Go on\./);
});

test("nothing new since the last compaction: it stands, and no model is asked", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD), say("Yes."));
  const first = lastResponse(eventsOf(await ask(stage.url, body({ input: [...session(), TRIGGER], stream: true }))));
  const input = [user("Make the parser work."), ...asList(first["output"]), TRIGGER];
  const second = jsonOf(await ask(stage.url, body({ input })));
  expect(stage.upstream.exchanges).toHaveLength(1);
  expect(second["usage"]).toMatchObject({ total_tokens: 0 });
  await ask(stage.url, body({ input: [...asList(second["output"]), user("Go on.")] }));
  expect(promptOf(stage.upstream.exchanges[1])).toContain("MARK-OF-THE-MODEL");
});

test("a call without an output is handed over as open", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.answer(500, { error: { message: "no" } }));
  const call = { type: "function_call", call_id: "call_open", name: "deploy", arguments: '{"to":"staging-7"}' };
  const first = jsonOf(await ask(stage.url, body({ input: [...session(), call, TRIGGER] })));
  stage.upstream.play(say("Yes."));
  await ask(stage.url, body({ input: [...asList(first["output"]), user("Go on.")] }));
  expect(promptOf(stage.upstream.exchanges.at(-1))).toMatch(/call_open[^]*staging-7/);
});

test("what a model leaves out is filled up where it is certain", async () => {
  const stage = await startStage();
  const call = { type: "function_call", call_id: "call_open", name: "deploy", arguments: '{"to":"staging-7"}' };
  stage.upstream.play(say({ task: "Work.", next: "More work." }), say("Yes."), say(GOOD), say("Yes."));
  for (const extracted of [true, false]) {
    const first = jsonOf(await ask(stage.url, body({ input: [...session(), call, TRIGGER] })));
    await ask(stage.url, body({ input: [...asList(first["output"]), user("Go on.")] }));
    const prompt = promptOf(stage.upstream.exchanges.at(-1));
    expect(prompt).toMatch(/call_open[^]*staging-7/);
    expect(prompt.includes("npm test -- round-1")).toBe(extracted);
    expect(prompt).toContain(extracted ? "More work." : "MARK-OF-THE-MODEL");
  }
});

test("a stored response is continued from its compaction", async () => {
  const stage = await startStage({}, { state: { store: true } });
  stage.upstream.play(say("First answer."), say(GOOD), say("Third answer."));
  const first = jsonOf(await ask(stage.url, body({ input: session() })));
  const second = jsonOf(await ask(stage.url, body({ previous_response_id: first["id"] ?? null, input: [TRIGGER] })));
  compactionOf(second["output"]);
  const third = await ask(stage.url, body({ previous_response_id: second["id"] ?? null, input: "Go on." }));
  expect(third.status, third.text).toBe(200);
  const prompt = promptOf(stage.upstream.exchanges[2]);
  expect(prompt).toContain("MARK-OF-THE-MODEL");
  expect(prompt).not.toContain("First answer.");
});

const UNREADABLE = {
  status: 400,
  type: "invalid_request_error",
  code: "invalid_encrypted_content",
  param: null,
  message: expect.stringMatching(/^The encrypted content \S{4}\.\.\.\S{4} could not be verified\. Reason: \S/) as string,
};

test("one flipped byte, a blob of another service and a seal of another kind are refused, streamed or not", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD));
  const { encrypted_content: blob } = compactionOf(jsonOf(await ask(stage.url, body({ input: [...session(), TRIGGER] })))["output"]);
  const at = Math.floor(blob.length / 2);
  const flipped = `${blob.slice(0, at)}${blob[at] === "A" ? "B" : "A"}${blob.slice(at + 1)}`;
  const blobs = [flipped, "gAAAAABp4W-p3Kxpz_xa3Gma5juy6Yi", blob.slice(0, -8), "ws1.AAAAAAAAAAAAAAAAAAAA", "ws1.%%%%%%%%%%"];
  for (const encrypted_content of blobs) {
    for (const stream of [true, false]) {
      const input = [user("Hello."), { type: "compaction", encrypted_content }, user("Go on.")];
      expect(errorOf(await ask(stage.url, body({ input, stream }))), encrypted_content.slice(0, 40)).toEqual(UNREADABLE);
      const path = { path: "/v1/responses/compact" };
      expect(errorOf(await ask(stage.url, { model: "m", input }, path))).toEqual(UNREADABLE);
    }
  }
  expect(stage.upstream.exchanges).toHaveLength(1);
});

test("after a rotation old blobs still open, and new ones are of the new key", async () => {
  const key = (byte: number): string => Buffer.alloc(32, byte).toString("base64");
  const ring = (primary: string, keys: Record<string, string>) => ringOf(JSON.stringify({ primary, keys }), "keys.json");
  const before = await startStage({}, {}, {}, { keyRing: ring("00000001", { "00000001": key(1) }) });
  before.upstream.play(say(GOOD), say("Yes."), say(GOOD), say("Yes."));
  const item = compactionOf(jsonOf(await ask(before.url, body({ input: [...session(), TRIGGER] })))["output"]);
  const entries = { providers: { box: { dialect: "chat", base_url: before.upstream.url } }, models: { m: { provider: "box" } } };
  const after = await startGateway(entries, { keyRing: ring("00000002", { "00000001": key(1), "00000002": key(2) }) });
  expect((await ask(after.url, body({ input: [item, user("Go on.")] }))).status).toBe(200);
  expect(promptOf(before.upstream.exchanges[1])).toContain("MARK-OF-THE-MODEL");
  const renewed = compactionOf(jsonOf(await ask(after.url, body({ input: [...session(), TRIGGER] })))["output"]);
  const lost = await ask(before.url, body({ input: [renewed, user("Go on.")] }));
  expect(errorOf(lost)).toEqual(UNREADABLE);
});

test("another model takes over when the one for compactions cannot be reached", async () => {
  const stage = await startStage(
    {},
    { compaction: { model: "elsewhere" }, models: { m: { provider: "box" }, elsewhere: { provider: "box", model: "summer" } } },
  );
  stage.upstream.play((exchange) => exchange.answer(503, { error: { message: "overloaded" } }), say(GOOD));
  compactionOf(jsonOf(await ask(stage.url, body({ input: [...session(), TRIGGER] })))["output"]);
  expect(stage.upstream.exchanges.map(({ request }) => request.json["model"])).toEqual(["summer", "m"]);
  expect((await stage.log.ended(0)).attempts).toHaveLength(2);
});

test("a model for compactions that there is not is told of, and the conversation's own asked", async () => {
  const stage = await startStage({}, { compaction: { model: "nowhere" } });
  stage.upstream.play(say(GOOD));
  const answer = await ask(stage.url, body({ input: [...session(), TRIGGER] }));
  compactionOf(jsonOf(answer)["output"]);
  expect(answer.headers["x-waystation-loss"]).toBe("lowered compaction.model");
  expect((await stage.log.ended(0)).end.losses).toMatchObject([{ detail: expect.stringContaining("nowhere") as string }]);
});

test("a history larger than the window is summed up in parts, each with what came of those before", async () => {
  const stage = await startStage({}, { models: { m: { provider: "box", context_window: 8000 } } });
  let parts = 0;
  stage.upstream.always((exchange) => say({ ...GOOD, files: [`part ${(parts += 1)}`] })(exchange));
  compactionOf(jsonOf(await ask(stage.url, body({ input: [...session(12), TRIGGER] })))["output"]);
  expect(parts).toBeGreaterThan(2);
  for (const [index, { request }] of stage.upstream.exchanges.entries()) {
    expect(request.body.length).toBeLessThan(8000 * 4);
    if (index > 0) expect(promptOf(stage.upstream.exchanges[index])).toContain(`part ${index}`);
  }
});

test("a model whose window turns out to be smaller is asked in smaller parts", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => {
    if (exchange.request.body.length < 16_000) return say(GOOD)(exchange);
    return exchange.answer(400, {
      error: { message: "This model's maximum context length is 4096 tokens.", code: "context_length_exceeded" },
    });
  });
  const response = jsonOf(await ask(stage.url, body({ input: [...session(3), TRIGGER] })));
  compactionOf(response["output"]);
  expect((await stage.log.ended(0)).end?.losses).toEqual([]);
});

test("an item of 20 MB is compacted like any other", async () => {
  const stage = await startStage();
  stage.upstream.always(say(GOOD));
  const output = "x".repeat(10_400_000);
  const call = (id: string): JsonObject[] => [
    { type: "function_call", call_id: id, name: "shell", arguments: "{}" },
    { type: "function_call_output", call_id: id, output },
  ];
  const response = jsonOf(await ask(stage.url, body({ input: [...session(), ...call("a"), ...call("b"), user(DEMAND), TRIGGER] })));
  expect(compactionOf(response["output"]).encrypted_content.length).toBeLessThan(10_000);
  for (const { request } of stage.upstream.exchanges) expect(request.body.length).toBeLessThan(500_000);
});

test("a blob longer than 20 MiB is refused for its length", async () => {
  const stage = await startStage();
  const input = [{ type: "compaction", encrypted_content: `ws1.${"A".repeat(20_971_520)}` }, user("Go on.")];
  expect(errorOf(await ask(stage.url, body({ input })))).toMatchObject({
    status: 400,
    code: "string_above_max_length",
    param: "input[0].encrypted_content",
  });
});

test("the log holds what was compacted, and the way of it", async () => {
  const stage = await startStage({}, {}, {}, { disk: true });
  stage.upstream.play(say(GOOD));
  await ask(stage.url, body({ input: [...session(), TRIGGER] }));
  const turn = await stage.log.ended(0);
  const recorded = json(Buffer.concat([...(turn.start.request.body ?? [])]).toString());
  expect(recorded["input"]).toEqual([...session(), TRIGGER]);
});
