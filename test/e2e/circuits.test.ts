// A target whose calls fail one after the other is left alone for a while: its turns go to their fallback at once, or are told what
// happened and when it is called again, and it is back as soon as it answers.
import { expect, test } from "vitest";
import { providers } from "../../providers/index.ts";
import { stream, text } from "../support/chat-frames.ts";
import { startFaultUpstream, type FaultUpstream, type UpstreamExchange } from "../support/fault-upstream.ts";
import { afterThis, startGateway, startStage, type Stage, type TestGateway } from "../support/gateway.ts";
import { serveChat } from "../support/local-chat.ts";
import { ask, body, errorOf, eventsOf, failureOf, finished, lastResponse, outputText, send, type Answer } from "./client.ts";

const STREAM = body({ stream: true });

const well = (exchange: UpstreamExchange): void => {
  exchange.send(stream("well"));
  exchange.end();
};
const says =
  (status: number, headers: Readonly<Record<string, string>> = {}) =>
  (exchange: UpstreamExchange): void =>
    exchange.answer(status, { error: { message: "not now" } }, headers);

/** A clock that a test moves on. */
function clock(): { now: () => number; pass: (ms: number) => void } {
  let time = 0;
  return { now: () => time, pass: (ms) => void (time += ms) };
}

/** A gateway with a clock of its own before one upstream. */
async function start(limits: Record<string, number> = {}): Promise<Stage & { pass: (ms: number) => void }> {
  const time = clock();
  return { ...(await startStage(limits, {}, {}, { now: time.now })), pass: time.pass };
}

async function metric(stage: TestGateway, name: string): Promise<string | undefined> {
  const all = await (await fetch(`${stage.url}/metrics`)).text();
  return all.split("\n").find((line) => line.startsWith(name));
}

async function fail(url: string, times: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let count = 0; count < times; count++) answers.push(await ask(url, STREAM));
  return answers;
}

test("five failures in a row, and the next turn is told so without a call", async () => {
  const stage = await start();
  const { upstream, url, log } = stage;
  upstream.always(says(503));
  await fail(url, 5);
  const answer = await ask(url, STREAM);
  const error = errorOf(answer);
  expect(upstream.exchanges).toHaveLength(5);
  expect(error).toMatchObject({ status: 503, code: "server_error", type: "server_error" });
  expect(error.message).toMatch(/127\.0\.0\.1:\d+ is left alone for now: 5 calls in a row for the model upstream-model failed\./);
  expect(error.message).toMatch(/HTTP 503 \(overloaded\)\. It is called again in 1 s\.$/);
  expect(answer.headers["retry-after"]).toBe("1");
  const { attempts, end } = await log.ended(5);
  expect(attempts).toMatchObject([{ status: null, fault: "overloaded", detail: error.message, reply: null }]);
  expect(attempts[0]?.request).toMatchObject({ start: expect.stringMatching(/^not sent/), body: [] });
  expect(end).toMatchObject({ state: "failed", detail: error.message });
  expect(await metric(stage, "waystation_circuit_open{")).toBe('waystation_circuit_open{target="box/upstream-model"} 1');
  expect(await metric(stage, "waystation_circuit_opened_total{")).toBe('waystation_circuit_opened_total{target="box/upstream-model"} 1');
  expect(await metric(stage, "waystation_circuit_refused_total{")).toBe('waystation_circuit_refused_total{target="box/upstream-model"} 1');
});

test("a stream that was begun meanwhile ends as a failed response", async () => {
  const { upstream, url } = await start({ commit_s: 0.01, retries: 4, retry_wait_s: 0.01 });
  upstream.play((exchange) => void setTimeout(() => exchange.answer(503, { error: { message: "not now" } }), 50));
  upstream.always(says(503));
  const reply = await send(url, STREAM).reply;
  await reply.until("response.created");
  expect(failureOf(await finished(reply)).code).toBe("server_error");
  expect(upstream.exchanges.length).toBeLessThanOrEqual(5);
});

test("after the pause one call finds out, while others are told to wait; its failure makes the next pause longer", async () => {
  const { upstream, url, pass } = await start();
  upstream.always(says(500));
  await fail(url, 5);
  pass(1000);
  upstream.play(() => {});
  const probe = send(url, STREAM);
  const exchange = await upstream.request(5);
  const meanwhile = await Promise.all(Array.from({ length: 10 }, () => ask(url, STREAM)));
  for (const answer of meanwhile) expect(errorOf(answer).message).toMatch(/finding out/);
  exchange.answer(500, { error: { message: "not now" } });
  expect((await probe.reply).status).toBe(500);
  expect(errorOf(await ask(url, STREAM)).message).toMatch(/called again in 2 s/);
  pass(1999);
  await ask(url, STREAM);
  expect(upstream.exchanges).toHaveLength(6);
});

test("with its first words the target is back for all", async () => {
  const { upstream, url, pass } = await start();
  upstream.always(says(500));
  await fail(url, 5);
  pass(1000);
  upstream.play((exchange) => exchange.send(text("well")));
  const probe = await send(url, STREAM).reply;
  await probe.until("response.output_text.delta");
  upstream.always(well);
  for (let count = 0; count < 3; count++) expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("well");
  probe.leave();
});

