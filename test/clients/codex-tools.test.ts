// Codex's own tools, called by a chat-completions model: each test is one task that Codex really carries out.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { asList, asObject, asString } from "../../src/kit/json.ts";
import { messagesOf, textOf, toolResultsOf, toolsOf, type RecordedRequest, type ScriptedCall } from "../support/chat-script.ts";
import { useStage } from "./stage.ts";
import { scriptedEntries } from "./start-gateway.ts";

const stage = useStage((url) => scriptedEntries(url, { scripted: {}, blind: { capabilities: { images: false } } }));

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const shell = (cmd: string): ScriptedCall => ({ name: "exec_command", arguments: JSON.stringify({ cmd }) });

test("a shell command runs and its output comes back to the model under the same call id", async () => {
  stage.upstream.play(
    { reasoning: "I must look.", text: "Let me see.", calls: [{ ...shell("echo station-$((40 + 2))"), id: "call_look" }], deltaLength: 5 },
    { text: "It says station-42." },
  );
  const run = await stage.codex("what does it say?");
  expect(run).toMatchObject({ code: 0, errors: [], said: ["Let me see.", "It says station-42."] });
  expect(run.items("command_execution")).toMatchObject([{ aggregated_output: "station-42\n", exit_code: 0 }]);
  const [first, second] = stage.upstream.requests;
  expect(stage.upstream.requests).toHaveLength(2);
  expect(messagesOf(first).map((message) => message["role"])).toEqual([
    "system",
    ...messagesOf(first)
      .slice(1)
      .map(() => "user"),
  ]);
  expect(textOf(messagesOf(first).at(-1))).toMatch(/what does it say\?$/);
  expect(toolResultsOf(second).get("call_look")).toContain("station-42");
  const assistant = messagesOf(second).find((message) => message["role"] === "assistant");
  expect(assistant).toMatchObject({ content: "Let me see.", reasoning_content: "I must look.", tool_calls: [{ id: "call_look" }] });
});

test("parallel calls whose deltas are interleaved both run, each with its own result", async () => {
  const calls = [
    { ...shell("echo first-$((1 + 1))"), id: "call_a" },
    { ...shell("echo second-$((2 + 2))"), id: "call_b" },
  ];
  stage.upstream.play({ calls, interleaved: true, deltaLength: 4 }, { text: "Both ran." });
  const run = await stage.codex("run both");
  expect(run).toMatchObject({ code: 0, said: ["Both ran."] });
  const results = toolResultsOf(stage.upstream.requests[1]);
  expect(results.get("call_a")).toContain("first-2");
  expect(results.get("call_b")).toContain("second-4");
});

test("the freeform apply_patch, streamed in small pieces, writes exactly the file that the model wrote", async () => {
  const line = 'say "hi" \\ to \u00e9\u{1f600} <b>& tab\there';
  const patch = `*** Begin Patch\n*** Add File: notes/hello.txt\n+${line}\n+second\n*** End Patch\n`;
  stage.upstream.play((request) => ({ calls: [freeform(request, "apply_patch", patch)], deltaLength: 3 }), { text: "Written." });
  const run = await stage.codex("write it");
  expect(run).toMatchObject({ code: 0, said: ["Written."] });
  expect(await readFile(join(stage.place.work, "notes/hello.txt"), "utf8")).toBe(`${line}\nsecond\n`);
  const tool = toolsOf(stage.upstream.requests[0]).get("apply_patch");
  const properties = Object.values(asObject(asObject(tool?.["parameters"])?.["properties"]) ?? {});
  expect(properties).toMatchObject([{ type: "string" }]);
  expect(JSON.stringify(tool)).toContain("begin_patch: ");
  expect([...toolResultsOf(stage.upstream.requests[1]).values()].join()).toContain("Success");
});

test.for([
  ["the model's limit", { finish: "length" }],
  ["a lost connection", { ending: "cut" }],
] as const)("a call cut short by %s is never run, even where the rest could be guessed", async ([, end]) => {
  const patch = "*** Begin Patch\n*** Add File: half.txt\n+half of\n*** End Patch";
  for (const cut of [
    (request: RecordedRequest): ScriptedCall => withoutEnd(freeform(request, "apply_patch", patch)),
    (): ScriptedCall => withoutEnd(shell("touch half.txt")),
  ]) {
    stage.upstream.play((request) => ({ text: "I will. ", calls: [cut(request)], deltaLength: 7, ...end }), { text: "Again." });
    const run = await stage.codex("write it");
    expect(await readdir(stage.place.work)).toEqual([]);
    expect(run.errors.join("\n")).toMatch("finish" in end ? /max_output_tokens/ : /Reconnecting/);
  }
});

