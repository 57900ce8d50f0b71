// Tools lowered to plain functions: what is offered under which name, what is lost, and what the choice becomes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRequest } from "../../src/dialects/responses/read-request.ts";
import type { Capabilities } from "../../src/hub/capability.ts";
import { CHAT_CAPABILITIES } from "../../src/hub/capability.ts";
import type { FunctionTool, Tool } from "../../src/hub/item.ts";
import { LossList } from "../../src/hub/loss.ts";
import type { LoweredTools } from "../../src/hub/lower-tools.ts";
import { lowerTools } from "../../src/hub/lower-tools.ts";
import type { HubRequest, ToolChoice } from "../../src/hub/request.ts";
import { asObject, parseJson } from "../../src/kit/json.ts";
import { corpus } from "../support/corpus.ts";
import { requestOf } from "./request-of.ts";

const named = (name: string, more: Partial<FunctionTool> = {}): FunctionTool => ({ type: "function", name, ...more });

function lower(given: Partial<HubRequest>, capabilities: Partial<Capabilities> = {}): LoweredTools & { names: string[]; losses: string } {
  const losses = new LossList();
  const lowered = lowerTools(requestOf(given), { ...CHAT_CAPABILITIES, ...capabilities }, losses);
  return { ...lowered, names: lowered.tools.map((tool) => tool.name), losses: losses.header() };
}

describe("one tool", () => {
  test("a function is passed on", () => {
    const parameters = { type: "object", properties: { cmd: { type: "string" } }, required: ["cmd"] };
    const { tools, losses } = lower({ tools: [named("exec", { description: "Runs.", parameters, strict: true })] });
    expect(tools).toEqual([{ name: "exec", description: "Runs.", parameters, strict: true }]);
    expect(losses).toBe("");
  });

  test.each([undefined, null, {}, { type: "object" }])("parameters %j become an empty object's", (parameters) => {
    const { tools } = lower({ tools: [named("now", parameters === undefined ? {} : { parameters })] });
    expect(tools).toEqual([{ name: "now", description: "", parameters: { type: "object", properties: {} }, strict: null }]);
  });

  test("the keyword `encrypted` is left out of schemas, and nothing else", () => {
    const parameters = {
      type: "object",
      properties: {
        message: { type: "string", encrypted: true },
        options: { type: "object", properties: { encrypted: true } },
        encrypted: { type: "boolean", default: { encrypted: true } },
        default: { type: "string", encrypted: true },
        list: { type: "array", items: { anyOf: [{ type: "string", encrypted: false }, { const: { encrypted: true } }] } },
      },
    };
    const before = structuredClone(parameters);
    const { tools } = lower({ tools: [named("send", { parameters })] });
    expect(tools[0]?.parameters).toEqual({
      type: "object",
      properties: {
        message: { type: "string" },
        options: { type: "object", properties: { encrypted: true } },
        encrypted: { type: "boolean", default: { encrypted: true } },
        default: { type: "string" },
        list: { type: "array", items: { anyOf: [{ type: "string" }, { const: { encrypted: true } }] } },
      },
    });
    expect(parameters).toEqual(before);
  });

  test("a custom tool takes one string, and its grammar is told", () => {
    const definition = 'start: "*** Begin Patch" LF';
    const { tools, losses, aliases } = lower({
      tools: [
        { type: "custom", name: "apply_patch", description: "Edits files.", format: { type: "grammar", syntax: "lark", definition } },
      ],
    });
    expect(tools[0]).toMatchObject({ name: "apply_patch", parameters: { properties: { input: { type: "string" } }, required: ["input"] } });
    expect(tools[0]?.description).toMatch(/^Edits files\.\n\n.*`input`/);
    expect(tools[0]?.description).toContain(`lark grammar:\n${definition}`);
    expect(losses).toBe("lowered tool.custom");
    expect(aliases.originOf("apply_patch")).toEqual({ call: "custom", name: "apply_patch" });
  });

  test("a namespace is flattened, and described once", () => {
    const tools: Tool[] = [
      {
        type: "namespace",
        name: "mail",
        description: "About mail.",
        tools: [named("send", { description: "Sends." }), named("read", { description: "Reads." })],
      },
      { type: "namespace", name: "functions", description: "", tools: [named("exec")] },
    ];
    const lowered = lower({ tools });
    expect(lowered.tools.map(({ name, description }) => [name, description])).toEqual([
      ["mail__send", "About mail.\n\nSends."],
      ["mail__read", "Reads."],
      ["exec", ""],
    ]);
    expect(lowered.losses).toBe("lowered tool.namespace");
    expect(lowered.aliases.originOf("exec")).toEqual({ call: "function", name: "exec", namespace: "functions" });
  });

  test("an endless description of a namespace is cut, and said so", () => {
    const { tools, losses } = lower({
      tools: [{ type: "namespace", name: "mail", description: "x".repeat(9000), tools: [named("send")] }],
    });
    expect(tools[0]?.description.length).toBeLessThan(2100);
    expect(losses).toContain("lowered tool.namespace.description");
  });

  test("a hosted tool is a loss", () => {
    expect(lower({ tools: [{ type: "hosted", wire: { type: "web_search" } }, named("exec")] })).toMatchObject({
      names: ["exec"],
      losses: "dropped tool.web_search",
    });
  });

  test("a model without tools gets none", () => {
    expect(lower({ tools: [named("exec")], tool_choice: "required" }, { tools: false })).toMatchObject({
      names: [],
      choice: "auto",
      losses: "dropped tools",
    });
  });
});

