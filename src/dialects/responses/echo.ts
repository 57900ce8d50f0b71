// The part of a Response object that repeats the request. Promises every key that the service always sends, in one order, with
// the service's defaults where the client said nothing, and no secret of a tool definition.
import type { TextFormat } from "../../hub/item.ts";
import type { HubRequest, ResponseEcho } from "../../hub/request.ts";
import { asList, isObject } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import type { SetAside } from "./set-aside.ts";
import type { StateWish } from "./stored.ts";

/** What the echo repeats beside the hub request. */
interface EchoSource {
  /** The request as it was given, for its tools, tool choice and reasoning in wire form. */
  body: JsonObject;
  metadata: JsonObject;
  aside: SetAside;
  /** Null where nothing is kept. */
  state: StateWish | null;
}

/** The echo. `service_tier` is that of a running response; whoever ends the response says which it was. */
export function writeEcho(request: Omit<HubRequest, "echo">, source: EchoSource): ResponseEcho {
  return {
    background: source.state?.background ?? false,
    ...(source.state?.conversation ? { conversation: { id: source.state.conversation } } : {}),
    frequency_penalty: request.frequency_penalty ?? 0,
    instructions: request.instructions,
    max_output_tokens: request.max_output_tokens,
    max_tool_calls: source.aside.max_tool_calls,
    metadata: source.metadata,
    model: request.model,
    moderation: null,
    parallel_tool_calls: request.parallel_tool_calls,
    presence_penalty: request.presence_penalty ?? 0,
    previous_response_id: source.state?.previous ?? null,
    prompt_cache_key: request.prompt_cache_key,
    prompt_cache_retention: source.aside.prompt_cache_retention,
    reasoning: echoReasoning(request, source.body["reasoning"]),
    safety_identifier: request.safety_identifier,
    service_tier: "auto",
    store: source.state?.store ?? false,
    temperature: request.temperature ?? 1,
    text: { format: echoFormat(request.text.format), verbosity: request.text.verbosity ?? "medium" },
    tool_choice: source.body["tool_choice"] ?? "auto",
    tools: asList(source.body["tools"]).map(echoTool),
    top_logprobs: request.top_logprobs ?? 0,
    top_p: request.top_p ?? 1,
    truncation: source.aside.truncation,
    user: request.user,
  };
}

function echoReasoning(request: Omit<HubRequest, "echo">, given: Json | undefined): JsonObject {
  const { effort, summary, context } = request.reasoning ?? {};
  const echo: JsonObject = { effort: effort ?? null, summary: summary ?? null };
  if (context !== undefined) echo["context"] = context;
  if (isObject(given) && typeof given["mode"] === "string") echo["mode"] = given["mode"];
  return echo;
}

function echoFormat(format: TextFormat): JsonObject {
  if (format.type !== "json_schema") return { type: format.type };
  const { type, name, schema, description, strict } = format;
  return { type, description: description ?? null, name, schema, strict: strict ?? false };
}

/** A tool as the service repeats it: absent fields of a function are null, and an omitted `strict` is the default, true. */
function echoTool(tool: Json): Json {
  if (!isObject(tool)) return tool;
  switch (tool["type"]) {
    case "function":
      if (tool["description"] !== undefined && tool["parameters"] !== undefined && tool["strict"] !== undefined) return tool;
      return { ...tool, description: tool["description"] ?? null, parameters: tool["parameters"] ?? null, strict: tool["strict"] ?? true };
    case "custom":
      if (tool["description"] !== undefined && tool["format"] !== undefined) return tool;
      return { ...tool, description: tool["description"] ?? null, format: tool["format"] ?? { type: "text" } };
    case "namespace":
      return { ...tool, description: tool["description"] ?? null, tools: asList(tool["tools"]).map(echoTool) };
    case "mcp":
      return echoMcp(tool);
    default:
      return tool;
  }
}

/** A remote tool server holds secrets in its headers, its token and often its URL: the service masks them, so do we. */
function echoMcp(tool: JsonObject): JsonObject {
  const echo = { ...tool };
  const { headers, server_url: url } = tool;
  if (isObject(headers)) echo["headers"] = Object.fromEntries(Object.keys(headers).map((name) => [name, "<redacted>"]));
  if (typeof url === "string") echo["server_url"] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]*/i.test(url) ? maskPath(url) : "<redacted>";
  if (typeof tool["authorization"] === "string") echo["authorization"] = "<redacted>";
  return echo;
}

function maskPath(url: string): string {
  return URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}/<redacted>` : "<redacted>";
}
