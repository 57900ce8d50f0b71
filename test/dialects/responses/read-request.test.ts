// What the reader makes of each form that clients send.
import { describe, expect, test } from "vitest";
import { readRequest } from "../../../src/dialects/responses/read-request.ts";
import type { HubRequest } from "../../../src/hub/request.ts";
import { LossList } from "../../../src/hub/loss.ts";
import type { Json, JsonObject } from "../../../src/kit/json.ts";
import { everyItem } from "./every-item.ts";
import { misshapen } from "./hub-shape.ts";

/** The hub request of a body, and its losses as the header says them. */
function read(body: JsonObject): { request: HubRequest; losses: string } {
  const losses = new LossList();
  const request = readRequest({ model: "m", input: "hi", ...body }, losses);
  expect(misshapen(request)).toEqual([]);
  return { request, losses: losses.header() };
}

const readItems = (...input: Json[]): HubRequest["input"] => read({ input }).request.input;
const output = (text: string): JsonObject => ({ type: "output_text", text, annotations: [], logprobs: [] });
const input = (text: string): JsonObject => ({ type: "input_text", text });

test("a string is one user message", () => {
  expect(read({ input: "hello" }).request.input).toEqual([{ type: "message", role: "user", content: [input("hello")] }]);
});

describe("a message", () => {
  test("needs no type, and its text becomes a part of the speaker's kind", () => {
    expect(readItems(...["user", "system", "developer", "assistant"].map((role) => ({ role, content: "x" })))).toEqual(
      ["user", "system", "developer", "assistant"].map((role) => ({
        type: "message",
        role,
        content: [(role === "assistant" ? output : input)("x")],
      })),
    );
  });

  test("has the parts of its speaker, whatever the client calls them", () => {
    const mixed = (): Json[] => [
      input("a"),
      { type: "output_text", text: "b" },
      { type: "text", text: "c" },
      { type: "refusal", refusal: "d" },
    ];
    const [user, assistant] = readItems({ role: "user", content: mixed() }, { role: "assistant", content: mixed() });
    expect(user).toEqual({ type: "message", role: "user", content: [input("a"), input("b"), input("c"), input("d")] });
    expect(assistant).toEqual({
      type: "message",
      role: "assistant",
      content: [output("a"), output("b"), output("c"), { type: "refusal", refusal: "d" }],
    });
  });

  test("keeps annotations, phase and status of what a model said", () => {
    const said = { type: "message", id: "msg_1", role: "assistant", status: "incomplete", phase: "final_answer" };
    const part = { ...output("x"), annotations: [{ type: "url_citation", url: "u" }] };
    expect(readItems({ ...said, content: [structuredClone(part)] })).toEqual([{ ...said, content: [part] }]);
  });

  test("takes null as not given", () => {
    expect(readItems({ type: null, id: null, status: null, phase: null, role: "user", content: "x" })).toStrictEqual([
      { type: "message", role: "user", content: [input("x")] },
    ]);
    expect(readItems({ role: "assistant", content: null })).toStrictEqual([{ type: "message", role: "assistant", content: [] }]);
  });

  test("keeps a part that nobody knows whole, and says so", () => {
    const video = { type: "input_video", video: { data: "AA" } };
    const { request, losses } = read({ input: [{ role: "user", content: [structuredClone(video), { type: "a\nb" }] }] });
    expect(request.input).toMatchObject([
      {
        content: [
          { type: "opaque", wire: video },
          { type: "opaque", wire: { type: "a\nb" } },
        ],
      },
    ]);
    expect(losses).toBe("dropped part.input_video, dropped part.unknown");
  });
});

