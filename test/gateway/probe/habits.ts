// Chat servers of quite different habits, as data: what each refuses, ignores, and how it says what it says. The model in them does as it
// is told wherever its server lets it.
import type { JsonObject } from "../../../src/kit/json.ts";
import { asList, asObject, asString } from "../../../src/kit/json.ts";
import { DONE, delta, finish, usage } from "../../support/chat-frames.ts";
import type { Step, UpstreamExchange } from "../../support/fault-upstream.ts";

/** How a server differs from one that takes, and does, all that it is asked. */
export interface Habit {
  /** Words for what it will not take in a body; undefined = it takes it. */
  refuses?: (body: JsonObject) => string | undefined;
  /** Fields that it takes and does not act by. */
  ignores?: readonly string[];
  /** The field in which it thinks aloud. */
  thinks?: string;
  /** Usage comes unasked; there is no end mark; calls have no index. */
  careless?: boolean;
  /** How it reads the pattern of a string. */
  pattern?: "json" | "value";
}

/** A step of a scripted upstream that answers so, whatever comes. */
export function answerAs(habit: Habit): Step {
  return (exchange) => {
    const body = exchange.request.json;
    const refusal = body["model"] === "waystation-no-such-model" ? "model_not_found: no such model" : habit.refuses?.(body);
    if (refusal !== undefined) return exchange.answer(400, { error: { message: refusal, type: "invalid_request_error", code: null } });
    const heeded = Object.fromEntries(Object.entries(body).filter(([name]) => habit.ignores?.includes(name) !== true));
    return body["stream"] === true ? stream(exchange, heeded, habit) : whole(exchange, heeded, habit);
  };
}

interface Said {
  content: string;
  calls: { name: string; arguments: string }[];
  cut: boolean;
}

function whole(exchange: UpstreamExchange, body: JsonObject, habit: Habit): void {
  const { content, calls, cut } = say(body, habit);
  const tool_calls = calls.map((call, index) => ({ id: `call_${index}`, type: "function", function: call }));
  const message = { role: "assistant", content, ...(calls.length > 0 ? { tool_calls } : {}), ...thought(body, habit) };
  const logprobs = body["logprobs"] === true ? { logprobs: { content: [{ token: "x", logprob: 0, bytes: null, top_logprobs: [] }] } } : {};
  exchange.answer(200, {
    choices: [{ index: 0, message, finish_reason: cut ? "length" : "stop", ...logprobs }],
    usage: { prompt_tokens: 10, completion_tokens: cut ? 16 : 9, total_tokens: 26 },
  });
}

