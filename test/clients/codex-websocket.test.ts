// Codex's built-in provider, pointed at the gateway by nothing but its base URL, works over WebSocket; what goes wrong there is told and
// mended as over HTTP.
import { expect, test } from "vitest";
import { messagesOf, textOf, toolResultsOf } from "../support/chat-script.ts";
import { useStage } from "./stage.ts";

const stage = useStage();
const call = { name: "exec_command", arguments: '{"cmd":"echo from-the-shell"}' };

/** The lines of the log's newest turns, the oldest first. */
async function newest(count: number): Promise<string[]> {
  const { stdout } = await stage.gateway.command("logs");
  return stdout.trimEnd().split("\n").slice(-count);
}

test("a tool loop runs over WebSocket, and another process goes on with it", async () => {
  stage.upstream.play({ calls: [call] }, { reasoning: "It worked.", text: "All done." });
  const run = await stage.codex("run it", { builtIn: true });
  expect(run).toMatchObject({ code: 0, errors: [], said: ["All done."] });
  expect(run.items("error").filter((item) => !String(item["message"]).includes("metadata"))).toEqual([]);
  expect(run.items("command_execution")).toMatchObject([{ aggregated_output: "from-the-shell\n" }]);
  expect(stage.upstream.requests).toHaveLength(2);
  const [first, second] = stage.upstream.requests;
  // What came piece by piece reaches the model as one history, which each request continues.
  expect(messagesOf(second).slice(0, messagesOf(first).length)).toEqual(messagesOf(first));
  expect([...toolResultsOf(second).values()]).toMatchObject([expect.stringContaining("from-the-shell")]);
  // Three messages: what Codex sent ahead reached no model, and is in the log all the same.
  const [prewarm, ...turns] = await newest(3);
  expect(prewarm).toMatch(/ done +codex_exec\/\S+ +scripted +200 +0 +0 /);
  for (const turn of turns) expect(turn).toMatch(/ done +codex_exec\/\S+ +scripted -> script\S* +200 +100 +10 /);
  expect((await stage.gateway.command("show", "last")).stdout).toMatch(/from-the-shell.*All done\./s);

  stage.upstream.play({ text: "Still here." });
  const again = await stage.codex("and now?", { builtIn: true, resume: run.thread });
  expect(again).toMatchObject({ code: 0, errors: [], said: ["Still here."] });
  const told = messagesOf(stage.upstream.requests[0]).map(textOf).join("\n");
  expect(told).toMatch(/run it.*from-the-shell.*All done\..*and now\?/s);
});

test("a call that fails is tried again with the whole conversation, since the connection has forgotten what it continued", async () => {
  stage.upstream.play({ calls: [call] }, { status: 503, body: { error: { message: "busy" } } }, { text: "All done." });
  const run = await stage.codex("run it", { builtIn: true });
  expect(run.said.at(-1)).toBe("All done.");
  expect(run.code).toBe(0);
  expect(stage.upstream.requests).toHaveLength(3);
  const [, failed, again] = stage.upstream.requests;
  expect(messagesOf(again)).toEqual(messagesOf(failed));
});

test("what a provider refuses is shown in its own words", async () => {
  stage.upstream.play({ status: 400, body: { error: { message: "No such temperature." } } });
  const run = await stage.codex("hi", { builtIn: true });
  expect(run.code).toBe(1);
  expect(run.errors.join("\n")).toContain("No such temperature.");
  expect(stage.upstream.requests).toHaveLength(1);
});

test("a provider of one's own that says it has WebSockets is used over one too", async () => {
  stage.upstream.play({ calls: [call] }, { text: "All done." });
  const run = await stage.codex("run it", { tables: "supports_websockets = true" });
  expect(run).toMatchObject({ code: 0, errors: [], said: ["All done."] });
  const [prewarm] = await newest(3);
  expect(prewarm).toMatch(/ done +codex_exec\/\S+ +scripted +200 +0 +0 /);
});