describe("history", () => {
  test("reasoning: a null content is none, parts get their names, the seal stays", () => {
    expect(
      readItems(
        { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "s" }], content: null, encrypted_content: "e" },
        { type: "reasoning", content: [{ type: "text", text: "t" }], encrypted_content: null },
      ),
    ).toStrictEqual([
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "s" }], encrypted_content: "e" },
      { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "t" }] },
    ]);
  });

  test("calls and outputs keep their namespace; a status of another item type goes", () => {
    const call = { type: "function_call", call_id: "c", name: "f", namespace: "n", arguments: "{}" };
    expect(readItems({ ...call, status: "searching" }, { type: "function_call_output", call_id: "c", output: "x" })).toEqual([
      call,
      { type: "function_call_output", call_id: "c", output: "x" },
    ]);
  });

  test("an output may name the function instead of the call", () => {
    const [, , answer] = readItems(
      { type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
      { type: "function_call", call_id: "c2", name: "f", arguments: "{}" },
      { type: "function_call_output", name: "f", output: "x" },
    );
    expect(answer).toMatchObject({ type: "function_call_output", call_id: "c2" });
  });

  test("a tool's output in parts has input parts only", () => {
    const parts = [
      { type: "output_text", text: "x" },
      { type: "input_image", image_url: "data:image/png;base64,AA==" },
    ];
    expect(readItems({ type: "custom_tool_call_output", call_id: "c", output: structuredClone(parts) })).toMatchObject([
      { output: [input("x"), parts[1]] },
    ]);
  });

  test("tool search: arguments are an object, whoever wrote them, and the tools it found are read", () => {
    const found = { type: "namespace", name: "n", tools: [{ type: "function", name: "f", defer_loading: true }] };
    expect(
      readItems(
        { type: "tool_search_call", call_id: "c", arguments: '{"query":"q"}' },
        { type: "tool_search_call", call_id: null, arguments: "no json" },
        { type: "tool_search_output", call_id: "c", tools: [structuredClone(found), { type: "mcp", server_label: "s" }] },
      ),
    ).toStrictEqual([
      { type: "tool_search_call", call_id: "c", execution: "client", arguments: { query: "q" } },
      { type: "tool_search_call", call_id: null, execution: "server", arguments: {} },
      {
        type: "tool_search_output",
        call_id: "c",
        execution: "client",
        tools: [found, { type: "hosted", wire: { type: "mcp", server_label: "s" } }],
      },
    ]);
  });

  test("a message between agents is the text of all its parts, also of those that are named encrypted", () => {
    const content = [input("Payload:\n"), { type: "encrypted_content", encrypted_content: "do it" }];
    expect(readItems({ type: "agent_message", id: "amsg_1", author: "/root", recipient: "/root/a", content })).toEqual([
      { type: "agent_message", id: "amsg_1", author: "/root", recipient: "/root/a", text: "Payload:\ndo it" },
    ]);
  });

  test("a compaction keeps its blob, also under its older name", () => {
    expect(readItems({ type: "compaction_summary", encrypted_content: "b" })).toEqual([{ type: "compaction", encrypted_content: "b" }]);
  });

  test("an update without a format leaves the format alone", () => {
    expect(readItems({ type: "configuration_update", reasoning: { effort: "high" }, text: { format: null } })).toStrictEqual([
      { type: "configuration_update", reasoning: { effort: "high" }, text: {} },
    ]);
  });

  test.each(
    (
      "web_search_call file_search_call code_interpreter_call image_generation_call mcp_list_tools mcp_call mcp_approval_request " +
      "mcp_approval_response local_shell_call local_shell_call_output shell_call shell_call_output apply_patch_call " +
      "apply_patch_call_output computer_call computer_call_output program program_output from_the_future"
    ).split(" "),
  )("%s is kept whole and declared as a loss", (type) => {
    const wire = { type, id: null, call_id: 1, anything: [null] };
    const { request, losses } = read({ input: [{ role: "user", content: "x" }, structuredClone(wire)] });
    expect(request.input[1]).toStrictEqual({ type: "opaque", wire });
    expect(losses).toBe(`dropped item.${type}`);
  });
});

describe("tools", () => {
  test("hosted tools are kept whole and are no loss of the reader's", () => {
    const { request, losses } = read({ tools: [{ type: "web_search", external_web_access: false }] });
    expect(request.tools).toEqual([{ type: "hosted", wire: { type: "web_search", external_web_access: false } }]);
    expect(losses).toBe("");
  });

  test("in a namespace only what can be called is carried", () => {
    const { request, losses } = read({
      tools: [{ type: "namespace", name: "n", tools: [{ type: "function", name: "f" }, { type: "mcp" }, { type: "custom", name: "c" }] }],
    });
    expect(request.tools).toMatchObject([{ tools: [{ name: "f" }, { name: "c" }] }]);
    expect(losses).toBe("dropped tool.namespace.mcp");
  });

  const tools = (): Json[] => [
    { type: "function", name: "f" },
    { type: "custom", name: "p" },
    {
      type: "namespace",
      name: "n",
      tools: [
        { type: "function", name: "f" },
        { type: "function", name: "g" },
      ],
    },
    { type: "web_search_2025_08_26" },
  ];
  test.each<readonly [JsonObject | string | null, HubRequest["tool_choice"]]>([
    [null, "auto"],
    ["required", "required"],
    ["none", "none"],
    [
      { type: "function", name: "f" },
      { type: "function", name: "f" },
    ],
    [
      { type: "custom", name: "p" },
      { type: "custom", name: "p" },
    ],
    [
      { type: "function", name: "g" },
      { type: "function", name: "g", namespace: "n" },
    ],
    [
      { type: "function", name: "f", namespace: "n" },
      { type: "function", name: "f", namespace: "n" },
    ],
    [
      { type: "function", name: "late" },
      { type: "function", name: "late" },
    ],
    [{ type: "web_search" }, { type: "hosted", wire: { type: "web_search" } }],
    [
      { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "f" }] },
      { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "f" }] },
    ],
  ])("the choice %j is found among all the tools that the request brings", (choice, expected) => {
    const added = { type: "additional_tools", tools: [{ type: "function", name: "late" }] };
    const { request } = read({ tools: tools(), tool_choice: choice, input: [{ role: "user", content: "x" }, added] });
    expect(request.tool_choice).toEqual(expected);
  });

  test("tools that only items bring are enough for `required`", () => {
    const added = { type: "additional_tools", tools: [{ type: "function", name: "late" }] };
    expect(read({ tool_choice: "required", input: [added] }).request.tool_choice).toBe("required");
  });
});

