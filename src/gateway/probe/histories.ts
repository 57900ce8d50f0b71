// Questions about histories: where system messages may stand, and which spellings of earlier calls, results and thoughts are refused.
// Promises that what one spelling is refused for is asked again in the other that Waystation can write.
import type { Quirks } from "../../contract.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { Interview } from "./question.ts";
import { ENOUGH_TOKENS, told } from "./question.ts";
import type { Reply } from "./read-answer.ts";
import { functionTool } from "./tools.ts";

const user = (content: string): JsonObject => ({ role: "user", content });
const assistant = (content: string): JsonObject => ({ role: "assistant", content });
const system = (content: string): JsonObject => ({ role: "system", content });
const QUIET = system("You answer in one short sentence.");
const WORD = "kestrel";

/** System messages: one first, one later, and the newer name of the role. */
export async function askSystem(interview: Interview): Promise<void> {
  const first = await interview.ask([QUIET, user("Say hello.")]);
  interview.note(
    first.outcome === "refused"
      ? finding("system message first", "no", told(first), { capabilities: { systemMessages: "none" } })
      : finding(
          "system message first",
          first.outcome === "accepted" ? "yes" : "unknown",
          first.outcome === "accepted" ? "accepted" : told(first),
        ),
  );
  if (first.outcome === "accepted") {
    const later = [
      QUIET,
      user("Say hello."),
      assistant("Hello."),
      system(`From now on every answer is the single word ${WORD}.`),
      user("Say hello."),
    ];
    interview.note(judgeLater(await interview.ask(later, {}, ENOUGH_TOKENS)));
  }
  const developer = await interview.ask([{ role: "developer", content: "You answer in one short sentence." }, user("Say hello.")]);
  const words = developer.outcome === "accepted" ? "accepted" : told(developer);
  interview.note(
    finding(
      "role developer",
      developer.outcome === "accepted" ? "yes" : developer.outcome === "refused" ? "no" : "unknown",
      `${words} (nothing follows: system is written)`,
    ),
  );
}

/** What follows of a reply to a system message in the middle. */
function judgeLater(reply: Reply): Finding {
  const topic = "system message later";
  if (reply.outcome === "refused") return finding(topic, "no", told(reply), { capabilities: { systemMessages: "first" } });
  if (reply.outcome === "failed") return finding(topic, "unknown", told(reply));
  if (reply.content.toLowerCase().includes(WORD))
    return finding(topic, "yes", "accepted and followed", { capabilities: { systemMessages: "anywhere" } });
  return finding(topic, "unknown", "accepted; not followed");
}

const TOOLS = { tools: [functionTool("weather")] };
const CALL = { id: "call_1", arguments: '{"city":"Paris"}', content: "" as string | null, more: {} as JsonObject };

/** What the narrowest servers take; which ids are taken is asked apart. */
const SHORT_ID = "abcdef123";

/** A conversation with one call and its result. */
function history(given: Partial<typeof CALL>, ...after: JsonObject[]): JsonObject[] {
  const { id, arguments: text, content, more } = { ...CALL, ...given };
  const call = { id, type: "function", function: { name: "weather", arguments: text } };
  return [
    user("What is the weather in Paris?"),
    { role: "assistant", content, tool_calls: [call], ...more },
    { role: "tool", tool_call_id: id, content: "Sunny, 20 degrees." },
    ...after,
  ];
}

/** Earlier calls, as they are written now; where that is refused, the other ways. */
export async function askHistory(interview: Interview): Promise<void> {
  const given = await withPlainHistory(interview);
  if (given === null) return;
  const after = await interview.ask(history(given, user("And is that warm?")), TOOLS);
  const isRefused = after.outcome === "refused";
  interview.note(
    finding(
      "user right after a result",
      isRefused ? "no" : after.outcome === "failed" ? "unknown" : "yes",
      after.outcome === "accepted" ? "accepted" : told(after),
      after.outcome === "failed" ? {} : { quirks: { userAfterTool: !isRefused } },
    ),
  );
  const torn = await interview.ask(history({ ...given, arguments: '{"city":"Par' }), TOOLS);
  const isTornRefused = torn.outcome === "refused";
  interview.note(
    finding(
      "arguments cut short in a history",
      isTornRefused ? "no" : torn.outcome === "failed" ? "unknown" : "yes",
      torn.outcome === "accepted" ? "accepted" : told(torn),
      isTornRefused ? { quirks: { wholeArguments: true } } : {},
    ),
  );
  await askCallIds(interview, given);
  await askReasoningBack(interview, given);
}

