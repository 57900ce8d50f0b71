// WebSocket: what is refused, before the upgrade as any request is, and after it by an error message that leaves the socket usable.
import { Socket } from "node:net";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/kit/json.ts";
import { stream } from "../support/chat-frames.ts";
import { startStage } from "../support/gateway.ts";
import { ask, body, jsonOf, lastResponse, outputText } from "./client.ts";
import { rawExchange } from "./raw-exchange.ts";
import { connect, create, refused } from "./socket-client.ts";

const KEY = "wk_0123456789abcdef0123";

test.each([
  ["without a key", {}, 401],
  ["with a wrong key", { authorization: "Bearer wk_wrong" }, 401],
  ["by a foreign name", { authorization: `Bearer ${KEY}`, host: "evil.example" }, 403],
  ["from a page of another origin", { authorization: `Bearer ${KEY}`, origin: "https://evil.example" }, 403],
  ["from another site", { authorization: `Bearer ${KEY}`, "sec-fetch-site": "cross-site" }, 403],
])("an upgrade %s is refused as any request is, before anything is upgraded", async (_, headers, status) => {
  const stage = await startStage({}, { server: { keys: [KEY] } });
  const answer = await refused(stage.url, { headers });
  const overHttp = await ask(stage.url, body(), { headers });
  expect({ status: answer.status, body: answer.body }).toEqual({ status, body: jsonOf(overHttp) });
  for (const name of ["www-authenticate", "x-should-retry", "content-type"]) expect(answer.headers[name]).toBe(overHttp.headers[name]);
  expect(answer.headers["x-request-id"]).toMatch(/^req_[0-9a-f]{32}$/);
  expect(stage.log.turns).toEqual([]);
});

test("an upgrade with a good key, from a page of its own, or with a query is taken", async () => {
  const stage = await startStage({}, { server: { keys: [KEY] } });
  stage.upstream.always((exchange) => exchange.send(stream("In.")));
  for (const headers of [{ authorization: `Bearer ${KEY}` }, { "x-api-key": KEY, origin: stage.url }]) {
    expect(outputText(lastResponse(await (await connect(stage.url, { headers })).turn()))).toBe("In.");
  }
});

test("other paths have no WebSocket; where it is turned off no path has", async () => {
  const stage = await startStage();
  expect(await refused(stage.url, { path: "/v1/models" })).toMatchObject({ status: 426, body: { error: { code: "upgrade_required" } } });
  const off = await startStage({}, { server: { websocket: false } });
  expect(await refused(off.url)).toMatchObject({ status: 426, body: { error: { code: "upgrade_required" } } });
});

test.each([
  ["no key of its own", ["sec-websocket-version: 13"], /Sec-WebSocket-Key/],
  ["another version", ["sec-websocket-version: 7", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="], /Sec-WebSocket-Version/],
])("a handshake with %s is a 400 with a sentence", async (_, lines, message) => {
  const { port } = await startStage();
  const head = ["GET /v1/responses HTTP/1.1", `host: 127.0.0.1:${port}`, "connection: Upgrade", "upgrade: websocket", ...lines];
  const [reply] = await rawExchange(port, `${head.join("\r\n")}\r\n\r\n`);
  expect(reply?.status).toBe(400);
  expect(reply?.body).toMatch(message);
});

test.each<[string, JsonObject | string | Uint8Array, JsonObject]>([
  ["broken JSON", '{"type":', { message: expect.stringContaining("parse") }],
  ["no JSON object", "[]", { message: expect.stringContaining("JSON object") }],
  ["nothing", "", { message: expect.any(String) }],
  ["bytes", new Uint8Array([1, 2, 3]), { message: expect.stringContaining("binary") }],
  ["no type", { model: "m", input: "hi" }, { code: "missing_required_parameter", param: "type" }],
  [
    "an unknown type",
    { type: "response.cancel" },
    { code: "invalid_value", param: "type", message: expect.stringContaining("response.cancel") },
  ],
  ["no model", { type: "response.create", input: "hi" }, { code: "missing_required_parameter", param: "model" }],
  ["no input", { type: "response.create", model: "m" }, { code: "missing_required_parameter", param: "input" }],
  ["an unknown model", create({ model: "nobody/it" }), { code: "model_not_found", param: "model" }],
  ["background", create({ background: true }), { code: "unsupported_parameter", param: "background" }],
  ["generate that is no boolean", create({ generate: "no" }), { code: "invalid_type", param: "generate" }],
  ["a lane that is no string", create({ stream_id: 7 }), { code: "invalid_value", param: "stream_id" }],
  ["a lane without a name", create({ stream_id: "" }), { code: "invalid_value", param: "stream_id" }],
  [
    "both a response and a conversation",
    create({ previous_response_id: "resp_1", conversation: "conv_1" }),
    { param: "previous_response_id" },
  ],
  ["a conversation where none is kept", create({ conversation: "conv_1" }), { param: "conversation" }],
  ["JSON deeper than anybody needs", `{"type":${"[".repeat(200)}${"]".repeat(200)}}`, { message: expect.stringContaining("nested") }],
])("a message with %s is an error message, is in the log, and the socket goes on", async (_, message, error) => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.send(stream("Still here.")));
  const socket = await connect(stage.url);
  socket.send(message);
  const told = await socket.error();
  expect(told).toMatchObject({ type: "error", status: 400, error: { type: "invalid_request_error", ...error } });
  // Open Responses wants a code in every one.
  expect(told).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
  expect((await stage.log.ended(0)).end).toMatchObject({ state: "failed", status: 400 });
  expect(outputText(lastResponse(await socket.turn()))).toBe("Still here.");
});

