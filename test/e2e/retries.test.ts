// Failed calls that are tried again, or handed to another model: only while the client has been told nothing, never more often than
// the limits say, and each of them in the log.
import { expect, test } from "vitest";
import { finish, stream, text } from "../support/chat-frames.ts";
import { startFaultUpstream, type UpstreamExchange } from "../support/fault-upstream.ts";
import { afterThis, startGateway, startStage } from "../support/gateway.ts";
import { blockPort } from "./blocked-port.ts";
import { ask, body, errorOf, eventsOf, failureOf, finished, jsonOf, lastResponse, outputText, send } from "./client.ts";

const STREAM = body({ stream: true });

const well = (exchange: UpstreamExchange): void => {
  exchange.send(stream("well"));
  exchange.end();
};
const says =
  (status: number) =>
  (exchange: UpstreamExchange): void =>
    exchange.answer(status, { error: { message: "not now" } });
const page = (exchange: UpstreamExchange): void =>
  exchange.answer(200, "<html><body>Back soon</body></html>", { "content-type": "text/html" });

test.each([
  ["a 500", says(500)],
  ["a 502", says(502)],
  ["a 503", says(503)],
  ["a 529", says(529)],
  ["a reset before the headers", (exchange: UpstreamExchange): void => exchange.reset()],
  ["an end before the headers", (exchange: UpstreamExchange): void => exchange.hangUp()],
  ["a page of HTML", page],
  ["an empty body", (exchange: UpstreamExchange): void => exchange.answer(200, "")],
  ["a stream that ends at once", (exchange: UpstreamExchange): void => (exchange.begin(), exchange.end())],
  [
    "a stream whose first event is an error",
    (exchange: UpstreamExchange): void => (exchange.send('data: {"error":{"message":"overloaded","code":503}}\n\n'), exchange.end()),
  ],
])("after %s the next try is what the client gets, and the log has both", async (_, fails) => {
  const { upstream, url, log } = await startStage({ retries: 2, retry_wait_s: 0.01 });
  upstream.play(fails, well);
  expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("well");
  const { attempts, end } = await log.ended(0);
  expect(attempts).toHaveLength(2);
  expect(attempts[0]?.fault).not.toBeNull();
  expect(attempts[1]).toMatchObject({ number: 1, status: 200, fault: null });
  expect(end).toMatchObject({ state: "done", status: 200 });
});

test("a client that did not ask to stream gets the next try too", async () => {
  const { upstream, url, log } = await startStage({ retries: 1, retry_wait_s: 0.01 });
  upstream.play(says(503), (exchange) => exchange.answer(200, { choices: [{ message: { content: "well" }, finish_reason: "stop" }] }));
  expect((await ask(url, body())).text).toContain('"well"');
  expect((await log.ended(0)).attempts).toHaveLength(2);
});

test.each([0, 2, 4])("a server that fails for good is called at most retries + 1 times (retries: %i)", async (retries) => {
  const { upstream, url, log } = await startStage({ retries, retry_wait_s: 0.01 });
  upstream.always(says(503));
  expect(errorOf(await ask(url, STREAM))).toMatchObject({ status: 503 });
  expect(upstream.exchanges).toHaveLength(retries + 1);
  expect((await log.ended(0)).attempts.map((attempt) => attempt.status)).toEqual(Array.from({ length: retries + 1 }, () => 503));
});

test("a rate limit whose wait is short is waited for", async () => {
  const { upstream, url, log } = await startStage({ retries: 1, retry_wait_s: 0.5 });
  upstream.play((exchange) => exchange.answer(429, { error: { message: "slow down" } }, { "retry-after-ms": "50" }), well);
  expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("well");
  const { attempts } = await log.ended(0);
  expect(attempts.map((attempt) => attempt.status)).toEqual([429, 200]);
  expect((attempts[1]?.at ?? 0) - (attempts[0]?.at ?? 0)).toBeGreaterThanOrEqual(45);
});

test.each([
  ["text", text("half a")],
  ["a call", 'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{"}}]}}]}\n\n'],
  ["reasoning", 'data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}\n\n'],
])("nothing is tried again after the first %s", async (_, frames) => {
  const { upstream, url } = await startStage({ retries: 2, retry_wait_s: 0.01 });
  upstream.always((exchange) => {
    exchange.send(frames);
    setImmediate(() => exchange.reset());
  });
  const reply = await send(url, STREAM).reply;
  failureOf(await finished(reply));
  expect(upstream.exchanges).toHaveLength(1);
});

test("a connection that the server closed while it was idle costs the client nothing", async () => {
  const { upstream, url } = await startStage({ retries: 1, retry_wait_s: 0.01 });
  upstream.always(well);
  eventsOf(await ask(url, STREAM));
  // Whatever comes on this connection from now on is answered with a reset.
  upstream.exchanges[0]?.socket.removeAllListeners("data");
  upstream.exchanges[0]?.socket.on("data", () => upstream.exchanges[0]?.reset());
  expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("well");
  expect(upstream.exchanges).toHaveLength(2);
  expect(upstream.connections).toBe(2);
});

