// OpenAI's own SDK against the gateway: whole replies, its streaming helper (which checks the order of events as it
// accumulates), a tool loop without stored state, and its errors.
import OpenAI from "openai";
import type { ResponseInputItem } from "openai/resources/responses/responses";
import { expect, test } from "vitest";
import { messagesOf, textOf, toolResultsOf } from "../support/chat-script.ts";
import { useStage } from "./stage.ts";

const stage = useStage();

const client = (): OpenAI => new OpenAI({ apiKey: "unused", baseURL: `${stage.gateway.url}/v1`, maxRetries: 0, timeout: 20_000 });

const weather = {
  type: "function",
  name: "weather",
  description: "The weather in a place.",
  strict: true,
  parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"], additionalProperties: false },
} as const;

test("a whole reply", async () => {
  stage.upstream.play({ reasoning: "Think.", text: "Good day.", usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } });
  const response = await client().responses.create({ model: "scripted", input: "Greet me.", instructions: "Be brief.", store: false });
  expect(response).toMatchObject({
    status: "completed",
    model: "scripted",
    output_text: "Good day.",
    usage: { input_tokens: 7, output_tokens: 3, total_tokens: 10 },
  });
  expect(response.output.map((item) => item.type)).toEqual(["reasoning", "message"]);
  expect(stage.upstream.requests[0]?.body["stream"]).not.toBe(true);
  expect(messagesOf(stage.upstream.requests[0]).map(textOf)).toEqual(["Be brief.", "Greet me."]);
});

test("the streaming helper accepts every event and ends with the response that it accumulated", async () => {
  const calls = [
    { name: "weather", arguments: '{"place":"Oslo"}' },
    { name: "weather", arguments: '{"place":"Rome"}' },
  ];
  stage.upstream.play({ reasoning: "Two places.", text: "I ask.", calls, interleaved: true, deltaLength: 3 });
  const stream = client().responses.stream({ model: "scripted", input: "Oslo or Rome?", tools: [weather], store: false });
  const types: string[] = [];
  const text: string[] = [];
  stream.on("event", (event) => types.push(event.type));
  stream.on("response.output_text.delta", (event) => text.push(event.delta));
  const response = await stream.finalResponse();
  expect(types[0]).toBe("response.created");
  expect(types.at(-1)).toBe("response.completed");
  expect(text.join("")).toBe("I ask.");
  expect(response.output_text).toBe("I ask.");
  expect(response.output.filter((item) => item.type === "function_call")).toMatchObject([
    { name: "weather", arguments: '{"place":"Oslo"}', parsed_arguments: { place: "Oslo" } },
    { name: "weather", arguments: '{"place":"Rome"}', parsed_arguments: { place: "Rome" } },
  ]);
});

test("a tool loop that stores nothing and echoes every output item", async () => {
  stage.upstream.play(
    { reasoning: "I need the weather.", calls: [{ id: "call_1", name: "weather", arguments: '{"place":"Oslo"}' }] },
    { text: "It snows in Oslo." },
  );
  const fixed = { model: "scripted", tools: [weather], store: false, include: ["reasoning.encrypted_content" as const] };
  const input: ResponseInputItem[] = [{ role: "user", content: "The weather in Oslo?" }];
  const first = await client().responses.create({ ...fixed, input });
  const call = first.output.find((item) => item.type === "function_call");
  // An output item is an input item of the same type; the SDK's types differ in optional fields alone.
  input.push(...(first.output as ResponseInputItem[]), { type: "function_call_output", call_id: call?.call_id ?? "", output: "snow" });
  const second = await client().responses.create({ ...fixed, input });
  expect(second.output_text).toBe("It snows in Oslo.");
  const request = stage.upstream.requests[1];
  expect(toolResultsOf(request).get("call_1")).toBe("snow");
  const assistant = messagesOf(request).find((message) => message["role"] === "assistant");
  expect(assistant).toMatchObject({ reasoning_content: "I need the weather.", tool_calls: [{ id: "call_1" }] });
});

test("the list of models, and one of them", async () => {
  const ids: string[] = [];
  for await (const model of client().models.list()) ids.push(model.id);
  expect(ids).toContain("scripted");
  expect(await client().models.retrieve("scripted")).toMatchObject({ id: "scripted", object: "model" });
});

test("an error of the upstream is the SDK's error of the same status", async () => {
  stage.upstream.play({ status: 429, headers: { "retry-after": "3" }, body: { error: { message: "slow down" } } });
  const error: unknown = await client()
    .responses.create({ model: "scripted", input: "hi" })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OpenAI.RateLimitError);
  expect(error).toMatchObject({ status: 429, code: "rate_limit_exceeded", message: expect.stringContaining("slow down") });
});

test("a request of the wrong shape names its field", async () => {
  stage.upstream.play();
  const request = client().responses.create({ model: "scripted", input: "hi", temperature: 7 });
  await expect(request).rejects.toMatchObject({ status: 400, param: "temperature" });
  expect(stage.upstream.requests).toEqual([]);
});

const SESSION: OpenAI.Responses.ResponseInputItem[] = [
  { role: "user", content: "Read the log." },
  { type: "function_call", call_id: "call_1", name: "read", arguments: "{}" },
  { type: "function_call_output", call_id: "call_1", output: "a line of the log\n".repeat(800) },
];
const HAND_OVER = JSON.stringify({ task: "Read the log.", next: "Look for GREY-OWL." });

test("responses.compact: its output is the head of the next input", async () => {
  stage.upstream.play({ text: HAND_OVER }, { text: "Found it." });
  const compacted = await client().responses.compact({ model: "scripted", input: SESSION });
  expect(compacted).toMatchObject({ object: "response.compaction", usage: { total_tokens: 110 } });
  expect(compacted.output.map((item) => item.type)).toEqual(["message", "compaction"]);
  // What compact gives is made to be sent back; the SDK's types of input and output differ.
  const head = compacted.output as OpenAI.Responses.ResponseInputItem[];
  const next = await client().responses.create({ model: "scripted", input: [...head, { role: "user", content: "Go on." }] });
  expect(next.output_text).toBe("Found it.");
  expect(JSON.stringify(stage.upstream.requests[1]?.body)).toContain("GREY-OWL");
  expect(JSON.stringify(stage.upstream.requests[1]?.body)).not.toContain("a line of the log");
});

test("responses.stream: a compaction within the turn, read by the SDK's own accumulator", async () => {
  stage.upstream.play({ text: HAND_OVER }, { text: "Found it.", deltaLength: 3 });
  const stream = client().responses.stream({
    model: "scripted",
    input: [...SESSION, { role: "user", content: "Go on." }],
    context_management: [{ type: "compaction", compact_threshold: 1000 }],
  });
  const response = await stream.finalResponse();
  expect(response.output.map((item) => item.type)).toEqual(["message", "compaction"]);
  expect(response.output_text).toBe("Found it.");
});