/** Finds how a plain history must be written: as it is, without an empty text, or with reasoning on every message. Null = in no way. */
async function withPlainHistory(interview: Interview): Promise<Partial<typeof CALL> | null> {
  const plain = await interview.ask(history({}), TOOLS);
  const topic = "calls in a history";
  if (plain.outcome !== "refused") {
    interview.note(
      finding(topic, plain.outcome === "accepted" ? "yes" : "unknown", plain.outcome === "accepted" ? "accepted" : told(plain)),
    );
    return plain.outcome === "accepted" ? {} : null;
  }
  const ways: [words: string, given: Partial<typeof CALL>, quirks: Partial<Quirks>][] = [
    ["taken with content null beside calls", { content: null }, { emptyContent: "null" }],
    ["taken with an id of nine letters and digits", { id: SHORT_ID }, {}],
    ["taken with both content null and an id of nine letters and digits", { content: null, id: SHORT_ID }, { emptyContent: "null" }],
    ...fills("reasoning_content"),
    ...fills("reasoning"),
  ];
  for (const [words, given, quirks] of ways) {
    const reply = await interview.ask(history(given), TOOLS);
    if (reply.outcome !== "accepted") continue;
    interview.note(finding(topic, "yes", `${words}; ${told(plain)} without`, { quirks }));
    return given;
  }
  interview.note(finding(topic, "no", told(plain)));
  return null;
}

function fills(field: "reasoning_content" | "reasoning"): [string, Partial<typeof CALL>, Partial<Quirks>][] {
  return ["", " "].map((fill) => [
    `taken with ${fill === "" ? "an empty" : "a blank"} ${field}`,
    { more: { [field]: fill } },
    { reasoningBack: field, reasoningFill: fill },
  ]);
}

/** Ids of calls in rising order of what is forbidden. */
const IDS: readonly [kind: Quirks["callId"], id: string][] = [
  ["any", `call.1:${"x".repeat(70)}|y`],
  ["clean", `call_${"x".repeat(59)}`],
  ["clean40", `call_${"x".repeat(35)}`],
  ["mistral9", SHORT_ID],
];

async function askCallIds(interview: Interview, given: Partial<typeof CALL>): Promise<void> {
  const topic = "ids of calls";
  let refusal = "";
  for (const [kind, id] of IDS) {
    const reply = await interview.ask(history({ ...given, id }), TOOLS);
    if (reply.outcome === "failed") return interview.note(finding(topic, "unknown", told(reply)));
    if (reply.outcome === "accepted")
      return interview.note(
        finding(topic, "yes", refusal === "" ? "any is taken" : `${kind} are taken; others ${refusal}`, { quirks: { callId: kind } }),
      );
    refusal = told(reply);
  }
  interview.note(finding(topic, "unknown", refusal));
}

/** Whether the thoughts of others may go back in the field in which its own come. */
async function askReasoningBack(interview: Interview, given: Partial<typeof CALL>): Promise<void> {
  const said = interview.findings.find(({ topic }) => topic === "reasoning")?.words ?? "";
  const field = /reasoning_content|reasoning(?!_)/.exec(said.replace(/<[^>]*>/g, ""))?.[0];
  if (field !== "reasoning_content" && field !== "reasoning") return;
  const reply = await interview.ask(history({ ...given, more: { ...given.more, [field]: "I need the weather of Paris." } }), TOOLS);
  const verdict = reply.outcome === "accepted" ? "yes" : reply.outcome === "refused" ? "no" : "unknown";
  interview.note(
    finding(
      `${field} in a history`,
      verdict,
      verdict === "yes" ? "accepted" : told(reply),
      verdict === "unknown" ? {} : { quirks: { reasoningBack: verdict === "yes" ? field : "none" } },
    ),
  );
}
