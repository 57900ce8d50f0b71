// What lasts longer than one request of Codex: the catalogue, reasoning that comes back, and compaction.
import { expect, test } from "vitest";
import { asList, asObject, asString, isObject, parseJson } from "../../src/kit/json.ts";
import { messagesOf, textOf, toolsOf } from "../support/chat-script.ts";
import { scriptedEntries } from "./start-gateway.ts";
import { useStage } from "./stage.ts";

const WINDOW = 24_000;

const stage = useStage((url) => {
  const entries = scriptedEntries(url, {
    scripted: {},
    small: { context_window: WINDOW },
    quiet: { context_window: WINDOW },
    elsewhere: { provider: "other" },
  });
  return { ...entries, providers: { script: { dialect: "chat", base_url: url }, other: { dialect: "chat", base_url: url } } };
});

test("the gateway's list is a catalogue: Codex knows the model and has no warning to give", async () => {
  const details = { prompt_tokens_details: { cached_tokens: 30 }, completion_tokens_details: { reasoning_tokens: 5 } };
  stage.upstream.play({ text: "Hello.", usage: { prompt_tokens: 50, completion_tokens: 20, total_tokens: 70, ...details } });
  const run = await stage.codex("hi");
  expect(run).toMatchObject({ code: 0, errors: [], said: ["Hello."] });
  expect(run.items("error")).toEqual([]);
  expect(run.stdout + run.stderr).not.toContain("metadata");
  expect([...toolsOf(stage.upstream.requests[0]).keys()]).toContain("apply_patch");
  const usage = { input_tokens: 50, cached_input_tokens: 30, output_tokens: 20, reasoning_output_tokens: 5 };
  expect(run.events.at(-1)).toMatchObject({ type: "turn.completed", usage });
});

test("reasoning is shown, comes back in another process, and goes to no other provider", async () => {
  stage.upstream.play({ reasoning: "The box is blue, I recall.", text: "Noted.", deltaLength: 6 });
  const first = await stage.codex("remember the box");
  expect(first.items("reasoning")).toMatchObject([{ text: "The box is blue, I recall." }]);

  stage.upstream.play({ text: "Blue." });
  const second = await stage.codex("which colour?", { resume: first.thread });
  expect(second).toMatchObject({ code: 0, said: ["Blue."] });
  const assistant = messagesOf(stage.upstream.requests[0]).find((message) => message["role"] === "assistant");
  expect(assistant).toMatchObject({ content: "Noted.", reasoning_content: "The box is blue, I recall." });

  stage.upstream.play({ text: "Blue, too." });
  const third = await stage.codex("and now?", { resume: first.thread, model: "elsewhere" });
  expect(third).toMatchObject({ code: 0, said: ["Blue, too."] });
  expect(JSON.stringify(stage.upstream.requests[0]?.body)).not.toMatch(/reasoning_content|encrypted|ws1\./);
});

test("a thread in which a call was cut short goes on, with a history that servers accept", async () => {
  stage.upstream.play({ text: "I try.", calls: [{ name: "exec_command", arguments: '{"cmd":"touch half' }], finish: "length" });
  const first = await stage.codex("try it");
  expect(first.code).toBe(1);
  stage.upstream.play({ text: "Again, then." });
  const second = await stage.codex("go on", { resume: first.thread });
  expect(second).toMatchObject({ code: 0, said: ["Again, then."] });
  const messages = messagesOf(stage.upstream.requests[0]);
  const calls = messages.flatMap((message) => asList(message["tool_calls"]).map(asObject));
  for (const call of calls) expect(isObject(parseJson(asString(asObject(call?.["function"])?.["arguments"]) ?? ""))).toBe(true);
  const answered = messages.filter((message) => message["role"] === "tool").map((message) => message["tool_call_id"]);
  expect(answered).toEqual(calls.map((call) => call?.["id"]));
});

test.for([
  [
    "the usage that the model reports",
    "small",
    { prompt_tokens: WINDOW - 500, completion_tokens: 50, total_tokens: WINDOW - 450 },
    "short",
  ],
  ["our estimate, where the model reports none", "quiet", null, "words ".repeat(14_000)],
] as const)("Codex compacts near the window's end by %s, and goes on", async ([, model, usage, prompt]) => {
  const call = { name: "exec_command", arguments: '{"cmd":"echo worked"}' };
  const after = usage === null ? { usage } : {};
  stage.upstream.play({ calls: [call], usage }, { text: "SUMMARY: it worked.", ...after }, { text: "All done.", ...after });
  const run = await stage.codex(prompt, { model });
  expect(run).toMatchObject({ code: 0, errors: [] });
  expect(run.said.at(-1)).toBe("All done.");
  const [, compaction, last] = stage.upstream.requests;
  expect(stage.upstream.requests).toHaveLength(3);
  expect(textOf(messagesOf(compaction).at(-1))).toContain("CONTEXT CHECKPOINT COMPACTION");
  expect(toolsOf(compaction).size).toBe(0);
  expect(textOf(messagesOf(last).at(-1))).toContain("SUMMARY: it worked.");
  expect(messagesOf(last).some((message) => message["role"] === "tool")).toBe(false);
});
