// Streams of upstreams that misbehave in the middle: whatever happens there, the client gets a whole stream, its terminal event,
// and the end of the body.
import { expect, test } from "vitest";
import { DONE, delta, finish, frame, stream, text, usage } from "../support/chat-frames.ts";
import { startStage } from "../support/gateway.ts";
import { ask, body, eventsOf, failureOf, finished, jsonOf, lastResponse, outputText, send, typesOf } from "./client.ts";

const STREAM = body({ stream: true });

test("a reply streams through, and its parts are where the contract wants them", async () => {
  const { upstream, url, log } = await startStage();
  upstream.play((exchange) => {
    for (const word of ["Hello", ", ", "world"]) exchange.send(text(word));
    exchange.send(finish() + usage(7, 3) + DONE);
    exchange.end();
  });
  const reply = await ask(url, STREAM);
  const events = eventsOf(reply);
  expect(typesOf(events)).toEqual([
    "created",
    "in_progress",
    "output_item.added",
    "content_part.added",
    "output_text.delta",
    "output_text.done",
    "content_part.done",
    "output_item.done",
    "completed",
  ]);
  const response = lastResponse(events);
  expect(outputText(response)).toBe("Hello, world");
  expect(response).toMatchObject({ model: "m", usage: { input_tokens: 7, output_tokens: 3 } });
  const { end } = await log.ended(0);
  expect(end).toMatchObject({
    state: "done",
    status: 200,
    model: "m",
    provider: "box",
    targetModel: "upstream-model",
    responseId: response["id"],
  });
});

test("a call of a tool that nobody declared passes, and the stream completes", async () => {
  const { upstream, url } = await startStage();
  upstream.play((exchange) => {
    exchange.send(
      delta({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "invented", arguments: '{"a":' } }] }),
    );
    exchange.send(delta({ tool_calls: [{ index: 0, function: { arguments: "1}" } }] }) + finish("tool_calls") + DONE);
    exchange.end();
  });
  const tools = [{ type: "function", name: "declared", parameters: { type: "object", properties: {} } }];
  const events = eventsOf(await ask(url, body({ stream: true, tools })));
  expect(events.at(-1)?.["type"]).toBe("response.completed");
  expect(lastResponse(events)["output"]).toMatchObject([
    { type: "function_call", name: "invented", arguments: '{"a":1}', call_id: "call_1", status: "completed" },
  ]);
});

test("a reset in mid-stream is a failed response, and the body ends", async () => {
  const { upstream, url, log } = await startStage();
  upstream.play((exchange) => exchange.send(text("half a")));
  const reply = await send(url, STREAM).reply;
  await reply.until("response.output_text.delta");
  upstream.exchanges[0]?.reset();
  const events = await finished(reply);
  expect(failureOf(events)).toMatchObject({ code: "server_error" });
  const { end, attempts } = await log.ended(0);
  expect(end).toMatchObject({ state: "failed", fault: "cut", status: 200 });
  expect(attempts).toMatchObject([{ number: 0, fault: "cut", status: 200 }]);
});

test("an end of the connection inside a chunk is a failed response", async () => {
  const { upstream, url, log } = await startStage();
  upstream.play((exchange) => {
    exchange.send(text("half a"));
    exchange.raw("ffff\r\ndata: {");
  });
  const reply = await send(url, STREAM).reply;
  await reply.until("response.output_text.delta");
  upstream.exchanges[0]?.hangUp();
  expect(failureOf(await finished(reply))).toMatchObject({ code: "server_error" });
  expect((await log.ended(0)).end).toMatchObject({ state: "failed", fault: "cut" });
});

test("a body that ends properly before the model has finished is a failed response", async () => {
  const { upstream, url } = await startStage();
  upstream.play((exchange) => {
    exchange.send(text("half a"));
    exchange.end();
  });
  const failure = failureOf(eventsOf(await ask(url, STREAM)));
  expect(failure.message).toMatch(/before the reply was complete/);
});

test("a reset in the middle of a whole reply is a 502", async () => {
  const { upstream, url } = await startStage();
  upstream.play((exchange) => {
    exchange.begin(200, { "content-type": "application/json" });
    exchange.send('{"choices":[');
    setImmediate(() => exchange.reset());
  });
  const reply = await ask(url, body());
  expect(reply.status).toBe(502);
  expect(jsonOf(reply)["error"]).toMatchObject({ code: "server_error" });
});

test("an error object in mid-stream is a failed response with its words", async () => {
  const { upstream, url, log } = await startStage();
  upstream.play((exchange) => {
    exchange.send(text("half a") + frame({ error: { message: "the GPU fell off the bus", code: 500 } }));
    exchange.send(text("and more") + finish() + DONE);
    exchange.end();
  });
  const events = eventsOf(await ask(url, STREAM));
  expect(failureOf(events)).toEqual({ code: "server_error", message: "the GPU fell off the bus" });
  expect(JSON.stringify(events)).not.toContain("and more");
  expect((await log.ended(0)).end).toMatchObject({ state: "failed", fault: "server" });
});

