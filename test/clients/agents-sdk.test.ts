// OpenAI's Agents SDK against the gateway, with nothing stored: its tool loop, whole and streamed.
import { Agent, OpenAIResponsesModel, Runner, tool } from "@openai/agents";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { z } from "zod";
import { toolResultsOf } from "../support/chat-script.ts";
import { useStage } from "./stage.ts";

const stage = useStage();

const runner = new Runner({ tracingDisabled: true });

function makeAgent(): Agent {
  const client = new OpenAI({ apiKey: "unused", baseURL: `${stage.gateway.url}/v1`, maxRetries: 0 });
  return new Agent({
    name: "Weather",
    instructions: "Ask the tool.",
    model: new OpenAIResponsesModel(client, "scripted"),
    modelSettings: { store: false },
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

test("a run goes through a tool loop", async () => {
  stage.upstream.play(...script);
  const result = await runner.run(makeAgent(), "The weather in Oslo?");
  expect(result.finalOutput).toBe("It snows in Oslo.");
  expect(toolResultsOf(stage.upstream.requests[1]).get("call_1")).toBe("snow in Oslo");
});

test("a streamed run goes through a tool loop", async () => {
  stage.upstream.play(...script);
  const result = await runner.run(makeAgent(), "The weather in Oslo?", { stream: true });
  const types: string[] = [];
  for await (const event of result) types.push(event.type);
  await result.completed;
  expect(result.finalOutput).toBe("It snows in Oslo.");
  expect(types).toContain("raw_model_stream_event");
  expect(stage.upstream.requests[1]?.body["stream"]).toBe(true);
  expect(toolResultsOf(stage.upstream.requests[1]).get("call_1")).toBe("snow in Oslo");
});
