// The texts inside an item: content parts and summary parts, one after the other, whose every `done` says what the deltas
// added up to. Source: the grammar of messages and reasoning items as the service was recorded to stream them.
import { asString, isObject, type Json } from "../../src/kit/json.ts";
import { difference, isSame, show, type Report, type StreamEvent } from "./violation.ts";

/** One text on its way: a content part, a summary part or a command. */
export interface StreamText {
  type: string;
  text: string;
  annotations: Json[];
  logprobs: Json[];
  /** Its text is finished. */
  settled: boolean;
  /** It is finished itself. */
  closed: boolean;
  /** What its `content_part.done` said. */
  final?: Json;
}

/** The texts of an item, each kind with an index of its own. */
export interface ItemTexts {
  itemType: string;
  parts: StreamText[];
  summaries: StreamText[];
  commands: StreamText[];
}

/** The field that holds the text, by type of part. */
const TEXT_FIELD: ReadonlyMap<string, string> = new Map([
  ["output_text", "text"],
  ["refusal", "refusal"],
  ["reasoning_text", "text"],
]);

const PARTS_OF: ReadonlyMap<string, readonly string[]> = new Map([
  ["message", ["output_text", "refusal"]],
  ["reasoning", ["reasoning_text"]],
]);

function begin(list: StreamText[], index: Json | undefined, type: string, text: string, report: Report): void {
  if (index !== list.length) report("part.index", `expected index ${list.length}, got ${show(index)}`);
  // A new command may begin while an earlier one is still open; parts may not.
  if (type !== "command" && list.some((entry) => !entry.closed)) report("part.overlap", "the part before is still open");
  list.push({ type, text, annotations: [], logprobs: [], settled: false, closed: false });
}

function find(list: StreamText[], index: Json | undefined, report: Report): StreamText | undefined {
  const found = typeof index === "number" ? list[index] : undefined;
  if (found === undefined) report("part.unknown", `no part ${show(index)}`);
  else if (found.closed) report("part.closed", "the part is already done");
  return found;
}

function append(entry: StreamText, delta: Json | undefined, report: Report): void {
  if (entry.settled) report("part.order", "a delta after the text is done");
  if (typeof delta === "string") entry.text += delta;
}

function settle(entry: StreamText, text: Json | undefined, report: Report): void {
  if (entry.settled) report("part.order", "the text is done twice");
  if (text !== entry.text) report("text.sum", `deltas ${show(entry.text)}, done ${show(text)}`);
  entry.settled = true;
}

function beginPart(item: ItemTexts, event: StreamEvent, report: Report): void {
  const part = isObject(event["part"]) ? event["part"] : {};
  const type = asString(part["type"]) ?? "nothing";
  if (PARTS_OF.get(item.itemType)?.includes(type) !== true) report("part.type", `${type} in a ${item.itemType}`);
  if (part[TEXT_FIELD.get(type) ?? "text"] !== "") report("part.start", "a part begins with an empty text");
  if (type === "output_text" && !(Array.isArray(part["annotations"]) && Array.isArray(part["logprobs"]))) {
    report("part.start", "output_text begins with annotations and logprobs");
  }
  begin(item.parts, event["content_index"], type, "", report);
}

function endPart(entry: StreamText, event: StreamEvent, report: Report): void {
  const part = isObject(event["part"]) ? event["part"] : {};
  if (!entry.settled) report("part.order", "the part is done before its text");
  if (part["type"] !== entry.type) report("part.type", `opened as ${entry.type}, done as ${show(part["type"])}`);
  const text = part[TEXT_FIELD.get(entry.type) ?? "text"];
  if (text !== entry.text) report("text.sum", `deltas ${show(entry.text)}, part ${show(text)}`);
  if (entry.type === "output_text" && !isSame(part["annotations"] ?? [], entry.annotations)) {
    report("annotation.sum", `${entry.annotations.length} announced, the part has ${show(part["annotations"])}`);
  }
  entry.final = part;
  entry.closed = true;
}

function readContent(item: ItemTexts, event: StreamEvent, report: Report): void {
  const entry = find(item.parts, event["content_index"], report);
  if (entry === undefined) return;
  const [, subject, verb] = event.type.split(".");
  if (event.type === "response.content_part.done") return endPart(entry, event, report);
  if (verb === "annotation") {
    if (entry.settled) report("part.order", "an annotation after the text is done");
    const index = event["annotation_index"];
    if (index !== entry.annotations.length) report("annotation.index", `expected ${entry.annotations.length}, got ${show(index)}`);
    entry.annotations.push(event["annotation"] ?? null);
    return;
  }
  if (subject !== entry.type) report("part.type", `${event.type} in a part of type ${entry.type}`);
  const logprobs = Array.isArray(event["logprobs"]) ? event["logprobs"] : [];
  if (verb === "delta") {
    append(entry, event["delta"], report);
    if (event["delta"] === "") report("delta.empty", "an empty delta");
    entry.logprobs.push(...logprobs);
    return;
  }
  if (entry.logprobs.length > 0 && !isSame(logprobs, entry.logprobs)) report("logprobs.sum", "done and deltas differ");
  settle(entry, event[subject === "refusal" ? "refusal" : "text"], report);
}

