// The log's four records of a turn against the bytes that crossed both sockets: the same, byte for byte, after content decoding.
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { openQuery, type LoggedTurn, type TurnRecords } from "../../src/journal/query.ts";
import type { StoredRecord } from "../../src/journal/read-record.ts";
import type { JsonObject } from "../../src/kit/json.ts";
import { stream, text, whole } from "../support/chat-frames.ts";
import type { UpstreamExchange } from "../support/fault-upstream.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { body, send } from "./client.ts";
import { rawExchange, type RawReply } from "./raw-exchange.ts";

const stage = (limits: JsonObject = {}): Promise<Stage> => startStage(limits, {}, { key: "sk-provider-key-0123456789" }, { disk: true });

/** What the log says of the newest turn, once all of it is written. */
async function newest({ log, dataDir }: Stage): Promise<TurnRecords & { turn: LoggedTurn }> {
  await log.ended(0);
  await log.flush();
  using query = openQuery(dataDir);
  const found = query.find("last");
  if (found.kind !== "turn") throw new Error("the log is empty");
  return { turn: found.turn, ...query.records(found.turn) };
}

const HEADERS = [
  "Content-Type: application/json",
  "User-Agent: recorder/1.0",
  "X-Twice: one",
  "x-twice: two",
  "Authorization: Bearer sk-client",
];

/** A turn as bytes on the wire. */
function request(port: number, content: Uint8Array, headers: readonly string[] = []): Buffer {
  const lines = [
    "POST /v1/responses?debug=1 HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    ...HEADERS,
    ...headers,
    `Content-Length: ${content.length}`,
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), content]);
}

/** Sends a turn as bytes, and gives the reply as bytes. */
async function turn(started: Stage, content: Uint8Array, headers: readonly string[] = []): Promise<RawReply> {
  const [reply] = await rawExchange(started.port, request(started.port, content, headers));
  if (reply === undefined) throw new Error("no reply");
  return reply;
}

const bytes = (latin1: string): Buffer => Buffer.from(latin1, "latin1");

function expectUpstream(
  records: { request: StoredRecord | null; reply: StoredRecord | null } | undefined,
  exchange: UpstreamExchange | undefined,
): void {
  const wire = exchange?.request;
  expect(records?.request?.body).toEqual(wire?.body);
  expect(records?.request?.start).toMatch(/^POST http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions$/);
  for (const [name, value] of records?.request?.headers ?? [])
    expect(value).toBe(name === "authorization" ? "[redacted]" : wire?.headers[name]);
  expect(records?.request?.headers.map(([name]) => name)).toContain("authorization");
  expect(records?.reply?.body).toEqual(Buffer.concat(exchange?.sent ?? []));
}

function expectReply(record: StoredRecord | null, reply: RawReply): void {
  expect(record?.start).toBe(String(reply.status));
  expect(record?.body).toEqual(bytes(reply.body));
  for (const [name, value] of record?.headers ?? []) expect(value).toBe(reply.headers[name]);
}

test("of a stream", async () => {
  const started = await stage();
  started.upstream.always((exchange) => {
    exchange.begin(200, { "X-Served-By": "box 7" });
    for (const byte of Buffer.from(stream("héllo 🌍 \u0000 \\u2028"))) exchange.send(Uint8Array.of(byte));
    exchange.end();
  });
  const content = Buffer.from(JSON.stringify(body({ stream: true, input: "ünïcode 🌍 \ud800" })));
  const reply = await turn(started, content);
  const { clientRequest, clientReply, attempts, turn: row } = await newest(started);
  expect(row.state).toBe("done");
  expect(clientRequest).toMatchObject({ start: "POST /v1/responses?debug=1", encoding: null, lost: null });
  expect(clientRequest?.body).toEqual(content);
  expect(clientRequest?.headers).toEqual([
    ["host", `127.0.0.1:${started.port}`],
    ["content-type", "application/json"],
    ["user-agent", "recorder/1.0"],
    ["x-twice", "one"],
    ["x-twice", "two"],
    ["authorization", "[redacted]"],
    ["content-length", String(content.length)],
  ]);
  expect(attempts).toHaveLength(1);
  expectUpstream(attempts[0], started.upstream.exchanges[0]);
  expect(attempts[0]?.reply).toMatchObject({ start: "200" });
  expect(attempts[0]?.reply?.headers).toContainEqual(["x-served-by", "box 7"]);
  expectReply(clientReply, reply);
});

test.each([
  ["zstd", zstdCompressSync],
  ["gzip", gzipSync],
])("of a request in %s, decoded, with its coding noted", async (coding, compress) => {
  const started = await stage();
  started.upstream.always((exchange) => exchange.answer(200, whole("ok")));
  const content = Buffer.from(`{ "model": "m",\r\n\t"input":"${"spaces  stay ".repeat(50)}" }\n`);
  const reply = await turn(started, compress(content), [`Content-Encoding: ${coding}`]);
  const { clientRequest, clientReply, attempts } = await newest(started);
  expect(clientRequest?.encoding).toBe(coding);
  expect(clientRequest?.body).toEqual(content);
  expectUpstream(attempts[0], started.upstream.exchanges[0]);
  expectReply(clientReply, reply);
});

