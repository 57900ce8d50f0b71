// Replies that are not what was asked for: pages, empty bodies, redirects, wrong labels, other codings, endless bodies. Each is
// read for what it is, or refused with a sentence that says what came.
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { asObject } from "../../src/kit/json.ts";
import { DONE, frame, stream, text, usage, whole } from "../support/chat-frames.ts";
import { startFaultUpstream } from "../support/fault-upstream.ts";
import { afterThis, startStage } from "../support/gateway.ts";
import { pour } from "../support/pour.ts";
import { ask, body, errorOf, eventsOf, failureOf, finished, jsonOf, lastResponse, outputText, send } from "./client.ts";

const STREAM = body({ stream: true });
const MIB = 1024 * 1024;

test("a page of HTML is a 502 that quotes it without its tags", async () => {
  const { upstream, url, log } = await startStage();
  const page = "<!doctype html><html><head><style>p{}</style></head><body><h1>Welcome to nginx!</h1></body></html>";
  upstream.always((exchange) => exchange.answer(200, page, { "content-type": "text/html" }));
  const error = errorOf(await ask(url, STREAM));
  expect(error).toMatchObject({ status: 502, code: "server_error" });
  expect(error.message).toContain("Welcome to nginx!");
  expect(error.message).toContain(`127.0.0.1:${upstream.port}`);
  expect(error.message).toMatch(/base_url/);
  expect(error.message).not.toContain("<");
  expect((await log.ended(0)).end).toMatchObject({ fault: "bad_reply" });
});

test("an error page of HTML keeps its status", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => exchange.answer(503, "<html><body>Down for repairs</body></html>", { "content-type": "text/html" }));
  const error = errorOf(await ask(url, STREAM));
  expect(error).toMatchObject({ status: 503, code: "server_error" });
  expect(error.message).toContain("Down for repairs");
});

test.each([true, false])("an empty body is a 502 (stream: %s)", async (streamed) => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => exchange.answer(200, ""));
  const error = errorOf(await ask(url, body({ stream: streamed })));
  expect(error).toMatchObject({ status: 502, code: "server_error" });
  expect(error.message).toMatch(/empty body/);
});

test("a stream that ends without a word is a 502", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.begin();
    exchange.end();
  });
  expect(errorOf(await ask(url, STREAM)).status).toBe(502);
});

test.each([301, 302, 307, 308])("a redirect (%i) is not followed, and no key goes there", async (status) => {
  const other = await startFaultUpstream();
  afterThis(() => other.close());
  const { upstream, url } = await startStage({ retries: 2 }, {}, { key: "sk-provider-key-0123456789" });
  upstream.always((exchange) => exchange.answer(status, "", { location: `${other.url}/chat/completions` }));
  const error = errorOf(await ask(url, STREAM));
  expect(error).toMatchObject({ status: 502, code: "server_error" });
  expect(error.message).toMatch(/redirect/);
  expect(other.exchanges).toEqual([]);
  expect(other.others).toEqual([]);
  expect(upstream.exchanges).toHaveLength(1);
});

test.each(["gzip", "br", "zstd", "gzip, br", "identity, gzip", "x-made-up"])(
  "a reply in %s, although identity was asked, is a 502 that says so",
  async (coding) => {
    const { upstream, url } = await startStage();
    upstream.always((exchange) => {
      exchange.begin(200, { "content-encoding": coding });
      exchange.send(gzipSync(stream("hidden")));
      exchange.end();
    });
    const error = errorOf(await ask(url, STREAM));
    expect(upstream.exchanges[0]?.request.headers["accept-encoding"]).toBe("identity");
    expect(error).toMatchObject({ status: 502 });
    expect(error.message).toContain(coding);
  },
);

test("a reply that is said to be in no coding at all is read", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.begin(200, { "content-encoding": "Identity" });
    exchange.send(stream("plain"));
    exchange.end();
  });
  expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("plain");
});

test("an error reply in gzip keeps its status", async () => {
  const { upstream, url } = await startStage({ retries: 0 });
  upstream.always((exchange) => {
    exchange.begin(401, { "content-type": "application/json", "content-encoding": "gzip" });
    exchange.send(gzipSync('{"error":{"message":"no entry"}}'));
    exchange.end();
  });
  expect(errorOf(await ask(url, STREAM)).status).toBe(401);
});

test("a whole reply over body_mb is a 502, and the rest of it is not taken", async () => {
  const { upstream, url, log } = await startStage({ body_mb: 1 });
  upstream.always((exchange) => {
    exchange.begin(200, { "content-type": "application/json" });
    void pour(exchange, `${" ".repeat(65_535)}\n`, 256 * MIB);
  });
  const error = errorOf(await ask(url, body()));
  expect(error).toMatchObject({ status: 502, code: "server_error" });
  expect(error.message).toContain("body_mb");
  const exchange = await upstream.request(0);
  await exchange.closed;
  expect(exchange.sent.length * 65_536 - exchange.socket.writableLength).toBeLessThan(32 * MIB);
  expect((await log.ended(0)).end).toMatchObject({ fault: "bad_reply" });
});

test("a stream over stream_mb is a failure that says so, after what was said, and the rest of it is not taken", async () => {
  const { upstream, url, log } = await startStage({ stream_mb: 1, retries: 2 });
  upstream.always((exchange) => {
    exchange.send(text("It begins"));
    void pour(exchange, text("x".repeat(65_536)), 256 * MIB);
  });
  const events = eventsOf(await ask(url, STREAM));
  expect(failureOf(events).message).toContain("limits.stream_mb");
  expect(events.some((event) => event["delta"] === "It begins")).toBe(true);
  await upstream.exchanges[0]?.closed;
  expect(upstream.exchanges).toHaveLength(1);
  expect((await log.ended(0)).end).toMatchObject({ fault: "bad_reply" });
  // The upstream streams, whatever was asked.
  expect(errorOf(await ask(url, body())).message).toContain("limits.stream_mb");
});

