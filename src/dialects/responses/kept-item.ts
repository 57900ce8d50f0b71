// Input items in the form in which they are kept and listed: in full, with type and status, as the API returns them. Promises that
// such an item reads back as the same hub item as the one that was sent.
import { asString, isObject } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";

/** Id prefixes by item type, as the service has them (contract 3.3); its outputs of client tools are not recorded, and get a letter more. */
const PREFIXES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    message: "msg",
    reasoning: "rs",
    function_call: "fc",
    function_call_output: "fco",
    custom_tool_call: "ctc",
    custom_tool_call_output: "ctco",
    web_search_call: "ws",
    file_search_call: "fs",
    code_interpreter_call: "ci",
    image_generation_call: "ig",
    mcp_list_tools: "mcpl",
    mcp_call: "mcp",
    mcp_approval_request: "mcpr",
    mcp_approval_response: "mcpa",
    shell_call: "sh",
    shell_call_output: "sho",
    local_shell_call: "lsh",
    local_shell_call_output: "lsho",
    apply_patch_call: "apc",
    apply_patch_call_output: "apco",
    tool_search_call: "tsc",
    tool_search_output: "tso",
    program: "cm",
    program_output: "cmo",
    compaction: "cmp",
    computer_call: "cu",
    computer_call_output: "cuo",
  }),
);

/** Types that have a status and are complete when a client sends them. */
const HAVE_STATUS: ReadonlySet<string> = new Set([
  "message",
  "function_call",
  "function_call_output",
  "custom_tool_call",
  "custom_tool_call_output",
  "shell_call",
  "shell_call_output",
  "local_shell_call",
  "local_shell_call_output",
  "apply_patch_call",
  "tool_search_call",
  "tool_search_output",
  "computer_call",
  "computer_call_output",
]);

/** The prefix of an item's id. */
export function itemPrefix(item: JsonObject): string {
  return PREFIXES.get(asString(item["type"]) ?? "") ?? "item";
}

/** The id of an item that only refers to a kept one; undefined where it is an item itself. */
export function referenceOf(item: Json | undefined): string | undefined {
  if (!isObject(item) || typeof item["id"] !== "string") return undefined;
  const type = item["type"] ?? undefined;
  if (type === "item_reference") return item["id"];
  return type === undefined && item["role"] === undefined && item["content"] === undefined ? item["id"] : undefined;
}

/** The `input` of a request as the list of its items. */
export function inputList(input: Json | undefined): JsonObject[] {
  if (typeof input === "string") return [{ type: "message", role: "user", content: input }];
  return Array.isArray(input) ? input.filter(isObject) : [];
}

/** An item in full form; null where it is a wish about this one request and nothing that a later one should see. */
export function keepItem(raw: JsonObject): JsonObject | null {
  const given = typeof raw["type"] === "string" ? raw["type"] : "message";
  if (given === "compaction_trigger") return null;
  const type = given === "compaction_summary" ? "compaction" : given;
  const { id, status, type: _type, ...rest } = raw;
  const head: JsonObject = typeof id === "string" && id !== "" ? { id, type } : { type };
  if (typeof status === "string") head["status"] = status;
  else if (HAVE_STATUS.has(type)) head["status"] = "completed";
  if (type === "message") rest["content"] = keepContent(rest["content"] ?? [], rest["role"] === "assistant");
  return { ...head, ...rest };
}

/** Content as parts; the text of an assistant is output, that of others input, whatever the client called it. */
function keepContent(content: Json, assistant: boolean): Json {
  const parts: Json[] = Array.isArray(content) ? content : [{ type: "input_text", text: content }];
  return parts.map((part) => {
    if (!isObject(part) || typeof part["text"] !== "string") return part;
    if (!assistant) return part["type"] === "input_text" ? part : { ...part, type: "input_text" };
    return { ...part, type: "output_text", annotations: part["annotations"] ?? [], logprobs: part["logprobs"] ?? [] };
  });
}
