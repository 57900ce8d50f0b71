// The client's side of a turn: headers once, one write for each network read, and an end that is always told.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readRequest } from "../../src/dialects/responses/read-request.ts";
import { Reply } from "../../src/gateway/reply.ts";
import { fault, type Fault } from "../../src/hub/fault.ts";
import { LossList } from "../../src/hub/loss.ts";
import type { Usage } from "../../src/hub/usage.ts";
import { isObject, parseJson, type JsonObject } from "../../src/kit/json.ts";
import { text, thought } from "../hub/pieces.ts";
import { validateSse } from "../support/validate-stream.ts";
import { fakePort, type FakePort } from "./fake-port.ts";

const ESTIMATE: Usage = { input: 7, output: 3, cached: 0, cacheWrite: 0, reasoning: 0, estimated: true };
const ECHO = readRequest({ model: "m", input: "Hi" }, new LossList()).echo;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Opened {
  reply: Reply;
  port: FakePort;
  paused: () => number;
}

function open(stream: boolean): Opened {
  const port = fakePort();
  let count = 0;
  const onPause = vi.fn<() => void>();
  const reply = new Reply({
    port,
    stream,
    heartbeatS: 10,
    headers: () => ({ "x-waystation-turn": "turn_1" }),
    onPause,
    assemble: {
      responseId: "resp_1",
      createdAt: 100,
      ids: (prefix) => `${prefix}_${count++}`,
      echo: ECHO,
      reasoningStyle: "text",
      refusalsAsText: false,
      seal: () => null,
    },
  });
  return { reply, port, paused: () => onPause.mock.calls.length };
}

function types(port: FakePort): string[] {
  return [...port.text().matchAll(/^event: response\.(.*)$/gm)].map(([, type]) => type ?? "");
}

function bodyOf(port: FakePort): JsonObject {
  const body = parseJson(port.text());
  return isObject(body) ? body : {};
}

describe("a stream", () => {
  test("commits with its first pieces, writes once for each push, and ends", () => {
    const { reply, port } = open(true);
    expect(reply.committed).toBe(false);
    reply.push([thought("hm"), text("a"), text("b")]);
    expect(reply.committed).toBe(true);
    reply.push([text("c")]);
    reply.push([]);
    reply.end(101, ESTIMATE);
    expect(port.calls.map((call) => call.split(" ")[0])).toEqual(["start", "write", "write", "write", "end"]);
    expect(port.status).toBe(200);
    expect(port.headers).toEqual({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
      "x-waystation-turn": "turn_1",
    });
    expect(validateSse(port.text())).toEqual([]);
    expect(types(port).at(-1)).toBe("completed");
  });

  test("commits without pieces where it has to", () => {
    const { reply, port } = open(true);
    reply.commit();
    reply.commit();
    expect(types(port)).toEqual(["created", "in_progress"]);
    expect(port.calls.filter((call) => call.startsWith("start"))).toHaveLength(1);
    reply.end(101, ESTIMATE);
    expect(validateSse(port.text())).toEqual([]);
  });

  test("that never said anything is whole all the same", () => {
    const { reply, port } = open(true);
    reply.end(101, ESTIMATE);
    expect(types(port)).toEqual(["created", "in_progress", "completed"]);
    expect(port.calls.map((call) => call.split(" ")[0])).toEqual(["start", "write", "end"]);
  });

  test("that failed before anything was sent is an HTTP error", () => {
    const { reply, port } = open(true);
    reply.fail(fault("authentication", "No key."));
    expect(port.status).toBe(401);
    expect(port.headers).toEqual({ "content-type": "application/json", "x-should-retry": "false", "x-waystation-turn": "turn_1" });
    expect(bodyOf(port)).toEqual({ error: { message: "No key.", type: "invalid_request_error", param: null, code: "invalid_api_key" } });
    expect(port.calls.at(-1)).toBe("end");
  });

  test("that failed later ends with the failure", () => {
    const { reply, port } = open(true);
    reply.push([text("a")]);
    reply.fail(fault("rate_limit", "Slow down.", { retryAfter: 3 }));
    expect(types(port).at(-1)).toBe("failed");
    expect(port.text()).toContain('"error":{"code":"rate_limit_exceeded","message":"Slow down. Please try again in 3s."}');
    expect(validateSse(port.text())).toEqual([]);
    expect(port.calls.filter((call) => call.startsWith("start"))).toEqual(["start 200"]);
  });
});