test("an error reply without end is read as far as its first megabyte", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.begin(400, { "content-type": "text/plain" });
    void pour(exchange, "no! ".repeat(4096), 256 * MIB);
  });
  const error = errorOf(await ask(url, STREAM));
  expect(error.status).toBe(400);
  expect(error.message.length).toBeLessThan(2000);
  await upstream.exchanges[0]?.closed;
});

test("one line of a stream that has no end is a failure, and says so", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.send(text("half a"));
    void pour(exchange, `data: ${"x".repeat(65_536)}`, 256 * MIB);
  });
  expect(failureOf(eventsOf(await ask(url, STREAM))).message).toMatch(/16 MiB/);
});

test("a stream with a wrong label is read while it comes", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.begin(200, { "content-type": "application/json" });
    exchange.send("da");
    exchange.send(text("already").slice(2));
  });
  const reply = await send(url, STREAM).reply;
  await reply.until("response.output_text.delta");
  upstream.exchanges[0]?.send(stream(" here"));
  upstream.exchanges[0]?.end();
  expect(outputText(lastResponse(await finished(reply)))).toBe("already here");
});

test.each(["application/json", "text/plain", "application/octet-stream", ""])("a stream labelled %j is read as a stream", async (type) => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.begin(200, { "content-type": type });
    exchange.send(stream("labels lie"));
    exchange.end();
  });
  const response = lastResponse(eventsOf(await ask(url, STREAM)));
  expect(outputText(response)).toBe("labels lie");
  expect(response["usage"]).toMatchObject({ input_tokens: 100, output_tokens: 10 });
});

test.each(["application/json", ""])("a whole reply (content-type %j) where a stream was asked for becomes a stream", async (type) => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => exchange.answer(200, whole("all at once"), { "content-type": type }));
  expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("all at once");
});

test("a stream where a whole reply was asked for becomes a whole reply", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.send(stream("bit by bit"));
    exchange.end();
  });
  const reply = await ask(url, body());
  expect(reply.headers["content-type"]).toBe("application/json");
  expect(outputText(jsonOf(reply))).toBe("bit by bit");
});

test.each([true, false])("an error object inside a 200 is an error of its kind (stream: %s)", async (streamed) => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => exchange.answer(200, { error: { message: "slow down", type: "rate_limit_error", code: 429 } }));
  const reply = await ask(url, body({ stream: streamed }));
  expect(errorOf(reply)).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
  expect(reply.headers["retry-after"]).toBe("5");
});

test("an error frame before anything else is an HTTP error", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.send(frame({ error: { message: "maximum context length is 8192 tokens", code: 400 } }));
    exchange.end();
  });
  expect(errorOf(await ask(url, STREAM))).toMatchObject({ status: 400, code: "context_length_exceeded" });
});

test("blank lines before a whole reply, which keep its connection alive, are no part of it", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.begin(200, { "content-type": "application/json" });
    for (let line = 0; line < 500; line += 1) exchange.send("\n");
    exchange.send(JSON.stringify(whole("worth the wait")));
    exchange.end();
  });
  expect(outputText(jsonOf(await ask(url, body())))).toBe("worth the wait");
});

test("JSON that is no chat completion is a 502 that shows its start", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => exchange.answer(200, { hello: "world" }));
  const error = errorOf(await ask(url, body()));
  expect(error.status).toBe(502);
  expect(error.message).toContain('{"hello":"world"}');
});

test("usage below zero is nothing that is told", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) =>
    exchange.answer(200, whole("a few words", { usage: { prompt_tokens: -5, completion_tokens: -1, total_tokens: -6 } })),
  );
  const told = jsonOf(await ask(url, body()))["usage"];
  for (const name of ["input_tokens", "output_tokens", "total_tokens"]) expect(asObject(told)?.[name], name).toBeGreaterThanOrEqual(0);
});

test("usage that the upstream does not give is estimated, and marked where there is a header for it", async () => {
  const { upstream, url, log } = await startStage();
  upstream.play(
    (exchange) => exchange.answer(200, whole("a few words", { usage: null })),
    (exchange) => exchange.answer(200, whole("a few words")),
    (exchange) => {
      exchange.send(stream("a few words").replace(usage(), "").replace(DONE, ""));
      exchange.end();
    },
  );
  const estimated = await ask(url, body());
  expect(estimated.headers["x-waystation-usage"]).toBe("estimated");
  expect(jsonOf(estimated)["usage"]).toMatchObject({ input_tokens: expect.any(Number), output_tokens: expect.any(Number) });
  const stated = await ask(url, body());
  expect(stated.headers["x-waystation-usage"]).toBeUndefined();
  expect(jsonOf(stated)["usage"]).toMatchObject({ input_tokens: 100, output_tokens: 10 });
  const streamed = lastResponse(eventsOf(await ask(url, STREAM)));
  expect(streamed["usage"]).toMatchObject({ total_tokens: expect.any(Number) });
  expect((await log.ended(0)).end.usage).toMatchObject({ estimated: true });
  expect((await log.ended(1)).end.usage).toMatchObject({ estimated: false });
  expect((await log.ended(2)).end.usage).toMatchObject({ estimated: true });
});
