// Clients that do not read: their upstream is held back, so that nothing piles up in memory, and after a while both are let go.
import { expect, test } from "vitest";
import { DONE, finish, text } from "../support/chat-frames.ts";
import { startStage } from "../support/gateway.ts";
import { pour, stuck } from "../support/pour.ts";
import { ask, body, eventsOf, lastResponse, outputText, send } from "./client.ts";

const STREAM = body({ stream: true });
const MIB = 1024 * 1024;
const LINE = text("x".repeat(16_000));

/** Bytes that have left the upstream. */
const taken = (sent: readonly Buffer[], waiting: number): number => sent.reduce((sum, chunk) => sum + chunk.length, 0) - waiting;

test("a client that never reads is cut off after client_stall_s, and its upstream with it", async () => {
  const { upstream, url, log } = await startStage({ client_stall_s: 0.5, heartbeat_s: 0.05 });
  upstream.always((exchange) => pour(exchange, LINE, 512 * MIB));
  const reply = await send(url, STREAM).reply;
  reply.pause();
  const exchange = await upstream.request(0);
  await exchange.closed;
  expect(taken(exchange.sent, exchange.socket.writableLength)).toBeLessThan(96 * MIB);
  const { end, attempts } = await log.ended(0);
  expect(end).toMatchObject({ state: "client_closed" });
  expect(attempts).toMatchObject([{ status: 200, fault: "client_closed" }]);
});

test("a client that reads again after a while gets everything, and its silence is not held against the upstream", async () => {
  const { upstream, url, log } = await startStage({ idle_s: 0.15, client_stall_s: 30 });
  upstream.always(async (exchange) => {
    await pour(exchange, LINE, 24 * MIB);
    exchange.send(finish() + DONE);
    exchange.end();
  });
  const reply = await send(url, STREAM).reply;
  reply.pause();
  const exchange = await upstream.request(0);
  // Longer than idle_s.
  await stuck(exchange);
  expect(log.turns).toMatchObject([{ end: null }]);
  reply.resume();
  expect(await reply.over).toBe("ended");
  const events = eventsOf({ status: reply.status, headers: reply.headers, text: reply.text() });
  expect(outputText(lastResponse(events))).toHaveLength(16_000 * Math.ceil((24 * MIB) / LINE.length));
  expect((await log.ended(0)).end).toMatchObject({ state: "done" });
});

test("a client that waits for a slow model is no client that does not read", async () => {
  const { upstream, url } = await startStage({ client_stall_s: 0.05, heartbeat_s: 10, commit_s: 0.01 });
  upstream.always((exchange) => {
    setTimeout(() => {
      exchange.send(text("slow") + finish() + DONE);
      exchange.end();
    }, 400);
  });
  expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("slow");
});
