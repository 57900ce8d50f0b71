// Vercel's AI SDK against the gateway, through its Responses provider, with everything stored and with nothing: tool loops whole and
// streamed.
import { createOpenAI, type OpenAIResponsesProviderOptions } from "@ai-sdk/openai";
import { generateText, stepCountIs, streamText, tool } from "ai";
import { expect, test } from "vitest";
import { z } from "zod";
import { messagesOf, toolResultsOf } from "../support/chat-script.ts";
import { useStage } from "./stage.ts";

const stage = useStage();

/** `store` as the SDK has it by default (true: it then names items that it has seen, instead of sending them), or false. */
const settings = (store: boolean | undefined) => ({
  model: createOpenAI({ apiKey: "unused", baseURL: `${stage.gateway.url}/v1` }).responses("scripted"),
  maxRetries: 0,
  tools: {
    weather: tool({
      description: "The weather in a place.",
      inputSchema: z.object({ place: z.string() }),
      execute: async ({ place }) => `snow in ${place}`,
    }),
  },
  stopWhen: stepCountIs(4),
  prompt: "The weather in Oslo?",
  providerOptions: {
    openai: {
      ...(store === undefined ? {} : { store }),
      forceReasoning: true,
      include: ["reasoning.encrypted_content"],
    } satisfies OpenAIResponsesProviderOptions,
  },
});

const script = [
  { reasoning: "I need the weather.", calls: [{ id: "call_1", name: "weather", arguments: '{"place":"Oslo"}' }], deltaLength: 5 },
  { reasoning: "Now I know.", text: "It snows in Oslo.", deltaLength: 5 },
];

test.each([[undefined], [false]])("generateText goes through a tool loop, store %s", async (store) => {
  stage.upstream.play(...script);
  const result = await generateText(settings(store));
  expect(result.text).toBe("It snows in Oslo.");
  expect(result.steps).toHaveLength(2);
  expect(result.totalUsage).toMatchObject({ inputTokens: 200, outputTokens: 20 });
  expectLoop();
});

test.each([[undefined], [false]])("streamText goes through a tool loop, store %s", async (store) => {
  stage.upstream.play(...script);
  const errors: unknown[] = [];
  const result = streamText({ ...settings(store), onError: ({ error }) => void errors.push(error) });
  const parts: string[] = [];
  for await (const part of result.fullStream) parts.push(part.type);
  expect(errors).toEqual([]);
  expect(await result.text).toBe("It snows in Oslo.");
  expect(parts).toContain("tool-result");
  expect(parts.at(-1)).toBe("finish");
  expectLoop();
});

function expectLoop(): void {
  const [, second] = stage.upstream.requests;
  expect(stage.upstream.requests).toHaveLength(2);
  expect(toolResultsOf(second).get("call_1")).toContain("snow in Oslo");
  const assistant = messagesOf(second).find((message) => message["role"] === "assistant");
  expect(assistant).toMatchObject({ reasoning_content: "I need the weather.", tool_calls: [{ id: "call_1" }] });
}
