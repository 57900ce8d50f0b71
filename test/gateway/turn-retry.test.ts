// A call that failed leaves nothing behind in the reply of the next.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { Circuits } from "../../src/gateway/circuits.ts";
import { Counters } from "../../src/gateway/counters.ts";
import { Calibration } from "../../src/gateway/estimate.ts";
import { ringOf } from "../../src/gateway/key-ring.ts";
import { ReasoningMemory } from "../../src/gateway/reasoning-memory.ts";
import type { Target } from "../../src/gateway/target.ts";
import { Locks } from "../../src/gateway/state/locks.ts";
import { nullStore } from "../../src/gateway/state/null-store.ts";
import { Runs } from "../../src/gateway/state/runs.ts";
import { createTokenCounter } from "../../src/gateway/tokens/counter.ts";
import { Turn } from "../../src/gateway/turn.ts";
import type { Journal, TurnEnd } from "../../src/journal/journal.ts";
import { parseJson, type Json } from "../../src/kit/json.ts";
import { reply } from "../dialects/chat/replies.ts";
import { fakePort, type FakePort } from "./fake-port.ts";
import { target } from "./fake-target.ts";
import { fakeUpstream, LIMITS, type FakeCall } from "./fake-upstream.ts";

beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

interface Asked {
  port: FakePort;
  calls: FakeCall[];
  ends: TurnEnd[];
  run: Promise<void>;
}

function ask(body: object, targets: readonly [Target, ...Target[]] = [target({})]): Asked {
  const { upstream, calls } = fakeUpstream();
  const ends: TurnEnd[] = [];
  const journal: Journal = {
    begin: () => {},
    attempt: () => {},
    end: (end) => void ends.push(end),
    counts: () => ({ turns: 0, queuedBytes: 0, shedBodies: 0, shedRows: 0, trouble: null }),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const config: Config = {
    server: { host: "127.0.0.1", port: 0, keys: [], hosts: [], websocket: true },
    data_dir: "/nowhere",
    discover: false,
    providers: {},
    models: {},
    log: { capture: "full", queue_mb: 1 },
    state: { store: false, keep_days: 1, max_mb: 10 },
    compaction: { deadline_s: 10 },
    limits: LIMITS,
    strict: false,
  };
  const keyRing = ringOf(
    JSON.stringify({ primary: "00000001", keys: { "00000001": Buffer.alloc(32, 1).toString("base64") } }),
    "keys.json",
  );
  const port = fakePort();
  const turn = new Turn(
    {
      config,
      journal,
      upstream,
      keyRing,
      calibration: new Calibration(),
      tokens: createTokenCounter(),
      state: { store: nullStore(), locks: new Locks(), runs: new Runs() },
      counters: new Counters(),
      circuits: new Circuits({ retries: 2, now: () => 0, discovery: { answers: () => 0, refresh: () => Promise.resolve() } }),
      memory: new ReasoningMemory(),
      resolve: () => ({ targets, rule: "models_entry" }),
    },
    {
      dialect: "responses",
      owner: "anonymous",
      method: "POST",
      path: "/v1/responses",
      headers: {},
      rawHeaders: [],
      body: Buffer.from(JSON.stringify({ model: "m", input: "Hi", ...body })),
      at: Date.now(),
      startedAt: performance.now(),
    },
    port,
  );
  return { port, calls, ends, run: turn.run() };
}

async function answer(calls: readonly FakeCall[], at: number, body: Json): Promise<void> {
  await vi.waitFor(() => expect(calls.length).toBeGreaterThan(at));
  calls[at]?.headers(200, { "content-type": "application/json" });
  calls[at]?.data(JSON.stringify(body));
  calls[at]?.end();
}

const usage = { prompt_tokens: 999, completion_tokens: 9, total_tokens: 1008 };
const GOOD = reply({ content: "Good" });

test("neither its words nor its finish nor its counts", async () => {
  const { port, calls, ends, run } = ask({});
  await answer(calls, 0, reply({ content: "\n" }, "length", { usage, error: { message: "boom" } }));
  await answer(calls, 1, reply({ content: "Half" }, "length", { usage, error: { message: "boom" } }));
  await answer(calls, 2, GOOD);
  await run;
  expect(parseJson(port.text())).toMatchObject({
    status: "completed",
    output: [{ content: [{ text: "Good" }] }],
    usage: { output_tokens: 1 },
  });
  expect(port.headers).toMatchObject({ "x-waystation-usage": "estimated" });
  expect(ends).toMatchObject([{ state: "done", fault: null }]);
});

test("nor that of another target", async () => {
  const { port, calls, run } = ask({}, [target({}), target({})]);
  for (const at of [0, 1, 2]) await answer(calls, at, reply({ content: "" }, "length", { usage, error: { message: "boom" } }));
  await answer(calls, 3, GOOD);
  await run;
  expect(parseJson(port.text())).toMatchObject({ status: "completed", output: [{ content: [{ text: "Good" }] }] });
  expect(calls).toHaveLength(4);
});
