// What a continued response takes over from those before it, and what it does not: items, reasoning and settings among them, yes;
// the request's own fields, no (contract 5.1).
import { expect, test } from "vitest";
import { asList, asObject, type JsonObject } from "../../src/kit/json.ts";
import { delta, DONE, finish, usage } from "../support/chat-frames.ts";
import type { UpstreamExchange } from "../support/fault-upstream.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, jsonOf } from "./client.ts";
import { compactionOf, GOOD, promptOf, say, session } from "./compaction-words.ts";

const start = (): Promise<Stage> => startStage({}, { state: { store: true } });
const tool = (name: string): JsonObject => ({ type: "function", name, parameters: { type: "object", properties: {} }, strict: false });
const lastBody = (stage: Stage): JsonObject => stage.upstream.exchanges.at(-1)?.request.json ?? {};
const toolNames = (stage: Stage): string[] =>
  asList(lastBody(stage)["tools"]).map((one) => String(asObject(asObject(one)?.["function"])?.["name"]));

/** Starts a conversation, or continues the response before; what it says to lean on either. */
type Lean = (previous: JsonObject | null) => Promise<JsonObject>;
const leans = (stage: Stage): [string, Lean][] => [
  ["previous_response_id", async (previous) => (previous === null ? {} : { previous_response_id: previous["id"] ?? null })],
  [
    "conversation",
    async (previous) => {
      const known = asObject(previous?.["conversation"])?.["id"];
      if (known !== undefined) return { conversation: known };
      const made = await ask(stage.url, {}, { path: "/v1/conversations" });
      return { conversation: jsonOf(made)["id"] ?? null };
    },
  ],
];

test("the fields of a request are its own", async () => {
  const stage = await start();
  stage.upstream.always(say("Yes."));
  for (const [, lean] of leans(stage)) {
    const own = {
      instructions: "Be brief.",
      metadata: { a: "b" },
      tools: [tool("look")],
      tool_choice: "required",
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 100,
      parallel_tool_calls: false,
      reasoning: { effort: "low" },
      text: { format: { type: "json_object" } },
      truncation: "auto",
      context_management: [{ type: "compaction", compact_threshold: 5000 }],
      user: "me",
    };
    const first = jsonOf(await ask(stage.url, body({ ...own, ...(await lean(null)) })));
    expect(first).not.toHaveProperty("context_management");
    const second = jsonOf(await ask(stage.url, body({ ...(await lean(first)) })));
    expect(second).toMatchObject({
      instructions: null,
      metadata: {},
      tools: [],
      tool_choice: "auto",
      temperature: 1,
      top_p: 1,
      max_output_tokens: null,
      parallel_tool_calls: true,
      text: { format: { type: "text" } },
      truncation: "disabled",
      user: null,
    });
    const sent = lastBody(stage);
    for (const field of ["tools", "tool_choice", "temperature", "top_p", "max_tokens", "max_completion_tokens", "response_format"])
      expect(sent, field).not.toHaveProperty(field);
    expect(promptOf(stage.upstream.exchanges.at(-1))).not.toContain("Be brief.");
  }
});

test("reasoning of the chain goes back to the model that made it", async () => {
  const stage = await start();
  const call = { index: 0, id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };
  const thinks = (exchange: UpstreamExchange): void => {
    const { stream } = exchange.request.json;
    if (stream !== true) {
      const message = { role: "assistant", content: null, reasoning_content: "I look first.", tool_calls: [call] };
      return exchange.answer(200, {
        id: "c",
        object: "chat.completion",
        created: 1,
        choices: [{ index: 0, message, finish_reason: "tool_calls" }],
      });
    }
    exchange.send(delta({ reasoning_content: "I look first." }) + delta({ tool_calls: [call] }) + finish("tool_calls") + usage() + DONE);
    return exchange.end();
  };
  for (const [name, lean] of leans(stage)) {
    stage.upstream.play(thinks, say("A teapot."));
    const first = jsonOf(await ask(stage.url, body({ tools: [tool("look")], ...(await lean(null)) })));
    const input = [{ type: "function_call_output", call_id: "call_1", output: "a teapot" }];
    await ask(stage.url, body({ tools: [tool("look")], input, ...(await lean(first)) }));
    const messages = asList(lastBody(stage)["messages"]).map(asObject);
    expect(
      messages.find((message) => message?.["role"] === "assistant"),
      name,
    ).toMatchObject({
      reasoning_content: "I look first.",
      tool_calls: [{ id: "call_1" }],
    });
  }
});

test("tools and settings that were given as items hold from then on, also past a compaction", async () => {
  const stage = await start();
  for (const [name, lean] of leans(stage)) {
    stage.upstream.play(say("First."), say("Second."), say(GOOD), say("Fourth."));
    const items = [
      { type: "additional_tools", role: "developer", tools: [tool("added")] },
      { type: "configuration_update", reasoning: { effort: "high" } },
    ];
    const first = jsonOf(await ask(stage.url, body({ input: [...items, ...session()], ...(await lean(null)) })));
    expect(toolNames(stage), name).toEqual(["added"]);
    const second = jsonOf(await ask(stage.url, body({ input: "And?", tools: [tool("own")], ...(await lean(first)) })));
    expect(
      toolNames(stage).toSorted((one, other) => one.localeCompare(other)),
      name,
    ).toEqual(["added", "own"]);
    expect(lastBody(stage)["reasoning_effort"], name).toBe("high");
    const third = jsonOf(await ask(stage.url, body({ input: [{ type: "compaction_trigger" }], ...(await lean(second)) })));
    compactionOf(third["output"]);
    await ask(stage.url, body({ input: "Go on.", ...(await lean(third)) }));
    expect(promptOf(stage.upstream.exchanges.at(-1)), name).toContain("MARK-OF-THE-MODEL");
    expect(toolNames(stage), name).toEqual(["added"]);
    expect(lastBody(stage)["reasoning_effort"], name).toBe("high");
  }
});
