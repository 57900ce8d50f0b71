// Rows of the table of bad requests, and the small builders that keep them short.
import type { Json, JsonObject } from "../../../src/kit/json.ts";

/** A request that is right, with these fields beside or instead. */
export const body = (more: JsonObject): JsonObject => ({ model: "m", input: "hi", ...more });
/** A request with these items. */
export const items = (...input: Json[]): JsonObject => ({ model: "m", input });
/** A request with one user message of these parts. */
export const said = (...content: Json[]): JsonObject => items({ role: "user", content });
/** A request with one function, with these fields beside or instead. */
export const tool = (more: JsonObject): JsonObject => body({ tools: [{ type: "function", name: "f", ...more }] });

const call: JsonObject = { type: "function_call", call_id: "c", name: "f", arguments: "{}" };

/** What is wrong, the body, and the `param` and `code` of its refusal. */
export type Row = readonly [what: string, body: Json, param: string | null, code: string | null];

/** Wrong within items. */
export const ITEMS: readonly Row[] = [
  ["an item that is a string", items("hi"), "input[0]", "invalid_type"],
  ["an item of null", items(null), "input[0]", "invalid_type"],
  ["an item of nothing", items({}), "input[0].type", "missing_required_parameter"],
  ["a type that is a number", items({ type: 1 }), "input[0].type", "invalid_type"],
  ["content without a role", items({ content: "hi" }), "input[0].role", "missing_required_parameter"],
  ["a message without a role", items({ type: "message", content: "hi" }), "input[0].role", "missing_required_parameter"],
  ["an unknown role", items({ role: "tool", content: "hi" }), "input[0].role", "invalid_value"],
  ["a message without content", items({ role: "user" }), "input[0].content", "missing_required_parameter"],
  ["content that is a number", items({ role: "user", content: 1 }), "input[0].content", "invalid_type"],
  ["an id that is a number", items({ role: "user", content: "hi", id: 1 }), "input[0].id", "invalid_type"],
  ["a status that is a number", items({ ...call, status: 1 }), "input[0].status", "invalid_type"],
  ["a part that is a string", said("hi"), "input[0].content[0]", "invalid_type"],
  ["a part without a type", said({ text: "hi" }), "input[0].content[0].type", "missing_required_parameter"],
  ["a text part without text", said({ type: "input_text" }), "input[0].content[0].text", "missing_required_parameter"],
  ["a text that is a list", said({ type: "input_text", text: [] }), "input[0].content[0].text", "invalid_type"],
  ["an image of nothing", said({ type: "input_image" }), "input[0].content[0].image_url", "missing_required_parameter"],
  ["an image in chat's form", said({ type: "input_image", image_url: { url: "" } }), "input[0].content[0].image_url", "invalid_type"],
  ["an image on this disk", said({ type: "input_image", image_url: "file:///etc/x" }), "input[0].content[0].image_url", "invalid_value"],
  ["an unknown detail", said({ type: "input_image", image_url: "data:,", detail: "tiny" }), "input[0].content[0].detail", "invalid_value"],
  ["a file of nothing", said({ type: "input_file", filename: "a" }), "input[0].content[0].file_data", "missing_required_parameter"],
  [
    "sound without a format",
    said({ type: "input_audio", input_audio: { data: "" } }),
    "input[0].content[0].input_audio.format",
    "missing_required_parameter",
  ],
  ["a call without an id", items({ ...call, call_id: null }), "input[0].call_id", "missing_required_parameter"],
  ["a call with an empty id", items({ ...call, call_id: "" }), "input[0].call_id", "empty_string"],
  ["a call without a name", items({ ...call, name: null }), "input[0].name", "missing_required_parameter"],
  ["arguments that are an object", items({ ...call, arguments: {} }), "input[0].arguments", "invalid_type"],
  ["a custom call without input", items({ ...call, type: "custom_tool_call" }), "input[0].input", "missing_required_parameter"],
  ["an output of nothing", items(call, { type: "function_call_output", call_id: "c" }), "input[1].output", "missing_required_parameter"],
  ["an output that is an object", items({ type: "function_call_output", call_id: "c", output: {} }), "input[0].output", "invalid_type"],
  [
    "a bad part in an output",
    items({ type: "function_call_output", call_id: "c", output: [{ type: "input_text", text: 1 }] }),
    "input[0].output[0].text",
    "invalid_type",
  ],
  [
    "an output of no call",
    items({ type: "function_call_output", name: "f", output: "" }),
    "input[0].call_id",
    "missing_required_parameter",
  ],
  ["a summary that is a string", items({ type: "reasoning", summary: "hm" }), "input[0].summary", "invalid_type"],
  ["a summary part without text", items({ type: "reasoning", summary: [{}] }), "input[0].summary[0].text", "missing_required_parameter"],
  ["encrypted content that is a number", items({ type: "reasoning", encrypted_content: 1 }), "input[0].encrypted_content", "invalid_type"],
  ["a compaction of nothing", items({ type: "compaction" }), "input[0].encrypted_content", "missing_required_parameter"],
  ["search arguments that are a number", items({ type: "tool_search_call", arguments: 1 }), "input[0].arguments", "invalid_type"],
  [
    "a bad tool that an item adds",
    items({ type: "additional_tools", tools: [{}] }),
    "input[0].tools[0].type",
    "missing_required_parameter",
  ],
  [
    "an update to an unknown effort",
    items({ type: "configuration_update", reasoning: { effort: "huge" } }),
    "input[0].reasoning.effort",
    "invalid_value",
  ],
  [
    "an update to a bad format",
    items({ type: "configuration_update", text: { format: { type: "json_schema", name: "n" } } }),
    "input[0].text.format.schema",
    "missing_required_parameter",
  ],
];

