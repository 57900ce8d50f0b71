// A hub request as a chat-completions body. Promises only fields that the target takes, each loss declared, and the same
// body for the same request (prompt caches depend on it).
import type { Capabilities } from "../../hub/capability.ts";
import type { TextFormat } from "../../hub/item.ts";
import { keepRules } from "../../hub/lower-flavour.ts";
import { askedFormat, asksLogprobs, formatStyle } from "../../hub/output-format.ts";
import type { JsonObject } from "../../kit/json.ts";
import { asObject } from "../../kit/json.ts";
import type { WritePlan } from "../dialect.ts";
import { writeEffort } from "./write-effort.ts";
import { writeMessages } from "./write-messages.ts";

/** The body to send. */
export function writeRequest(plan: WritePlan): JsonObject {
  const { request, quirks } = plan;
  const format = askedFormat(request);
  const style = formatStyle(plan.capabilities, plan.tools.tools.length > 0);
  const body: JsonObject = { model: plan.model };
  // Messages are our own types of plain JSON; the interface lacks the index signature that JsonObject wants.
  body["messages"] = writeMessages(plan, formatAdvice(format, style)) as unknown as JsonObject[];
  writeTools(plan, body);
  writeFormat(plan, format, style, body);
  writeEffort(plan, body);
  writeSampling(plan, body);
  if (request.max_output_tokens !== null) body[quirks.maxTokensField] = request.max_output_tokens;
  // Left out they change nothing about the answer: they sort caches, and tell the vendor's guards of users apart.
  if (quirks.promptCacheKey && request.prompt_cache_key !== null) body["prompt_cache_key"] = request.prompt_cache_key;
  const user = request.safety_identifier ?? request.user;
  if (quirks.userField && user !== null) body["user"] = user;
  body["stream"] = plan.stream;
  if (plan.stream && quirks.streamUsage) body["stream_options"] = { include_usage: true };
  return quirks.extraFields === undefined ? body : withExtraFields(body, quirks.extraFields);
}

/** Adds the target's own fields; what is there already wins. */
function withExtraFields(body: JsonObject, extra: JsonObject): JsonObject {
  for (const [field, value] of Object.entries(extra)) {
    const written = asObject(body[field]);
    const added = asObject(value);
    if (written !== undefined && added !== undefined) body[field] = { ...added, ...written };
    else body[field] ??= value;
  }
  return body;
}

function writeTools(plan: WritePlan, body: JsonObject): void {
  const { tools, quirks, capabilities, losses, request } = plan;
  if (tools.tools.length === 0) return;
  body["tools"] = tools.tools.map((tool) => ({
    type: "function",
    function: {
      name: tool.name,
      ...(tool.description === "" ? {} : { description: tool.description }),
      parameters: tool.parameters,
      ...(quirks.strictField && tool.strict !== null ? { strict: tool.strict } : {}),
    },
  }));
  // Of the other tools it is our own word.
  const isAsked = tools.tools.some(({ name, strict }) => strict === true && tools.aliases.originOf(name)?.call === "function");
  if (!quirks.strictField && isAsked)
    losses.add(
      "lowered",
      "tool.strict",
      "This provider takes no strict on functions: nothing but the model holds arguments to their schema.",
    );
  if (tools.choice !== "auto") {
    if (capabilities.toolChoice)
      body["tool_choice"] = typeof tools.choice === "string" ? tools.choice : { type: "function", function: { name: tools.choice.name } };
    else losses.add("dropped", "tool_choice", "This provider takes no tool_choice; the model decides by itself.");
  }
  // llama.cpp gives parallel calls only where it is told so; elsewhere true is the default.
  const canSay = quirks.parallelField && capabilities.parallelToolCalls;
  if (canSay) body["parallel_tool_calls"] = request.parallel_tool_calls;
  if (!canSay && !request.parallel_tool_calls)
    losses.add("lowered", "parallel_tool_calls", "This provider cannot be asked for one call at a time: of several the first is kept.");
}

/** What the system prompt must say where the target cannot be held to a schema by a field. */
function formatAdvice(format: TextFormat, style: Capabilities["jsonSchema"]): string | null {
  if (format.type === "text" || style === "schema") return null;
  if (format.type === "json_object") return style === "prompt" ? "Answer with one JSON object and nothing else." : null;
  return `Answer with one JSON value that fits this JSON Schema, and nothing else:\n${JSON.stringify(format.schema)}`;
}

function writeFormat({ losses, capabilities }: WritePlan, format: TextFormat, style: Capabilities["jsonSchema"], body: JsonObject): void {
  if (format.type === "text") return;
  if (style === "schema" && format.type === "json_schema") {
    const { name, schema, description, strict } = format;
    body["response_format"] = {
      type: "json_schema",
      json_schema: {
        name,
        schema: keepRules(schema, "format", capabilities, losses),
        ...(description ? { description } : {}),
        ...(strict === undefined || strict === null ? {} : { strict }),
      },
    };
    return;
  }
  if (format.type === "json_schema")
    losses.add("lowered", "text.format.json_schema", "This provider takes no JSON schema here; the model is asked for it in words.");
  if (style === "prompt")
    losses.add("lowered", "text.format", "This provider takes no output format here; the model is asked for it in words.");
  else body["response_format"] = { type: "json_object" };
}

function writeSampling(plan: WritePlan, body: JsonObject): void {
  const { request, capabilities, quirks, losses } = plan;
  const { sampling, penalties } = capabilities;
  const takes = {
    temperature: sampling,
    top_p: sampling,
    frequency_penalty: sampling && penalties,
    presence_penalty: sampling && penalties,
  };
  for (const field of ["temperature", "top_p", "frequency_penalty", "presence_penalty"] as const) {
    const value = request[field];
    if (value === null) continue;
    if (takes[field]) body[field] = value;
    else losses.add("dropped", field, `This model takes no ${field}.`);
  }
  if (request.stop !== null) {
    if (capabilities.stop) body["stop"] = request.stop;
    else losses.add("dropped", "stop", "This model takes no stop sequences.");
  }
  if (request.seed !== null) {
    if (capabilities.seed) body[quirks.seedField] = request.seed;
    else losses.add("dropped", "seed", "This provider takes no seed.");
  }
  const wanted = asksLogprobs(request);
  if (wanted && capabilities.logprobs)
    Object.assign(body, { logprobs: true, ...(request.top_logprobs ? { top_logprobs: request.top_logprobs } : {}) });
  else if (wanted) losses.add("dropped", "logprobs", "This provider gives no log probabilities.");
  const { verbosity } = request.text;
  if (verbosity !== null && capabilities.verbosity) body["verbosity"] = verbosity;
  // Medium is what a model does anyway.
  else if (verbosity !== null && verbosity !== "medium") losses.add("dropped", "text.verbosity", "This model takes no verbosity.");
}
