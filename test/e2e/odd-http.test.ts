// Oddities of HTTP itself: trailers, informational replies, and what is no HTTP at all.
import { expect, test } from "vitest";
import { stream } from "../support/chat-frames.ts";
import { startStage } from "../support/gateway.ts";
import { ask, body, errorOf, eventsOf, lastResponse, outputText } from "./client.ts";

const STREAM = body({ stream: true });

test("trailers after a stream are passed over, and the connection serves again", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.begin(200, { trailer: "x-checksum" });
    exchange.send(stream("before the trailer"));
    exchange.raw("0\r\nx-checksum: 1\r\n\r\n");
  });
  for (let turn = 0; turn < 2; turn++) expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("before the trailer");
});

test("a 100 Continue that nobody asked for is a 502 that says so, and is not tried again", async () => {
  const { upstream, url } = await startStage({ retries: 2, retry_wait_s: 0.01 });
  upstream.always((exchange) => {
    exchange.raw("HTTP/1.1 100 Continue\r\n\r\n");
    exchange.send(stream("after it"));
    exchange.end();
  });
  const error = errorOf(await ask(url, STREAM));
  expect(error).toMatchObject({ status: 502, code: "server_error" });
  expect(error.message).toContain(`127.0.0.1:${upstream.port} sent "100 Continue"`);
  expect(upstream.exchanges).toHaveLength(1);
});

test.each(["102 Processing", "103 Early Hints"])("an informational reply (%s) before the real one is passed over", async (line) => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.raw(`HTTP/1.1 ${line}\r\nlink: </style.css>\r\n\r\n`);
    exchange.send(stream("after the hints"));
    exchange.end();
  });
  expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("after the hints");
});

test("what is no HTTP is a 502", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => exchange.raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
  const error = errorOf(await ask(url, STREAM));
  expect(error).toMatchObject({ status: 502, code: "server_error" });
  expect(error.message).toContain(`127.0.0.1:${upstream.port}`);
});