test("a wish to steer is refused in its own words", async () => {
  const stage = await startStage();
  const socket = await connect(stage.url);
  const input = [{ role: "user", content: "rather this" }];
  socket.send({ type: "response.steer", previous_response_id: "resp_1", input });
  await socket.until("response.steer.failed");
  expect(socket.messages).toMatchObject([{ error: { code: "steering_not_supported" }, steer: { previous_response_id: "resp_1", input } }]);
});

test("a message larger than body_mb closes the socket with 1009, also one that is small until it is inflated", async () => {
  const stage = await startStage({ body_mb: 1 });
  for (const perMessageDeflate of [false, true]) {
    const socket = await connect(stage.url, { perMessageDeflate });
    socket.send(create({ input: "x".repeat(1_100_000) }));
    expect((await socket.closed).code).toBe(1009);
  }
  for (const number of [0, 1]) {
    const { start, end } = await stage.log.ended(number);
    expect(start.request).toMatchObject({ start: "MESSAGE /v1/responses", body: [new Uint8Array(0)] });
    expect(end).toMatchObject({
      state: "failed",
      fault: "too_large",
      status: null,
      detail: expect.stringContaining("limits.body_mb (1 MB)"),
    });
  }
});

test("text that is no UTF-8 closes the socket with 1007", async () => {
  const stage = await startStage();
  const socket = await connect(stage.url);
  socket.socket.send(new Uint8Array([0x7b, 0xff, 0x7d]), { binary: false });
  expect((await socket.closed).code).toBe(1007);
  expect((await stage.log.ended(0)).end).toMatchObject({
    state: "failed",
    fault: "invalid_request",
    detail: expect.stringContaining("UTF-8"),
  });
});

test("a client that breaks WebSocket's framing is in the log, one that only breaks off is not", async () => {
  const stage = await startStage();
  const left = await connect(stage.url);
  left.socket.terminate();
  await left.closed;
  const socket = await connect(stage.url);
  // A frame that is not masked (RFC 6455, 5.1), past the client's own writer.
  const raw: unknown = Reflect.get(socket.socket, "_socket");
  if (raw instanceof Socket) raw.write(new Uint8Array([0x81, 0x01, 0x7b]));
  expect((await socket.closed).code).toBe(1002);
  expect(stage.log.turns).toHaveLength(1);
  expect(stage.log.turns[0]?.end).toMatchObject({ detail: expect.stringContaining("MASK must be set") });
});

test("more messages than may wait are refused, and those before them are answered", async () => {
  const stage = await startStage();
  stage.upstream.always(() => undefined);
  const socket = await connect(stage.url);
  for (let index = 0; index < 66; index++) socket.send(create({ input: `number ${index}` }));
  expect(await socket.error()).toMatchObject({ status: 429, error: { code: "rate_limit_exceeded" } });
  stage.upstream.always((exchange) => exchange.send(stream("Fine.")));
  (await stage.upstream.request(0)).send(stream("Fine."));
  for (let index = 0; index < 65; index++) await socket.response();
  expect(stage.upstream.exchanges).toHaveLength(65);
});