test("a turn with a fallback goes there at once", async () => {
  const [first, second] = [await startFaultUpstream(), await startFaultUpstream()];
  afterThis(() => Promise.all([first.close(), second.close()]));
  const { url, log } = await startGateway({
    providers: { one: { dialect: "chat", base_url: first.url }, two: { dialect: "chat", base_url: second.url } },
    models: { m: { provider: "one", model: "big", fallback: ["two/small"] } },
    limits: { retries: 0 },
  });
  first.always(says(502));
  second.always(well);
  for (let count = 0; count < 8; count++) expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("well");
  expect(first.exchanges).toHaveLength(5);
  expect(second.exchanges).toHaveLength(8);
  expect((await log.ended(7)).attempts).toMatchObject([
    { provider: "one", status: null, fault: "overloaded", detail: expect.stringMatching(/left alone/) },
    { provider: "two", status: 200, fault: null },
  ]);
});

test.each([
  ["a bad request", says(400)],
  ["a wrong key", says(401)],
  ["a rate limit", says(429)],
  ["a rate limit with its wait", says(429, { "retry-after": "30" })],
  ["a page of HTML", (exchange: UpstreamExchange): void => exchange.answer(200, "<html>", { "content-type": "text/html" })],
])("%s opens nothing, however often it comes", async (_, answers) => {
  const { upstream, url } = await start();
  upstream.always(answers);
  await fail(url, 12);
  expect(upstream.exchanges).toHaveLength(12);
});

test("nor do clients that leave", async () => {
  const { upstream, url, log } = await start();
  upstream.always(() => {});
  for (let count = 0; count < 8; count++) {
    const sent = send(url, STREAM);
    await upstream.request(count);
    sent.leave();
    await log.ended(count);
  }
  upstream.always(well);
  expect((await ask(url, STREAM)).status).toBe(200);
});

test("each model of a provider has a circuit of its own", async () => {
  const { upstream, url } = await start();
  upstream.always((exchange) => (exchange.request.json["model"] === "bad" ? says(503)(exchange) : well(exchange)));
  for (let count = 0; count < 7; count++) await ask(url, body({ model: "box/bad", stream: true }));
  expect(upstream.exchanges).toHaveLength(5);
  expect((await ask(url, body({ model: "box/good", stream: true }))).status).toBe(200);
});

test("a storm costs the upstream little more than its turns, and their failures are told", async () => {
  const stage = await start({ retries: 2, retry_wait_s: 0.01 });
  const { upstream, url } = stage;
  upstream.always(says(503));
  const statuses = (await Promise.all(Array.from({ length: 100 }, () => ask(url, STREAM)))).map(({ status }) => status);
  expect(statuses).toEqual(Array.from({ length: 100 }, () => 503));
  expect(upstream.exchanges.length).toBeLessThanOrEqual(120);
  for (let count = 0; count < 50; count++) await ask(url, STREAM);
  expect(upstream.exchanges.length).toBeLessThanOrEqual(120);
  expect(await metric(stage, "waystation_retries_refused_total")).not.toBe("waystation_retries_refused_total 0");
});

test("where each third call fails, tries are at most a fifth of the calls, or ten", async () => {
  const stage = await start({ retries: 2, retry_wait_s: 0.001 });
  const { upstream, url } = stage;
  let calls = 0;
  upstream.always((exchange) => (calls++ % 3 === 0 ? says(503)(exchange) : well(exchange)));
  for (let count = 0; count < 150; count++) await ask(url, STREAM);
  const tries = upstream.exchanges.length - 150;
  expect(tries).toBeGreaterThan(10);
  expect(tries).toBeLessThanOrEqual(upstream.exchanges.length * 0.2);
  expect(await metric(stage, "waystation_retries_total")).toBe(`waystation_retries_total ${tries}`);
});

async function closedPort(): Promise<number> {
  const upstream: FaultUpstream = await startFaultUpstream();
  await upstream.close();
  return upstream.port;
}

test.each([
  ["configured", (port: number) => ({ providers: { box: { dialect: "chat", base_url: `http://127.0.0.1:${port}/v1` } } })],
  ["found", () => ({ discover: true })],
])("a local server that was started just now (%s) is not locked out: it is found to answer", async (_, entries) => {
  const port = await closedPort();
  const time = clock();
  const known = providers.map((provider) => (provider.local ? { ...provider, local: { ...provider.local, ports: [port] } } : provider));
  const stop = await serveChat(port, "llamacpp", ["mine"]);
  const { url } = await startGateway({ ...entries(port), limits: { retries: 0 } }, { providers: known, now: time.now });
  const mine = body({ model: "mine", stream: true });
  expect((await ask(url, mine)).status).toBe(200);
  await stop();
  for (let count = 0; count < 5; count++) expect(errorOf(await ask(url, mine)).message).toMatch(/refuses connections/);
  for (const pause of [1000, 2000]) {
    expect(errorOf(await ask(url, mine))).toMatchObject({ status: 502, message: expect.stringMatching(/left alone.*refuses connections/) });
    time.pass(pause);
    expect(errorOf(await ask(url, mine)).message).not.toMatch(/left alone/);
  }
  afterThis(await serveChat(port, "llamacpp", ["mine"]));
  // Of a pause of four seconds half is over: time for discovery to look again.
  time.pass(2000);
  expect(errorOf(await ask(url, mine)).message).toMatch(/called again in 2 s/);
  await expect.poll(async () => (await ask(url, mine)).status).toBe(200);
});
