// The Responses API over WebSocket: one message an event, one turn at a time in a lane, lanes side by side, and the log as over HTTP.
import { expect, test } from "vitest";
import { asList, asObject } from "../../src/kit/json.ts";
import { DONE, finish, stream, text, usage } from "../support/chat-frames.ts";
import { startStage } from "../support/gateway.ts";
import { ask, body, eventsOf, failureOf, lastResponse, outputText, typesOf } from "./client.ts";
import { connect, create } from "./socket-client.ts";

test("a turn has the same events as over HTTP, without framing, and so has the next", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.send(stream("Good day.")));
  const socket = await connect(stage.url);
  const events = await socket.turn();
  const overHttp = eventsOf(await ask(stage.url, body({ stream: true, store: false })));
  expect(typesOf(events)).toEqual(typesOf(overHttp));
  expect(outputText(lastResponse(events))).toBe("Good day.");
  expect(events.every((event) => !("stream_id" in event))).toBe(true);
  const again = await socket.turn({ stream: false });
  expect(again.map((event) => event["sequence_number"])).toEqual(again.map((_, index) => index));
  expect(lastResponse(again)["id"]).not.toBe(lastResponse(events)["id"]);
});

test("large messages arrive whole both ways, compressed or not", async () => {
  const stage = await startStage();
  const large = "wort ".repeat(40_000);
  stage.upstream.always((exchange) => exchange.send(stream(large)));
  for (const perMessageDeflate of [true, false]) {
    const socket = await connect(stage.url, { perMessageDeflate });
    expect(socket.socket.extensions).toBe(perMessageDeflate ? "permessage-deflate" : "");
    const input = "lang ".repeat(20_000);
    for (let turn = 0; turn < 3; turn++) expect(outputText(lastResponse(await socket.turn({ input })))).toBe(large);
    const [message] = asList(stage.upstream.exchanges.at(-1)?.request.json["messages"]);
    expect(asObject(message)?.["content"]).toBe(input);
  }
});

test("a lane does one turn after the other, whatever its client sends at once", async () => {
  const stage = await startStage();
  stage.upstream.always(() => undefined);
  const socket = await connect(stage.url);
  for (const input of ["one", "two", "three"]) socket.send(create({ input }));
  // Sent last, in a lane of its own: when its call is there, those of the others would be too.
  socket.send(create({ input: "aside", stream_id: "aside" }));
  const inputs = async (count: number): Promise<string[]> => {
    await stage.upstream.request(count - 1);
    return stage.upstream.exchanges.map(({ request }) => String(asObject(asList(request.json["messages"])[0])?.["content"]));
  };
  expect(await inputs(2)).toEqual(["one", "aside"]);
  for (const [index, expected] of [
    [0, ["one", "aside", "two"]],
    [2, ["one", "aside", "two", "three"]],
  ] as const) {
    stage.upstream.exchanges[index]?.send(stream("next"));
    await socket.response();
    expect(await inputs(expected.length)).toEqual(expected);
  }
  stage.upstream.exchanges[3]?.send(stream("last"));
  expect(outputText(lastResponse(await socket.response()))).toBe("last");
});

test("lanes run side by side, and each event says whose it is", async () => {
  const stage = await startStage();
  stage.upstream.always(() => undefined);
  const socket = await connect(stage.url);
  socket.send(create({ stream_id: "left" }));
  const left = await stage.upstream.request(0);
  socket.send(create({ stream_id: "right" }));
  socket.send(create());
  const [right, none] = [await stage.upstream.request(1), await stage.upstream.request(2)];
  left.send(text("from the "));
  right.send(stream("from the right"));
  none.send(stream("from nowhere"));
  expect(outputText(lastResponse(await socket.response("right")))).toBe("from the right");
  expect(outputText(lastResponse(await socket.response()))).toBe("from nowhere");
  left.send(text("left") + finish() + usage() + DONE);
  expect(outputText(lastResponse(await socket.response("left")))).toBe("from the left");
});

test("no more lanes than allowed, and a refused one leaves the others alone", async () => {
  const stage = await startStage({ socket_lanes: 2 });
  stage.upstream.always(() => undefined);
  const socket = await connect(stage.url);
  for (const lane of ["a", "b", "c"]) socket.send(create({ stream_id: lane }));
  const error = await socket.error();
  expect(error).toMatchObject({ status: 429, stream_id: "c", error: { code: "rate_limit_exceeded", headers: { "retry-after": "1" } } });
  (await stage.upstream.request(0)).send(stream("fine"));
  expect(outputText(lastResponse(await socket.response("a")))).toBe("fine");
  socket.send(create({ stream_id: "c" }));
  (await stage.upstream.request(2)).send(stream("now"));
  expect(outputText(lastResponse(await socket.response("c")))).toBe("now");
});

