// The shape of each Responses stream event by itself: a known type, every required field, no field too many, the next
// sequence number. Source: the event types of openai-node 7.57 and what the service was recorded to send.
import type { Report, StreamEvent } from "./violation.ts";
import { show } from "./violation.ts";

const ITEM = ["item_id", "output_index"];
const CONTENT = [...ITEM, "content_index"];
const SUMMARY = [...ITEM, "summary_index"];
const COMMAND = ["output_index", "command_index"];

/** Required fields by event type, besides `type` and `sequence_number`; a question mark: may be absent. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    keepalive: [],
    error: ["?error", "?code", "?message", "?param", "?status", "?headers"],
    "response.created": ["response"],
    "response.queued": ["response"],
    "response.in_progress": ["response"],
    "response.completed": ["response"],
    "response.failed": ["response"],
    "response.incomplete": ["response"],
    "response.output_item.added": ["output_index", "item"],
    "response.output_item.done": ["output_index", "item"],
    "response.content_part.added": [...CONTENT, "part"],
    "response.content_part.done": [...CONTENT, "part"],
    "response.output_text.delta": [...CONTENT, "delta", "logprobs"],
    "response.output_text.done": [...CONTENT, "text", "logprobs"],
    "response.output_text.annotation.added": [...CONTENT, "annotation_index", "annotation"],
    "response.refusal.delta": [...CONTENT, "delta"],
    "response.refusal.done": [...CONTENT, "refusal"],
    "response.reasoning_text.delta": [...CONTENT, "delta"],
    "response.reasoning_text.done": [...CONTENT, "text"],
    "response.reasoning_summary_part.added": [...SUMMARY, "part"],
    "response.reasoning_summary_part.done": [...SUMMARY, "part", "?status"],
    "response.reasoning_summary_text.delta": [...SUMMARY, "delta"],
    "response.reasoning_summary_text.done": [...SUMMARY, "text"],
    "response.function_call_arguments.delta": [...ITEM, "delta"],
    "response.function_call_arguments.done": [...ITEM, "arguments", "?name"],
    "response.custom_tool_call_input.delta": [...ITEM, "delta"],
    "response.custom_tool_call_input.done": [...ITEM, "input"],
    "response.mcp_call_arguments.delta": [...ITEM, "delta"],
    "response.mcp_call_arguments.done": [...ITEM, "arguments"],
    "response.code_interpreter_call_code.delta": [...ITEM, "delta"],
    "response.code_interpreter_call_code.done": [...ITEM, "code"],
    "response.apply_patch_call_operation_diff.delta": [...ITEM, "delta"],
    "response.apply_patch_call_operation_diff.done": [...ITEM, "diff"],
    "response.shell_call_command.added": [...COMMAND, "command"],
    "response.shell_call_command.delta": [...COMMAND, "delta"],
    "response.shell_call_command.done": [...COMMAND, "command"],
    "response.shell_call_output_content.delta": [...ITEM, "command_index", "delta"],
    "response.shell_call_output_content.done": [...ITEM, "command_index", "output"],
    "response.image_generation_call.partial_image": [
      ...ITEM,
      "partial_image_b64",
      "partial_image_index",
      "?size",
      "?quality",
      "?background",
      "?output_format",
    ],
    "response.compaction.compacting": ITEM,
    "response.audio.delta": ["delta"],
    "response.audio.done": [],
    "response.audio.transcript.delta": ["delta"],
    "response.audio.transcript.done": [],
  }),
);

/** The status events of the tools that the service runs itself, in order; `|` separates alternatives. */
export const STEPS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    web_search_call: ["in_progress", "searching", "completed"],
    file_search_call: ["in_progress", "searching", "completed"],
    code_interpreter_call: ["in_progress", "interpreting", "completed"],
    image_generation_call: ["in_progress", "generating", "completed"],
    mcp_call: ["in_progress", "completed|failed"],
    mcp_list_tools: ["in_progress", "completed|failed"],
  }),
);

/** Item type and step of a status event (`response.mcp_call.failed`); undefined for any other event. */
export function stepOf(type: string): { item: string; step: string } | undefined {
  const [head, item, step, more] = type.split(".");
  if (head !== "response" || item === undefined || step === undefined || more !== undefined) return undefined;
  return STEPS.get(item)?.some((steps) => steps.split("|").includes(step)) === true ? { item, step } : undefined;
}

const ANYWHERE = ["type", "sequence_number", "stream_id", "agent"];
const INDICES = ["output_index", "content_index", "summary_index", "annotation_index", "command_index", "partial_image_index"];
const TEXTS = ["delta", "text", "arguments", "input", "refusal", "code", "diff", "command"];

/** Checks one event by itself. */
export function checkEvent(event: StreamEvent, report: Report): void {
  const fields = FIELDS.get(event.type) ?? (stepOf(event.type) === undefined ? undefined : ITEM);
  if (fields === undefined) return report("event.unknown", "no such event type");
  for (const field of fields) if (!field.startsWith("?") && !(field in event)) report("event.required", `${field} is missing`);
  const known = new Set([...ANYWHERE, ...fields.map((field) => field.replace("?", ""))]);
  if (event.type.endsWith(".delta")) known.add("obfuscation");
  for (const field of Object.keys(event)) if (!known.has(field)) report("event.extra", `unexpected field ${field}`);
  for (const field of INDICES) {
    const index = event[field];
    if (field in event && !(Number.isInteger(index) && Number(index) >= 0)) report("event.index", `${field} is ${show(index)}`);
  }
  // The output of a shell is streamed as an object with two texts.
  if (event.type.startsWith("response.shell_call_output_content.")) return;
  for (const field of [...TEXTS, "obfuscation"]) {
    if (known.has(field) && field in event && typeof event[field] !== "string") report("event.text", `${field} is not a string`);
  }
}

/** Checks that an event's number follows the one before; returns the number to go on from. */
export function checkSequence(event: StreamEvent, previous: number, report: Report): number {
  const number = event["sequence_number"];
  if (typeof number !== "number" || !Number.isInteger(number)) {
    report("sequence.missing", `sequence_number is ${show(number)}`);
    return previous + 1;
  }
  if (number !== previous + 1) report("sequence.gap", `expected ${previous + 1}, got ${number}`);
  return number;
}

/** Checks the `error` event, whose fields stand nested (as recorded) or flat (as typed). */
export function checkErrorEvent(event: StreamEvent, report: Report): void {
  const nested = event["error"];
  const error = typeof nested === "object" && nested !== null && !Array.isArray(nested) ? nested : event;
  if (typeof error["message"] !== "string" || !("code" in error)) report("error.shape", "needs code and message");
}
