// The gateway before a real llama-server, whose model knows nothing and says noise: so the framing, the counts, the errors and the form
// of calls are the server's and ours alone. Skipped where there is no such server (`npm run build:llama` makes one).
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { providers } from "../../providers/index.ts";
import { createFetchJson } from "../../src/gateway/fetch-json.ts";
import { toolGrammar } from "../../src/hub/grammar/tool-grammar.ts";
import { asList, asObject, asString, type JsonObject } from "../../src/kit/json.ts";
import { ask, eventsOf, jsonOf, lastResponse } from "../e2e/client.ts";
import { APPLY_PATCH } from "../hub/grammar/grammars.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { WINDOW, hasLlamaServer, startLlamaServer, type LlamaServer } from "./llama-server.ts";

const TOOL = { type: "custom", name: "apply_patch", format: { type: "grammar", syntax: "lark", definition: APPLY_PATCH } };
const SEEDS = [1, 2, 3, 4, 5, 6];
let noise: LlamaServer;
let caller: LlamaServer;
let babbler: LlamaServer;
let thinker: LlamaServer;

async function startBefore(server: LlamaServer, more: JsonObject = {}): Promise<TestGateway> {
  return startGateway({
    providers: { llamacpp: { base_url: `${server.origin}/v1`, ...more } },
    models: { tiny: { provider: "llamacpp" } },
  });
}

const request = (more: JsonObject): JsonObject => ({ model: "tiny", input: "Say something.", max_output_tokens: 60, seed: 1, ...more });

function callsOf(response: JsonObject): JsonObject[] {
  return asList(response["output"]).flatMap((item) => (asObject(item)?.["type"] === "custom_tool_call" ? [asObject(item) ?? {}] : []));
}

function fits(input: unknown): boolean {
  const grammar = toolGrammar("lark", APPLY_PATCH);
  if ("problem" in grammar) throw grammar.problem;
  return grammar.recogniser.fits(asString(input) ?? "");
}

