// Upstreams that say nothing: the client gets its headers in time, signs of life while it waits, and an end that says who was silent.
import { expect, test } from "vitest";
import { stream, text } from "../support/chat-frames.ts";
import { startStage } from "../support/gateway.ts";
import { ask, body, errorOf, failureOf, finished, lastResponse, outputText, send, typesOf } from "./client.ts";

const STREAM = body({ stream: true });

test("an upstream that stops in mid-stream gets heartbeats for its client, then is given up", async () => {
  const { upstream, url, log } = await startStage({ heartbeat_s: 0.02, idle_s: 0.4 });
  upstream.play((exchange) => exchange.send(text("half a")));
  const reply = await send(url, STREAM).reply;
  // One belongs to every stream; the others are heartbeats.
  await reply.until("response.in_progress", 4);
  const events = await finished(reply);
  expect(failureOf(events)).toMatchObject({ code: "server_error" });
  expect(failureOf(events).message).toContain(`127.0.0.1:${upstream.port}`);
  expect(failureOf(events).message).toContain("idle_s");
  await upstream.exchanges[0]?.closed;
  const { end, attempts } = await log.ended(0);
  expect(end).toMatchObject({ state: "failed", fault: "timeout", status: 200 });
  expect(attempts).toMatchObject([{ status: 200, fault: "timeout" }]);
});

test("a stream whose upstream has not answered gets its headers after commit_s, then heartbeats, then its failure", async () => {
  const { upstream, url } = await startStage({ commit_s: 0.02, heartbeat_s: 0.02, first_byte_s: 0.4 });
  upstream.play(() => {});
  const reply = await send(url, STREAM).reply;
  expect(reply.status).toBe(200);
  await reply.until("response.created");
  await reply.until("response.in_progress", 4);
  expect(upstream.exchanges).toHaveLength(1);
  const events = await finished(reply);
  expect(typesOf(events)).toEqual(["created", "in_progress", "failed"]);
  expect(failureOf(events)).toMatchObject({ code: "server_error" });
  expect(failureOf(events).message).toContain("first_byte_s");
  await upstream.exchanges[0]?.closed;
});

test("a stream that was begun before its upstream spoke goes on as any other", async () => {
  const { upstream, url } = await startStage({ commit_s: 0.02 });
  upstream.play(() => {});
  const reply = await send(url, STREAM).reply;
  await reply.until("response.created");
  // The headers may be earlier than the upstream's own look at the request.
  const exchange = await upstream.request(0);
  exchange.send(stream("at last"));
  exchange.end();
  expect(outputText(lastResponse(await finished(reply)))).toBe("at last");
});

test("silence longer than the time to the first byte, before the commit, is a 504", async () => {
  const { upstream, url, log } = await startStage({ commit_s: 10, first_byte_s: 0.05 });
  upstream.play(() => {});
  const error = errorOf(await ask(url, STREAM));
  expect(error).toMatchObject({ status: 504, code: "server_error" });
  expect(error.message).toContain(`127.0.0.1:${upstream.port}`);
  expect((await log.ended(0)).end).toMatchObject({ state: "failed", fault: "timeout", status: 504 });
});

test("a client that did not ask to stream gets no heartbeat, but a 504", async () => {
  const { upstream, url } = await startStage({ commit_s: 0.02, heartbeat_s: 0.02, first_byte_s: 0.2 });
  upstream.play(() => {});
  const reply = await ask(url, body());
  expect(errorOf(reply)).toMatchObject({ status: 504, code: "server_error" });
  await upstream.exchanges[0]?.closed;
});

test("headers alone are no first byte", async () => {
  const { upstream, url } = await startStage({ first_byte_s: 0.05 });
  upstream.play((exchange) => exchange.begin());
  expect(errorOf(await ask(url, STREAM))).toMatchObject({ status: 504 });
  await upstream.exchanges[0]?.closed;
});

test("comments of an upstream that is still loading its model commit nothing", async () => {
  const { upstream, url } = await startStage({ retries: 1 });
  upstream.play(
    (exchange) => {
      exchange.send(": OPENROUTER PROCESSING\n\n");
      setImmediate(() => exchange.reset());
    },
    (exchange) => exchange.answer(404, { error: { message: "no such model: it did not load" } }),
  );
  expect(errorOf(await ask(url, STREAM))).toMatchObject({ status: 400, code: "model_not_found" });
});