test("what comes after the end marker is ignored, and the connection serves again", async () => {
  const { upstream, url } = await startStage();
  upstream.always((exchange) => {
    exchange.send(stream("all of it"));
    exchange.send(text("too late") + frame({ error: { message: "too late" } }));
    exchange.end();
  });
  for (let turn = 0; turn < 2; turn += 1) {
    const events = eventsOf(await ask(url, STREAM));
    expect(events.at(-1)?.["type"]).toBe("response.completed");
    expect(outputText(lastResponse(events))).toBe("all of it");
  }
  expect(upstream.connections).toBe(1);
});

test("an upstream that never ends its body does not hold the client up after the end marker", async () => {
  const { upstream, url } = await startStage();
  upstream.play((exchange) => exchange.send(stream("all of it")));
  const events = eventsOf(await ask(url, STREAM));
  expect(events.at(-1)?.["type"]).toBe("response.completed");
  await upstream.exchanges[0]?.closed;
});

test("a model that has finished is not failed because its server forgets the end marker and the end", async () => {
  const { upstream, url, log } = await startStage({ idle_s: 0.1 });
  upstream.play((exchange) => exchange.send(text("all of it") + finish()));
  const events = eventsOf(await ask(url, STREAM));
  expect(events.at(-1)?.["type"]).toBe("response.completed");
  expect(outputText(lastResponse(events))).toBe("all of it");
  expect((await log.ended(0)).end).toMatchObject({ state: "done" });
  await upstream.exchanges[0]?.closed;
});

test("a reset after the model has finished takes nothing from the reply", async () => {
  const { upstream, url } = await startStage();
  upstream.play((exchange) => exchange.send(text("all of it") + finish()));
  const reply = await send(url, STREAM).reply;
  await reply.until("response.output_text.delta");
  upstream.exchanges[0]?.reset();
  expect((await finished(reply)).at(-1)?.["type"]).toBe("response.completed");
});

test("a reply cut into single bytes, inside characters too, is the same", async () => {
  const { upstream, url } = await startStage();
  upstream.play((exchange) => {
    for (const byte of Buffer.from(stream("héllo 🌍"))) exchange.send(Uint8Array.of(byte));
    exchange.end();
  });
  expect(outputText(lastResponse(eventsOf(await ask(url, STREAM))))).toBe("héllo 🌍");
});

test("a stream event that is no JSON is a failed response that shows its start, and the log has it whole", async () => {
  const { upstream, url, log } = await startStage();
  upstream.play((exchange) => {
    exchange.send(`${text("half a")}data: {broken\n\n`);
    exchange.end();
  });
  expect(failureOf(eventsOf(await ask(url, STREAM))).message).toContain("{broken");
  const { attempts } = await log.ended(0);
  expect(Buffer.concat([...(attempts[0]?.reply?.body ?? [])]).toString()).toContain("data: {broken\n\n");
});

const CUT_PATCH = '{"input":"*** Begin Patch\\n*** Add File: a.txt\\n+hal';

test("a call cut by the length limit is incomplete, and so is the response", async () => {
  const { upstream, url, log } = await startStage();
  upstream.play((exchange) => {
    exchange.send(
      delta({ tool_calls: [{ index: 0, id: "c", type: "function", function: { name: "run", arguments: '{"cmd":"rm -rf /tm' } }] }),
    );
    exchange.send(finish("length") + DONE);
    exchange.end();
  });
  const tools = [{ type: "function", name: "run", parameters: { type: "object", properties: {} } }];
  const events = eventsOf(await ask(url, body({ stream: true, tools })));
  expect(lastResponse(events)).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
  expect(lastResponse(events)["output"]).toMatchObject([{ type: "function_call", status: "incomplete", arguments: '{"cmd":"rm -rf /tm' }]);
  expect((await log.ended(0)).end).toMatchObject({ state: "incomplete" });
});

test("a freeform call cut by the length limit is not told to a client that would run it", async () => {
  const { upstream, url } = await startStage();
  upstream.play((exchange) => {
    exchange.send(
      delta({ tool_calls: [{ index: 0, id: "c", type: "function", function: { name: "apply_patch", arguments: CUT_PATCH } }] }),
    );
    exchange.send(finish("length") + DONE);
    exchange.end();
  });
  const tools = [{ type: "custom", name: "apply_patch", description: "Patches files." }];
  const events = eventsOf(await ask(url, body({ stream: true, tools }), { headers: { originator: "codex_exec" } }));
  expect(lastResponse(events)).toMatchObject({ status: "incomplete", output: [] });
  expect(typesOf(events)).toEqual(["created", "in_progress", "incomplete"]);
});
