// No vendor gets a field which its README says it refuses: a request that asks for everything, and what is left of it.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { providers } from "../../providers/index.ts";
import { chatBody } from "../support/chat-body.ts";
import { FORMAT, SHELL } from "./talk.ts";

/** For each vendor a model, and the fields that its README says it does not get. */
const REFUSED: readonly [id: string, model: string, fields: readonly string[]][] = [
  ["moonshot", "kimi-k3", ["seed", "logprobs", "parallel_tool_calls", "temperature", "strict"]],
  ["zai", "glm-5.3", ["seed", "logprobs", "parallel_tool_calls"]],
  ["minimax", "MiniMax-M3", ["tool_choice", "parallel_tool_calls", "response_format", "seed", "strict", "reasoning_effort"]],
  ["groq", "llama-3.3-70b-versatile", ["logprobs", "response_format", "reasoning_effort", "frequency_penalty"]],
  ["mistral", "ministral-3b-latest", ["logprobs", "seed", "stream_options", "reasoning_effort"]],
  ["xai", "grok-4", ["reasoning_effort", "stop", "frequency_penalty"]],
  [
    "cerebras",
    "gpt-oss-120b",
    ["frequency_penalty", "presence_penalty", "parallel_tool_calls", "response_format", "strict", "stream_options"],
  ],
  ["together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", ["strict", "parallel_tool_calls", "logprobs", "reasoning_effort"]],
  ["huggingface", "Qwen/Qwen3-32B", ["strict", "parallel_tool_calls", "reasoning_effort"]],
  ["nvidia", "qwen/qwen3-32b", ["strict", "user", "parallel_tool_calls", "reasoning", "enable_thinking"]],
  ["perplexity", "sonar-pro", ["tools", "stop", "seed", "logprobs"]],
  ["venice", "qwen3-235b", ["enable_thinking"]],
  [
    "databricks",
    "databricks-claude-sonnet-4-6",
    ["stream_options", "parallel_tool_calls", "strict", "seed", "user", "reasoning_effort", "frequency_penalty"],
  ],
  ["snowflake", "claude-sonnet-4-6", ["seed", "logprobs", "parallel_tool_calls", "max_tokens"]],
  ["azure", "gpt-5-mini", ["max_tokens", "temperature", "stop", "logprobs"]],
  ["openai-chat", "gpt-5.4", ["max_tokens", "temperature", "stop", "logprobs", "reasoning_effort"]],
  ["google-chat", "gemini-2.5-pro", ["strict", "user", "parallel_tool_calls", "prompt_cache_key", "frequency_penalty"]],
  ["anthropic-chat", "claude-sonnet-4-6", ["response_format", "seed", "logprobs", "reasoning_effort", "strict", "frequency_penalty"]],
  ["vertex-chat", "xai/grok-4.1-fast-reasoning", ["reasoning_effort"]],
];

const EVERYTHING = {
  input: "a",
  tools: [SHELL],
  tool_choice: "required",
  parallel_tool_calls: true,
  reasoning: { effort: "high" },
  text: { format: FORMAT },
  temperature: 0.5,
  top_p: 0.5,
  frequency_penalty: 0.5,
  presence_penalty: 0.5,
  stop: ["x"],
  seed: 7,
  top_logprobs: 2,
  include: ["message.output_text.logprobs"],
  max_output_tokens: 100,
  prompt_cache_key: "k",
  user: "u",
  stream: true,
};

/** Words of a README that stand for several fields. */
const FAMILIES: Readonly<Record<string, RegExp>> = {
  frequency_penalty: /penalties|frequency_penalty/i,
  presence_penalty: /penalties|presence_penalty/i,
  temperature: /`temperature`/,
  tools: /no tools/,
  reasoning_effort: /effort/i,
  seed: /`seed`|`random_seed`/,
  max_tokens: /max_(completion_)?tokens/,
  response_format: /response_format|a format is asked for in words/i,
};

describe("no vendor gets what its README says it refuses", () => {
  test.each(REFUSED)("%s", async (id, model, fields) => {
    const text = await readFile(join(resolve(import.meta.dirname, "../.."), "providers", id, "README.md"), "utf8");
    const openai =
      id === "azure" ? await readFile(join(resolve(import.meta.dirname, "../.."), "providers/openai-chat/README.md"), "utf8") : "";
    const { body, losses } = chatBody(id, model, EVERYTHING);
    for (const field of fields) {
      expect(`${text}${openai}`, field).toMatch(FAMILIES[field] ?? new RegExp(`\`${field}`));
      expect(body, field).not.toHaveProperty(field);
      expect(JSON.stringify(body["tools"] ?? []), field).not.toContain(`"${field}":`);
    }
    const silent = new Set([
      "parallel_tool_calls",
      "strict",
      "user",
      "stream_options",
      "prompt_cache_key",
      "max_tokens",
      "reasoning",
      "enable_thinking",
    ]);
    const declared = fields.filter((field) => !silent.has(field) && !(field === "seed" && "random_seed" in body));
    expect(losses.length, losses.join()).toBeGreaterThanOrEqual(Math.min(declared.length, 1));
  });

  test("every vendor that is not local is in the table, or takes all that we write", () => {
    const easy = ["openrouter", "deepseek", "alibaba", "fireworks", "vercel", "bedrock-chat", "cloudflare", "demo"];
    const listed = REFUSED.map(([id]) => id);
    expect(providers.filter(({ id, local }) => !local && !listed.includes(id) && !easy.includes(id)).map(({ id }) => id)).toEqual([]);
  });
});