function readSummary(item: ItemTexts, event: StreamEvent, report: Report): void {
  const part = isObject(event["part"]) ? event["part"] : {};
  const index = event["summary_index"];
  if (event.type === "response.reasoning_summary_part.added") {
    if (part["type"] !== "summary_text" || part["text"] !== "") report("part.start", `summary begins with ${show(part)}`);
    return begin(item.summaries, index, "summary_text", "", report);
  }
  const entry = find(item.summaries, index, report);
  if (entry === undefined) return;
  if (event.type === "response.reasoning_summary_text.delta") return append(entry, event["delta"], report);
  if (event.type === "response.reasoning_summary_text.done") return settle(entry, event["text"], report);
  if (!entry.settled && event["status"] !== "incomplete") report("part.order", "the summary part is done before its text");
  if (part["text"] !== entry.text) report("text.sum", `deltas ${show(entry.text)}, summary part ${show(part["text"])}`);
  entry.closed = true;
}

function readCommand(item: ItemTexts, event: StreamEvent, report: Report): void {
  const command = event["command"];
  if (event.type.endsWith(".added")) return begin(item.commands, event["command_index"], "command", asString(command) ?? "", report);
  const entry = find(item.commands, event["command_index"], report);
  if (entry === undefined) return;
  if (event.type.endsWith(".delta")) return append(entry, event["delta"], report);
  settle(entry, command, report);
  entry.closed = true;
}

/** Takes an event about a text of an item; false where the event is about something else. */
export function readTextEvent(item: ItemTexts, event: StreamEvent, report: Report): boolean {
  const [, subject] = event.type.split(".");
  const home = (...types: string[]): void => {
    if (!types.includes(item.itemType)) report("item.type", `${event.type} for a ${item.itemType}`);
  };
  switch (subject) {
    case "content_part":
      home("message", "reasoning");
      if (event.type.endsWith(".added")) beginPart(item, event, report);
      else readContent(item, event, report);
      return true;
    case "output_text":
    case "refusal":
    case "reasoning_text":
      home(subject === "reasoning_text" ? "reasoning" : "message");
      readContent(item, event, report);
      return true;
    case "reasoning_summary_part":
    case "reasoning_summary_text":
      home("reasoning");
      readSummary(item, event, report);
      return true;
    case "shell_call_command":
      home("shell_call");
      readCommand(item, event, report);
      return true;
    default:
      return false;
  }
}

/** Checks a finished item against the texts that were streamed for it. */
export function checkTexts(item: ItemTexts, final: { [field: string]: Json | undefined }, report: Report): void {
  for (const list of [item.parts, item.summaries, item.commands]) {
    if (list.some((entry) => !entry.closed)) report("part.open", "the item is done, a part is not");
  }
  const content = Array.isArray(final["content"]) ? final["content"] : [];
  const summary = Array.isArray(final["summary"]) ? final["summary"] : [];
  const isMessage = item.itemType === "message";
  if ((isMessage || item.parts.length > 0) && content.length !== item.parts.length) {
    report("item.content", `${item.parts.length} parts streamed, the item has ${content.length}`);
  }
  for (const [index, entry] of item.parts.entries()) {
    const part = content[index];
    if (!isObject(part)) continue;
    // The service leaves logprobs out of content_part.done and puts them into the item.
    const announced = isObject(entry.final) && "logprobs" in part ? { ...entry.final, logprobs: part["logprobs"] } : entry.final;
    if (isMessage && announced !== undefined && !isSame(announced, part)) {
      report("item.content", difference(announced, part, `content[${index}]`));
    }
    if (!isMessage && part["text"] !== entry.text) report("item.content", `content[${index}] differs from its deltas`);
  }
  if (item.itemType === "reasoning" && summary.length !== item.summaries.length) {
    report("item.summary", `${item.summaries.length} summary parts streamed, the item has ${summary.length}`);
  }
  for (const [index, entry] of item.summaries.entries()) {
    const part = summary[index];
    if (isObject(part) && part["text"] !== entry.text) report("item.summary", `summary[${index}] differs from its deltas`);
  }
  if (item.itemType === "shell_call") {
    const action = isObject(final["action"]) ? final["action"] : {};
    const commands = item.commands.map((entry) => entry.text);
    if (!isSame(action["commands"], commands)) report("item.commands", `streamed ${show(commands)}`);
  }
}