/** Wrong about tools. */
export const TOOLS: readonly Row[] = [
  ["tools that are an object", body({ tools: {} }), "tools", "invalid_type"],
  ["a tool that is a string", body({ tools: ["f"] }), "tools[0]", "invalid_type"],
  ["a tool without a type", body({ tools: [{ name: "f" }] }), "tools[0].type", "missing_required_parameter"],
  [
    "chat's form of a function",
    body({ tools: [{ type: "function", function: { name: "f" } }] }),
    "tools[0].name",
    "missing_required_parameter",
  ],
  ["an empty name", tool({ name: "" }), "tools[0].name", "empty_string"],
  ["a name with a space", tool({ name: "do it" }), "tools[0].name", "invalid_value"],
  ["a name with a line break at its end", tool({ name: "f\n" }), "tools[0].name", "invalid_value"],
  ["a name that is too long", tool({ name: "f".repeat(129) }), "tools[0].name", "string_above_max_length"],
  ["a description that is a number", tool({ description: 1 }), "tools[0].description", "invalid_type"],
  ["parameters that are a string", tool({ parameters: "{}" }), "tools[0].parameters", "invalid_type"],
  ["parameters of a string's schema", tool({ parameters: { type: "string" } }), "tools[0].parameters", "invalid_function_parameters"],
  ["strict that is a word", tool({ strict: "yes" }), "tools[0].strict", "invalid_type"],
  [
    "a grammar without a definition",
    body({ tools: [{ type: "custom", name: "p", format: { type: "grammar", syntax: "lark" } }] }),
    "tools[0].format.definition",
    "missing_required_parameter",
  ],
  [
    "an unknown syntax",
    body({ tools: [{ type: "custom", name: "p", format: { type: "grammar", syntax: "bnf", definition: "" } }] }),
    "tools[0].format.syntax",
    "invalid_value",
  ],
  ["a namespace without tools", body({ tools: [{ type: "namespace", name: "n" }] }), "tools[0].tools", "missing_required_parameter"],
  [
    "a bad tool within a namespace",
    body({ tools: [{ type: "namespace", name: "n", tools: [{ type: "function", name: "?" }] }] }),
    "tools[0].tools[0].name",
    "invalid_value",
  ],
  ["an unknown execution", body({ tools: [{ type: "tool_search", execution: "there" }] }), "tools[0].execution", "invalid_value"],
  ["an unknown choice", body({ tool_choice: "maybe" }), "tool_choice", "invalid_value"],
  ["a choice that is a number", body({ tool_choice: 1 }), "tool_choice", "invalid_type"],
  ["a choice of an unknown type", body({ tool_choice: { type: "constructor" } }), "tool_choice.type", "invalid_value"],
  [
    "a choice without a name",
    { ...tool({}), tool_choice: { type: "function", function: { name: "f" } } },
    "tool_choice.name",
    "missing_required_parameter",
  ],
  ["a choice that is not there", { ...tool({}), tool_choice: { type: "function", name: "g" } }, "tool_choice", null],
  ["a choice of the wrong kind", { ...tool({}), tool_choice: { type: "custom", name: "f" } }, "tool_choice", null],
  ["a choice in another namespace", { ...tool({}), tool_choice: { type: "function", name: "f", namespace: "n" } }, "tool_choice", null],
  ["a hosted choice that is not there", { ...tool({}), tool_choice: { type: "web_search" } }, "tool_choice", null],
  ["required without tools", body({ tool_choice: "required" }), "tool_choice", null],
  [
    "allowed tools without a mode",
    { ...tool({}), tool_choice: { type: "allowed_tools", tools: [] } },
    "tool_choice.mode",
    "missing_required_parameter",
  ],
  [
    "no allowed tools",
    { ...tool({}), tool_choice: { type: "allowed_tools", mode: "auto", tools: [] } },
    "tool_choice.tools",
    "empty_array",
  ],
  [
    "an allowed tool that is not there",
    { ...tool({}), tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "g" }] } },
    "tool_choice",
    null,
  ],
];
