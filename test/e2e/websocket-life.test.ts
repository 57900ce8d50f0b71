// The life of a WebSocket: clients that leave or do not read, limits of time, and a server that stops.
import { expect, test, vi } from "vitest";
import { DONE, finish, stream, text, usage } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { pour, stuck } from "../support/pour.ts";
import { failureOf, lastResponse, outputText } from "./client.ts";
import { connect, create, type TestSocket } from "./socket-client.ts";

const MIB = 1024 * 1024;
const LINE = text("x".repeat(16_000));

/** A gateway whose model has said half of a reply on this connection. */
async function halfway(limits = {}): Promise<{ stage: Stage; socket: TestSocket }> {
  const stage = await startStage(limits);
  stage.upstream.always((exchange) => exchange.send(text("half a")));
  const socket = await connect(stage.url);
  socket.send(create());
  await socket.until("response.output_text.delta");
  return { stage, socket };
}

test.each([
  ["a close message", (socket: TestSocket): void => socket.socket.close(1000)],
  ["a broken connection", (socket: TestSocket): void => socket.socket.terminate()],
])("a client that leaves by %s aborts its upstream calls at once, and what waited behind them is not begun", async (_, leave) => {
  const { stage, socket } = await halfway();
  socket.send(create({ stream_id: "other" }));
  socket.send(create({ input: "later" }));
  const [one, other] = [await stage.upstream.request(0), await stage.upstream.request(1)];
  const left = performance.now();
  leave(socket);
  await Promise.all([one.closed, other.closed]);
  // Told by the socket, not by some timer of seconds.
  expect(performance.now() - left).toBeLessThan(1000);
  await stage.gateway.idle();
  expect(stage.log.turns.map((turn) => turn.end?.state)).toEqual(["client_closed", "client_closed"]);
  expect(stage.upstream.exchanges).toHaveLength(2);
});

test("a client that does not read holds its upstream back, and gets everything when it reads again", async () => {
  const stage = await startStage();
  stage.upstream.always(async (exchange) => {
    await pour(exchange, LINE, 24 * MIB);
    exchange.send(finish() + usage() + DONE);
  });
  // Compressed, all of it would fit between the sockets.
  const socket = await connect(stage.url, { perMessageDeflate: false });
  socket.socket.pause();
  socket.send(create());
  const exchange = await stage.upstream.request(0);
  await stuck(exchange);
  expect(exchange.socket.writableLength).toBeGreaterThan(0);
  socket.socket.resume();
  const length = outputText(lastResponse(await socket.response())).length;
  expect(length).toBeGreaterThan(23 * MIB);
});

test("a client that never reads is cut off after client_stall_s, and its upstream with it", async () => {
  const stage = await startStage({ client_stall_s: 0.5 });
  stage.upstream.always((exchange) => pour(exchange, LINE, 512 * MIB));
  // Compressed, all of it would fit between the sockets.
  const socket = await connect(stage.url, { perMessageDeflate: false });
  socket.socket.pause();
  socket.send(create());
  await (
    await stage.upstream.request(0)
  ).closed;
  expect((await stage.log.ended(0)).end).toMatchObject({ state: "client_closed" });
});

test("a client that sends and sends and reads no answer is read no more until it does", async () => {
  const stage = await startStage();
  const socket = await connect(stage.url, { perMessageDeflate: false });
  socket.socket.pause();
  for (let sent = 0; sent < 64; sent++) socket.send({ type: "response.steer", input: "x".repeat(MIB) });
  // The answers repeat what was sent: the gateway would have all of it in memory.
  await expect(vi.waitFor(() => expect(socket.socket.bufferedAmount).toBe(0), 1500)).rejects.toThrow("to be +0");
  socket.socket.resume();
  await vi.waitFor(() => expect(socket.messages).toHaveLength(64), 10_000);
}, 20_000);

test("a connection that is too old is told so and closed, after the turn that runs", async () => {
  const { stage, socket } = await halfway({ socket_s: 0.2 });
  const old = await connect(stage.url);
  const limit = { status: 400, error: { type: "invalid_request_error", code: "websocket_connection_limit_reached" } };
  expect(await old.error()).toMatchObject(limit);
  expect((await old.closed).code).toBe(1001);
  socket.send(create());
  expect(await socket.error()).toMatchObject(limit);
  (await stage.upstream.request(0)).send(text(" loaf") + finish() + usage() + DONE);
  expect(outputText(lastResponse(await socket.response()))).toBe("half a loaf");
  expect((await socket.closed).code).toBe(1001);
  expect(stage.upstream.exchanges).toHaveLength(1);
});

test("an idle connection is closed, one on which a turn runs is not", async () => {
  const { stage, socket } = await halfway({ socket_idle_s: 0.2 });
  const idle = await connect(stage.url);
  expect(await idle.closed).toMatchObject({ code: 1001, reason: expect.stringContaining("idle") });
  (await stage.upstream.request(0)).send(text(" loaf") + finish() + usage() + DONE);
  expect(outputText(lastResponse(await socket.response()))).toBe("half a loaf");
});

test("a server that stops closes idle connections at once, and others after their turn", async () => {
  const { stage, socket } = await halfway();
  const idle = await connect(stage.url);
  const stopped = stage.close();
  expect((await idle.closed).code).toBe(1001);
  socket.send(create({ stream_id: "late" }));
  expect(await socket.error()).toMatchObject({ status: 503, stream_id: "late" });
  (await stage.upstream.request(0)).send(text(" loaf") + finish() + usage() + DONE);
  expect(outputText(lastResponse(await socket.response()))).toBe("half a loaf");
  expect((await socket.closed).code).toBe(1001);
  await stopped;
});

test("a server that may wait no longer ends each turn with its terminal event, then the connection", async () => {
  const { stage, socket } = await halfway({ drain_s: 0.1 });
  const stopped = stage.close();
  expect(failureOf(await socket.response()).message).toContain("shut down");
  expect((await socket.closed).code).toBe(1001);
  await stopped;
});

test("a server stops although a client neither answers its close nor goes", async () => {
  const { stage, socket } = await halfway({ drain_s: 0.1 });
  socket.socket.pause();
  await stage.close();
  socket.socket.resume();
  await socket.closed;
});

test("a hundred connections leave nothing behind", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.send(stream("Hello.")));
  const sockets = await Promise.all(Array.from({ length: 100 }, () => connect(stage.url)));
  await Promise.all(sockets.map((socket) => socket.turn()));
  stage.upstream.always((exchange) => exchange.send(text("half")));
  for (const socket of sockets) socket.send(create());
  await Promise.all(sockets.map((socket) => socket.until("response.output_text.delta", 2)));
  for (const socket of sockets) socket.socket.terminate();
  await stage.gateway.idle();
  expect(stage.log.turns.filter((turn) => turn.end?.state === "client_closed")).toHaveLength(100);
  await Promise.all(stage.upstream.exchanges.slice(100).map((exchange) => exchange.closed));
});