describe("heartbeats", () => {
  test("come in every silence, and only there", () => {
    const { reply, port } = open(true);
    vi.advanceTimersByTime(60_000);
    expect(port.calls).toEqual([]);
    reply.commit();
    vi.advanceTimersByTime(25_000);
    expect(types(port)).toEqual(["created", "in_progress", "in_progress", "in_progress"]);
    reply.push([text("a")]);
    vi.advanceTimersByTime(9_999);
    expect(types(port).slice(4)).not.toContain("in_progress");
    vi.advanceTimersByTime(2);
    expect(types(port).at(-1)).toBe("in_progress");
    reply.push([text("b")]);
    reply.end(101, ESTIMATE);
    expect(validateSse(port.text())).toEqual([]);
  });

  test.each<[string, (reply: Reply) => void]>([
    ["the end", (reply) => reply.end(101, ESTIMATE)],
    ["a failure", (reply) => reply.fail(fault("cut", "torn"))],
    ["the client's departure", (reply) => reply.drop()],
  ])("stop at %s", (_name, stop) => {
    const { reply, port } = open(true);
    reply.push([text("a")]);
    stop(reply);
    const before = port.calls.length;
    vi.advanceTimersByTime(60_000);
    expect(port.calls).toHaveLength(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("never come to a client that waits for the whole", () => {
    const { reply, port } = open(false);
    reply.commit();
    reply.push([text("a")]);
    vi.advanceTimersByTime(60_000);
    expect(port.calls).toEqual([]);
  });
});

describe("a whole reply", () => {
  test("is one write, with its usage said to be estimated where it is", () => {
    const { reply, port } = open(false);
    reply.push([text("a")]);
    reply.push([text("b")]);
    expect(reply.committed).toBe(false);
    reply.end(101, ESTIMATE);
    expect(port.calls.map((call) => call.split(" ")[0])).toEqual(["start", "write", "end"]);
    expect(port.headers).toMatchObject({
      "content-type": "application/json",
      "x-waystation-usage": "estimated",
      "x-waystation-usage-method": "bytes",
    });
    expect(bodyOf(port)).toMatchObject({
      object: "response",
      status: "completed",
      output: [{ content: [{ text: "ab" }] }],
      usage: { input_tokens: 7 },
    });
  });

  test("whose usage the upstream counted says nothing of it", () => {
    const { reply, port } = open(false);
    reply.push([{ kind: "usage", usage: { ...ESTIMATE, estimated: false } }]);
    reply.end(101, ESTIMATE);
    expect(port.headers).not.toHaveProperty("x-waystation-usage");
  });

  test("that failed is an HTTP error, whatever was said before", () => {
    const { reply, port } = open(false);
    reply.push([text("a")]);
    reply.fail(fault("cut", "torn"));
    expect(port.status).toBe(502);
    expect(bodyOf(port)).toEqual({ error: { message: "torn", type: "server_error", param: null, code: "server_error" } });
  });
});

test.each<[string, Fault, Record<string, string>]>([
  ["a rate limit says when to come back", fault("rate_limit", "x", { retryAfter: 7.2 }), { "retry-after": "8" }],
  ["a rate limit without a time says five seconds", fault("rate_limit", "x"), { "retry-after": "5" }],
  ["a wait of nothing is a second", fault("rate_limit", "x", { retryAfter: 0 }), { "retry-after": "1" }],
  ["an overload passes its wait on", fault("overloaded", "x", { retryAfter: 30 }), { "retry-after": "30" }],
  ["an overload without a wait says none", fault("overloaded", "x"), {}],
  ["a refusal is final", fault("permission", "x"), { "x-should-retry": "false" }],
  ["a wrong request has no wait", fault("invalid_request", "x", { retryAfter: 3 }), {}],
])("%s", (_name, failure, headers) => {
  const { reply, port } = open(true);
  reply.fail(failure);
  expect(port.headers).toEqual({ "content-type": "application/json", "x-waystation-turn": "turn_1", ...headers });
});

test.each([true, false])("the end is told once, whoever tells it again (stream: %s)", (stream) => {
  const { reply, port } = open(stream);
  reply.push([text("a")]);
  reply.end(101, ESTIMATE);
  const before = [...port.calls];
  reply.fail(fault("server", "late"));
  reply.end(102, ESTIMATE);
  reply.push([text("late")]);
  reply.commit();
  expect(port.calls).toEqual(before);
  const other = open(stream);
  other.reply.fail(fault("server", "first"));
  const sent = [...other.port.calls];
  other.reply.fail(fault("server", "late"));
  other.reply.push([text("late")]);
  other.reply.end(102, ESTIMATE);
  other.reply.commit();
  expect(other.port.calls).toEqual(sent);
});

test("a slow client holds the upstream back", () => {
  const { reply, port, paused } = open(true);
  reply.push([text("a")]);
  expect(paused()).toBe(0);
  port.slow(true);
  reply.push([text("b")]);
  expect(paused()).toBe(1);
});

test("what was sent is kept for the log, to the byte", () => {
  for (const stream of [true, false]) {
    const { reply, port } = open(stream);
    reply.push([text("é😀")]);
    reply.end(101, ESTIMATE);
    expect(Buffer.concat(reply.sent.body.parts()).toString()).toBe(port.text());
    expect(reply.sent).toMatchObject({ status: 200, headers: port.headers });
  }
});
