// Codex where it cannot or does not use a WebSocket: the built-in provider falls back, and provider names that it knows work over HTTP.
import { expect, test } from "vitest";
import { toolResultsOf } from "../support/chat-script.ts";
import { scriptedEntries } from "./start-gateway.ts";
import { useStage } from "./stage.ts";

const stage = useStage((url) => ({ ...scriptedEntries(url), server: { websocket: false } }));

test("with WebSocket turned off, Codex's built-in provider goes on over HTTP at once", async () => {
  stage.upstream.play({ text: "Hello." });
  const run = await stage.codex("hi", { builtIn: true });
  expect(run).toMatchObject({ code: 0, errors: [], said: ["Hello."] });
  expect(stage.upstream.requests).toHaveLength(1);
});

test.each(["OpenAI", "Azure"])("a provider with the name %s, for which Codex sends more, works through a tool loop", async (name) => {
  const call = { name: "exec_command", arguments: '{"cmd":"echo from-the-shell"}' };
  stage.upstream.play({ calls: [call] }, { text: "All done." });
  const run = await stage.codex("run it", { providerName: name });
  expect(run).toMatchObject({ code: 0, errors: [], said: ["All done."] });
  expect([...toolResultsOf(stage.upstream.requests[1]).values()]).toMatchObject([expect.stringContaining("from-the-shell")]);
});
