// Questions about the wish for reasoning effort: in which field it goes, which words it takes, or which switch turns the thinking off.
// Promises that a field counts as read only where a word that does not exist is refused, or where the thinking visibly ends.
import type { EffortStyle } from "../../contract.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { Interview } from "./question.ts";
import { ENOUGH_TOKENS, quote, told } from "./question.ts";
import type { Reply } from "./read-answer.ts";

const WORDS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
const SHORT = "Say hello.";
const NO_WORD = "waystation";

const WORD_STYLES: readonly [style: EffortStyle, write: (word: string) => JsonObject][] = [
  ["reasoning_effort", (word) => ({ reasoning_effort: word })],
  ["reasoning_object", (word) => ({ reasoning: { effort: word } })],
];

const SWITCHES: readonly [style: EffortStyle, fields: JsonObject][] = [
  ["template_switch", { chat_template_kwargs: { enable_thinking: false, thinking: false } }],
  ["enable_thinking", { enable_thinking: false }],
  ["thinking_type", { thinking: { type: "disabled" } }],
];

/** Asks for the words, and where nobody reads any, for the switches. */
export async function askEfforts(interview: Interview): Promise<void> {
  const words = await askWords(interview);
  if (words === "found" || !interview.findings.some(({ topic, verdict }) => topic === "reasoning" && verdict === "yes")) return;
  await askSwitches(interview);
}

async function askWords(interview: Interview): Promise<"found" | "not found"> {
  const refusals: Reply[] = [];
  for (const [style, write] of WORD_STYLES) {
    const wrong = await interview.ask(SHORT, write(NO_WORD));
    if (wrong.outcome === "accepted") {
      interview.note(finding(`effort as ${style}`, "unknown", "any word is accepted: nobody seems to read it"));
      continue;
    }
    if (wrong.outcome === "failed") {
      interview.note(finding(`effort as ${style}`, "unknown", told(wrong)));
      continue;
    }
    const taken: string[] = [];
    for (const word of WORDS) if ((await interview.ask(SHORT, write(word))).outcome === "accepted") taken.push(word);
    if (taken.length > 0) {
      interview.note(judgeWords(style, taken, interview));
      return "found";
    }
    refusals.push(wrong);
    interview.note(finding(`effort as ${style}`, "no", told(wrong)));
  }
  if (refusals.length === WORD_STYLES.length)
    interview.note(finding("reasoning effort", "no", "neither field is taken", { capabilities: { reasoningEffort: "none", efforts: [] } }));
  return "not found";
}

/** A target that is switched and told its word in the same field keeps its style. */
function judgeWords(style: EffortStyle, taken: string[], { target }: Interview): Finding {
  const declared = target.capabilities.reasoningEffort;
  const keeps = style === "reasoning_effort" && declared === "thinking_effort";
  const efforts = keeps && target.capabilities.efforts.includes("none") && !taken.includes("none") ? ["none", ...taken] : taken;
  return finding(`effort as ${style}`, "yes", `takes ${quote(taken.join(", "))}`, {
    capabilities: { reasoningEffort: keeps ? declared : style, efforts },
  });
}

async function askSwitches(interview: Interview): Promise<void> {
  for (const [style, fields] of SWITCHES) {
    const reply = await interview.ask(SHORT, fields, ENOUGH_TOKENS);
    const topic = `thinking off by ${style}`;
    if (reply.outcome !== "accepted") {
      interview.note(finding(topic, reply.outcome === "refused" ? "no" : "unknown", told(reply)));
      continue;
    }
    const thinks = reply.reasoningFields.length > 0 || /<\/?think>/.test(reply.content) || reply.content === "";
    if (!thinks)
      return interview.note(
        finding(topic, "yes", "it stops thinking", { capabilities: { reasoningEffort: style, efforts: ["none", "medium"] } }),
      );
    interview.note(finding(topic, "no", "accepted; it thinks all the same"));
  }
}
