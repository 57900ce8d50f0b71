// One upstream call: exactly one outcome, whatever the upstream does, and no word of it lost.
import { describe, expect, test } from "vitest";
import { fault } from "../../src/hub/fault.ts";
import { chunk, lines, reply, sse, STOP } from "../dialects/chat/replies.ts";
import { startAttempt } from "./fake-upstream.ts";

const hello = chunk({ content: "Hello" });
const WHOLE = ["text Hello", "finish stop"];
const JSON_TYPE = { "content-type": "application/json" };

describe("a stream", () => {
  test("hands on what each network read gives, at once", async () => {
    const { call, pieces, batches, outcome } = startAttempt();
    call.headers();
    call.data(sse([hello], false));
    await Promise.resolve();
    expect(lines(pieces)).toEqual(["text Hello"]);
    // One network read brings several HTTP chunks in one tick: they are one batch.
    call.data(sse([chunk({ content: " wor" })], false));
    call.data(sse([chunk({ content: "ld" }), STOP]));
    call.end();
    expect(await outcome()).toMatchObject({ fault: null, status: 200 });
    expect(lines(pieces)).toEqual(["text Hello", "text  world", "finish stop"]);
    expect(batches).toHaveLength(2);
  });

  test("is over at [DONE], although the upstream goes on; what comes late is not read", async () => {
    const { call, pieces, outcome } = startAttempt();
    call.headers();
    call.data(sse([hello, STOP]));
    expect((await outcome()).fault).toBeNull();
    call.data(sse([chunk({ content: "late" })]));
    call.fail(fault("cut", "torn"));
    expect(lines(pieces)).toEqual(WHOLE);
  });

  test("that breaks off is a fault, after the good pieces, also those of the same tick", async () => {
    const { call, pieces, outcome } = startAttempt();
    call.headers();
    call.data(sse([hello], false));
    call.fail(fault("cut", "torn"));
    expect((await outcome()).fault).toMatchObject({ kind: "cut", message: "torn" });
    expect(lines(pieces)).toEqual(["text Hello"]);
  });

  test("that breaks off after the model has finished is whole, also in the same tick", async () => {
    const { call, pieces, outcome } = startAttempt();
    call.headers();
    call.data(sse([hello, STOP], false));
    call.fail(fault("cut", "torn"));
    expect((await outcome()).fault).toBeNull();
    expect(lines(pieces)).toEqual(WHOLE);
  });

  test("with an error in the middle of a chunk gives what came before it, and the error", async () => {
    const { call, pieces, outcome } = startAttempt();
    call.headers();
    call.data(sse([hello, { error: { message: "boom" } }, chunk({ content: "late" }), STOP]));
    call.end();
    expect((await outcome()).fault).toMatchObject({ kind: "server", message: "boom" });
    expect(lines(pieces)).toEqual(["text Hello"]);
  });

  test("that ends without a word is a fault", async () => {
    const { call, outcome } = startAttempt();
    call.headers();
    call.end();
    expect((await outcome()).fault).toMatchObject({ kind: "bad_reply", message: "acme.example:1234 answered with an empty body." });
  });

  test("that says nothing but that it is over is a fault", async () => {
    const { call, outcome } = startAttempt();
    call.headers();
    call.data(sse([]));
    expect((await outcome()).fault).toMatchObject({ kind: "cut" });
  });

  test("keeps its bytes as they came", async () => {
    const { call, outcome } = startAttempt();
    const parts = [sse([hello], false), sse([STOP])];
    call.headers();
    for (const part of parts) call.data(part);
    expect(Buffer.concat((await outcome()).chunks).toString()).toBe(parts.join(""));
  });
});

describe("a label that says something else", () => {
  test.each<[string, Record<string, string>]>([
    ["JSON", JSON_TYPE],
    ["text", { "content-type": "text/plain" }],
    ["nothing", {}],
  ])("%s: a stream is read while it comes", async (_name, headers) => {
    const { call, pieces, outcome } = startAttempt();
    call.headers(200, headers);
    call.data(": hi\n");
    call.data(sse([hello], false));
    await Promise.resolve();
    expect(lines(pieces)).toEqual(["text Hello"]);
    call.data(sse([STOP]));
    expect((await outcome()).fault).toBeNull();
  });

  test.each<[string, Record<string, string>]>([
    ["JSON", JSON_TYPE],
    ["nothing", {}],
    ["a stream", { "content-type": "text/event-stream" }],
  ])("%s: one JSON body, although a stream was asked, is read whole", async (_name, headers) => {
    const { call, pieces, outcome } = startAttempt();
    call.headers(200, headers);
    const text = JSON.stringify(reply({ content: "Hello" }));
    call.data(text.slice(0, 20));
    call.data(text.slice(20));
    call.end();
    expect((await outcome()).fault).toBeNull();
    expect(lines(pieces)).toEqual(WHOLE);
  });

  test("an error in JSON labelled as a stream is heard", async () => {
    const { call, outcome } = startAttempt();
    call.headers();
    call.data('\n{"error":{"message":"the model is not loaded","code":503}}');
    call.end();
    expect((await outcome()).fault).toMatchObject({ kind: "overloaded", message: "the model is not loaded" });
  });
});

