// OpenAI's Agents SDK against the gateway, with everything stored and with nothing: its tool loop, whole and streamed.
import { Agent, OpenAIResponsesModel, Runner, tool } from "@openai/agents";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { z } from "zod";
import { messagesOf, toolResultsOf } from "../support/chat-script.ts";
import { useStage } from "./stage.ts";

const stage = useStage();

const runner = new Runner({ tracingDisabled: true });

function makeAgent(store: boolean | undefined): Agent {
  const client = new OpenAI({ apiKey: "unused", baseURL: `${stage.gateway.url}/v1`, maxRetries: 0 });
  return new Agent({
    name: "Weather",
    instructions: "Ask the tool.",
    model: new OpenAIResponsesModel(client, "scripted"),
    modelSettings: store === undefined ? {} : { store },
    tools: [
      tool({
        name: "weather",
        description: "The weather in a place.",
        parameters: z.object({ place: z.string() }),
        execute: async ({ place }) => `snow in ${place}`,
      }),
    ],
  });
}

const script = [
  { reasoning: "I need the weather.", calls: [{ id: "call_1", name: "weather", arguments: '{"place":"Oslo"}' }] },
  { text: "It snows in Oslo.", deltaLength: 5 },
];

test.each([[undefined], [false]])("a run goes through a tool loop, store %s", async (store) => {
  stage.upstream.play(...script);
  const result = await runner.run(makeAgent(store), "The weather in Oslo?");
  expect(result.finalOutput).toBe("It snows in Oslo.");
  expect(toolResultsOf(stage.upstream.requests[1]).get("call_1")).toBe("snow in Oslo");
});

test.each([[undefined], [false]])("a streamed run goes through a tool loop, store %s", async (store) => {
  stage.upstream.play(...script);
  const result = await runner.run(makeAgent(store), "The weather in Oslo?", { stream: true });
  const types: string[] = [];
  for await (const event of result) types.push(event.type);
  await result.completed;
  expect(result.finalOutput).toBe("It snows in Oslo.");
  expect(types).toContain("raw_model_stream_event");
  expect(stage.upstream.requests[1]?.body["stream"]).toBe(true);
  expect(toolResultsOf(stage.upstream.requests[1]).get("call_1")).toBe("snow in Oslo");
});

test("a second run continues the first by the id of its response", async () => {
  stage.upstream.play(...script, { text: "Still snow." });
  const agent = makeAgent(undefined);
  const first = await runner.run(agent, "The weather in Oslo?");
  const second = await runner.run(agent, "And now?", { previousResponseId: first.lastResponseId ?? "" });
  expect(second.finalOutput).toBe("Still snow.");
  const request = stage.upstream.requests[2];
  expect(toolResultsOf(request).get("call_1")).toBe("snow in Oslo");
  expect(messagesOf(request).map((message) => message["role"])).toEqual(["system", "user", "assistant", "tool", "assistant", "user"]);
});

test("runs share a conversation", async () => {
  const client = new OpenAI({ apiKey: "unused", baseURL: `${stage.gateway.url}/v1`, maxRetries: 0 });
  const { id: conversationId } = await client.conversations.create();
  stage.upstream.play(...script, { text: "Still snow." });
  const agent = makeAgent(undefined);
  await runner.run(agent, "The weather in Oslo?", { conversationId });
  await runner.run(agent, "And now?", { conversationId });
  const request = stage.upstream.requests[2];
  expect(messagesOf(request).map((message) => message["role"])).toEqual(["system", "user", "assistant", "tool", "assistant", "user"]);
});
