// The timer of silence: one alarm after the silence, none while there is life, none while it is held, none after the end.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { IdleTimer } from "../../src/gateway/idle-timer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(waitMs = 1000): { timer: IdleTimer; alarms: () => number } {
  const alarm = vi.fn<() => void>();
  return { timer: new IdleTimer(waitMs, alarm), alarms: () => alarm.mock.calls.length };
}

test("silence rings once", () => {
  const { alarms } = start();
  vi.advanceTimersByTime(999);
  expect(alarms()).toBe(0);
  vi.advanceTimersByTime(2);
  expect(alarms()).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect(alarms()).toBe(1);
});

test("every sign of life puts it off", () => {
  const { timer, alarms } = start();
  for (let count = 0; count < 5; count++) {
    vi.advanceTimersByTime(900);
    timer.refresh();
  }
  expect(alarms()).toBe(0);
  vi.advanceTimersByTime(1001);
  expect(alarms()).toBe(1);
});

test("another silence may be allowed", () => {
  const { timer, alarms } = start();
  timer.restart(5000);
  vi.advanceTimersByTime(4000);
  timer.restart(5000);
  vi.advanceTimersByTime(4999);
  expect(alarms()).toBe(0);
  vi.advanceTimersByTime(2);
  expect(alarms()).toBe(1);
});

test("while it is held nothing rings; afterwards the silence begins anew", () => {
  const { timer, alarms } = start();
  timer.hold();
  vi.advanceTimersByTime(60_000);
  expect(alarms()).toBe(0);
  timer.release();
  vi.advanceTimersByTime(999);
  expect(alarms()).toBe(0);
  vi.advanceTimersByTime(2);
  expect(alarms()).toBe(1);
});

test("a sign of life that lay unread while the loop was blocked is still one", () => {
  const { timer, alarms } = start();
  // The timer is due, and what came meanwhile is read in the same turn of the loop.
  setTimeout(() => setImmediate(() => {}), 1000);
  setTimeout(() => timer.refresh(), 1000);
  vi.advanceTimersByTime(1000);
  expect(alarms()).toBe(0);
  vi.advanceTimersByTime(1001);
  expect(alarms()).toBe(1);
});

test.each(["stop", "hold"] as const)("no alarm that was due rings after %s", (how) => {
  const { timer, alarms } = start();
  setTimeout(() => timer[how](), 1000);
  vi.advanceTimersByTime(1000);
  vi.advanceTimersByTime(10_000);
  expect(alarms()).toBe(0);
});
