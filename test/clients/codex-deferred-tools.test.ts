// Tools that do not stand plainly in the list of a request: those of MCP servers, those that Codex defers behind its tool
// search, the script tool of its code mode, and tools inside the input.
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { asList, asObject, asString, type JsonObject } from "../../src/kit/json.ts";
import { toolResultsOf, toolsOf, type RecordedRequest, type ScriptedCall } from "../support/chat-script.ts";
import { useStage } from "./stage.ts";
import { scriptedEntries } from "./start-gateway.ts";

// `gpt-6-astra` stands in the catalogue that Codex brings along, as one of the models whose tools travel inside the input.
const stage = useStage((url) => scriptedEntries(url, { scripted: {}, "gpt-6-astra": {} }));

const notesServer = `[mcp_servers.the_shared_notes_of_the_whole_team]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(join(import.meta.dirname, "notes-server.ts"))}]
`;

test("the tools of an MCP server are called by flat names within 64 characters", async () => {
  stage.upstream.play(
    (request) => ({
      calls: [
        { id: "call_read", name: nameOf(request, "Reads the note"), arguments: '{"word":"tea"}' },
        { id: "call_count", name: nameOf(request, "Counts the characters"), arguments: '{"word":"key"}' },
      ],
    }),
    { text: "In the blue tin." },
  );
  const run = await stage.codex("where is the tea?", { tables: notesServer });
  expect(run).toMatchObject({ code: 0, said: ["In the blue tin."] });
  const names = [...toolsOf(stage.upstream.requests[0]).keys()];
  expect(names.filter((name) => !/^[A-Za-z0-9_-]{1,64}$/.test(name))).toEqual([]);
  const results = toolResultsOf(stage.upstream.requests[1]);
  expect(results.get("call_read")).toContain("the tea is in the blue tin");
  expect(results.get("call_count")).toContain("24 characters");
  const second = [...toolsOf(stage.upstream.requests[1]).keys()];
  expect(second).toEqual(names);
});

test("a tool that the model finds by tool search can be called from then on", async () => {
  const catalog = await catalogFile({ supports_search_tool: true });
  stage.upstream.play(
    { calls: [{ id: "call_find", name: "tool_search", arguments: '{"query":"read a note about a word","limit":5}' }] },
    (request) => ({ calls: [{ id: "call_read", name: nameOf(request, "Reads the note"), arguments: '{"word":"tea"}' }] }),
    { text: "Found it." },
  );
  const run = await stage.codex("where is the tea?", {
    tables: notesServer,
    catalogUrl: null,
    settings: `model_catalog_json = ${JSON.stringify(catalog)}`,
  });
  expect(run).toMatchObject({ code: 0, said: ["Found it."] });
  const [first, second, third] = stage.upstream.requests;
  expect([...toolsOf(first).values()].filter(describes("Reads the note"))).toEqual([]);
  expect([...toolsOf(second).values()].filter(describes("Reads the note"))).toHaveLength(1);
  expect(toolResultsOf(third).get("call_read")).toContain("the tea is in the blue tin");
});

const SCRIPT = 'await tools.exec_command({cmd: "touch made.txt"});';

test("the script tool of code mode runs what the model wrote, and nothing that was cut short", async () => {
  const catalog = await catalogFile({ tool_mode: "code_mode_only" });
  const options = { catalogUrl: null, settings: `model_catalog_json = ${JSON.stringify(catalog)}` };
  stage.upstream.play((request) => {
    const whole = scriptCall(request);
    return { calls: [{ ...whole, arguments: whole.arguments.slice(0, -2) }], finish: "length" };
  });
  expect((await stage.codex("make it", options)).code).toBe(1);
  expect(await readdir(stage.place.work)).toEqual([]);
  stage.upstream.play((request) => ({ calls: [scriptCall(request)], deltaLength: 6 }), { text: "Made." });
  expect(await stage.codex("make it", options)).toMatchObject({ code: 0, said: ["Made."] });
  expect(await readdir(stage.place.work)).toEqual(["made.txt"]);
});

test("tools that come inside the input are offered and called like any other", async () => {
  stage.upstream.play((request) => ({ calls: [scriptCall(request)], deltaLength: 6 }), { text: "Made." });
  const run = await stage.codex("make it", { model: "gpt-6-astra", catalogUrl: null });
  expect(run).toMatchObject({ code: 0, said: ["Made."] });
  expect(await readdir(stage.place.work)).toEqual(["made.txt"]);
  expect(toolsOf(stage.upstream.requests[0]).size).toBeGreaterThan(2);
});

function scriptCall(request: RecordedRequest): ScriptedCall {
  const tool = toolsOf(request).get("exec");
  const [parameter] = Object.keys(asObject(asObject(tool?.["parameters"])?.["properties"]) ?? {});
  return { name: "exec", arguments: JSON.stringify({ [parameter ?? "none"]: SCRIPT }) };
}

/** The gateway's own entry for `scripted`, changed, as a catalogue file. */
async function catalogFile(change: JsonObject): Promise<string> {
  // What fetch parses is JSON.
  const list = (await (await fetch(`${stage.gateway.url}/v1/models`)).json()) as JsonObject;
  const entry = asList(list["models"])
    .map(asObject)
    .find((model) => model?.["slug"] === "scripted");
  const file = join(stage.place.home, "catalog.json");
  await writeFile(file, JSON.stringify({ models: [{ ...entry, ...change }] }));
  return file;
}

function describes(words: string): (tool: JsonObject) => boolean {
  return (tool) => asString(tool["description"])?.includes(words) === true;
}

function nameOf(request: RecordedRequest, words: string): string {
  return [...toolsOf(request)].find(([, tool]) => describes(words)(tool))?.[0] ?? `no tool: ${words}`;
}