describe("tools from everywhere", () => {
  const search: Tool = {
    type: "tool_search",
    execution: "client",
    description: "Finds.",
    parameters: { type: "object", properties: { query: { type: "string" } } },
  };
  const deferred: Tool = {
    type: "namespace",
    name: "mail",
    tools: [named("send", { defer_loading: true }), named("read", { defer_loading: true })],
  };
  const found = (...tools: Tool[]) => ({ type: "tool_search_output", call_id: "s", execution: "client", tools }) as const;

  test("the request's first, then those of the input; the first of a name wins", () => {
    const lowered = lower({
      tools: [named("a", { description: "first" })],
      input: [
        { type: "additional_tools", role: "developer", tools: [named("b"), named("a", { description: "second" })] },
        found(named("c"), named("b")),
        found(named("c")),
      ],
    });
    expect(lowered.tools.map(({ name, description }) => [name, description])).toEqual([
      ["a", "first"],
      ["b", ""],
      ["c", ""],
    ]);
  });

  test("deferred tools are hidden until a search finds them, and then come last", () => {
    expect(lower({ tools: [deferred, search, named("exec")] })).toMatchObject({
      names: ["tool_search", "exec"],
      losses: "lowered tool.tool_search",
    });
    const send: Tool = { type: "namespace", name: "mail", tools: [named("send", { defer_loading: true })] };
    expect(lower({ tools: [deferred, search, named("exec")], input: [found(send)] }).names).toEqual(["tool_search", "exec", "mail__send"]);
  });

  test("a call of a hidden tool is still known for what it is", () => {
    expect(lower({ tools: [deferred, search] }).aliases.originOf("mail__send")).toEqual({
      call: "function",
      name: "send",
      namespace: "mail",
    });
  });

  test.each([
    [[deferred]],
    [[deferred, { type: "tool_search" }]],
    [[deferred, { type: "tool_search", execution: "server" }]],
  ] as Tool[][][])("without a client that searches they are offered: %j", (tools) => {
    expect(lower({ tools }).names).toEqual(["mail__send", "mail__read"]);
  });
});

