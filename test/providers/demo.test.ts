// The demo provider through its transport, as an agent CLI would meet it: the shell is found, called, read and quoted.
import { describe, expect, test } from "vitest";
import { asList, asObject, asString, parseJson } from "../../src/contract.ts";
import type { JsonObject } from "../../src/contract.ts";
import demo from "../../providers/demo/index.ts";

interface Answer {
  status: number;
  text: string;
  chunks: number;
}

async function ask(body: JsonObject, signal = new AbortController().signal): Promise<Answer> {
  if (!demo.transport) throw new Error("the demo has no transport");
  const url = demo.baseUrl + demo.path("demo", true, demo.baseUrl);
  const reply = await demo.transport({ url, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)), signal });
  const pieces: string[] = [];
  for await (const bytes of reply.body) pieces.push(new TextDecoder().decode(bytes));
  return { status: reply.status, text: pieces.join(""), chunks: pieces.length };
}

/** The message of a whole reply, or the one that a stream's deltas add up to. */
function messageOf(text: string): {
  content: string;
  reasoning: string;
  calls: { id: string; name: string; args: string }[];
  finish: unknown;
  usage: JsonObject | undefined;
} {
  const whole = asObject(parseJson(text));
  const parts = whole ? [whole] : text.split("\n\n").map((frame) => asObject(parseJson(frame.replace(/^data: /, ""))));
  const message = {
    content: "",
    reasoning: "",
    calls: [] as { id: string; name: string; args: string }[],
    finish: undefined as unknown,
    usage: undefined as JsonObject | undefined,
  };
  for (const part of parts) {
    message.usage = asObject(part?.["usage"]) ?? message.usage;
    const choice = asObject(asList(part?.["choices"])[0]);
    const said = asObject(choice?.["delta"]) ?? asObject(choice?.["message"]);
    message.finish = choice?.["finish_reason"] ?? message.finish;
    message.content += asString(said?.["content"]) ?? "";
    message.reasoning += asString(said?.["reasoning_content"]) ?? "";
    for (const value of asList(said?.["tool_calls"])) {
      const call = asObject(value);
      const named = asObject(call?.["function"]);
      const id = asString(call?.["id"]);
      if (id !== undefined) message.calls.push({ id, name: asString(named?.["name"]) ?? "", args: "" });
      const last = message.calls.at(-1);
      if (last) last.args += asString(named?.["arguments"]) ?? "";
    }
  }
  return message;
}

const tool = (name: string, properties: JsonObject, required: string[]): JsonObject => ({
  type: "function",
  function: { name, parameters: { type: "object", properties, required } },
});

const user = (text: string): JsonObject => ({ role: "user", content: text });

const SHELLS: [string, JsonObject, JsonObject][] = [
  ["Codex", tool("exec_command", { cmd: { type: "string" }, yield_time_ms: { type: "number" } }, ["cmd"]), { cmd: "echo a b" }],
  ["Codex in a namespace", tool("functions__exec_command", { cmd: { type: "string" } }, ["cmd"]), { cmd: "echo a b" }],
  [
    "a list of words",
    tool("shell", { command: { type: "array", items: { type: "string" } } }, ["command"]),
    { command: ["echo", "a", "b"] },
  ],
  ["Cline", tool("run_commands", { commands: { type: "array", items: { type: "string" } } }, ["commands"]), { commands: ["echo a b"] }],
  [
    "Claude Code",
    tool("Bash", { command: { type: "string" }, description: { type: "string" } }, ["command", "description"]),
    { command: "echo a b", description: "a demo of this tool" },
  ],
  [
    "Gemini CLI",
    tool("run_shell_command", { command: { type: "string" }, directory: { type: "string" } }, ["command", "directory"]),
    { command: "echo a b", directory: "." },
  ],
  [
    "strict and nullable",
    tool("RunCommand", { CommandLine: { type: "string" }, cwd: { type: ["string", "null"] }, safe: { type: "boolean" } }, [
      "CommandLine",
      "cwd",
      "safe",
    ]),
    { CommandLine: "echo a b", cwd: null, safe: false },
  ],
];

