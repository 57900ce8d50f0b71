// The program killed in the middle of a hundred streams, and started again: whatever a client was told to be complete is there and can
// be continued, and nothing is in progress for ever.
import { request } from "undici";
import { expect, test, vi } from "vitest";
import { asString, isObject, parseJson, type JsonObject } from "../../src/kit/json.ts";
import { DONE, finish, text, usage, whole } from "../support/chat-frames.ts";
import { startFaultUpstream } from "../support/fault-upstream.ts";
import { afterThis } from "../support/gateway.ts";
import { validateSse } from "../support/validate-stream.ts";
import { ask, body, jsonOf, lastResponse, outputText, send, type OpenReply } from "./client.ts";
import { makeHome } from "./gateway-process.ts";

vi.setConfig({ testTimeout: 60_000 });

const STREAMS = 100;

const eventsIn = (reply: OpenReply): JsonObject[] =>
  [...reply.text().matchAll(/^data: (.*)$/gm)].map(([, data]) => parseJson(data ?? "")).filter(isObject);

const idOf = (reply: OpenReply): string => asString(lastResponse(eventsIn(reply).slice(0, 1))["id"]) ?? "";

test("nothing that was acknowledged is lost, and nothing hangs", async () => {
  const upstream = await startFaultUpstream();
  afterThis(() => upstream.close());
  const home = await makeHome({
    providers: { box: { dialect: "chat", base_url: upstream.url } },
    models: { m: { provider: "box" } },
    limits: { retries: 0 },
  });
  let gateway = await home.start();
  // Half of the streams come to their end; the others wait in the middle.
  upstream.always((exchange) => {
    const number = upstream.exchanges.indexOf(exchange);
    exchange.send(text(`stream ${number}`));
    if (number % 2 === 1 || number >= STREAMS) return;
    exchange.send(finish() + usage() + DONE);
    exchange.end();
  });
  const replies: OpenReply[] = [];
  for (let number = 0; number < STREAMS; number += 1) {
    const reply = await send(gateway.url, body({ stream: true, background: number % 10 === 1 })).reply;
    await reply.until("response.output_text.delta");
    replies.push(reply);
  }
  const polled = jsonOf(await ask(gateway.url, body({ background: true })));
  await Promise.all(replies.filter((_, number) => number % 2 === 0).map((reply) => reply.until("response.completed")));
  await gateway.stop(0);
  await Promise.all(replies.map((reply) => reply.over));

  gateway = await home.start();
  const retrieve = async (path: string): Promise<{ status: number; text: string }> => {
    const reply = await request(`${gateway.url}/v1/responses/${path}`);
    return { status: reply.statusCode, text: await reply.body.text() };
  };
  upstream.always((exchange) => exchange.answer(200, whole("continued")));
  for (const [number, reply] of replies.entries()) {
    const id = idOf(reply);
    const { status, text: found } = await retrieve(id);
    if (number % 2 === 0) {
      const told = lastResponse(eventsIn(reply));
      expect(told["status"]).toBe("completed");
      expect(parseJson(found)).toEqual(told);
      expect(outputText(told)).toBe(`stream ${number}`);
    } else if (number % 10 === 1) {
      expect(parseJson(found)).toMatchObject({
        status: "failed",
        error: { code: "server_error", message: expect.stringMatching(/stopped before/) },
      });
      const seen = eventsIn(reply);
      const resumed = await retrieve(`${id}?stream=true&starting_after=${seen.length - 1}`);
      expect(validateSse(resumed.text, { resumeAfter: seen })).toEqual([]);
      expect(resumed.text).toMatch(/^event: response\.failed$/m);
    } else expect(status).toBe(404);
  }
  expect(parseJson((await retrieve(String(polled["id"]))).text)).toMatchObject({ status: "failed" });
  const last = replies.at(-2);
  const continued = await ask(gateway.url, body({ previous_response_id: last === undefined ? null : idOf(last), input: "Go on." }));
  expect(continued.status, continued.text).toBe(200);
  const roles = JSON.stringify(upstream.exchanges.at(-1)?.request.json["messages"]);
  expect(roles).toMatch(/Say something.*stream 98.*Go on/);
});
