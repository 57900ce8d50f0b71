// What stands in calls: arguments, input, code or a diff streamed as one text, and the steps of tools that the service runs.
// Source: the grammar of tool items as the service was recorded to stream them.
import { asString, isObject, parseJson, type Json, type JsonObject } from "../../src/kit/json.ts";
import { stepOf, STEPS } from "./validate-event.ts";
import { show, type Report, type StreamEvent } from "./violation.ts";

/** The input of a call on its way. */
export interface ItemInput {
  input: string;
  deltas: number;
  /** What the `done` event of the input said. */
  settledInput: Json | undefined;
  /** Places (in STEPS) of the steps that were told. */
  steps: number[];
  images: number;
  /** What a shell printed, by command. */
  printed: Map<number, { stdout: string; stderr: string }>;
}

/** The input of an item that has just been added. */
export function emptyInput(): ItemInput {
  return { input: "", deltas: 0, settledInput: undefined, steps: [], images: 0, printed: new Map() };
}

/** By item type: the subject of the events that carry its input, and the field in which it ends. */
const INPUT: ReadonlyMap<string, readonly [subject: string, field: string]> = new Map([
  ["function_call", ["function_call_arguments", "arguments"]],
  ["mcp_call", ["mcp_call_arguments", "arguments"]],
  ["custom_tool_call", ["custom_tool_call_input", "input"]],
  ["code_interpreter_call", ["code_interpreter_call_code", "code"]],
  ["apply_patch_call", ["apply_patch_call_operation_diff", "diff"]],
]);

/** Item types that a subject without input of its own belongs to. */
const HOME: ReadonlyMap<string, string> = new Map([
  ["shell_call_output_content", "shell_call_output"],
  ["image_generation_call", "image_generation_call"],
  ["compaction", "compaction"],
]);

type CallItem = ItemInput & { itemType: string };

/** Takes an event about a call's input or progress. */
export function readInputEvent(item: CallItem, event: StreamEvent, report: Report): void {
  const step = stepOf(event.type);
  if (step !== undefined) return readStep(item, step.item, step.step, report);
  const [, subject = "", verb] = event.type.split(".");
  const [own, field] = INPUT.get(item.itemType) ?? [];
  if (subject === own && field !== undefined) {
    if (verb === "delta") return append(item, event["delta"], report);
    return settle(item, event[field], report);
  }
  const home = HOME.get(subject) ?? [...INPUT].find(([, [name]]) => name === subject)?.[0];
  if (home !== undefined && home !== item.itemType) return report("item.type", `${event.type} for a ${item.itemType}`);
  if (subject === "shell_call_output_content") readPrinted(item, event, report);
  if (verb === "partial_image") {
    if (event["partial_image_index"] !== item.images) report("image.index", `expected ${item.images}`);
    item.images += 1;
  }
}

function append(item: CallItem, delta: Json | undefined, report: Report): void {
  if (item.settledInput !== undefined) report("input.order", "a delta after done");
  if (STEPS.has(item.itemType) && item.steps.length === 0) report("step.order", "input before in_progress");
  item.deltas += 1;
  if (typeof delta === "string") item.input += delta;
}

function settle(item: CallItem, input: Json | undefined, report: Report): void {
  if (item.settledInput !== undefined) report("input.order", "done twice");
  if (input !== item.input) report("text.sum", `deltas ${show(item.input)}, done ${show(input)}`);
  item.settledInput = input ?? null;
}

function readStep(item: CallItem, type: string, step: string, report: Report): void {
  if (type !== item.itemType) return report("item.type", `a step of ${type} for a ${item.itemType}`);
  const place = (STEPS.get(type) ?? []).findIndex((steps) => steps.split("|").includes(step));
  if (place <= (item.steps.at(-1) ?? -1)) report("step.order", `${step} comes too late`);
  if (type === "code_interpreter_call" && step === "interpreting" && item.settledInput === undefined) {
    report("step.order", "interpreting before the code is done");
  }
  if (type === "mcp_call" && place === 1 && item.settledInput === undefined) report("step.order", `${step} before the arguments are done`);
  item.steps.push(place);
}

function readPrinted(item: CallItem, event: StreamEvent, report: Report): void {
  const command = Number(event["command_index"]);
  const printed = item.printed.get(command) ?? { stdout: "", stderr: "" };
  item.printed.set(command, printed);
  const text = (value: Json | undefined, field: "stdout" | "stderr"): string =>
    isObject(value) && typeof value[field] === "string" ? value[field] : "";
  const output = Array.isArray(event["output"]) ? event["output"] : [];
  for (const field of ["stdout", "stderr"] as const) {
    if (event.type.endsWith(".delta")) printed[field] += text(event["delta"], field);
    else if (output.map((entry) => text(entry, field)).join("") !== printed[field]) report("text.sum", `${field} differs from its deltas`);
  }
}

/** Checks a finished item against the input and the steps that were streamed for it. */
export function checkInput(item: CallItem, final: JsonObject, report: Report): void {
  const isCut = final["status"] === "incomplete";
  checkSteps(item, isCut || final["status"] === "failed", report);
  const [, field] = INPUT.get(item.itemType) ?? [];
  if (field === undefined) return;
  const operation = isObject(final["operation"]) ? final["operation"] : {};
  const input = field === "diff" ? operation["diff"] : final[field];
  const isJson = field === "arguments";
  const needsDone = item.itemType === "custom_tool_call" || (isJson && !isCut);
  if (item.settledInput === undefined && needsDone) report("input.done", `${field} was never done`);
  if (item.settledInput !== undefined && input !== item.settledInput)
    report("item.input", `${field} differs from its done: ${show(input)}`);
  if (item.deltas > 0 && input !== null && input !== undefined && input !== item.input) {
    report("text.sum", `deltas ${show(item.input)}, item ${show(input)}`);
  }
  if (item.itemType === "function_call" && !isCut && input !== "" && parseJson(asString(input) ?? "") === undefined) {
    report("input.json", `arguments are no JSON: ${show(input)}`);
  }
}

function checkSteps(item: CallItem, hasFailed: boolean, report: Report): void {
  const isMcp = item.itemType === "mcp_call" || item.itemType === "mcp_list_tools";
  for (const [place, step] of (STEPS.get(item.itemType) ?? []).entries()) {
    const isOptional = place === 1 && !isMcp && hasFailed;
    if (!item.steps.includes(place) && !isOptional) report("step.missing", `${item.itemType} without ${step}`);
  }
}
