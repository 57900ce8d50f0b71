// Clients that leave, in every phase of a turn: the upstream sees it at once, nothing else begins, and the log says whose end it was.
import { connect } from "node:net";
import { expect, test } from "vitest";
import { finish, text, DONE } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { pour, stuck } from "../support/pour.ts";
import { body, send } from "./client.ts";

const STREAM = body({ stream: true });

/** Fails where something takes longer than a second: it is to happen within milliseconds. */
async function soon<T>(what: string, event: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than a second`)), 1000);
  });
  try {
    return await Promise.race([event, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the log must say of the only turn. */
async function expectClientClosed({ log }: Stage): Promise<void> {
  const turn = await soon("the end of the turn", log.ended(0));
  expect(turn.end).toMatchObject({ state: "client_closed", fault: "client_closed" });
  expect(log.turns).toHaveLength(1);
}

test.each([
  ["that streams", STREAM],
  ["that does not stream", body()],
])("a client %s and leaves before its upstream has answered aborts the call", async (_, content) => {
  const stage = await startStage({ retries: 2 });
  stage.upstream.always(() => {});
  const sent = send(stage.url, content);
  const exchange = await stage.upstream.request(0);
  sent.leave();
  await soon("the abort", exchange.closed);
  await expectClientClosed(stage);
  expect(stage.upstream.exchanges).toHaveLength(1);
  expect(stage.log.turns[0]).toMatchObject({ attempts: [{ status: null, fault: "client_closed" }], end: { status: null } });
});

test("a client that leaves after the commit, before its upstream has answered, aborts the call", async () => {
  const stage = await startStage({ commit_s: 0.02 });
  stage.upstream.always(() => {});
  const reply = await send(stage.url, STREAM).reply;
  await reply.until("response.created");
  reply.leave();
  await soon("the abort", (await stage.upstream.request(0)).closed);
  await expectClientClosed(stage);
});

test("a client that leaves in mid-stream aborts the call, and what was sent is in the log", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.send(text("half a")));
  const reply = await send(stage.url, STREAM).reply;
  await reply.until("response.output_text.delta");
  reply.leave();
  await soon("the abort", (await stage.upstream.request(0)).closed);
  await expectClientClosed(stage);
  const { attempts, end } = stage.log.turns[0] ?? {};
  expect(attempts).toMatchObject([{ status: 200, fault: "client_closed" }]);
  expect(Buffer.concat([...(attempts?.[0]?.reply?.body ?? [])]).toString()).toBe(text("half a"));
  expect(Buffer.concat([...(end?.reply?.body ?? [])]).toString()).toBe(reply.text());
});

test("a client that leaves while a failed call waits to be tried again frees the wait, and no call begins", async () => {
  const stage = await startStage({ retries: 2, retry_wait_s: 20 });
  stage.upstream.always((exchange) => exchange.answer(429, { error: { message: "slow down" } }, { "retry-after": "15" }));
  const sent = send(stage.url, STREAM);
  await stage.upstream.request(0);
  // Until the reply has been read the turn is not waiting; then it has nothing but its timer.
  await expect.poll(() => stage.log.turns[0]?.attempts.length).toBe(1);
  sent.leave();
  await expectClientClosed(stage);
  expect(stage.upstream.exchanges).toHaveLength(1);
});

test("a client that leaves while it does not read aborts the call too", async () => {
  const stage = await startStage();
  // Far more than the sockets between can hold.
  stage.upstream.always((exchange) => pour(exchange, text("x".repeat(16_000)), 64 * 1024 * 1024));
  const reply = await send(stage.url, STREAM).reply;
  reply.pause();
  const exchange = await stage.upstream.request(0);
  await stuck(exchange);
  reply.leave();
  await soon("the abort", exchange.closed);
  await expectClientClosed(stage);
});

test("a client that leaves while it sends its request reaches no upstream", async () => {
  const stage = await startStage();
  const socket = connect(stage.port, "127.0.0.1");
  const head = ["POST /v1/responses HTTP/1.1", `host: 127.0.0.1:${stage.port}`, "expect: 100-continue", "content-length: 1000"];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  // The server is ready to read the body.
  await new Promise((resolve) => socket.once("data", resolve));
  socket.write('{"model":"m",', () => socket.resetAndDestroy());
  await soon("the end of the turn", stage.log.ended(0));
  expect(stage.log.turns).toMatchObject([{ end: { state: "client_closed" }, attempts: [] }]);
  expect(stage.upstream.exchanges).toEqual([]);
});

test("a client that only ends its half of the connection keeps its stream", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.send(text("half a")));
  const socket = connect({ port: stage.port, host: "127.0.0.1", allowHalfOpen: true });
  let received = "";
  socket.on("data", (chunk) => (received += String(chunk)));
  const content = JSON.stringify(STREAM);
  socket.end(
    `POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1:${stage.port}\r\nconnection: close\r\ncontent-length: ${content.length}\r\n\r\n${content}`,
  );
  await expect.poll(() => received).toContain("half a");
  const exchange = await stage.upstream.request(0);
  exchange.send(text(" loaf") + finish() + DONE);
  exchange.end();
  await new Promise((resolve) => socket.once("end", resolve));
  expect(received).toContain("half a loaf");
  expect((await stage.log.ended(0)).end).toMatchObject({ state: "done" });
});

test("a hundred clients that leave at the same time leave nothing behind", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.send(text("half a")));
  const replies = await Promise.all(Array.from({ length: 100 }, () => send(stage.url, STREAM).reply));
  await Promise.all(replies.map((reply) => reply.until("response.output_text.delta")));
  for (const reply of replies) reply.leave();
  await soon("the aborts", Promise.all(stage.upstream.exchanges.map((exchange) => exchange.closed)));
  await soon("the end of all turns", stage.gateway.idle());
  expect(stage.upstream.exchanges).toHaveLength(100);
  expect(stage.log.turns.filter((turn) => turn.end?.state === "client_closed")).toHaveLength(100);
});
