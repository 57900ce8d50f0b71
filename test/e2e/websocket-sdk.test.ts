// OpenAI's own SDK as the client of a WebSocket: its types read every message, its errors say what went wrong.
import OpenAI from "openai";
import type { ResponsesServerEvent } from "openai/resources/responses/responses";
import { ResponsesWS } from "openai/resources/responses/ws";
import { expect, test } from "vitest";
import { stream } from "../support/chat-frames.ts";
import { afterThis, startStage, type Stage } from "../support/gateway.ts";
import { validateEvents } from "../support/validate-stream.ts";

function connect(stage: Stage): ResponsesWS {
  const socket = new ResponsesWS(new OpenAI({ apiKey: "unused", baseURL: `${stage.url}/v1` }));
  afterThis(() => Promise.resolve(socket.close()));
  return socket;
}

/** The events of the next response, to its end. */
function next(socket: ResponsesWS): Promise<ResponsesServerEvent[]> {
  return new Promise((resolve, reject) => {
    const events: ResponsesServerEvent[] = [];
    const take = (event: ResponsesServerEvent): void => {
      events.push(event);
      if (event.type !== "response.completed") return;
      socket.off("event", take);
      resolve(events);
    };
    socket.on("event", take);
    socket.once("error", reject);
  });
}

test("it gets a response, continues it, and prepares one", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.send(stream("Good day.")));
  const socket = connect(stage);
  const ask = async (more: Partial<OpenAI.Responses.ResponsesClientEvent.ResponseCreate>): Promise<OpenAI.Responses.Response> => {
    const coming = next(socket);
    socket.send({ type: "response.create", model: "m", store: false, ...more });
    const events = await coming;
    expect(validateEvents(events)).toEqual([]);
    const last = events.at(-1);
    if (last?.type !== "response.completed") throw new Error("it did not end well");
    return last.response;
  };
  const prepared = await ask({ generate: false, instructions: "Be kind.", input: [] });
  expect(prepared.output).toEqual([]);
  const first = await ask({ input: "hello", previous_response_id: prepared.id, stream_id: "lane" });
  expect(first.output).toMatchObject([{ type: "message", content: [{ text: "Good day." }] }]);
  await ask({ input: "again", previous_response_id: first.id });
  expect(stage.upstream.exchanges[1]?.request.json["messages"]).toMatchObject([
    { role: "user", content: "hello" },
    { role: "assistant", content: "Good day." },
    { role: "user", content: "again" },
  ]);
});

test("it is told what was wrong, and goes on", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.send(stream("Good day.")));
  const socket = connect(stage);
  const failed = new Promise((resolve) => socket.once("error", resolve));
  socket.send({ type: "response.create", model: "m", input: "hello", previous_response_id: "resp_gone" });
  expect(await failed).toMatchObject({
    message: expect.stringContaining("'resp_gone' not found"),
    error: { error: { code: "previous_response_not_found" } },
  });
  const coming = next(socket);
  socket.send({ type: "response.create", model: "m", input: "hello", store: false });
  expect((await coming).at(-1)?.type).toBe("response.completed");
});
