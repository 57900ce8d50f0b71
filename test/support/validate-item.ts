// Items of a stream: added, filled, done, one after the other, and the same in the terminal event.
// Source: the grammar of items and the id prefixes that the service was recorded to send.
import { asString, isObject, type Json, type JsonObject } from "../../src/kit/json.ts";
import { checkInput, emptyInput, readInputEvent, type ItemInput } from "./validate-call.ts";
import { checkTexts, readTextEvent, type ItemTexts } from "./validate-part.ts";
import { checkId, difference, isSame, show, type Report, type StreamEvent } from "./violation.ts";

/** An item as the stream has told it so far. */
export interface StreamItem extends ItemTexts, ItemInput {
  id: string;
  added: JsonObject;
  /** Set when it is done. */
  final?: JsonObject;
}

/** Id prefixes by item type; `|` separates alternatives. */
const PREFIX: ReadonlyMap<string, string> = new Map(
  Object.entries({
    message: "msg",
    reasoning: "rs",
    function_call: "fc",
    function_call_output: "fco",
    custom_tool_call: "ctc|ct",
    web_search_call: "ws",
    file_search_call: "fs",
    code_interpreter_call: "ci",
    image_generation_call: "ig",
    mcp_list_tools: "mcpl",
    mcp_call: "mcp",
    mcp_approval_request: "mcpr",
    local_shell_call: "lsh",
    shell_call: "sh",
    shell_call_output: "sho",
    apply_patch_call: "apc",
    apply_patch_call_output: "apco",
    tool_search_call: "tsc",
    tool_search_output: "tso",
    computer_call: "cu",
    compaction: "cmp",
    program: "cm",
    program_output: "cmo",
  }),
);

const WITHOUT_STATUS = new Set([
  "reasoning",
  "mcp_list_tools",
  "mcp_approval_request",
  "mcp_approval_response",
  "compaction",
  "program",
  "additional_tools",
]);

/** Outputs of hosted tools, which may be whole when they are added. */
const BORN_WHOLE = new Set(["shell_call_output", "program_output"]);

/** What must stand in an item from the beginning and never change. */
const CONSTANT = ["call_id", "name", "namespace", "server_label", "role", "phase"];

/** Takes `output_item.added`. */
export function addItem(items: StreamItem[], event: StreamEvent, report: Report): void {
  const added = isObject(event["item"]) ? event["item"] : {};
  const type = asString(added["type"]) ?? "nothing";
  const id = added["id"];
  if (event["output_index"] !== items.length) report("item.index", `expected ${items.length}, got ${show(event["output_index"])}`);
  // The service lists the tools of several MCP servers at once; everything else comes one after the other.
  const open = items.filter((item) => item.final === undefined && item.itemType !== "mcp_list_tools");
  if (open.length > 0) report("item.overlap", `${open.map((item) => item.id).join(", ")} still open`);
  checkId(id, PREFIX.get(type), report);
  if (items.some((item) => item.id === id)) report("item.id", `${show(id)} is used twice`);
  checkStart(type, added, report);
  items.push({ itemType: type, id: asString(id) ?? "", added, parts: [], summaries: [], commands: [], ...emptyInput() });
}

function checkStart(type: string, added: JsonObject, report: Report): void {
  const status = added["status"];
  const begun = status === "in_progress" || (BORN_WHOLE.has(type) && status === "completed");
  if (!WITHOUT_STATUS.has(type) && !begun) report("item.status", `added with status ${show(status)}`);
  const empty = (field: string): void => {
    if (!Array.isArray(added[field]) || added[field].length > 0) report("item.start", `${type} begins with ${field} []`);
  };
  if (type === "message") {
    empty("content");
    if (added["role"] !== "assistant") report("item.role", show(added["role"]));
  }
  if (type === "reasoning") empty("summary");
  if (type !== "function_call" && type !== "custom_tool_call") return;
  const field = type === "function_call" ? "arguments" : "input";
  if (added[field] !== "") report("item.start", `${type} begins with ${field} ""`);
  checkId(added["call_id"], undefined, report);
  if (typeof added["name"] !== "string" || added["name"] === "") report("item.start", `${type} without a name`);
}

/** Takes any other event that names an item. */
export function readItemEvent(items: StreamItem[], event: StreamEvent, report: Report): void {
  const index = event["output_index"];
  const item = typeof index === "number" ? items[index] : undefined;
  if (item === undefined) return report("item.unknown", `no item ${show(index)}`);
  if (item.final !== undefined) report("item.closed", `${item.id} is already done`);
  if ("item_id" in event && event["item_id"] !== item.id) report("item.id", `${show(event["item_id"])} is not ${item.id}`);
  if (event.type === "response.output_item.done") return endItem(item, event["item"], report);
  if (readTextEvent(item, event, report)) return;
  readInputEvent(item, event, report);
}

function endItem(item: StreamItem, value: Json | undefined, report: Report): void {
  const final = isObject(value) ? value : {};
  item.final = final;
  if (final["type"] !== item.itemType) report("item.type", `added as ${item.itemType}, done as ${show(final["type"])}`);
  if (final["id"] !== item.id) report("item.id", `added as ${item.id}, done as ${show(final["id"])}`);
  for (const field of CONSTANT) {
    if (field in item.added && !isSame(item.added[field], final[field])) {
      report("item.constant", `${field} changed from ${show(item.added[field])} to ${show(final[field])}`);
    }
  }
  const caller = isObject(final["caller"]) ? final["caller"] : {};
  const status = asString(final["status"]) ?? "nothing";
  // A call that a program of the model makes is answered inside the same response.
  const ended = ["completed", "incomplete", "failed"].includes(status) || (status === "in_progress" && caller["type"] === "program");
  if (!WITHOUT_STATUS.has(item.itemType) && !ended) report("item.status", `done with status ${status}`);
  checkTexts(item, final, report);
  checkInput(item, final, report);
}

/** Checks the output of the terminal event against the items that were streamed. */
export function checkOutput(items: readonly StreamItem[], event: StreamEvent, report: Report): void {
  const response = isObject(event["response"]) ? event["response"] : {};
  const output = Array.isArray(response["output"]) ? response["output"] : [];
  // What a client has taken back has no output.
  if (response["status"] === "cancelled" && output.length === 0) return;
  if (output.length !== items.length) report("output.length", `${items.length} items streamed, output has ${output.length}`);
  for (const [index, item] of items.entries()) {
    if (item.final === undefined) {
      if (event.type !== "response.failed") report("item.open", `${item.id} was added but never done`);
      continue;
    }
    const listed = output[index];
    if (listed !== undefined && !isSame(listed, item.final)) {
      report("output.item", difference(item.final, listed, `output[${index}]`));
    }
  }
  const details = isObject(response["incomplete_details"]) ? response["incomplete_details"] : {};
  const status = items.at(-1)?.final?.["status"];
  if (
    event.type === "response.incomplete" &&
    details["reason"] === "max_output_tokens" &&
    typeof status === "string" &&
    status !== "incomplete"
  ) {
    report("item.status", `cut by max_output_tokens, the last item is ${status}`);
  }
}