describe("settings", () => {
  test("nothing but model and input means the service's defaults", () => {
    const { request, losses } = read({});
    const { echo: _echo, input: _input, ...rest } = request;
    expect(losses).toBe("");
    expect(rest).toStrictEqual({
      model: "m",
      instructions: null,
      tools: [],
      tool_choice: "auto",
      parallel_tool_calls: true,
      stream: false,
      reasoning: null,
      text: { format: { type: "text" }, verbosity: null },
      max_output_tokens: null,
      temperature: null,
      top_p: null,
      top_logprobs: null,
      frequency_penalty: null,
      presence_penalty: null,
      stop: null,
      seed: null,
      include: [],
      prompt_cache_key: null,
      safety_identifier: null,
      user: null,
    });
  });

  test("null means the same as absent, for every field", () => {
    const nothing = Object.fromEntries(
      Object.keys(everyItem())
        .filter((name) => name !== "model" && name !== "input")
        .map((name) => [name, null]),
    );
    const { request, losses } = read(nothing);
    expect(request).toStrictEqual(read({}).request);
    expect(losses).toBe("");
  });

  test("what is given arrives", () => {
    const { echo: _echo, input: _input, tools: _tools, ...rest } = read(everyItem()).request;
    expect(rest).toStrictEqual({
      model: "m",
      instructions: "be kind",
      tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] },
      parallel_tool_calls: false,
      stream: true,
      reasoning: { effort: "low", summary: "auto", context: "all_turns" },
      text: { format: { type: "json_schema", name: "n", schema: { type: "object" }, strict: true }, verbosity: "low" },
      max_output_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      top_logprobs: 2,
      frequency_penalty: 0.1,
      presence_penalty: -0.1,
      stop: ["END"],
      seed: 7,
      include: ["reasoning.encrypted_content"],
      prompt_cache_key: "key",
      safety_identifier: "user-1",
      user: "u",
    });
  });

  test("the deprecated name of a summary counts", () => {
    expect(read({ reasoning: { generate_summary: "concise" } }).request.reasoning).toEqual({ summary: "concise" });
  });

  test("a single stop is a list of one", () => {
    expect(read({ stop: "END" }).request.stop).toEqual(["END"]);
  });

  test("an empty input will do where instructions say everything", () => {
    expect(read({ instructions: "speak", input: [] }).request.input).toEqual([]);
  });
});

test.each<readonly [string, JsonObject, string]>([
  ["storing", { store: true }, "dropped store"],
  ["not storing", { store: false, background: false }, ""],
  ["obfuscation", { stream_options: { include_obfuscation: true } }, "dropped stream_options"],
  ["no obfuscation", { stream_options: { include_obfuscation: false } }, ""],
  ["compaction by the service", { context_management: [{ type: "compaction" }] }, "dropped context_management"],
  ["cutting what is too long", { truncation: "auto" }, "dropped truncation"],
  ["refusing what is too long", { truncation: "disabled" }, ""],
  ["a tier", { service_tier: "flex" }, "dropped service_tier"],
  ["the usual tier", { service_tier: "default" }, ""],
  ["how long to cache", { prompt_cache_retention: "24h" }, "dropped prompt_cache_retention"],
  ["how to cache", { prompt_cache_options: { mode: "explicit" } }, "dropped prompt_cache_options"],
  [
    "where to cache",
    { input: [{ role: "user", content: [{ ...input("x"), prompt_cache_breakpoint: { mode: "explicit" } }] }] },
    "dropped prompt_cache_breakpoint",
  ],
  ["moderation", { moderation: { model: "x" } }, "dropped moderation"],
  ["the client's notes", { client_metadata: { thread_id: "t" } }, "dropped client_metadata"],
  ["access programs", { access_programs: {} }, "dropped access_programs"],
  ["thinking for longer", { reasoning: { mode: "pro" } }, "dropped reasoning.mode"],
  ["the fields of a socket", { type: "response.create", generate: false, stream_id: "s" }, "dropped generate, dropped stream_id"],
  ["metadata and a limit of hosted calls, which the reply repeats", { metadata: { a: "b" }, max_tool_calls: 2 }, ""],
])("losses: %s", (_, body, header) => {
  expect(read(body).losses).toBe(header);
});
