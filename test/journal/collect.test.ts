// When batches are handed on: soon, but not one by one to a writer that is behind.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Collector } from "../../src/journal/collect.ts";
import type { Batch } from "../../src/journal/writer.ts";
import { record, tell } from "./turns.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function collect(): { collector: Collector; batches: Batch[]; sink: { backlog: number } } {
  const batches: Batch[] = [];
  const post = (batch: Batch): void => void batches.push(batch);
  const sink = { queuedBytes: 0, backlog: 0, post, spareArena: () => undefined, spareLarge: () => undefined };
  return { collector: new Collector(sink, "full", 1 << 26), batches, sink };
}

test("what was told is handed on within 25 ms, in one batch", () => {
  const { collector, batches } = collect();
  tell(collector);
  tell(collector);
  vi.advanceTimersByTime(24);
  expect(batches).toHaveLength(0);
  vi.advanceTimersByTime(1);
  expect(batches.map((batch) => batch.rowCount)).toEqual([6]);
});

test("while the writer is behind, a batch grows until it is full; it goes as soon as the writer has caught up", () => {
  const { collector, batches, sink } = collect();
  sink.backlog = 5;
  for (let turn = 0; turn < 40; turn += 1) {
    tell(collector);
    vi.advanceTimersByTime(25);
  }
  expect(batches).toHaveLength(0);
  sink.backlog = 0;
  vi.advanceTimersByTime(25);
  expect(batches.map((batch) => batch.rowCount)).toEqual([120]);
  sink.backlog = 5;
  const body = Buffer.alloc(10_000, "a");
  for (let turn = 0; turn < 300; turn += 1) tell(collector, { start: { request: record("POST /", body) } });
  expect(batches.length).toBeGreaterThan(1);
});
