// Questions about tools: whether they are called, how a call is streamed, what can be demanded of it. Promises that what the model merely
// did not do is not told as what the server cannot.
import type { JsonObject } from "../../kit/json.ts";
import { asObject, asString, parseJson } from "../../kit/json.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { Interview } from "./question.ts";
import { ENOUGH_TOKENS, told } from "./question.ts";
import type { Reply } from "./read-answer.ts";
import { isCut } from "./read-answer.ts";

const CITY: JsonObject = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
const ASK = "What is the weather in Paris? Use the tool.";
const ASK_TWO = "What is the weather in Paris, and in Rome? Call the tool for both cities at once.";
const GREET = "Greet me in one short sentence.";
/** A name as long as namespaced tools have. */
const LONG_NAME = `look_up_the_weather_${"of_a_city_".repeat(10)}now`;

/** A function tool. */
export function functionTool(name: string, parameters: JsonObject = CITY, more: JsonObject = {}): JsonObject {
  return { type: "function", function: { name, description: "Tells the weather in a city.", parameters, ...more } };
}

const WEATHER = [functionTool("weather")];

/** Asks all of it; nothing more where tools are refused. */
export async function askTools(interview: Interview): Promise<void> {
  const first = await interview.ask(ASK, { tools: WEATHER }, ENOUGH_TOKENS);
  interview.note(judgeCall(first));
  if (first.outcome === "refused") return;
  if (first.isStream) {
    const whole =
      interview.quirks.upstreamStream === "always"
        ? null
        : await interview.ask(ASK, { tools: WEATHER, stream: false, stream_options: null }, ENOUGH_TOKENS);
    if (whole !== null && whole.contentBesideCalls !== undefined)
      interview.note(finding("text beside calls", "yes", `whole replies spell none as ${whole.contentBesideCalls}`));
  }
  await askChoice(interview);
  await askParallel(interview);
  await askStrict(interview);
  await askLongName(interview);
  await askPattern(interview);
}

/** What follows of a plain question that needs a tool. */
function judgeCall(reply: Reply): Finding {
  if (reply.outcome === "refused") return finding("tools", "no", told(reply), { capabilities: { tools: false } });
  if (reply.outcome === "failed") return finding("tools", "unknown", told(reply));
  const [call] = reply.calls;
  if (call === undefined) return finding("tools", "unknown", "accepted; the model called none");
  return finding("tools", "yes", `called; ${describeCall(reply)}`, { capabilities: { tools: true } });
}

function describeCall({ calls, isStream }: Reply): string {
  const [call] = calls;
  if (call === undefined) return "";
  const parts = [
    ...(isStream ? [call.deltas === 1 ? "whole in one chunk" : `in ${call.deltas} parts`] : ["in a whole reply"]),
    call.id === "" ? "without an id" : `id ${call.id.length > 40 ? `of ${call.id.length} characters` : call.id}`,
    ...(isStream && !call.hasIndex ? ["without an index"] : []),
    ...(call.hasType ? [] : ["without a type"]),
    ...(call.repeatsName ? ["its name repeated"] : []),
  ];
  return parts.join(", ");
}

/** A call that nobody would make is demanded: of any tool, and of the less fitting of two. */
async function askChoice(interview: Interview): Promise<void> {
  const required = await interview.ask(GREET, { tools: WEATHER, tool_choice: "required" }, ENOUGH_TOKENS);
  const any = judgeDemand("tool_choice required", required, (reply) => reply.calls.length > 0);
  interview.note({ ...any, ...(any.verdict === "unknown" ? {} : { capabilities: { toolChoice: any.verdict === "yes" } }) });
  if (any.verdict === "no") return;
  const tools = [...WEATHER, functionTool("news")];
  const named = await interview.ask(ASK, { tools, tool_choice: { type: "function", function: { name: "news" } } }, ENOUGH_TOKENS);
  const one = judgeDemand("tool_choice by name", named, (reply) => reply.calls[0]?.name === "news");
  interview.note({ ...one, ...(one.verdict === "unknown" ? {} : { capabilities: { namedToolChoice: one.verdict === "yes" } }) });
}

/** Whether what was demanded happened. A server that takes the field and does not act by it is one without it. */
function judgeDemand(topic: string, reply: Reply, happened: (reply: Reply) => boolean): Finding {
  if (reply.outcome === "refused") return finding(topic, "no", told(reply));
  if (reply.outcome === "failed") return finding(topic, "unknown", told(reply));
  if (happened(reply)) return finding(topic, "yes", "the call comes");
  return isCut(reply) ? finding(topic, "unknown", "accepted; no whole answer came") : finding(topic, "no", "accepted, and ignored");
}