describe("the demo", () => {
  test.each(SHELLS)("calls the shell of %s with all that it requires", async (_, shell, args) => {
    const stdin = tool("write_stdin", { session_id: { type: "number" }, command: { type: "string" } }, ["session_id"]);
    const { text } = await ask({ model: "demo", stream: true, messages: [user("please run `echo a b`")], tools: [stdin, shell] });
    const message = messageOf(text);
    expect(message.calls.map((call) => parseJson(call.args))).toEqual([args]);
    expect(message.calls[0]?.name).toBe(asObject(shell["function"])?.["name"]);
    expect(message.reasoning).not.toBe("");
    expect(message.finish).toBe("tool_calls");
  });

  test("loops: thinks and calls, reads the result, answers with it", async () => {
    const tools = [tool("exec_command", { cmd: { type: "string" } }, ["cmd"])];
    const messages = [{ role: "system", content: "You are an agent." }, user("show me that it works")];
    const first = messageOf((await ask({ model: "demo", stream: true, messages, tools })).text);
    const call = first.calls[0];
    expect(parseJson(call?.args ?? "")).toEqual({ cmd: expect.stringMatching(/^echo /) });
    const history = [
      ...messages,
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: call?.id ?? "", type: "function", function: { name: call?.name ?? "", arguments: call?.args ?? "" } }],
      },
      { role: "tool", tool_call_id: call?.id ?? "", content: "Chunk ID: 1f\nProcess exited with code 0\nOutput:\nhello from here\n" },
    ];
    const second = messageOf((await ask({ model: "demo", stream: true, messages: history, tools })).text);
    expect(second.calls).toEqual([]);
    expect(second.finish).toBe("stop");
    expect(second.content).toContain("`exec_command`");
    expect(second.content).toContain("```\nhello from here\n```");
    const third = messageOf(
      (await ask({ model: "demo", messages: [...history, { role: "assistant", content: second.content }, user("again")], tools })).text,
    );
    expect(third.calls[0]?.id).not.toBe(call?.id);
  });

  test.each([
    ["tool_choice none", { tools: [tool("bash", { command: { type: "string" } }, ["command"])], tool_choice: "none" }],
    ["no tools", {}],
    ["no shell among the tools", { tools: [tool("get_weather", { city: { type: "string" } }, ["city"])] }],
    ["a tool that runs code and no command", { tools: [tool("exec", { input: { type: "string" } }, ["input"])] }],
  ])("answers at once with %s", async (_, more: JsonObject) => {
    const message = messageOf((await ask({ model: "demo", messages: [user("hi there")], ...more })).text);
    expect(message.calls).toEqual([]);
    expect(message.finish).toBe("stop");
    expect(message.content).toContain('"hi there"');
  });

  test("runs only commands that change nothing", async () => {
    const tools = [tool("bash", { command: { type: "string" } }, ["command"])];
    for (const wish of ["`rm -rf /`", "`echo a > b`", "`ls; reboot`", "`echo $(reboot)`"]) {
      const message = messageOf((await ask({ model: "demo", messages: [user(`run ${wish}`)], tools })).text);
      expect(message.calls.map((call) => call.args)).toEqual(['{"command":"echo hello from the waystation demo"}']);
    }
  });

  test("says that it does not see what is no text", async () => {
    const content = [
      { type: "text", text: "what is this?" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
      { type: "novelty" },
    ];
    const message = messageOf((await ask({ model: "demo", messages: [{ role: "user", content }] })).text);
    expect(message.content).toContain("what is this?");
    expect(message.content).toContain("2 part(s)");
  });

  test("streams in many chunks, with usage only when asked, and says whole what it says streamed", async () => {
    const body = { model: "demo", messages: [user("hello")] };
    const streamed = await ask({ ...body, stream: true });
    const counted = await ask({ ...body, stream: true, stream_options: { include_usage: true } });
    const whole = messageOf((await ask(body)).text);
    expect(streamed.chunks).toBeGreaterThan(10);
    expect(streamed.text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(messageOf(streamed.text).usage).toBeUndefined();
    expect(messageOf(counted.text)).toMatchObject({ content: whole.content, reasoning: whole.reasoning, finish: "stop" });
    const usage = messageOf(counted.text).usage;
    expect(Number(usage?.["prompt_tokens"]) + Number(usage?.["completion_tokens"])).toBe(usage?.["total_tokens"]);
    expect((await ask({ ...body, stream: true })).text).toBe(streamed.text);
  });

  test("keeps to the longest reply that was asked for", async () => {
    const message = messageOf((await ask({ model: "demo", messages: [user("hello")], max_tokens: 3 })).text);
    expect(message.finish).toBe("length");
    expect(message.content).toBe("");
    expect(message.usage).toMatchObject({ completion_tokens: 3 });
  });

  test("answers in the JSON form that was asked for", async () => {
    const schema = { type: "object", properties: { ok: { type: "boolean" }, risk: { enum: ["low", "high"] } }, required: ["ok", "risk"] };
    const format = { type: "json_schema", json_schema: { name: "verdict", schema } };
    const message = messageOf((await ask({ model: "demo", messages: [user("judge")], response_format: format })).text);
    expect(parseJson(message.content)).toEqual({ ok: false, risk: "low" });
  });

  test("serves conversations side by side without mixing them", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ask({ model: "demo", stream: true, messages: [user(`number ${index}.`)] })),
    );
    answers.forEach((answer, index) => expect(messageOf(answer.text).content).toContain(`number ${index}.`));
  });

  test("stops when its signal says so", async () => {
    const controller = new AbortController();
    if (!demo.transport) throw new Error("the demo has no transport");
    const body = new TextEncoder().encode(JSON.stringify({ model: "demo", stream: true, messages: [user("hello")] }));
    const reply = await demo.transport({ url: demo.baseUrl, headers: {}, body, signal: controller.signal });
    let chunks = 0;
    const read = async (): Promise<void> => {
      for await (const _ of reply.body) if (++chunks === 2) controller.abort();
    };
    await expect(read()).rejects.toThrow(/abort/i);
    expect(chunks).toBe(2);
  });

  test("refuses what it cannot serve, in OpenAI's words", async () => {
    const other = await ask({ model: "gpt-9", messages: [] });
    expect(other.status).toBe(404);
    expect(asObject(asObject(parseJson(other.text))?.["error"])?.["code"]).toBe("model_not_found");
    expect((await ask({ model: "demo" })).status).toBe(400);
  });
});