test("of a request in chunks", async () => {
  const started = await stage();
  started.upstream.always((exchange) => exchange.answer(200, whole("ok")));
  const content = JSON.stringify(body());
  const chunks = content.replaceAll(/[^]/g, (character) => `1\r\n${character}\r\n`);
  const head = ["POST /v1/responses HTTP/1.1", `Host: 127.0.0.1:${started.port}`, "Transfer-Encoding: chunked"];
  const [reply] = await rawExchange(started.port, `${head.join("\r\n")}\r\n\r\n${chunks}0\r\n\r\n`);
  const { clientRequest, clientReply } = await newest(started);
  expect(String(clientRequest?.body)).toBe(content);
  expectReply(clientReply, reply ?? { status: 0, headers: {}, body: "" });
});

test("of a whole reply, white space and all", async () => {
  const started = await stage();
  started.upstream.always((exchange) => exchange.answer(200, `\n\n${JSON.stringify(whole("ok"), null, 3)}\n`));
  const reply = await turn(started, Buffer.from(JSON.stringify(body())));
  const { clientReply, attempts } = await newest(started);
  expectUpstream(attempts[0], started.upstream.exchanges[0]);
  expectReply(clientReply, reply);
});

test("of each call, where a call was tried again", async () => {
  const started = await stage({ retries: 2, retry_wait_s: 0.01 });
  started.upstream.play(
    (exchange) => exchange.answer(503, "<html>Down for repairs</html>", { "content-type": "text/html", "retry-after-ms": "1" }),
    (exchange) => exchange.reset(),
    (exchange) => {
      exchange.send(stream("third time lucky"));
      exchange.end();
    },
  );
  const reply = await turn(started, Buffer.from(JSON.stringify(body({ stream: true }))));
  const { clientReply, attempts } = await newest(started);
  expect(attempts.map(({ number, status }) => [number, status])).toEqual([
    [0, 503],
    [1, null],
    [2, 200],
  ]);
  expectUpstream(attempts[0], started.upstream.exchanges[0]);
  expectUpstream(attempts[2], started.upstream.exchanges[2]);
  expect(attempts[1]?.request?.body).toEqual(started.upstream.exchanges[1]?.request.body);
  expect(attempts[1]?.reply).toBeNull();
  expectReply(clientReply, reply);
});

test("of a stream that broke off, as far as it came", async () => {
  const started = await stage();
  started.upstream.always((exchange) => {
    exchange.send(text("half a"));
    exchange.send('data: {"cho');
    setImmediate(() => exchange.hangUp());
  });
  const reply = await turn(started, Buffer.from(JSON.stringify(body({ stream: true }))));
  const { clientReply, attempts, turn: row } = await newest(started);
  expect(row).toMatchObject({ state: "failed", status: 200 });
  expectUpstream(attempts[0], started.upstream.exchanges[0]);
  expectReply(clientReply, reply);
});

test("of a client that left: what was sent to it", async () => {
  const started = await stage();
  started.upstream.always((exchange) => exchange.send(text("half a")));
  const reply = await send(started.url, body({ stream: true })).reply;
  await reply.until("response.output_text.delta");
  reply.leave();
  const { clientReply, attempts, turn: row } = await newest(started);
  expect(row.state).toBe("client_closed");
  expectUpstream(attempts[0], started.upstream.exchanges[0]);
  expect(String(clientReply?.body)).toBe(reply.text());
});

test("of a request that was refused", async () => {
  const started = await stage();
  const content = Buffer.from('{"model": "m", "input": [[[');
  const reply = await turn(started, content);
  const { clientRequest, clientReply, attempts } = await newest(started);
  expect(reply.status).toBe(400);
  expect(clientRequest?.body).toEqual(content);
  expect(attempts).toEqual([]);
  expectReply(clientReply, reply);
});

test("of a history of two megabytes, and of the next one, which repeats it", async () => {
  const started = await stage();
  started.upstream.always((exchange) => exchange.answer(200, whole("ok")));
  const history: JsonObject[] = Array.from({ length: 400 }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: `${index} ${"lorem ipsum ".repeat(400)}`,
  }));
  const contents = [history, [...history, { role: "user", content: "and now?" }]].map((input) =>
    Buffer.from(JSON.stringify(body({ input }))),
  );
  for (const content of contents) await turn(started, content);
  await started.log.ended(1);
  await started.log.flush();
  using query = openQuery(started.dataDir);
  const turns = query.list({ limit: 2 }).toReversed();
  for (const [index, one] of turns.entries()) {
    const { clientRequest, attempts } = query.records(one);
    expect(contents[index]?.equals(clientRequest?.body ?? Buffer.alloc(0))).toBe(true);
    expect(started.upstream.exchanges[index]?.request.body.equals(attempts[0]?.request?.body ?? Buffer.alloc(0))).toBe(true);
  }
});
