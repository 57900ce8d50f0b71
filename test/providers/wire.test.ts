// What really goes on the wire to the odd ones among the vendors: bodies for a small conversation with a tool, its result, an
// image, an effort and a schema.
import { describe, expect, test } from "vitest";
import { asList, asObject } from "../../src/kit/json.ts";
import type { JsonObject } from "../../src/kit/json.ts";
import { chatBody } from "../support/chat-body.ts";
import {
  FORMAT,
  FUNCTION,
  QUESTION,
  REQUEST,
  SEEN,
  SHELL,
  SYSTEM,
  answered,
  assistant,
  call,
  called,
  result,
  talk,
  thought,
  user,
} from "./talk.ts";

describe("bodies", () => {
  test("moonshot: the switch alone, a space where reasoning is missing, max_completion_tokens, no sampling", () => {
    const input = talk("moonshot", { form: "reasoning_content", text: "I look." });
    const { body, losses } = chatBody("moonshot", "kimi-k2.6", { ...REQUEST, input, temperature: 0.2 });
    expect(body).toEqual({
      model: "kimi-k2.6",
      messages: [
        SYSTEM,
        QUESTION,
        called("call_1", { reasoning_content: "I look." }),
        answered("call_1"),
        { role: "assistant", content: "One file.", reasoning_content: " " },
        SEEN,
      ],
      tools: [{ type: "function", function: FUNCTION }],
      thinking: { type: "enabled" },
      max_completion_tokens: 500,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(losses).toEqual(["lowered tool.strict", "lowered reasoning.effort", "dropped temperature"]);
    expect(chatBody("moonshot", "kimi-k2.6", { input: "hi", reasoning: { effort: "none" } }).body["thinking"]).toEqual({
      type: "disabled",
    });
    const k3 = chatBody("moonshot", "kimi-k3", { input: "hi", reasoning: { effort: "xhigh" }, tool_choice: "required", tools: [SHELL] });
    expect(k3.body).toMatchObject({ reasoning_effort: "high", tool_choice: "required" });
    expect(k3.body).not.toHaveProperty("thinking");
  });

  test("zai: effort beside the switch, preserved thinking, arguments as they come", () => {
    const input = talk("zai", { form: "reasoning_content", text: "I look." });
    const { body } = chatBody("zai", "glm-5.3", { ...REQUEST, input, text: { format: FORMAT } });
    expect(body).toEqual({
      model: "glm-5.3",
      messages: [
        { role: "system", content: expect.stringMatching(/^Be brief\.\n\nAnswer with one JSON value that fits this JSON Schema/) },
        QUESTION,
        called("call_1", { reasoning_content: "I look." }),
        answered("call_1"),
        { role: "assistant", content: "One file." },
        { role: "user", content: "And this?\n[image omitted: this model takes no images]" },
      ],
      tools: [{ type: "function", function: FUNCTION }],
      response_format: { type: "json_object" },
      thinking: { type: "enabled", clear_thinking: false },
      reasoning_effort: "high",
      max_tokens: 500,
      stream: true,
      stream_options: { include_usage: true },
      tool_stream: true,
    });
    const off = chatBody("zai", "glm-4.7", { input: "hi", reasoning: { effort: "none" } }).body;
    expect(off["thinking"]).toEqual({ type: "disabled", clear_thinking: false });
  });

  test("mistral: nine characters for every id, thinking parts, a word between a tool and a user", () => {
    const id = "functions.shell:0";
    const client = `call_b64_${Buffer.from(id).toString("base64url")}`;
    const input = [...talk("mistral", { form: "parts", text: "I look." }, client), call("Nr1uNItcS"), result("Nr1uNItcS"), user("Stop.")];
    const { body } = chatBody("mistral", "mistral-small-latest", { ...REQUEST, input, seed: 7 });
    const messages = asList(body["messages"]).map(asObject);
    const first = asObject(asList(messages[2]?.["tool_calls"])[0])?.["id"];
    expect(first).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(messages[3]?.["tool_call_id"]).toBe(first);
    expect(messages[2]?.["content"]).toEqual([{ type: "thinking", thinking: [{ type: "text", text: "I look." }] }]);
    expect(asObject(asList(messages[6]?.["tool_calls"])[0])?.["id"]).toBe("Nr1uNItcS");
    expect(messages.slice(7).map((message) => message?.["role"])).toEqual(["tool", "assistant", "user"]);
    expect(messages[8]?.["content"]).toBe("Understood.");
    expect(body).toMatchObject({ reasoning_effort: "high", random_seed: 7, parallel_tool_calls: true, stream: true });
    for (const field of ["seed", "stream_options"]) expect(body).not.toHaveProperty(field);
  });

  test("deepseek: the field on every message of the model, empty where another model spoke", () => {
    const input = [
      user("a"),
      thought("moonshot", { form: "reasoning_content", text: "theirs" }),
      call("c1"),
      result("c1"),
      assistant("b"),
      user("c"),
    ];
    const { body } = chatBody("deepseek", "deepseek-v4-pro", { input, tools: [SHELL], reasoning: { effort: "medium" } });
    expect(body["messages"]).toEqual([
      { role: "user", content: "a" },
      called("c1", { reasoning_content: "" }),
      answered("c1"),
      { role: "assistant", content: "b", reasoning_content: "" },
      { role: "user", content: "c" },
    ]);
    expect(body).toMatchObject({ thinking: { type: "enabled" }, reasoning_effort: "low" });
    expect(chatBody("deepseek", "deepseek-v4-pro", { input: "a", reasoning: { effort: "none" } }).body["thinking"]).toEqual({
      type: "disabled",
    });
  });

  test("alibaba: a budget of thinking, always a stream, no demand while it thinks", () => {
    const ask = (effort: string): JsonObject =>
      chatBody("alibaba", "qwen3.8-max", { input: "a", tools: [SHELL], tool_choice: "required", reasoning: { effort } }).body;
    expect(ask("low")).toMatchObject({ enable_thinking: true, thinking_budget: 4096, stream: true });
    expect(ask("low")).not.toHaveProperty("tool_choice");
    expect(ask("high")).toMatchObject({ enable_thinking: true });
    expect(ask("high")).not.toHaveProperty("thinking_budget");
    expect(ask("none")).toMatchObject({ enable_thinking: false });
  });

  test("servers with templates of their own: a switch or a word for the template, by family", () => {
    const ask = (id: string, model: string): JsonObject => chatBody(id, model, { input: "a", reasoning: { effort: "high" } }).body;
    for (const id of ["llamacpp", "vllm", "sglang", "llama-swap"]) {
      expect(ask(id, "Qwen/Qwen3-32B")).toMatchObject({ chat_template_kwargs: { enable_thinking: true, thinking: true } });
      expect(ask(id, "Qwen3.8-35B-A3B")).toMatchObject({ chat_template_kwargs: { reasoning_effort: "medium" } });
      expect(ask(id, "gpt-oss-20b")).toMatchObject({ reasoning_effort: "high" });
      expect(ask(id, "gpt-oss-20b")).not.toHaveProperty("chat_template_kwargs");
    }
    expect(ask("mistralrs", "Qwen/Qwen3-4B")).toMatchObject({ enable_thinking: true });
  });

  test("a function that cannot be demanded by name is offered alone", () => {
    const other = { ...SHELL, name: "read" };
    const choice = { type: "function", name: "read" };
    for (const [id, model] of [
      ["llamacpp", "m"],
      ["lmstudio", "m"],
      ["cloudflare", "@cf/openai/gpt-oss-120b"],
    ] as const) {
      const { body } = chatBody(id, model, { input: "a", tools: [SHELL, other], tool_choice: choice });
      expect(body["tool_choice"]).toBe("required");
      expect(asList(body["tools"]).map((tool) => asObject(asObject(tool)?.["function"])?.["name"])).toEqual(["read"]);
    }
    const named = chatBody("vllm", "m", { input: "a", tools: [SHELL, other], tool_choice: choice }).body;
    expect(named["tool_choice"]).toEqual({ type: "function", function: { name: "read" } });
  });

  test("a format beside tools is asked for in words where both cannot stand together", () => {
    const ask = (id: string, model: string, tools: JsonObject[]): JsonObject =>
      chatBody(id, model, { input: "a", tools, text: { format: FORMAT } }).body;
    expect(ask("cerebras", "gpt-oss-120b", [SHELL])).not.toHaveProperty("response_format");
    expect(ask("cerebras", "gpt-oss-120b", [])).toHaveProperty("response_format.type", "json_schema");
    expect(ask("google-chat", "gemini-2.5-pro", [SHELL])).not.toHaveProperty("response_format");
    expect(ask("google-chat", "gemini-3.5-pro", [SHELL])).toHaveProperty("response_format.type", "json_schema");
  });

  test("openai-chat: tools and effort as each generation takes them, ids of 40 characters", () => {
    const ask = (model: string): JsonObject =>
      chatBody("openai-chat", model, { input: "a", tools: [SHELL], reasoning: { effort: "high" } }).body;
    expect(ask("gpt-5")).toMatchObject({ reasoning_effort: "high" });
    expect(ask("gpt-5.4")).not.toHaveProperty("reasoning_effort");
    expect(ask("gpt-5.6-terra")).toMatchObject({ reasoning_effort: "none" });
    expect(ask("gpt-4.1")).not.toHaveProperty("reasoning_effort");
    const long = "chatcmpl-tool-0123456789abcdef0123456789abcdef";
    const { body } = chatBody("openai-chat", "gpt-5", { input: [user("a"), call(long), result(long), user("b")], tools: [SHELL] });
    const messages = asList(body["messages"]).map(asObject);
    const id = asObject(asList(messages[1]?.["tool_calls"])[0])?.["id"];
    expect(id).toMatch(/^call_[0-9a-f]{35}$/);
    expect(messages[2]?.["tool_call_id"]).toBe(id);
  });

  test("google-chat: signatures go back on message and call, whatever is kept", () => {
    const data = {
      form: "details",
      text: "",
      extra: { "": { google: { thought_signature: "m" } }, call_1: { google: { thought_signature: "c" } } },
    };
    const { body } = chatBody("google-chat", "gemini-3.5-pro", { ...REQUEST, input: talk("google-chat", data) });
    const message = asObject(asList(body["messages"])[2]);
    expect(message).toMatchObject({ extra_content: { google: { thought_signature: "m" } } });
    expect(asList(message?.["tool_calls"])[0]).toMatchObject({ extra_content: { google: { thought_signature: "c" } } });
    expect(body).toMatchObject({ reasoning_effort: "high" });
  });

  test("snowflake and vercel: effort as an object, signed details as they came", () => {
    const details = [{ type: "reasoning.text", text: "I look.", signature: "s", format: "anthropic-claude-v1", index: 0 }];
    const input = talk("snowflake", { form: "details", text: "", details });
    const { body } = chatBody("snowflake", "claude-sonnet-4-6", { ...REQUEST, input });
    expect(body).toMatchObject({ reasoning: { effort: "high" }, max_completion_tokens: 500 });
    expect(asList(body["messages"])[2]).toMatchObject({ reasoning_details: details });
    expect(chatBody("vercel", "openai/gpt-5", { input: "a", reasoning: { effort: "xhigh" } }).body["reasoning"]).toEqual({
      effort: "xhigh",
    });
  });

  test("minimax: thoughts go back as tags in the text, foreign ones too", () => {
    const own = chatBody("minimax", "MiniMax-M3", { ...REQUEST, input: talk("minimax", { form: "think", text: "I look.", gap: "\n\n" }) });
    expect(asList(own.body["messages"])[2]).toMatchObject({ content: "<think>I look.</think>\n\n" });
    const readable = { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Theirs." }] };
    const foreign = chatBody("minimax", "MiniMax-M3", { input: [user("a"), readable, assistant("b"), user("c")] });
    expect(asList(foreign.body["messages"])[1]).toEqual({ role: "assistant", content: "<think>Theirs.</think>\n\nb" });
  });

  test("a bound for the reply where the vendor's own is too small for work", () => {
    expect(chatBody("cloudflare", "@cf/openai/gpt-oss-120b", { input: "a" }).body["max_tokens"]).toBe(8192);
    expect(chatBody("cloudflare", "@cf/openai/gpt-oss-120b", { input: "a", max_output_tokens: 16 }).body["max_tokens"]).toBe(16);
  });
});