describe("the choice", () => {
  const tools: Tool[] = [
    named("exec"),
    { type: "custom", name: "patch" },
    { type: "namespace", name: "mail", tools: [named("send"), named("read")] },
    { type: "hosted", wire: { type: "web_search" } },
  ];
  const all = ["exec", "patch", "mail__send", "mail__read"];
  const able: [ToolChoice, string[], LoweredTools["choice"]][] = [
    ["auto", all, "auto"],
    ["none", all, "none"],
    ["required", all, "required"],
    [{ type: "function", name: "exec" }, all, { name: "exec" }],
    [{ type: "custom", name: "patch" }, all, { name: "patch" }],
    [{ type: "function", name: "send", namespace: "mail" }, all, { name: "mail__send" }],
    [{ type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "exec" }] }, ["exec"], "auto"],
    [
      {
        type: "allowed_tools",
        mode: "required",
        tools: [
          { type: "custom", name: "patch" },
          { type: "namespace", name: "mail" },
        ],
      },
      all.slice(1),
      "required",
    ],
    [{ type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "read", namespace: "mail" }] }, ["mail__read"], "auto"],
    [{ type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "patch" }] }, [], "auto"],
    [{ type: "allowed_tools", mode: "required", tools: [{ type: "web_search" }] }, [], "auto"],
    [{ type: "hosted", wire: { type: "web_search" } }, all, "auto"],
    [{ type: "function", name: "gone" }, all, "auto"],
  ];

  test.each(able)("%j", (tool_choice, names, choice) => {
    expect(lower({ tools, tool_choice })).toMatchObject({ names, choice });
  });

  test("what cannot be chosen is said", () => {
    expect(lower({ tools, tool_choice: { type: "hosted", wire: { type: "web_search" } } }).losses).toContain("dropped tool_choice");
    expect(lower({ tools, tool_choice: { type: "function", name: "gone" } }).losses).toContain("dropped tool_choice");
    const unknown: ToolChoice = { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "gone" }] };
    expect(lower({ tools, tool_choice: unknown }).losses).toContain("dropped tool_choice.allowed_tools");
    expect(lower({ tool_choice: "required" })).toMatchObject({ choice: "auto", losses: "dropped tool_choice" });
  });

  test.each<[ToolChoice, string[], LoweredTools["choice"], string]>([
    ["none", [], "none", "lowered tool_choice"],
    ["required", all, "auto", "dropped tool_choice"],
    [{ type: "function", name: "send", namespace: "mail" }, ["mail__send"], "auto", "dropped tool_choice"],
  ])("of a target that cannot be told: %j", (tool_choice, names, choice, loss) => {
    const lowered = lower({ tools, tool_choice }, { toolChoice: false });
    expect(lowered).toMatchObject({ names, choice });
    expect(lowered.losses).toContain(loss);
  });

  test("a deferred tool that is chosen is offered", () => {
    const deferred: Tool[] = [named("late", { defer_loading: true }), { type: "tool_search", execution: "client" }];
    expect(lower({ tools: deferred, tool_choice: { type: "function", name: "late" } })).toMatchObject({
      names: ["tool_search", "late"],
      choice: { name: "late" },
    });
  });
});

const folder = corpus === undefined ? undefined : join(corpus, "captures/codex");
const captures = folder === undefined ? [] : readdirSync(folder).filter((file) => file.endsWith("POST_v1_responses.json"));

test.skipIf(captures.length === 0)("every list of tools that Codex was seen to send is lowered, under names that lead back", () => {
  const seen = new Set<string>();
  for (const file of captures) {
    const body = asObject(asObject(parseJson(readFileSync(join(folder ?? "", file), "utf8")))?.["body"]) ?? {};
    const input = Array.isArray(body["input"]) ? body["input"].filter((item) => asObject(item)?.["type"] !== "compaction_trigger") : [];
    const request = readRequest({ ...body, input }, new LossList());
    const { tools, names, aliases } = lower(request);
    expect(new Set(names).size).toBe(names.length);
    for (const tool of tools) {
      expect(tool.name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect(tool.parameters["type"]).toBe("object");
      expect(JSON.stringify(tool.parameters)).not.toContain('"encrypted"');
      const origin = aliases.originOf(tool.name);
      expect(origin && aliases.nameOf(origin)).toBe(tool.name);
      seen.add(`${origin?.call} ${origin?.namespace ?? ""}`);
    }
    for (const item of request.input)
      if (item.type === "custom_tool_call" || item.type === "tool_search_call") expect(names).toContain(aliases.nameFor(item));
  }
  for (const kind of ["function ", "custom ", "custom functions", "function collaboration", "function mcp__demo", "tool_search "])
    expect(seen).toContain(kind);
});