function stream(exchange: UpstreamExchange, body: JsonObject, habit: Habit): void {
  const { content, calls, cut } = say(body, habit);
  const thinking = thought(body, habit);
  if (Object.keys(thinking).length > 0) exchange.send(delta(thinking));
  if (body["logprobs"] === true) {
    const logprobs = { content: [{ token: "x", logprob: 0, bytes: null, top_logprobs: [] }] };
    exchange.send(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, logprobs }] })}\n\n`);
  } else exchange.send(delta({ content }));
  for (const [index, call] of calls.entries()) {
    const head = { id: `call_${index}`, type: "function", ...(habit.careless === true ? {} : { index }) };
    exchange.send(delta({ tool_calls: [{ ...head, function: call }] }));
  }
  exchange.send(finish(cut ? "length" : "stop"));
  if (habit.careless === true || asObject(body["stream_options"])?.["include_usage"] === true) exchange.send(usage());
  if (habit.careless !== true) exchange.send(DONE);
  exchange.end();
}

function thought(body: JsonObject, { thinks }: Habit): JsonObject {
  const isOff = asObject(body["thinking"])?.["type"] === "disabled" || body["enable_thinking"] === false;
  return thinks === undefined || isOff ? {} : { [thinks]: "Let me think." };
}

/** What an obedient model says. */
function say(body: JsonObject, habit: Habit): Said {
  const messages = asList(body["messages"]).map((message) => asObject(message) ?? {});
  const last = messages.at(-1)?.["content"];
  const asked =
    typeof last === "string"
      ? last
      : asList(last)
          .map((part) => asString(asObject(part)?.["text"]) ?? "")
          .join("");
  const limit = Number(body["max_tokens"] ?? body["max_completion_tokens"] ?? 1024);
  if (limit <= 16) return { content: "1 2 3 4 5 6 7 8", calls: [], cut: true };
  const calls = callsOf(body, asked, habit);
  if (calls.length > 0) return { content: "", calls, cut: false };
  return { content: textOf(body, asked, messages), calls: [], cut: false };
}

function textOf(body: JsonObject, asked: string, messages: readonly JsonObject[]): string {
  const format = asString(asObject(body["response_format"])?.["type"]);
  if (format === "json_schema") return '{"waystation":"kestrel"}';
  if (format === "json_object") return '{"greeting":"hello"}';
  if (/colour/.test(asked)) return "Red.";
  const ordered = messages.findLast((message) => message["role"] === "system")?.["content"];
  if (typeof ordered === "string" && ordered.includes("kestrel")) return "kestrel";
  const stop = asString(asList(body["stop"])[0]);
  const text = asked.startsWith("Repeat exactly") ? "alpha beta gamma delta" : "Hello there.";
  return stop === undefined ? text : (text.split(stop)[0] ?? text);
}

function callsOf(body: JsonObject, asked: string, { pattern }: Habit): Said["calls"] {
  const tools = asList(body["tools"]).map((tool) => asObject(asObject(tool)?.["function"]) ?? {});
  const choice = body["tool_choice"];
  const named = asString(asObject(asObject(choice)?.["function"])?.["name"]);
  const tool = tools.find(({ name }) => name === named) ?? tools[0];
  if (tool === undefined || (choice !== "required" && named === undefined && !/[Uu]se the tool|Call the tool|with the tool/.test(asked)))
    return [];
  const name = asString(tool["name"]) ?? "";
  const wanted = asString(asObject(asObject(asObject(tool["parameters"])?.["properties"])?.["greeting"])?.["pattern"]);
  if (wanted !== undefined) {
    const greeting = pattern === "json" ? "kestrel\nfalcon" : pattern === "value" ? "kestrel\\nfalcon" : "Hello!";
    return [{ name, arguments: JSON.stringify({ greeting }) }];
  }
  const one = { name, arguments: '{"city":"Paris"}' };
  return /both cities/.test(asked) && body["parallel_tool_calls"] !== false ? [one, { name, arguments: '{"city":"Rome"}' }] : [one];
}

const KNOWN_FIELDS = new Set(
  "model messages max_completion_tokens stream temperature top_p random_seed stop tools response_format reasoning_effort".split(" "),
);

/** A vendor that checks every field, and wants histories just so. */
export const STRICT: Habit = {
  refuses(sent) {
    const unknown = Object.keys(sent).find((name) => !KNOWN_FIELDS.has(name));
    if (unknown !== undefined) return `Unrecognized request argument supplied: ${unknown}`;
    if (!["low", "high", undefined].includes(asString(sent["reasoning_effort"]))) return "reasoning_effort must be low or high";
    if (asObject(sent["response_format"])?.["type"] === "json_schema") return "json_schema is not supported";
    if (sent["response_format"] !== undefined && sent["tools"] !== undefined) return "response_format and tools cannot be combined";
    if (JSON.stringify(sent["tools"] ?? []).includes('"strict"')) return "strict is not supported";
    return (
      asList(sent["messages"])
        .map(asObject)
        .map(refusedMessage)
        .find((words) => words !== undefined) ?? refusedOrder(asList(sent["messages"]).map(asObject))
    );
  },
};

function refusedMessage(message: JsonObject | undefined): string | undefined {
  if (message?.["role"] === "developer" || message?.["role"] === "system") return "only user, assistant and tool are roles";
  if (message?.["content"] === "") return "content must not be empty";
  if (JSON.stringify(message?.["content"] ?? "").includes("image_url")) return "this model takes no images";
  const id = asString(message?.["tool_call_id"]);
  return id !== undefined && !/^[A-Za-z0-9]{9}$/.test(id) ? "Tool call id must be nine letters and digits" : undefined;
}

function refusedOrder(messages: readonly (JsonObject | undefined)[]): string | undefined {
  const at = messages.findIndex((message, index) => message?.["role"] === "user" && messages[index - 1]?.["role"] === "tool");
  return at === -1 ? undefined : "Unexpected role 'user' after role 'tool'";
}
