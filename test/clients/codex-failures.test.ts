// What Codex's user reads when the model's server fails or falls silent, and what Codex then does.
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { startCodex } from "./run-codex.ts";
import { useStage } from "./stage.ts";
import { scriptedEntries } from "./start-gateway.ts";

const stage = useStage((url) => ({ ...scriptedEntries(url), limits: { retries: 0, commit_s: 1, heartbeat_s: 1 } }));

const failure = (status: number, message: string, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: { error: { message, type: "x", code: null } },
});

test("a refused key: the sentence says whose key it is", async () => {
  stage.upstream.play(failure(401, "bad key"), failure(401, "bad key"));
  const run = await stage.codex("hi");
  expect(run.code).toBe(1);
  expect(run.errors.at(-1)).toMatch(/401 Unauthorized: .*bad key.*\bscript\b/s);
});

test.for([
  ["says for how long", { "retry-after": "1" }, 1000],
  ["does not say for how long", {}, 5000],
] as const)("a rate limit that %s is waited for", async ([, headers, least]) => {
  stage.upstream.play(failure(429, "slow down", headers), { text: "Now it works." });
  const started = performance.now();
  const run = await stage.codex("hi");
  expect(run).toMatchObject({ code: 0, said: ["Now it works."] });
  expect(performance.now() - started).toBeGreaterThan(least);
});

test("a broken server: Codex tries again and goes on", async () => {
  stage.upstream.play(failure(500, "kaboom"), { text: "Recovered." });
  expect(await stage.codex("hi")).toMatchObject({ code: 0, said: ["Recovered."] });
});

test("a reply that is cut off in its text is never taken for whole", async () => {
  stage.upstream.play({ text: "Half an ans", ending: "cut" }, { text: "The whole answer." });
  const run = await stage.codex("hi");
  expect(run.code).toBe(0);
  expect(run.errors.join("\n")).toContain("Reconnecting... 1/1");
  expect(run.said.at(-1)).toBe("The whole answer.");
});

test("an error chunk in mid-stream is told in the server's own words", async () => {
  const broken = { text: "Half", ending: { error: { message: "the GPU fell off the bus", code: 500 } } } as const;
  stage.upstream.play(broken, broken);
  const run = await stage.codex("hi");
  expect(run.code).toBe(1);
  expect(run.errors.at(-1)).toContain("the GPU fell off the bus");
});

test("a context that is too long is named so, whatever the server's words", async () => {
  const message = "request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it";
  stage.upstream.play({ status: 400, body: { error: { code: 400, message, type: "exceed_context_size_error" } } });
  const run = await stage.codex("hi");
  expect(run.code).toBe(1);
  expect(run.errors.at(-1)).toContain("ran out of room in the model's context window");
});

test("an unknown model is refused with one sentence, at once", async () => {
  stage.upstream.play();
  const run = await stage.codex("hi", { model: "no-such-model" });
  expect(run.code).toBe(1);
  expect(run.errors.at(-1)).toContain("no-such-model");
  expect(run.errors.join("\n")).not.toContain("Reconnecting");
});

test("a reply cut by the model's limit ends the turn with its reason", async () => {
  stage.upstream.play({ text: "Half an ans", finish: "length" });
  const run = await stage.codex("hi");
  expect(run).toMatchObject({ code: 1, said: ["Half an ans"] });
  expect(run.errors.at(-1)).toContain("max_output_tokens");
});

test("a model that thinks for longer than Codex's patience is waited for, before its first word and between two", async () => {
  const longerThanCodexWaits = 4500;
  stage.upstream.play(async () => {
    await wait(longerThanCodexWaits);
    return { text: "At last.", holdUntil: wait(longerThanCodexWaits) };
  });
  const run = await stage.codex("hi");
  expect(run).toMatchObject({ code: 0, errors: [], said: ["At last."] });
  expect(stage.upstream.requests).toHaveLength(1);
});

test("a Codex that is stopped in mid-reply takes the upstream's reply with it", async () => {
  const left = new Promise<void>((resolve) => {
    stage.upstream.play((request) => {
      void request.left.then(resolve);
      void codex.then((running) => running.stop());
      return { text: "A long story", ending: "silent" };
    });
  });
  const codex = startCodex(stage.place, { gateway: stage.gateway.url, model: "scripted", prompt: "tell me" });
  await left;
  await (
    await codex
  ).finished;
});