describe.skipIf(!hasLlamaServer)("llama-server", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    [noise, caller, babbler, thinker] = await Promise.all([
      startLlamaServer({ "\\n": 4, "<|im_end|>": 1 }),
      // It calls now and then, and ends lines and patches soon.
      startLlamaServer({ "\\n": 16, "*** End Patch": 14, "a.txt": 14, "<tool_call>": 14, "<|im_end|>": 13 }),
      startLlamaServer({ '"}': 21, "<tool_call>": 20, "<|im_end|>": 13 }),
      startLlamaServer({ "</think>": 4, "<|im_end|>": 1 }),
    ]);
  });
  afterAll(() => Promise.all([noise, caller, babbler, thinker].map((server) => server.stop())));

  test("counts the input of a request as it then states it, tools and instructions included", async () => {
    const gateway = await startBefore(noise);
    const asked = request({ instructions: "Be brief.", input: "Count these words.", tools: [TOOL] });
    const counted = await ask(
      gateway.url,
      { model: "tiny", instructions: "Be brief.", input: "Count these words.", tools: [TOOL] },
      { path: "/v1/responses/input_tokens" },
    );
    expect(counted.headers["x-waystation-usage-method"]).toBe("vendor");
    const { usage } = jsonOf(await ask(gateway.url, asked));
    expect(jsonOf(counted)["input_tokens"]).toBe(asObject(usage)?.["input_tokens"]);
  });

  test("is known for what it is, and by no other provider", async () => {
    const fetchJson = createFetchJson();
    const models = await fetchJson(`${noise.origin}/v1/models`);
    const known: string[] = [];
    for (const { id, local } of providers) if ((await local?.recognise(fetchJson, noise.origin, models)) === true) known.push(id);
    expect(known).toEqual(["llamacpp"]);
    // Without its list it is known by /props.
    const local = providers.find(({ id }) => id === "llamacpp")?.local;
    expect(await local?.recognise(fetchJson, noise.origin, { data: [] })).toBe(true);
  });

  test("its model is listed with the window that runs", async () => {
    const { url } = await startBefore(noise);
    const list = asObject(await (await fetch(`${url}/v1/models`)).json());
    expect(asList(list?.["models"])).toContainEqual(expect.objectContaining({ slug: "tiny", context_window: WINDOW }));
  });

  test("a stream obeys the contract, and says as much as the whole reply to the same seed; usage is the server's", async () => {
    const { url, log } = await startBefore(noise);
    const streamed = lastResponse(eventsOf(await ask(url, request({ stream: true }))));
    const whole = jsonOf(await ask(url, request({})));
    for (const response of [streamed, whole]) {
      expect(response["status"]).toBe(response["incomplete_details"] === null ? "completed" : "incomplete");
      const usage = asObject(response["usage"]);
      expect(usage?.["output_tokens"]).toBeGreaterThan(0);
      expect(usage?.["input_tokens"]).toBeGreaterThan(10);
    }
    expect(asObject(streamed["usage"])?.["input_tokens"]).toBe(asObject(whole["usage"])?.["input_tokens"]);
    const { end } = await log.ended(0);
    expect(end).toMatchObject({ status: 200, usage: { estimated: false } });
  });

  test("thinking comes as reasoning", async () => {
    const { url } = await startBefore(thinker);
    const kinds = new Set<unknown>();
    for (const seed of SEEDS) {
      const response = lastResponse(eventsOf(await ask(url, request({ stream: true, seed, reasoning: { summary: "auto" } }))));
      for (const item of asList(response["output"])) kinds.add(asObject(item)?.["type"]);
      const [first] = asList(response["output"]);
      expect(asObject(first)?.["type"]).toBe("reasoning");
    }
    expect(kinds).toEqual(new Set(["message", "reasoning"]));
  });

  test.each(["required", "auto"])("a custom tool's grammar holds for every call (tool_choice %s)", async (choice) => {
    const { url } = await startBefore(caller);
    let count = 0;
    for (const seed of SEEDS) {
      const asked = request({
        tools: [TOOL],
        tool_choice: choice,
        stream: true,
        seed,
        max_output_tokens: 1200,
        parallel_tool_calls: false,
      });
      const response = lastResponse(eventsOf(await ask(url, asked)));
      const calls = callsOf(response).filter((call) => call["status"] === "completed");
      for (const call of calls) expect(call["input"]).toSatisfy(fits);
      count += calls.length;
    }
    expect(count).toBeGreaterThan(1);
  });

  test("so does a pattern of a function's own, however it is written", async () => {
    const { url } = await startBefore(caller);
    const properties = { dates: { type: "array", items: { type: "string", pattern: String.raw`^\d{4}-\d\d$` }, minItems: 1, maxItems: 3 } };
    const tool = {
      type: "function",
      name: "find",
      parameters: { type: "object", properties, required: ["dates"], additionalProperties: false },
    };
    let count = 0;
    for (const seed of SEEDS) {
      const asked = request({
        tools: [tool],
        tool_choice: "required",
        stream: true,
        seed,
        max_output_tokens: 400,
        parallel_tool_calls: false,
      });
      const { output } = lastResponse(eventsOf(await ask(url, asked)));
      const calls = asList(output).filter(
        (item) => asObject(item)?.["type"] === "function_call" && asObject(item)?.["status"] === "completed",
      );
      for (const call of calls) expect(asObject(call)?.["arguments"]).toMatch(/^\{\s*"dates"\s*:\s*\[\s*("\d{4}-\d\d"[\s,]*){1,3}\]\s*\}$/);
      count += calls.length;
    }
    expect(count).toBeGreaterThan(1);
  });

  test("without the pattern it is called with anything, which is told", async () => {
    const { url, log } = await startBefore(babbler, { capabilities: { tool_pattern: "none" } });
    let told = 0;
    for (const [turn, seed] of SEEDS.entries()) {
      const asked = request({ tools: [TOOL], tool_choice: "required", seed, max_output_tokens: 200, parallel_tool_calls: false });
      for (const call of callsOf(jsonOf(await ask(url, asked)))) expect(call["input"]).not.toSatisfy(fits);
      const { end } = await log.ended(turn);
      told += end.losses.filter(({ feature }) => feature === "tool.apply_patch.input_off_grammar").length;
    }
    expect(told).toBeGreaterThan(0);
  });

  test("too long a prompt is told as that", async () => {
    const { url } = await startBefore(noise);
    const answer = await ask(url, request({ input: "x ".repeat(3 * WINDOW) }));
    expect(answer.status).toBe(400);
    expect(asObject(jsonOf(answer)["error"])).toMatchObject({ code: "context_length_exceeded" });
  });

  test("a conversation with calls and their outputs is taken back", async () => {
    const { url } = await startBefore(noise);
    const input = [
      { role: "developer", content: "Be brief." },
      { role: "user", content: "Patch it." },
      { type: "custom_tool_call", call_id: "call_1", name: "apply_patch", input: "*** Begin Patch\n*** End Patch" },
      { type: "custom_tool_call_output", call_id: "call_1", output: "no" },
      { role: "user", content: "Again." },
    ];
    const response = lastResponse(eventsOf(await ask(url, request({ input, tools: [TOOL], tool_choice: "none", stream: true }))));
    expect(response["error"]).toBeNull();
  });
});