describe("an error status", () => {
  test("is told with the vendor's words and its wait", async () => {
    const { call, outcome } = startAttempt();
    call.headers(429, { ...JSON_TYPE, "retry-after": "7" });
    call.data('{"error":{"message":"Slow ');
    call.data('down"}}');
    call.end();
    expect(await outcome()).toMatchObject({
      status: 429,
      fault: { kind: "rate_limit", status: 429, message: "Slow down", retryAfter: 7, upstream: true },
    });
  });

  test("with an endless body is told, and broken off", async () => {
    const { call, outcome } = startAttempt();
    call.headers(500, {});
    for (let count = 0; count < 20; count++) call.data("x".repeat(100_000));
    const { fault: failure, chunks } = await outcome();
    expect(failure).toMatchObject({ kind: "server", status: 500 });
    expect(call.done).toContain("abort");
    expect(Buffer.concat(chunks).length).toBeLessThan(1_300_000);
  });

  test("in another coding keeps its status", async () => {
    const { call, outcome } = startAttempt();
    call.headers(401, { "content-encoding": "gzip" });
    expect((await outcome()).fault).toMatchObject({ kind: "authentication", status: 401 });
    expect(call.done).toEqual(["abort"]);
  });
});

describe("what is no reply", () => {
  test.each<[string, number, Record<string, string>, string, string, RegExp]>([
    [
      "a page",
      200,
      { "content-type": "text/html" },
      "<html><h1>Welcome</h1></html>",
      "bad_reply",
      /acme\.example:1234 answered with text\/html.*Welcome/,
    ],
    ["nothing", 200, JSON_TYPE, "", "bad_reply", /empty body/],
    ["blanks", 200, JSON_TYPE, " \n", "bad_reply", /empty body/],
    ["other JSON", 200, JSON_TYPE, '{"hello":"world"}', "bad_reply", /no chat completion.*hello/],
    ["torn JSON", 200, JSON_TYPE, '{"choices":[', "bad_reply", /instead of JSON|says/],
  ])("%s", async (_name, status, headers, body, kind, words) => {
    for (const stream of [true, false]) {
      const { call, outcome } = startAttempt({ stream });
      call.headers(status, headers);
      if (body !== "") call.data(body);
      call.end();
      const { fault: failure } = await outcome();
      expect(failure?.kind).toBe(kind);
      expect(failure?.message).toMatch(words);
    }
  });

  test.each([301, 302, 307, 308])("a redirect (%i) is not followed, nor tried again", async (status) => {
    const { call, outcome } = startAttempt();
    call.headers(status, { location: "https://other.example" });
    expect((await outcome()).fault).toMatchObject({
      kind: "bad_reply",
      final: true,
      message: expect.stringContaining("redirect") as string,
    });
    expect(call.done).toEqual(["abort"]);
  });

  test("a coding that was not asked for", async () => {
    const { call, outcome } = startAttempt();
    call.headers(200, { "content-encoding": "br" });
    expect((await outcome()).fault).toMatchObject({ kind: "bad_reply", final: true, message: expect.stringContaining("br") as string });
  });

  test("more than the limit, in one body", async () => {
    const { call, outcome } = startAttempt({ stream: false });
    call.headers(200, JSON_TYPE);
    for (let count = 0; count < 20 && call.done.length === 0; count++) call.data("1".repeat(100_000));
    const { fault: failure, chunks } = await outcome();
    expect(failure).toMatchObject({ kind: "bad_reply", message: expect.stringContaining("limits.body_mb") as string });
    expect(chunks).toEqual([]);
    expect(call.done).toEqual(["abort"]);
  });

  test("JSON of any depth is a fault, not the end of the process", async () => {
    const { call, outcome } = startAttempt({ stream: false });
    call.headers(200, JSON_TYPE);
    call.data(`{"error":${"[".repeat(200_000)}${"]".repeat(200_000)}}`);
    call.end();
    expect((await outcome()).fault).toMatchObject({ kind: "server" });
  });
});

test("a mistake of ours in taking the pieces ends the attempt, not the process", async () => {
  const { call, outcome } = startAttempt({
    onPieces: () => {
      throw new TypeError("a mistake");
    },
  });
  call.headers();
  call.data(sse([hello], false));
  expect((await outcome()).fault).toMatchObject({ kind: "server", final: true, message: expect.stringContaining("a mistake") as string });
  expect(call.done).toEqual(["abort"]);
});

describe("from outside", () => {
  test("it is broken off at once, and says nothing more", async () => {
    const { attempt, call, pieces, outcome } = startAttempt();
    call.headers();
    attempt.abort(fault("client_closed", "gone"));
    expect(call.done).toEqual(["abort"]);
    call.data(sse([hello, STOP]));
    attempt.abort(fault("shutdown", "again"));
    expect((await outcome()).fault).toMatchObject({ kind: "client_closed" });
    expect(pieces).toEqual([]);
  });

  test("it is held back and let go on", () => {
    const { attempt, call } = startAttempt();
    attempt.pause();
    attempt.resume();
    expect(call.done).toEqual(["pause", "resume"]);
    attempt.abort(fault("shutdown", "end"));
  });

  test("a network fault is told as it is", async () => {
    const { call, outcome } = startAttempt();
    call.fail(fault("unreachable", "refused"));
    expect(await outcome()).toMatchObject({ status: null, headersMs: null, firstByteMs: null, chunks: [], fault: { kind: "unreachable" } });
  });
});
