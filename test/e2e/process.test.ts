// The gateway's life as a process: signals, crashes, and what the next start makes of them.
import { connect } from "node:net";
import { expect, test, vi } from "vitest";
import { openQuery, type LoggedTurn } from "../../src/journal/query.ts";
import type { JsonObject } from "../../src/kit/json.ts";
import { DONE, finish, text } from "../support/chat-frames.ts";
import { startFaultUpstream, type FaultUpstream } from "../support/fault-upstream.ts";
import { afterThis } from "../support/gateway.ts";
import { pour, stuck } from "../support/pour.ts";
import { body, failureOf, finished, lastResponse, outputText, send } from "./client.ts";
import { makeHome, type Home } from "./gateway-process.ts";

// A start takes a second or two, and more on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 });

const STREAM = body({ stream: true });

/** A home whose model is at a scripted upstream that begins a reply and says no more. */
async function stage(limits: JsonObject = {}): Promise<{ home: Home; upstream: FaultUpstream }> {
  const upstream = await startFaultUpstream();
  afterThis(() => upstream.close());
  upstream.always((exchange) => exchange.send(text("half a")));
  const home = await makeHome({
    providers: { box: { dialect: "chat", base_url: upstream.url } },
    models: { m: { provider: "box" } },
    limits: { retries: 0, ...limits },
  });
  return { home, upstream };
}

function turnsOf(home: Home): LoggedTurn[] {
  using query = openQuery(home.dataDir);
  return query.list({ limit: 10 });
}

/** Opens a stream, and resolves when its first words have come. */
async function openStream(url: string) {
  const reply = await send(url, STREAM).reply;
  await reply.until("response.output_text.delta");
  return reply;
}

test("kill -9 in mid-turn leaves a row, which the next start marks as interrupted", async () => {
  const { home } = await stage();
  const first = await home.start();
  const reply = await openStream(first.url);
  await expect.poll(() => turnsOf(home)).toMatchObject([{ state: "open", model: null }]);
  first.child.kill("SIGKILL");
  expect(await reply.over).toBe("broken");
  await first.finished;

  const second = await home.start();
  await second.seen(/1 turn was interrupted/);
  expect(turnsOf(home)).toMatchObject([{ state: "interrupted", id: reply.headers["x-waystation-turn"] }]);
});

test("SIGTERM lets a running stream end, refuses new turns, and then exits well", async () => {
  const { home, upstream } = await stage();
  const running = await home.start();
  const reply = await openStream(running.url);
  // A request that has begun: its connection is not idle, so it is not closed.
  const late = connect(running.port, "127.0.0.1");
  let answer = "";
  late.on("data", (chunk) => (answer += String(chunk)));
  const content = JSON.stringify(STREAM);
  const head = [
    "POST /v1/responses HTTP/1.1",
    `host: 127.0.0.1:${running.port}`,
    "expect: 100-continue",
    `content-length: ${content.length}`,
  ];
  late.write(`${head.join("\r\n")}\r\n\r\n`);
  await expect.poll(() => answer).toContain("100 Continue");

  running.child.kill("SIGTERM");
  await expect.poll(() => refusesConnections(running.port)).toBe(true);
  late.write(content);
  await new Promise((resolve) => late.once("close", resolve));
  expect(answer).toContain("HTTP/1.1 503");
  expect(answer).toMatch(/connection: close/i);
  expect(answer).toContain("shutting down");

  upstream.exchanges[0]?.send(text(" loaf") + finish() + DONE);
  upstream.exchanges[0]?.end();
  expect(outputText(lastResponse(await finished(reply)))).toBe("half a loaf");
  expect((await running.finished).code).toBe(0);
  expect(upstream.exchanges).toHaveLength(1);
  const rows = turnsOf(home);
  expect(rows.map((row) => row.state).toSorted()).toEqual(["done", "failed"]);
  expect(rows.find((row) => row.state === "failed")).toMatchObject({ fault: "shutdown", status: 503 });
});

function refusesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}

test("after drain_s a stream gets its terminal event, its upstream is let go, and the exit is a good one", async () => {
  const { home, upstream } = await stage({ drain_s: 0.2 });
  const running = await home.start();
  const reply = await openStream(running.url);
  running.child.kill("SIGTERM");
  const failure = failureOf(await finished(reply));
  expect(failure).toMatchObject({ code: "server_error" });
  expect(failure.message).toMatch(/shut down/);
  await upstream.exchanges[0]?.closed;
  expect((await running.finished).code).toBe(0);
  expect(turnsOf(home)).toMatchObject([{ state: "failed", fault: "shutdown", status: 200 }]);
});

test("a turn that waits for its upstream at drain_s, and streams nothing yet, is a 503", async () => {
  const { home, upstream } = await stage({ drain_s: 0.2, commit_s: 60 });
  upstream.always(() => {});
  const running = await home.start();
  const sent = send(running.url, STREAM);
  await upstream.request(0);
  running.child.kill("SIGTERM");
  const reply = await sent.reply;
  expect(reply.status).toBe(503);
  await reply.over;
  expect(reply.text()).toContain("shut down");
  expect((await running.finished).code).toBe(0);
});

test("a client that does not read holds up its end no longer than drain_s and a few seconds", async () => {
  const { home, upstream } = await stage({ drain_s: 0.2, client_stall_s: 600 });
  upstream.always((exchange) => pour(exchange, text("x".repeat(16_000)), 64 * 1024 * 1024));
  const running = await home.start();
  const reply = await send(running.url, STREAM).reply;
  reply.pause();
  await stuck(await upstream.request(0));
  running.child.kill("SIGTERM");
  expect((await running.finished).code).toBe(0);
  expect(turnsOf(home)).toMatchObject([{ state: "failed", fault: "shutdown" }]);
});

test("a second signal ends it at once", async () => {
  const { home } = await stage({ drain_s: 60 });
  const running = await home.start();
  const reply = await openStream(running.url);
  running.child.kill("SIGINT");
  await expect.poll(() => refusesConnections(running.port)).toBe(true);
  running.child.kill("SIGINT");
  expect((await running.finished).code).toBe(1);
  expect(await reply.over).toBe("broken");
});

test("idle connections do not hold up its end", async () => {
  const { home } = await stage({ drain_s: 60 });
  const running = await home.start();
  const idle = connect(running.port, "127.0.0.1");
  idle.write(`GET /health HTTP/1.1\r\nhost: 127.0.0.1:${running.port}\r\n\r\n`);
  await new Promise((resolve) => idle.once("data", resolve));
  running.child.kill("SIGTERM");
  expect((await running.finished).code).toBe(0);
  idle.destroy();
});

test("a port in use is exit 2 with a sentence", async () => {
  const { home, upstream } = await stage();
  const { code, stderr } = await home.run(upstream.port).finished;
  expect(code).toBe(2);
  expect(stderr).toContain(`Port ${upstream.port}`);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("a second process on the same data_dir is exit 2 with a sentence, and does the first no harm", async () => {
  const { home } = await stage();
  const first = await home.start();
  const reply = await openStream(first.url);
  const { code, stderr } = await home.run().finished;
  expect(code).toBe(2);
  expect(stderr).toMatch(/in use by another Waystation/);
  reply.leave();
  await expect.poll(() => turnsOf(home)).toMatchObject([{ state: "client_closed" }]);
});
