// Requests that are refused before they become turns, byte by byte: none of them reaches the upstream, and none fills the log.
import { expect, test } from "vitest";
import { whole } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { rawExchange } from "./raw-exchange.ts";
import { ask, body, errorOf } from "./client.ts";

const CONTENT = JSON.stringify(body());

async function stage(entries = {}): Promise<Stage> {
  const started = await startStage({}, entries);
  started.upstream.always((exchange) => exchange.answer(200, whole("ok")));
  return started;
}

/** A POST of a turn with this request line and these headers. */
function turn(line: string, headers: readonly string[]): string {
  return `${[line, ...headers, "content-type: application/json", `content-length: ${CONTENT.length}`].join("\r\n")}\r\n\r\n${CONTENT}`;
}

const POST = "POST /v1/responses HTTP/1.1";

test.each<[string, number, (port: number) => string]>([
  ["two Host headers", 400, (port) => turn(POST, [`host: 127.0.0.1:${port}`, `host: 127.0.0.1:${port}`])],
  ["two different Host headers", 400, (port) => turn(POST, [`host: 127.0.0.1:${port}`, "host: evil.example"])],
  ["no Host header", 400, () => turn(POST, [])],
  ["a foreign Host header", 403, () => turn(POST, ["host: evil.example"])],
  ["its own name at another port", 403, () => turn(POST, ["host: 127.0.0.1:1"])],
  ["an absolute-form target", 400, (port) => turn(`POST http://127.0.0.1:${port}/v1/responses HTTP/1.1`, [`host: 127.0.0.1:${port}`])],
  [
    "an absolute-form target of another host",
    400,
    (port) => turn("POST http://evil.example/v1/responses HTTP/1.1", [`host: 127.0.0.1:${port}`]),
  ],
  ["a doubled slash", 400, (port) => turn("POST //v1/responses HTTP/1.1", [`host: 127.0.0.1:${port}`])],
  ["a dotted path", 400, (port) => turn("POST /v1/../v1/responses HTTP/1.1", [`host: 127.0.0.1:${port}`])],
  ["the origin of a page", 403, (port) => turn(POST, [`host: 127.0.0.1:${port}`, "origin: https://evil.example"])],
  ["the origin null", 403, (port) => turn(POST, [`host: 127.0.0.1:${port}`, "origin: null"])],
  ["a cross-site fetch", 403, (port) => turn(POST, [`host: 127.0.0.1:${port}`, "sec-fetch-site: cross-site"])],
  ["a length and chunks", 400, (port) => turn(POST, [`host: 127.0.0.1:${port}`, "transfer-encoding: chunked"])],
])("a request with %s is refused with %i", async (_, status, request) => {
  const { port, upstream, log } = await stage();
  const [reply] = await rawExchange(port, request(port));
  expect(reply?.status).toBe(status);
  expect(reply?.body).toMatch(/^\{"error":\{/);
  expect(upstream.exchanges).toEqual([]);
  expect(log.turns).toEqual([]);
});

test.each(["localhost", "127.0.0.1", "LOCALHOST"])("a request to %s is taken", async (name) => {
  const { port, upstream } = await stage();
  const [reply] = await rawExchange(port, turn(POST, [`host: ${name}:${port}`, "connection: close"]));
  expect(reply?.status).toBe(200);
  expect(upstream.exchanges).toHaveLength(1);
});

test("an upgrade to WebSocket is a 426 at once where that is turned off, as Codex wants it to fall back", async () => {
  const { port, log } = await startStage({}, { server: { websocket: false } });
  const lines = [
    "GET /v1/responses HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    "connection: Upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  const [reply] = await rawExchange(port, `${lines.join("\r\n")}\r\n\r\n`);
  expect(reply?.status).toBe(426);
  expect(reply?.body).toContain("POST /v1/responses");
  expect(log.turns).toEqual([]);
});

test("two requests in one packet are answered in their order", async () => {
  const { port, upstream } = await stage();
  upstream.play(
    async (exchange) => {
      await upstream.request(0);
      exchange.answer(200, whole("first"));
    },
    (exchange) => exchange.answer(200, whole("second")),
  );
  const one = turn(POST, [`host: 127.0.0.1:${port}`]);
  const replies = await rawExchange(port, one + turn(POST, [`host: 127.0.0.1:${port}`, "connection: close"]), 2);
  expect(replies.map((reply) => /first|second/.exec(reply.body)?.[0])).toEqual(["first", "second"]);
});

test("where keys are configured, only their holders are served", async () => {
  const key = "wk_0123456789abcdef0123";
  const { url, upstream, log } = await stage({ server: { keys: [key] } });
  for (const headers of [
    {},
    { authorization: "Bearer wk_0123456789abcdef0124" },
    { authorization: "Bearer sk-something" },
    { "x-api-key": key, authorization: "Bearer x" },
  ]) {
    const reply = await ask(url, body(), { headers });
    expect(errorOf(reply)).toMatchObject({ status: 401, code: "invalid_api_key" });
    expect(reply.headers["x-should-retry"]).toBe("false");
  }
  expect(upstream.exchanges).toEqual([]);
  expect(log.turns).toEqual([]);
  for (const headers of [{ authorization: `Bearer ${key}` }, { "x-api-key": key }])
    expect((await ask(url, body(), { headers })).status).toBe(200);
});
