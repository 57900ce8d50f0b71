// Judges a hub request against the promises of its types, field by field. Promises a list of sentences: empty = all is well.
import { isObject } from "../../../src/kit/json.ts";
import type { JsonObject } from "../../../src/kit/json.ts";
import type { HubRequest } from "../../../src/hub/request.ts";

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || value === undefined || check(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (fields: Record<string, Check>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check(value[name]));
/** One of several shapes, told apart by `type`. */
const union =
  (shapes: Record<string, Check>): Check =>
  (value) =>
    isObject(value) && typeof value["type"] === "string" && Object.hasOwn(shapes, value["type"]) && shapes[value["type"]]?.(value) === true;

const inputParts = {
  input_text: shape({ text }),
  input_image: (value: unknown) =>
    shape({ image_url: nullable(text), file_id: nullable(text), detail: nullable(text) })(value) &&
    isObject(value) &&
    (value["image_url"] ?? value["file_id"]) != null,
  input_file: shape({ filename: nullable(text), file_data: nullable(text), file_url: nullable(text), file_id: nullable(text) }),
  input_audio: shape({ input_audio: shape({ data: text, format: text }) }),
  opaque: shape({ wire: isObject }),
};
const outputParts = {
  output_text: shape({ text, annotations: Array.isArray, logprobs: Array.isArray }),
  refusal: shape({ refusal: text }),
};
const { input_text: _, ...sayable } = inputParts;
const assistantPart = union({ ...sayable, ...outputParts });
const inputPart = union(inputParts);

const named = { name: text, description: nullable(text), defer_loading: maybe((value) => typeof value === "boolean") };
const functionTool = shape({ ...named, parameters: nullable(isObject), strict: nullable((value) => typeof value === "boolean") });
const customTool = shape({ ...named, format: maybe(isObject) });
const tool = union({
  function: functionTool,
  custom: customTool,
  namespace: shape({ name: text, description: nullable(text), tools: list(union({ function: functionTool, custom: customTool })) }),
  tool_search: shape({ execution: maybe(text), description: nullable(text), parameters: nullable(isObject) }),
  built_in: shape({ tool: text, wire: shape({ type: text }) }),
  hosted: shape({ wire: shape({ type: text }) }),
});

const common = {
  id: maybe(text),
  status: maybe((value) => ["in_progress", "completed", "incomplete", "failed"].includes(String(value))),
};
const callFields = { ...common, call_id: text, name: text, namespace: maybe(text) };
const outputFields = { ...common, call_id: text, output: (value: unknown) => text(value) || list(inputPart)(value) };
const searchFields = { ...common, call_id: (value: unknown) => value === null || text(value), execution: text };

const item = union({
  message: (value) =>
    isObject(value) &&
    shape({ ...common, role: text, phase: nullable(text), content: list(value["role"] === "assistant" ? assistantPart : inputPart) })(
      value,
    ),
  reasoning: shape({
    ...common,
    summary: list(union({ summary_text: shape({ text }) })),
    content: maybe(list(union({ reasoning_text: shape({ text }) }))),
    encrypted_content: nullable(text),
  }),
  function_call: shape({ ...callFields, arguments: text }),
  custom_tool_call: shape({ ...callFields, input: text }),
  function_call_output: shape(outputFields),
  custom_tool_call_output: shape(outputFields),
  tool_search_call: shape({ ...searchFields, arguments: isObject }),
  tool_search_output: shape({ ...searchFields, tools: list(tool) }),
  additional_tools: shape({ id: maybe(text), role: text, tools: list(tool) }),
  agent_message: shape({ id: maybe(text), author: text, recipient: text, text }),
  compaction: shape({ id: maybe(text), encrypted_content: text }),
  configuration_update: shape({ id: maybe(text), reasoning: maybe(isObject), text: maybe(isObject) }),
  built_in_call: shape({ tool: text, call_id: text, wire: isObject }),
  built_in_output: shape({ tool: text, call_id: text, wire: isObject }),
  opaque: shape({ wire: isObject }),
});

/** What in a request breaks the hub's types. */
export function misshapen(request: HubRequest): string[] {
  const faults: string[] = [];
  request.input.forEach((value, index) => {
    if (!item(value)) faults.push(`input[${index}] is ${JSON.stringify(value).slice(0, 200)}`);
  });
  request.tools.forEach((value, index) => {
    if (!tool(value)) faults.push(`tools[${index}] is ${JSON.stringify(value).slice(0, 200)}`);
  });
  if (typeof request.model !== "string") faults.push("model");
  if (typeof request.stream !== "boolean") faults.push("stream");
  return faults;
}

/** A hub request as a create body again: what was kept whole is unwrapped, and what the hub spells otherwise is spelt back. */
export function asBody(request: HubRequest): JsonObject {
  const { echo, input, tools, tool_choice: choice, ...fields } = request;
  // JSON in, JSON out: a structured clone of hub data is a Json.
  const given = structuredClone({
    ...fields,
    tools: tools.map(unwrapTool),
    input: input.map(unwrapItem),
    metadata: echo["metadata"],
  }) as unknown;
  const toolChoice = typeof choice === "object" && choice.type === "hosted" ? choice.wire : choice;
  return { ...(given as JsonObject), tool_choice: structuredClone(toolChoice) };
}

function unwrapItem(value: HubRequest["input"][number]): unknown {
  switch (value.type) {
    case "opaque":
    case "built_in_call":
    case "built_in_output":
      return value.wire;
    case "agent_message":
      return { ...value, content: [{ type: "input_text", text: value.text }] };
    case "additional_tools":
    case "tool_search_output":
      return { ...value, tools: value.tools.map(unwrapTool) };
    case "message":
      return { ...value, content: value.content.map((part) => (part.type === "opaque" ? part.wire : part)) };
    case "function_call_output":
    case "custom_tool_call_output":
      if (typeof value.output === "string") return value;
      return { ...value, output: value.output.map((part) => (part.type === "opaque" ? part.wire : part)) };
    default:
      return value;
  }
}

function unwrapTool(value: HubRequest["tools"][number]): unknown {
  return value.type === "hosted" || value.type === "built_in" ? value.wire : value;
}
