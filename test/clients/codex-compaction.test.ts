// Codex's remote compaction: it sends a trigger, takes one compaction back, and goes on from it, in mid-turn, before a turn, and in
// another process; over HTTP, and over WebSocket by its built-in provider.
import { expect, test } from "vitest";
import { handOverFields } from "../../src/hub/compaction/hand-over.ts";
import { asObject, asString, parseJson, type Json, type JsonObject } from "../../src/kit/json.ts";
import { messagesOf, textOf, toolsOf, type RecordedRequest } from "../support/chat-script.ts";
import { scriptedEntries } from "./start-gateway.ts";
import { useStage } from "./stage.ts";

const WINDOW = 24_000;

const stage = useStage((url) => scriptedEntries(url, { small: { context_window: WINDOW } }));

const HAND_OVER = JSON.stringify({
  ...Object.fromEntries(handOverFields.map((name): [string, Json] => [name, []])),
  task: "Echo two words.",
  next: "Echo the second word: BLUE-HERON.",
});
/** What the model reports when its window is nearly full, and when it is not. */
const FULL = { prompt_tokens: WINDOW - 500, completion_tokens: 50, total_tokens: WINDOW - 450 };
const LITTLE = { prompt_tokens: 900, completion_tokens: 20, total_tokens: 920 };
const call = (command: string): JsonObject & { name: string; arguments: string } => ({
  name: "exec_command",
  arguments: JSON.stringify({ cmd: command }),
});
const promptOf = (request: RecordedRequest | undefined): string => messagesOf(request).map(textOf).join("\n");
/** What the newest turns of the log came by, the oldest first. */
async function ways(count: number): Promise<string[]> {
  const { stdout } = await stage.gateway.command("logs", "--json", "-n", String(count));
  const ids = stdout.split("\n").map((line) => asString(asObject(parseJson(line))?.["id"]));
  const found: string[] = [];
  for (const id of ids.filter((one) => one !== undefined)) {
    const shown = parseJson((await stage.gateway.command("show", id, "--json")).stdout);
    found.push(asString(asObject(asObject(shown)?.["request"])?.["start"]) ?? "");
  }
  return found;
}
const SETTINGS = `model_context_window = ${WINDOW}`;
const LONG = `Echo two words. ${"Mind the details. ".repeat(60)}`;

test.each([
  ["OpenAI", { providerName: "OpenAI" }, "POST"],
  ["Azure", { providerName: "Azure" }, "POST"],
  ["Codex's built-in provider", { builtIn: true }, "MESSAGE"],
])("in mid-turn: %s compacts by a trigger, and goes on with the hand-over", async (_, options, way) => {
  stage.upstream.play(
    { calls: [call("echo RED-FOX")], usage: FULL },
    { text: HAND_OVER, usage: FULL },
    { calls: [call("echo second")], usage: LITTLE },
    { text: "All done.", usage: LITTLE },
  );
  const run = await stage.codex(LONG, { model: "small", settings: SETTINGS, ...options });
  expect(run).toMatchObject({ code: 0, errors: [] });
  expect(run.said.at(-1)).toBe("All done.");
  const [, compaction, after] = stage.upstream.requests;
  expect(stage.upstream.requests).toHaveLength(4);
  expect(toolsOf(compaction).size).toBe(0);
  expect(promptOf(compaction)).toContain("RED-FOX");
  expect(promptOf(after)).toContain("BLUE-HERON");
  expect(promptOf(after)).toContain("Echo two words.");
  expect(promptOf(after)).not.toMatch(/ws1\.|RED-FOX/);
  expect(toolsOf(after).size).toBeGreaterThan(0);
  expect(messagesOf(after).some((message) => message["role"] === "tool")).toBe(false);
  expect(await ways(4)).toEqual(Array.from({ length: 4 }, () => `${way} /v1/responses`));
});

test.each([
  ["over HTTP", { providerName: "OpenAI" }, "POST"],
  ["over WebSocket by the built-in provider", { builtIn: true }, "MESSAGE"],
])("before a turn, in another process, and the thread is resumed after it once more, %s", async (_, provider, way) => {
  const options = { model: "small", settings: SETTINGS, ...provider };
  stage.upstream.play({ calls: [call("echo RED-FOX")], usage: LITTLE }, { text: "Echoed.", usage: FULL });
  const first = await stage.codex(LONG, options);
  expect(first).toMatchObject({ code: 0, said: ["Echoed."] });

  stage.upstream.play({ text: HAND_OVER, usage: FULL }, { text: "Going on.", usage: LITTLE });
  const second = await stage.codex("And now the second.", { ...options, resume: first.thread });
  expect(second).toMatchObject({ code: 0, errors: [] });
  expect(second.said.at(-1)).toBe("Going on.");
  expect(stage.upstream.requests).toHaveLength(2);
  expect(promptOf(stage.upstream.requests[0])).toContain("RED-FOX");
  expect(promptOf(stage.upstream.requests[1])).toMatch(/BLUE-HERON[^]*And now the second\./);
  expect(await ways(2)).toEqual([`${way} /v1/responses`, `${way} /v1/responses`]);

  stage.upstream.play({ text: "Still there.", usage: LITTLE });
  const third = await stage.codex("And the third.", { ...options, resume: first.thread });
  expect(third).toMatchObject({ code: 0, said: ["Still there."] });
  expect(promptOf(stage.upstream.requests[0])).toMatch(/BLUE-HERON[^]*Going on\.[^]*And the third\./);
});

test.each([
  ["refuses", { text: "I'm sorry, but I can't help with that." }, { providerName: "OpenAI" }],
  ["fails", { status: 500, body: { error: { message: "out of order" } } }, { providerName: "OpenAI" }],
  ["fails over WebSocket", { status: 500, body: { error: { message: "out of order" } } }, { builtIn: true }],
])("a model that %s when it should sum up does not end Codex's turn", async (_, bad, provider) => {
  stage.upstream.play({ calls: [call("echo RED-FOX")], usage: FULL }, bad, ...("text" in bad ? [bad] : []), {
    text: "All done.",
    usage: LITTLE,
  });
  const run = await stage.codex(LONG, { model: "small", settings: SETTINGS, ...provider });
  expect(run).toMatchObject({ code: 0, errors: [] });
  expect(run.said.at(-1)).toBe("All done.");
  expect(promptOf(stage.upstream.requests.at(-1))).toContain("echo RED-FOX");
});
