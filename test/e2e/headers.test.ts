// What a reply says of its turn in its headers, and what a request says upstream: ids, losses, the name that was asked for, and
// nothing of the client's that is not the model's business.
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/kit/json.ts";
import { stream, whole } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, eventsOf, jsonOf, lastResponse } from "./client.ts";

const STREAM = body({ stream: true });

async function stage(limits = {}, more = {}, provider = {}): Promise<Stage> {
  const started = await startStage(limits, more, provider);
  started.upstream.always((exchange) => {
    if (exchange.request.json["stream"] !== true) return exchange.answer(200, whole("ok"));
    exchange.send(stream("ok"));
    exchange.end();
  });
  return started;
}

test.each([
  ["a stream", STREAM, 200],
  ["a whole reply", body(), 200],
  ["a refusal", body({ model: "nobody" }), 400],
  ["a body that cannot be read", "{", 400],
])("%s carries its turn's id, by which the log finds it", async (_, content, status) => {
  const { url, log } = await stage();
  const reply = await ask(url, content);
  expect(reply.status).toBe(status);
  const { start } = await log.ended(0);
  expect(reply.headers["x-waystation-turn"]).toBe(start.id);
  expect(reply.headers["x-request-id"]).toBe(start.id);
  expect(start.id).toMatch(/^turn_[0-9a-f]+$/);
});

test("each turn has an id of its own, and each response", async () => {
  const { url } = await stage();
  const replies = await Promise.all(Array.from({ length: 20 }, () => ask(url, STREAM)));
  expect(new Set(replies.map((reply) => reply.headers["x-waystation-turn"])).size).toBe(20);
  expect(new Set(replies.map((reply) => lastResponse(eventsOf(reply))["id"])).size).toBe(20);
});

test("losses that are known before the reply are in its header, and all of them in the log", async () => {
  const { url, log } = await stage();
  const content = body({ stream: true, service_tier: "flex", tools: [{ type: "web_search" }, { type: "custom", name: "apply_patch" }] });
  const reply = await ask(url, content);
  const losses = (await log.ended(0)).end.losses.map((loss) => `${loss.kind} ${loss.feature}`);
  expect(losses).toContain("dropped service_tier");
  expect(losses.some((loss) => loss.includes("web_search"))).toBe(true);
  expect(reply.headers["x-waystation-loss"]).toBe(losses.join(", "));
});

test("a request that loses nothing has no such header", async () => {
  const { url } = await stage();
  expect((await ask(url, STREAM)).headers).not.toHaveProperty("x-waystation-loss");
});

test("response.model is the name asked for; the target's name stays in the log", async () => {
  const { url, upstream, log } = await stage();
  for (const content of [STREAM, body()]) {
    const reply = await ask(url, content);
    const response = content === STREAM ? lastResponse(eventsOf(reply)) : jsonOf(reply);
    expect(response["model"]).toBe("m");
    expect(reply.text).not.toContain("upstream-model");
  }
  expect(upstream.exchanges.map((exchange) => exchange.request.json["model"])).toEqual(["upstream-model", "upstream-model"]);
  expect((await log.ended(0)).end).toMatchObject({ model: "m", targetModel: "upstream-model" });
});

test("store: true is accepted, and echoed as false", async () => {
  const { url } = await stage();
  const reply = await ask(url, body({ store: true }));
  expect(jsonOf(reply)["store"]).toBe(false);
  expect(reply.headers["x-waystation-loss"]).toContain("store");
});

test("nothing of the client's credentials, names and notes goes upstream", async () => {
  const { url, upstream } = await stage({}, { server: { keys: ["wk_0123456789abcdef0123"] } }, { key: "sk-provider-key-0123456789" });
  const secrets: Record<string, string> = {
    authorization: "Bearer wk_0123456789abcdef0123",
    cookie: "session=cookie-canary",
    "x-codex-turn-metadata": '{"note":"codex-canary"}',
    "x-codex-window-id": "codex-canary",
    "openai-organization": "org-canary",
    "chatgpt-account-id": "account-canary",
    "session-id": "session-canary",
    "x-stainless-lang": "stainless-canary",
    "x-forwarded-for": "10.20.30.40",
    "user-agent": "agent-canary/1.0",
    "proxy-authorization": "Basic proxy-canary",
    "accept-language": "language-canary",
  };
  const metadata: JsonObject = {
    client_metadata: { machine: "metadata-canary" },
    metadata: { user_id: "user-canary" },
    safety_identifier: "safety-canary",
    user: "user-canary",
  };
  const reply = await ask(url, body({ ...metadata, stream: true }), { headers: secrets });
  expect(reply.status).toBe(200);
  const wire = upstream.exchanges[0]?.request.wire ?? "";
  expect(wire).not.toMatch(/canary|wk_0123|10\.20\.30\.40|codex/i);
  expect(upstream.exchanges[0]?.request.headers).toMatchObject({
    authorization: "Bearer sk-provider-key-0123456789",
    "accept-encoding": "identity",
    "content-type": "application/json",
  });
});

test("nothing of the upstream's headers comes back", async () => {
  const { url, upstream } = await startStage();
  upstream.always((exchange) =>
    exchange.answer(200, whole("ok"), {
      "set-cookie": "a=header-canary",
      "x-provider-account": "header-canary",
      server: "header-canary",
      "x-request-id": "header-canary",
    }),
  );
  expect(JSON.stringify((await ask(url, body())).headers)).not.toContain("header-canary");
});

test("headers of the user's own go to their provider, and win over ours", async () => {
  const { url, upstream } = await stage({}, {}, { headers: { "X-Team": "agents", "User-Agent": "mine" } });
  await ask(url, body());
  expect(upstream.exchanges[0]?.request.headers).toMatchObject({ "x-team": "agents", "user-agent": "mine" });
});

test("a stream cannot be held up by a proxy before us", async () => {
  const { url } = await stage();
  expect((await ask(url, STREAM)).headers).toMatchObject({ "cache-control": "no-cache", "x-accel-buffering": "no" });
});