test("what fails before the model speaks is an error message with the status that HTTP would have; the socket goes on", async () => {
  const stage = await startStage();
  stage.upstream.play(
    (exchange) => exchange.answer(400, { error: { message: "Too hot.", param: "temperature" } }),
    (exchange) => exchange.answer(429, { error: { message: "Slow down." } }, { "retry-after": "7" }),
    (exchange) => exchange.send(stream("Better.")),
  );
  const socket = await connect(stage.url);
  socket.send(create());
  const refused = await socket.error();
  expect(refused).toEqual({
    type: "error",
    status: 400,
    error: { type: "invalid_request_error", code: expect.any(String), message: expect.stringContaining("Too hot."), param: "temperature" },
  });
  socket.send(create({ stream_id: "x" }));
  expect(await socket.error()).toMatchObject({
    status: 429,
    stream_id: "x",
    error: { code: "rate_limit_exceeded", headers: { "retry-after": "7" } },
    headers: { "retry-after": "7" },
  });
  expect(outputText(lastResponse(await socket.turn()))).toBe("Better.");
});

test("what fails in mid-stream is a failed response, and the socket goes on", async () => {
  const stage = await startStage();
  stage.upstream.play(
    (exchange) => {
      exchange.send(text("half a"));
      exchange.reset();
    },
    (exchange) => exchange.send(stream("Whole.")),
  );
  const socket = await connect(stage.url);
  expect(failureOf(await socket.turn()).code).toBe("server_error");
  expect(outputText(lastResponse(await socket.turn()))).toBe("Whole.");
});

test("a silent model gives signs of life", async () => {
  const stage = await startStage({ commit_s: 0.01, heartbeat_s: 0.02 });
  stage.upstream.always(() => undefined);
  const socket = await connect(stage.url);
  socket.send(create());
  await socket.until("response.in_progress", 3);
  (await stage.upstream.request(0)).send(stream("At last."));
  expect(outputText(lastResponse(await socket.response()))).toBe("At last.");
});

test("a turn has the same row and records in the log as over HTTP: the message's bytes, and each event sent", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.send(stream("Logged.")));
  const socket = await connect(stage.url, { headers: { "user-agent": "codex_test/1", "session-id": "of the connection" } });
  const message = JSON.stringify(create({ stream_id: "lane", client_metadata: { session_id: "of the message" } }));
  socket.send(message);
  const events = await socket.response("lane");
  const { start, attempts, end } = await stage.log.ended(0);
  expect(start).toMatchObject({ session: "of the message", client: "codex_test/1", dialect: "responses" });
  expect(Buffer.concat([...start.request.body]).toString()).toBe(message);
  expect(start.request.headers).toContainEqual(["session-id", "of the connection"]);
  expect(attempts).toMatchObject([{ status: 200, fault: null, request: { body: [expect.anything()] }, reply: { start: "200" } }]);
  expect(end).toMatchObject({ state: "done", status: 200, model: "m", usage: { input: 100, output: 10 } });
  expect(Buffer.concat([...(end.reply?.body ?? [])]).toString()).toBe(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  socket.send("{");
  await socket.error();
  const failed = await stage.log.ended(1);
  expect(Buffer.concat([...failed.start.request.body]).toString()).toBe("{");
  expect(failed.end).toMatchObject({ state: "failed", status: 400, fault: "invalid_request" });
});

test("what a message says in place of headers is heeded, and nothing else of it", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.send(stream("Yes.")));
  const socket = await connect(stage.url);
  // A client that is Codex by a header gets refusals as text: its profile is told by the message alone.
  const refusal = stream("").replace('"content":""', '"refusal":"No."');
  stage.upstream.play(
    (exchange) => exchange.send(refusal),
    (exchange) => exchange.send(refusal),
  );
  const first = lastResponse(await socket.turn({ client_metadata: { "x-codex-turn-metadata": "{}" } }));
  expect(first["output"]).toMatchObject([{ content: [{ type: "output_text", text: "No." }] }]);
  const second = lastResponse(
    await socket.turn({ client_metadata: { authorization: "Bearer x", host: "evil", ws_request_header_host: "e" } }),
  );
  expect(second["output"]).toMatchObject([{ content: [{ type: "refusal", refusal: "No." }] }]);
});