test("a tool that Codex does not have, and broken arguments, are answered by Codex, and the turn goes on", async () => {
  const unknown = { id: "call_unknown", name: "no_such_tool", arguments: '{"a":1}' };
  const broken = { id: "call_broken", name: "exec_command", arguments: '{"cmd":touch}' };
  stage.upstream.play({ calls: [unknown, broken] }, { text: "I see." });
  const run = await stage.codex("try it");
  expect(run).toMatchObject({ code: 0, errors: [], said: ["I see."] });
  const results = toolResultsOf(stage.upstream.requests[1]);
  expect(results.get("call_unknown")).toContain("unsupported call: no_such_tool");
  expect(results.get("call_broken")).toContain("failed to parse function arguments");
});

test("images reach the model as image_url: one that the user attaches, and one that a tool looks at", async () => {
  const file = join(stage.place.work, "dot.png");
  await writeFile(file, Buffer.from(PNG, "base64"));
  const look = { id: "call_look", name: "view_image", arguments: JSON.stringify({ path: file }) };
  stage.upstream.play({ calls: [look] }, { text: "A dot, twice." });
  const run = await stage.codex("what is this?", { args: ["-i", file] });
  expect(run).toMatchObject({ code: 0, said: ["A dot, twice."] });
  const [first, second] = stage.upstream.requests;
  expect(imagesOf(first)).toEqual([expect.stringMatching(/^data:image\/png;base64,iVBOR/)]);
  expect(imagesOf(second)).toEqual([imagesOf(first)[0], expect.stringMatching(/^data:image\/png;base64,iVBOR/)]);
  expect(toolResultsOf(second).has("call_look")).toBe(true);
});

test("a model without eyes gets no image, and Codex tells it so", async () => {
  const file = join(stage.place.work, "dot.png");
  await writeFile(file, Buffer.from(PNG, "base64"));
  stage.upstream.play({ text: "I cannot see." });
  const run = await stage.codex("what is this?", { model: "blind", args: ["-i", file] });
  expect(run).toMatchObject({ code: 0, said: ["I cannot see."] });
  expect(imagesOf(stage.upstream.requests[0])).toEqual([]);
  expect(messagesOf(stage.upstream.requests[0]).map(textOf).join("\n")).toContain("do not support image input");
});

test("an output schema reaches the model as its response format", async () => {
  const schema = { type: "object", properties: { colour: { type: "string" } }, required: ["colour"], additionalProperties: false };
  const file = join(stage.place.home, "schema.json");
  await writeFile(file, JSON.stringify(schema));
  stage.upstream.play({ text: '{"colour":"blue"}' });
  const run = await stage.codex("which colour?", { args: ["--output-schema", file] });
  expect(run).toMatchObject({ code: 0, said: ['{"colour":"blue"}'] });
  expect(stage.upstream.requests[0]?.body["response_format"]).toMatchObject({ type: "json_schema", json_schema: { schema } });
});

function imagesOf(request: RecordedRequest | undefined): (string | undefined)[] {
  const parts = messagesOf(request).flatMap((message) => asList(message["content"]).map(asObject));
  return parts.filter((part) => part?.["type"] === "image_url").map((part) => asString(asObject(part?.["image_url"])?.["url"]));
}

/** A call of a lowered freeform tool: its only string parameter takes the text. */
function freeform(request: RecordedRequest, name: string, text: string): ScriptedCall {
  const parameters = asObject(toolsOf(request).get(name)?.["parameters"]);
  const [parameter] = Object.keys(asObject(parameters?.["properties"]) ?? {});
  return { name, arguments: JSON.stringify({ [parameter ?? "none"]: text }) };
}

/** The same call without the last `"}` of its arguments. */
function withoutEnd(call: ScriptedCall): ScriptedCall {
  return { ...call, arguments: call.arguments.slice(0, -2) };
}