test("a second model answers where the first fails, under the name that was asked for", async () => {
  const [first, second] = [await startFaultUpstream(), await startFaultUpstream()];
  afterThis(() => Promise.all([first.close(), second.close()]));
  const { url, log } = await startGateway({
    providers: { one: { dialect: "chat", base_url: first.url }, two: { dialect: "chat", base_url: second.url } },
    models: { smart: { provider: "one", model: "big", fallback: ["plain"] }, plain: { provider: "two", model: "small" } },
    limits: { retries: 1, retry_wait_s: 0.01 },
  });
  first.always(says(503));
  second.always(well);
  const response = lastResponse(eventsOf(await ask(url, body({ model: "smart", stream: true }))));
  expect(response).toMatchObject({ model: "smart", status: "completed" });
  expect(second.exchanges[0]?.request.json).toMatchObject({ model: "small" });
  const { attempts, end } = await log.ended(0);
  expect(attempts).toMatchObject([
    { number: 0, provider: "one", model: "big", status: 503, fault: "overloaded" },
    { number: 1, provider: "one", model: "big", status: 503, fault: "overloaded" },
    { number: 2, provider: "two", model: "small", status: 200, fault: null },
  ]);
  expect(end).toMatchObject({ state: "done", model: "smart", provider: "two", targetModel: "small" });
});

test.each([
  ["a bad request", 400, { error: { message: "temperature must be at most 1" } }, 0],
  ["a wrong key", 401, { error: { message: "no entry" } }, 1],
  ["a spent quota", 402, { error: { message: "no money" } }, 1],
  ["a model that is not there", 404, { error: { message: "model not found" } }, 1],
  ["a rate limit", 429, { error: { message: "slow down" } }, 1],
])("a second model is asked after %s (%i) only where it may do better", async (_, status, content, asked) => {
  const [first, second] = [await startFaultUpstream(), await startFaultUpstream()];
  afterThis(() => Promise.all([first.close(), second.close()]));
  const { url } = await startGateway({
    providers: { one: { dialect: "chat", base_url: first.url }, two: { dialect: "chat", base_url: second.url } },
    models: { m: { provider: "one", fallback: ["two/small"] } },
    limits: { retries: 2, retry_wait_s: 0.01 },
  });
  first.always((exchange) => exchange.answer(status, content));
  second.always(well);
  const reply = await ask(url, STREAM);
  expect(reply.status).toBe(asked === 1 ? 200 : status);
  expect(first.exchanges).toHaveLength(1);
  expect(second.exchanges).toHaveLength(asked);
});

test.each([
  [
    "refuses connections",
    async (): Promise<number> => {
      const upstream = await startFaultUpstream();
      await upstream.close();
      return upstream.port;
    },
  ],
  [
    "accepts none",
    async (): Promise<number> => {
      const blocked = await blockPort();
      afterThis(() => blocked.close());
      return blocked.port;
    },
  ],
  [
    "limits us for an hour",
    async (): Promise<number> => {
      const upstream = await startFaultUpstream();
      afterThis(() => upstream.close());
      upstream.play((exchange) => exchange.answer(429, { error: { message: "slow down" } }, { "retry-after": "3600" }));
      return upstream.port;
    },
  ],
])("a second model answers where the server of the first %s", async (_, portOf) => {
  const second = await startFaultUpstream();
  afterThis(() => second.close());
  second.always(well);
  const { url, log } = await startGateway({
    providers: {
      one: { dialect: "chat", base_url: `http://127.0.0.1:${await portOf()}/v1` },
      two: { dialect: "chat", base_url: second.url },
    },
    models: { m: { provider: "one", fallback: ["two/small"] } },
    limits: { retries: 1, retry_wait_s: 0.01, connect_s: 0.2 },
  });
  expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("well");
  const { attempts } = await log.ended(0);
  expect(attempts.at(-1)).toMatchObject({ provider: "two", fault: null });
  expect(attempts[0]).toMatchObject({ provider: "one", fault: expect.stringMatching(/unreachable|rate_limit/) });
});

test("after the commit there is no second model", async () => {
  const [first, second] = [await startFaultUpstream(), await startFaultUpstream()];
  afterThis(() => Promise.all([first.close(), second.close()]));
  const { url } = await startGateway({
    providers: { one: { dialect: "chat", base_url: first.url }, two: { dialect: "chat", base_url: second.url } },
    models: { m: { provider: "one", fallback: ["two/small"] } },
    limits: { retries: 0 },
  });
  first.always((exchange) => {
    exchange.send(text("half a"));
    setImmediate(() => exchange.reset());
  });
  const reply = await send(url, STREAM).reply;
  failureOf(await finished(reply));
  expect(second.exchanges).toEqual([]);
});

test("what a failed call said before it broke off is no part of a whole reply", async () => {
  const { upstream, url, log } = await startStage({ retries: 1, retry_wait_s: 0.01 }, {}, { quirks: { upstream_stream: "always" } });
  upstream.play((exchange) => {
    exchange.send(text("half a"));
    setImmediate(() => exchange.reset());
  }, well);
  const reply = await ask(url, body());
  expect(reply.status).toBe(200);
  expect(outputText(jsonOf(reply))).toBe("well");
  expect((await log.ended(0)).attempts).toMatchObject([{ fault: "cut" }, { fault: null }]);
});

test("when every model fails, the last one's failure is the answer", async () => {
  const [first, second] = [await startFaultUpstream(), await startFaultUpstream()];
  afterThis(() => Promise.all([first.close(), second.close()]));
  const { url } = await startGateway({
    providers: { one: { dialect: "chat", base_url: first.url }, two: { dialect: "chat", base_url: second.url } },
    models: { m: { provider: "one", fallback: ["two/small"] } },
    limits: { retries: 0 },
  });
  first.always(says(503));
  second.always(says(529));
  expect(errorOf(await ask(url, STREAM))).toMatchObject({ status: 529 });
});

test("a finish without a word is a reply, not a failure", async () => {
  const { upstream, url } = await startStage({ retries: 2, retry_wait_s: 0.01 });
  upstream.always((exchange) => {
    exchange.send(finish());
    exchange.end();
  });
  expect(lastResponse(eventsOf(await ask(url, STREAM)))).toMatchObject({ status: "completed", output: [] });
  expect(upstream.exchanges).toHaveLength(1);
});
