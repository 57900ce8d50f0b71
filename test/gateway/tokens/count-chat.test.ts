// What a request costs beyond its text, and that no shape of it stops the count.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ATTACHMENT_TOKENS, countChat } from "../../../src/gateway/tokens/count-chat.ts";
import { FAMILIES, familyOf, methodOf } from "../../../src/gateway/tokens/family.ts";
import { loadVocabulary } from "../../../src/gateway/tokens/vocabulary.ts";
import { isObject, parseJson, type JsonObject } from "../../../src/kit/json.ts";

const o200k = await loadVocabulary("o200k");
const cl100k = await loadVocabulary("cl100k");
const asian = await loadVocabulary("cl100k-asian");
const digits = await loadVocabulary("cl100k-digits");
const count = (body: JsonObject): number => countChat(body, FAMILIES["gpt-4o"], o200k);
const user = (content: JsonObject["content"]): JsonObject => ({ role: "user", content: content ?? null });

test("an image counts a flat sum, however long its data", () => {
  const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(100_000)}` } };
  expect(count({ messages: [user([image])] })).toBe(3 + 4 + ATTACHMENT_TOKENS);
});

test("a tool counts with its description and parameters, an optional schema too", () => {
  const parameters = { type: "object", properties: { path: { type: "string", description: "The file to read" } }, required: ["path"] };
  const bare = count({ messages: [user("hi")] });
  const offered = count({
    messages: [user("hi")],
    tools: [{ type: "function", function: { name: "read", description: "Reads", parameters } }],
  });
  expect(offered - bare).toBeGreaterThan(16 + 15);
  const schema = { type: "object", properties: { answer: { type: "string" } } };
  const formatted = count({ messages: [user("hi")], response_format: { type: "json_schema", json_schema: { name: "a", schema } } });
  expect(formatted - bare).toBe(o200k(JSON.stringify(schema)) + 4);
});

test("what was thought before the last question is not counted, what was thought after it is", () => {
  const thought: JsonObject = { role: "assistant", content: "ok", reasoning_content: "Let me think about this for a while." };
  const plain: JsonObject = { role: "assistant", content: "ok" };
  const cost = (...messages: JsonObject[]): number => countChat({ messages }, FAMILIES.qwen, digits);
  expect(cost(user("a"), thought, user("b"))).toBe(cost(user("a"), plain, user("b")));
  expect(cost(user("a"), thought)).toBeGreaterThan(cost(user("a"), plain));
});

test("names of special tokens in a text are text", () => {
  expect(count({ messages: [user("<|endoftext|><|im_start|>")] })).toBeGreaterThan(3 + 4 + 6);
});

test.each([
  ["one letter", "a".repeat(300_000)],
  ["spaces", " ".repeat(300_000)],
  ["no spaces between Chinese words", "网关连接模型".repeat(50_000)],
  ["halves of characters", "\ud83d".repeat(300_000)],
])("a long run is counted in linear time: %s", (_, text) => {
  for (const vocabulary of [o200k, cl100k, asian, digits]) expect(vocabulary(text)).toBeGreaterThan(300);
});

test("cutting long runs changes a count by little, and ordinary text by nothing", () => {
  expect(cl100k("The quick brown fox jumps over the lazy dog.")).toBe(10);
  expect(digits("call 12345678 now")).toBe(cl100k("call 12345678 now") + 5);
  expect(asian("网关连接模型")).toBeLessThan(cl100k("网关连接模型"));
});

test("any JSON has a count", () => {
  fc.assert(
    fc.property(fc.json(), fc.json(), (messages, tools) => {
      const body = parseJson(`{"messages":${messages},"tools":[${tools}],"response_format":${tools}}`);
      if (isObject(body)) expect(count(body)).toBeGreaterThan(0);
    }),
  );
});

test.each([
  ["Qwen3-1.7B-Q4_K_M", "qwen", "tokenizer:cl100k-digits"],
  ["Qwen/Qwen3-Coder-480B", "qwen3.5", "tokenizer:cl100k-digits"],
  ["openai/gpt-oss-120b", "gpt-oss", "tokenizer:o200k"],
  ["gpt-5.4-mini", "gpt-5", "tokenizer:o200k"],
  ["o4-mini", "gpt-4o", "tokenizer:o200k"],
  ["meta-llama/Llama-3.3-70B-Instruct", "llama-3.1", "tokenizer:cl100k-asian"],
  ["deepseek-r1-distill-llama-70b", "llama-3.1", "tokenizer:cl100k-asian"],
  ["deepseek-v4-flash", "deepseek", "tokenizer:cl100k-asian~"],
  ["anthropic/claude-haiku-4.5", "claude", "tokenizer:o200k~"],
] as const)("%s is of the family %s, counted by %s", (model, family, method) => {
  expect(familyOf(model)).toBe(family);
  expect(methodOf(family)).toBe(method);
});

test("a name that tells nothing has no family", () => {
  expect(familyOf("my-model")).toBeUndefined();
  expect(familyOf("")).toBeUndefined();
});
