// A Responses request as the chat body that goes upstream, by the steps of a turn: read, repair, lower, write.
import { chatSpeaker } from "../../../src/dialects/chat/index.ts";
import { readRequest } from "../../../src/dialects/responses/read-request.ts";
import { CHAT_CAPABILITIES, CHAT_QUIRKS, type Capabilities, type Quirks } from "../../../src/hub/capability.ts";
import { LossList } from "../../../src/hub/loss.ts";
import { lowerTools } from "../../../src/hub/lower-tools.ts";
import { repairItems } from "../../../src/hub/repair.ts";
import type { Opened } from "../../../src/hub/seal.ts";
import { asList, isObject, parseJson, type JsonObject } from "../../../src/kit/json.ts";

/** The target of a written request. */
export interface WriteOptions {
  capabilities?: Partial<Capabilities>;
  quirks?: Partial<Quirks>;
  stream?: boolean;
}

/** What was written. */
export interface Written {
  body: JsonObject;
  messages: JsonObject[];
  /** `kind feature` of each loss. */
  losses: string[];
}

/** The provider that every request here goes to. */
const OWNER = "acme";

/** A seal that only this test can open: `sealed OWNER {...}`; `broken ...` is one of ours that cannot be opened. */
export function sealed(data: JsonObject, owner = OWNER, dialect = "chat"): string {
  return `sealed ${owner} ${dialect} ${JSON.stringify(data)}`;
}

function unseal(blob: string): Opened {
  if (blob.startsWith("broken")) return { state: "broken" };
  const [, owner, dialect, text] = /^sealed (\S+) (\S+) (.*)$/s.exec(blob) ?? [];
  const data = parseJson(text ?? "");
  if (owner === undefined || dialect === undefined || !isObject(data)) return { state: "foreign" };
  return { state: "ours", content: { owner, dialect, model: "m", kind: "reasoning", data } };
}

/** The body for a request with these fields. */
export function write(request: JsonObject, { capabilities, quirks, stream = true }: WriteOptions = {}): Written {
  const losses = new LossList();
  const hub = readRequest({ model: "m", store: false, ...structuredClone(request) }, losses);
  hub.input = repairItems(hub.input, losses);
  const target = { ...CHAT_CAPABILITIES, ...capabilities };
  const tools = lowerTools(hub, target, losses);
  const body = chatSpeaker.writeRequest({
    request: hub,
    model: "upstream-m",
    stream,
    tools,
    capabilities: target,
    quirks: { ...CHAT_QUIRKS, ...quirks },
    owner: OWNER,
    unseal,
    losses,
  });
  return {
    body,
    messages: asList(body["messages"]).filter(isObject),
    losses: losses.list().map(({ kind, feature }) => `${kind} ${feature}`),
  };
}

/** The messages for these input items. */
export function messages(input: JsonObject[], options: WriteOptions = {}, more: JsonObject = {}): JsonObject[] {
  return write({ input, ...more }, options).messages;
}

export const user = (content: string | JsonObject[]): JsonObject => ({ type: "message", role: "user", content });
export const developer = (content: string): JsonObject => ({ type: "message", role: "developer", content });
export const said = (text: string): JsonObject => ({ type: "message", role: "assistant", content: [{ type: "output_text", text }] });
export const call = (id: string, name = "get", args = "{}"): JsonObject => ({ type: "function_call", call_id: id, name, arguments: args });
export const output = (id: string, value: string | JsonObject[] = `out ${id}`): JsonObject => ({
  type: "function_call_output",
  call_id: id,
  output: value,
});
export const thought = (text: string, seal?: string): JsonObject => ({
  type: "reasoning",
  summary: [],
  content: [{ type: "reasoning_text", text }],
  ...(seal === undefined ? {} : { encrypted_content: seal }),
});
