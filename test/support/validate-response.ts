// The Response object inside lifecycle events: complete, in the state that its event says, the same all along.
// Source: section "The Response object" of OpenAI's specification, and every field that the service always sends.
import { isObject, type Json, type JsonObject } from "../../src/kit/json.ts";
import { checkId, isSame, show, type Report } from "./violation.ts";

const ALWAYS = (
  "id object created_at status background completed_at error frequency_penalty incomplete_details instructions max_output_tokens " +
  "max_tool_calls metadata model output parallel_tool_calls presence_penalty previous_response_id prompt_cache_key reasoning " +
  "safety_identifier service_tier store temperature text tool_choice tools top_logprobs top_p truncation usage user"
).split(" ");

/** What every snapshot of a response must repeat unchanged. */
const CONSTANT =
  "id created_at model tools tool_choice metadata previous_response_id store background parallel_tool_calls max_output_tokens".split(" ");

const STATUS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    "response.created": ["in_progress", "queued"],
    "response.queued": ["queued"],
    "response.in_progress": ["in_progress"],
    "response.completed": ["completed"],
    "response.failed": ["failed", "cancelled"],
    "response.incomplete": ["incomplete"],
  }),
);

const REASONS = ["max_output_tokens", "content_filter", "max_messages", "steered", "max_tool_calls"];

/** Events whose response is a snapshot of the whole. */
export function isLifecycle(type: string): boolean {
  return STATUS.has(type);
}

/** Events after which nothing may come. */
export function isTerminal(type: string): boolean {
  return type === "response.completed" || type === "response.failed" || type === "response.incomplete";
}

/** Checks one snapshot against its event and against the first snapshot of the stream (undefined: this is the first). */
export function checkResponse(type: string, response: Json | undefined, first: JsonObject | undefined, report: Report): void {
  if (!isObject(response)) return report("response.missing", "no response object");
  for (const field of ALWAYS) if (!(field in response)) report("response.field", `${field} is missing`);
  if (response["object"] !== "response") report("response.object", `object is ${show(response["object"])}`);
  checkId(response["id"], "resp", report);
  const created = response["created_at"];
  // Milliseconds would be a thousand times the seconds of any date near ours.
  if (!Number.isInteger(created) || Number(created) > 1e11) report("response.created_at", `no whole seconds: ${show(created)}`);
  for (const field of first === undefined ? [] : CONSTANT) {
    const before = first?.[field];
    if (field in response && before !== undefined && !isSame(before, response[field])) {
      report("response.constant", `${field} changed from ${show(before)} to ${show(response[field])}`);
    }
  }
  const status = response["status"];
  if (typeof status !== "string" || STATUS.get(type)?.includes(status) !== true) report("response.status", `status is ${show(status)}`);
  if (!Array.isArray(response["output"])) report("response.output", "output is not a list");
  if (isTerminal(type)) checkEnd(type, response, report);
  else checkRunning(response, report);
}

function checkRunning(response: JsonObject, report: Report): void {
  const { output, usage, error, completed_at } = response;
  if (Array.isArray(output) && output.length > 0) report("response.output", "a running response has output");
  for (const [field, value] of Object.entries({ usage, error, completed_at })) {
    if (value !== null && value !== undefined) report("response.early", `${field} is set on a running response`);
  }
}

function checkEnd(type: string, response: JsonObject, report: Report): void {
  const { error, incomplete_details: details, completed_at: completedAt, usage } = response;
  if (type === "response.completed") {
    if (error !== null && error !== undefined) report("response.error", "completed with an error");
    if (details !== null && details !== undefined) report("response.incomplete", "completed with incomplete_details");
    if (!Number.isInteger(completedAt) || Number(completedAt) < Number(response["created_at"])) {
      report("response.completed_at", show(completedAt));
    }
    if (usage === null || usage === undefined) report("usage.missing", "completed without usage");
  } else if (completedAt !== null && completedAt !== undefined) report("response.completed_at", `set on ${type}`);
  if (type === "response.incomplete") {
    const reason = isObject(details) ? details["reason"] : undefined;
    if (typeof reason !== "string" || !REASONS.includes(reason)) report("response.incomplete", `reason is ${show(reason)}`);
  }
  if (response["status"] === "failed") {
    if (!isObject(error) || typeof error["code"] !== "string" || typeof error["message"] !== "string") {
      report("response.error", "failed without error.code and error.message");
    }
  }
  if (usage !== null && usage !== undefined) checkUsage(usage, report);
}

function checkUsage(usage: Json, report: Report): void {
  if (!isObject(usage)) return report("usage.shape", show(usage));
  const { input_tokens: input, output_tokens: output, total_tokens: total } = usage;
  const details = [usage["input_tokens_details"], usage["output_tokens_details"]].map((value) => (isObject(value) ? value : {}));
  const cached = details[0]?.["cached_tokens"];
  const written = details[0]?.["cache_write_tokens"] ?? 0;
  const reasoning = details[1]?.["reasoning_tokens"];
  for (const [field, value] of Object.entries({ input, output, total, cached, written, reasoning })) {
    if (!Number.isInteger(value) || Number(value) < 0) report("usage.shape", `${field} tokens: ${show(value)}`);
  }
  if (Number(total) !== Number(input) + Number(output)) report("usage.total", `${show(input)} + ${show(output)} is not ${show(total)}`);
  if (Number(cached) > Number(input)) report("usage.bounds", "more cached than input");
  if (Number(reasoning) > Number(output)) report("usage.bounds", "more reasoning than output");
}
