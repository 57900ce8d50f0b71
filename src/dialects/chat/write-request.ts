// A hub request as a chat-completions body. Promises only fields that the target takes, each loss declared, and the same
// body for the same request (prompt caches depend on it).
import type { Capabilities } from "../../hub/capability.ts";
import type { TextFormat } from "../../hub/item.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { WritePlan } from "../dialect.ts";
import { writeMessages } from "./write-messages.ts";

/** The body to send. */
export function writeRequest(plan: WritePlan): JsonObject {
  const { request, quirks, capabilities } = plan;
  const format = effectiveFormat(plan);
  const body: JsonObject = { model: plan.model };
  // Messages are our own types of plain JSON; the interface lacks the index signature that JsonObject wants.
  body["messages"] = writeMessages(plan, formatAdvice(format, capabilities)) as unknown as JsonObject[];
  writeTools(plan, body);
  writeFormat(plan, format, body);
  writeReasoning(plan, body);
  writeSampling(plan, body);
  if (request.max_output_tokens !== null) body[quirks.maxTokensField] = request.max_output_tokens;
  if (request.stop !== null) body["stop"] = request.stop;
  if (quirks.promptCacheKey && request.prompt_cache_key !== null) body["prompt_cache_key"] = request.prompt_cache_key;
  const user = request.safety_identifier ?? request.user;
  if (quirks.userField && user !== null) body["user"] = user;
  body["stream"] = plan.stream;
  if (plan.stream && quirks.streamUsage) body["stream_options"] = { include_usage: true };
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
  if (tools.choice !== "auto") {
    if (capabilities.toolChoice)
      body["tool_choice"] = typeof tools.choice === "string" ? tools.choice : { type: "function", function: { name: tools.choice.name } };
    else losses.add("dropped", "tool_choice", "This provider takes no tool_choice; the model decides by itself.");
  }
  // llama.cpp gives parallel calls only where it is told so; elsewhere true is the default.
  if (quirks.parallelField && capabilities.parallelToolCalls) body["parallel_tool_calls"] = request.parallel_tool_calls;
}

/** The format that holds at the end of the input: a later `configuration_update` wins. */
function effectiveFormat(plan: WritePlan): TextFormat {
  let format = plan.request.text.format;
  for (const item of plan.request.input) if (item.type === "configuration_update" && item.text?.format) format = item.text.format;
  return format;
}

/** What the system prompt must say where the target cannot be held to a schema by a field. */
function formatAdvice(format: TextFormat, capabilities: Capabilities): string | null {
  if (format.type === "text" || capabilities.jsonSchema === "schema") return null;
  if (format.type === "json_object") return capabilities.jsonSchema === "prompt" ? "Answer with one JSON object and nothing else." : null;
  return `Answer with one JSON value that fits this JSON Schema, and nothing else:\n${JSON.stringify(format.schema)}`;
}

function writeFormat(plan: WritePlan, format: TextFormat, body: JsonObject): void {
  const { capabilities, losses } = plan;
  if (format.type === "text") return;
  if (capabilities.jsonSchema === "schema" && format.type === "json_schema") {
    const { name, schema, description, strict } = format;
    body["response_format"] = {
      type: "json_schema",
      json_schema: {
        name,
        schema,
        ...(description ? { description } : {}),
        ...(strict === undefined || strict === null ? {} : { strict }),
      },
    };
    return;
  }
  if (format.type === "json_schema")
    losses.add("lowered", "text.format.json_schema", "This provider takes no JSON schema; the model is asked for it in words.");
  if (capabilities.jsonSchema === "prompt")
    losses.add("lowered", "text.format", "This provider takes no output format; the model is asked for it in words.");
  else body["response_format"] = { type: "json_object" };
}

const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** The effort word nearest to the one asked for, among those that the target takes; ties go to the lower. */
function nearestEffort(asked: string, efforts: readonly string[]): string | undefined {
  if (efforts.includes(asked)) return asked;
  const at = EFFORTS.indexOf(asked);
  if (at === -1) return undefined;
  const distance = (effort: string): number => Math.abs(EFFORTS.indexOf(effort) - at);
  return efforts.filter((effort) => EFFORTS.includes(effort)).toSorted((a, b) => distance(a) - distance(b))[0];
}

function writeReasoning(plan: WritePlan, body: JsonObject): void {
  const { request, capabilities, losses } = plan;
  let asked = request.reasoning?.effort ?? null;
  for (const item of request.input) if (item.type === "configuration_update" && item.reasoning?.effort) asked = item.reasoning.effort;
  if (asked === null) return;
  const effort = capabilities.reasoningEffort === "none" ? undefined : nearestEffort(asked, capabilities.efforts);
  if (effort === undefined) return losses.add("dropped", "reasoning.effort", "This model takes no reasoning effort.");
  if (effort !== asked)
    losses.add("lowered", "reasoning.effort", `Effort ${asked} was sent as ${effort}, the nearest that this model takes.`);
  if (capabilities.reasoningEffort === "reasoning_object") body["reasoning"] = { effort };
  else body["reasoning_effort"] = effort;
}

function writeSampling(plan: WritePlan, body: JsonObject): void {
  const { request, capabilities, losses } = plan;
  for (const field of ["temperature", "top_p", "frequency_penalty", "presence_penalty"] as const) {
    const value = request[field];
    if (value === null) continue;
    if (capabilities.sampling) body[field] = value;
    else losses.add("dropped", field, `This model takes no ${field}.`);
  }
  if (request.seed !== null) {
    if (capabilities.seed) body["seed"] = request.seed;
    else losses.add("dropped", "seed", "This provider takes no seed.");
  }
  const wanted = (request.top_logprobs ?? 0) > 0 || request.include.includes("message.output_text.logprobs");
  if (wanted && capabilities.logprobs)
    Object.assign(body, { logprobs: true, ...(request.top_logprobs ? { top_logprobs: request.top_logprobs } : {}) });
  else if (wanted) losses.add("dropped", "logprobs", "This provider gives no log probabilities.");
  if (request.text.verbosity !== null && request.text.verbosity !== "medium")
    losses.add("dropped", "text.verbosity", "Chat completions have no verbosity.");
}