async function askParallel(interview: Interview): Promise<void> {
  const many = await interview.ask(ASK_TWO, { tools: WEATHER, parallel_tool_calls: true }, ENOUGH_TOKENS);
  const one = await interview.ask(ASK_TWO, { tools: WEATHER, parallel_tool_calls: false }, ENOUGH_TOKENS);
  interview.note(judgeParallel(many, one));
}

/** What follows of two replies to a wish for two calls: with leave for it, and without. */
function judgeParallel(many: Reply, one: Reply): Finding {
  const topic = "parallel_tool_calls";
  const refused = [many, one].find((reply) => reply.outcome === "refused");
  if (refused !== undefined)
    return finding(topic, "no", told(refused), { capabilities: { parallelToolCalls: false }, quirks: { parallelField: false } });
  const failed = [many, one].find((reply) => reply.outcome === "failed");
  if (failed !== undefined) return finding(topic, "unknown", told(failed));
  if (one.calls.length > 1)
    return finding(topic, "no", "false is ignored: several calls come", { capabilities: { parallelToolCalls: false } });
  if (many.calls.length > 1 && one.calls.length === 1)
    return finding(topic, "yes", `${many.calls.length} calls with true, one with false`, {
      capabilities: { parallelToolCalls: true },
      quirks: { parallelField: true },
    });
  return finding(topic, "unknown", `accepted; ${many.calls.length} call(s) with true, ${one.calls.length} with false`);
}

async function askStrict(interview: Interview): Promise<void> {
  const tools = [functionTool("weather", CITY, { strict: true }), functionTool("news", CITY, { strict: false })];
  const reply = await interview.ask(ASK, { tools }, ENOUGH_TOKENS);
  const topic = "strict on functions";
  if (reply.outcome === "refused") return interview.note(finding(topic, "no", told(reply), { quirks: { strictField: false } }));
  if (reply.outcome === "failed") return interview.note(finding(topic, "unknown", told(reply)));
  interview.note(
    interview.isStrict
      ? finding(topic, "yes", "taken", { quirks: { strictField: true } })
      : finding(topic, "unknown", "accepted, as is any field"),
  );
}

async function askLongName(interview: Interview): Promise<void> {
  const reply = await interview.ask(ASK, { tools: [functionTool(LONG_NAME)] }, ENOUGH_TOKENS);
  const topic = `tool names of ${LONG_NAME.length} characters`;
  if (reply.outcome === "refused") return interview.note(finding(topic, "no", told(reply)));
  const called = reply.calls[0]?.name === LONG_NAME;
  interview.note(
    finding(
      topic,
      called ? "yes" : "unknown",
      called ? "called by it" : reply.outcome === "failed" ? told(reply) : "accepted; not called by it",
      called ? { capabilities: { toolNameLength: Math.max(LONG_NAME.length, interview.capabilities.toolNameLength) } } : {},
    ),
  );
}

/** As a text in JSON it has an escaped line feed; as a value a backslash and an n. */
const PATTERN = "^kestrel\\\\nfalcon$";

async function askPattern(interview: Interview): Promise<void> {
  const parameters: JsonObject = {
    type: "object",
    properties: { greeting: { type: "string", pattern: PATTERN } },
    required: ["greeting"],
    additionalProperties: false,
  };
  const tools = [{ type: "function", function: { name: "greet", description: "Says a friendly greeting.", parameters } }];
  const choice = interview.capabilities.toolChoice ? { tool_choice: "required" } : {};
  interview.note(judgePattern(await interview.ask("Greet me with the tool.", { tools, ...choice }, ENOUGH_TOKENS)));
}

/** Whether a call was held to the pattern, and which reading of it the server has. */
function judgePattern(reply: Reply): Finding {
  const topic = "pattern in a tool's schema";
  if (reply.outcome === "refused") return finding(topic, "no", told(reply), { capabilities: { toolPattern: "none" } });
  const [call] = reply.calls;
  if (call === undefined) return finding(topic, "unknown", reply.outcome === "failed" ? told(reply) : "accepted; no call came");
  const greeting = asString(asObject(parseJson(call.arguments))?.["greeting"]);
  if (greeting === "kestrel\nfalcon")
    return finding(topic, "yes", "enforced, on the text as it stands in the JSON", { capabilities: { toolPattern: "json" } });
  if (greeting === "kestrel\\nfalcon") return finding(topic, "yes", "enforced, on the value", { capabilities: { toolPattern: "value" } });
  return isCut(reply)
    ? finding(topic, "unknown", "accepted; no whole call came")
    : finding(topic, "no", "accepted, and not enforced", { capabilities: { toolPattern: "none" } });
}
