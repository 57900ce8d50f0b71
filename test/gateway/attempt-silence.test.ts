// Silence of an upstream: how long it may last in each phase, and what is told when it is over.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chunk, lines, sse, STOP } from "../dialects/chat/replies.ts";
import { startAttempt } from "./fake-upstream.ts";

const hello = chunk({ content: "Hello" });
const S = 1000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("before the first byte it is a timeout that names the host and the limit", async () => {
  const { call, outcome } = startAttempt();
  await vi.advanceTimersByTimeAsync(60 * S + 1);
  expect((await outcome()).fault).toMatchObject({
    kind: "timeout",
    status: 504,
    message: "acme.example:1234 accepted the request, but nothing came within 60 s (limits.first_byte_s).",
  });
  expect(call.done).toEqual(["abort"]);
});

test("in mid-stream it is a timeout after the good pieces", async () => {
  const { call, pieces, outcome } = startAttempt();
  call.headers();
  call.data(sse([hello], false));
  await vi.advanceTimersByTimeAsync(30 * S + 1);
  expect((await outcome()).fault).toMatchObject({
    kind: "timeout",
    message: expect.stringContaining("nothing more came within 30 s (limits.idle_s)") as string,
  });
  expect(lines(pieces)).toEqual(["text Hello"]);
});

test("any byte is a sign of life, comments too", async () => {
  const { call, outcome } = startAttempt();
  call.headers();
  for (let count = 0; count < 10; count++) {
    call.data(": PROCESSING\n\n");
    await vi.advanceTimersByTimeAsync(29 * S);
  }
  call.data(sse([hello, STOP]));
  expect((await outcome()).fault).toBeNull();
});

test("after the model has finished it is the end, and soon", async () => {
  const { call, pieces, outcome } = startAttempt();
  call.headers();
  call.data(sse([hello, STOP], false));
  await vi.advanceTimersByTimeAsync(5 * S + 1);
  expect((await outcome()).fault).toBeNull();
  expect(lines(pieces)).toEqual(["text Hello", "finish stop"]);
  expect(call.done).toEqual(["abort"]);
});

test("while the client holds us back the silence is ours", async () => {
  const { attempt, call, outcome } = startAttempt();
  call.headers();
  call.data(sse([hello], false));
  attempt.pause();
  await vi.advanceTimersByTimeAsync(600 * S);
  attempt.resume();
  call.data(sse([STOP]));
  expect((await outcome()).fault).toBeNull();
});

test("of an upstream that goes on after [DONE]: its connection is kept a little for what may come, then broken off", async () => {
  const { call, outcome } = startAttempt();
  call.headers();
  call.data(sse([hello, STOP]));
  expect((await outcome()).fault).toBeNull();
  expect(call.done).toEqual([]);
  await vi.advanceTimersByTimeAsync(2 * S + 1);
  expect(call.done).toEqual(["abort"]);
});

test("of one that ends in time is no reason to break anything off", async () => {
  const { call } = startAttempt();
  call.headers();
  call.data(sse([hello, STOP]));
  call.end();
  await vi.advanceTimersByTimeAsync(600 * S);
  expect(call.done).toEqual([]);
});
