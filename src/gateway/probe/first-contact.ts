// The first questions: does it answer at all, in which field does it take the length of a reply, whole and streamed, and how does it
// spell an error. Promises that a server which cannot be used is found out here, with advice, before anything else is asked.
import type { Fault } from "../../hub/fault.ts";
import { asNumber, asObject, asString, parseJson } from "../../kit/json.ts";
import { faultOfAnswer } from "./asker.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { Interview } from "./question.ts";
import { ENOUGH_TOKENS, FEW_TOKENS, quote, told } from "./question.ts";
import type { Reply } from "./read-answer.ts";
import { isCut } from "./read-answer.ts";

/** A server that cannot be used. */
export interface Unusable {
  fault: Fault;
  /** What to do, where it is more than what the fault says. */
  advice: string;
}

const HELLO = "Say hello in one short sentence.";
const COUNT = "Count from 1 to 60: digits alone, separated by single spaces, nothing else.";
const FEW_NUMBERS = 16;
/** Servers count a token or two differently. */
const SLACK = 4;

/** Says hello, as the target is asked now and else in the other ways; what no way is answered is unusable. */
export async function askHello(interview: Interview): Promise<Unusable | null> {
  const first = await interview.ask(HELLO);
  if (first.outcome === "accepted") return noteHello(interview, first);
  const other = interview.quirks.maxTokensField === "max_tokens" ? "max_completion_tokens" : "max_tokens";
  if (first.outcome === "refused" && /max_(completion_)?tokens/.test(first.words)) {
    const second = await interview.ask(HELLO, { [interview.quirks.maxTokensField]: null, [other]: FEW_TOKENS });
    if (second.outcome === "accepted") {
      interview.note(
        finding(`longest reply by ${interview.quirks.maxTokensField}`, "no", told(first), { quirks: { maxTokensField: other } }),
      );
      return noteHello(interview, second);
    }
  }
  if (first.outcome === "refused" && /stream/i.test(first.words)) {
    const streamed = await interview.ask(HELLO, { stream: true });
    if (streamed.outcome === "accepted") {
      interview.note(finding("whole replies", "no", told(first), { quirks: { upstreamStream: "always" } }));
      return noteHello(interview, streamed);
    }
  }
  const failure = first.fault;
  return failure === null ? null : { fault: failure, advice: adviceFor(failure, interview) };
}

function noteHello(interview: Interview, reply: Reply): null {
  const said =
    reply.content.trim() === ""
      ? isCut(reply)
        ? "nothing yet: it thought until its tokens were used up"
        : "nothing"
      : quote(reply.content);
  interview.note(finding("answers", "yes", `it says ${said}`));
  return null;
}

function adviceFor(failure: Fault, { target }: Interview): string {
  const { id, provider } = target.provider;
  switch (failure.kind) {
    case "authentication":
    case "permission": {
      const variable = provider.keyEnv === undefined ? "" : `, or in the environment as ${provider.keyEnv}`;
      const state = target.provider.key === undefined ? "No key is configured" : "The key was not accepted";
      return `${state}: set providers.${id}.key in config.yaml${variable}.`;
    }
    case "model_not_found":
    case "not_found":
      return `It may not know the model ${target.model}: name one of its own with --model, and check that base_url is right.`;
    case "quota":
      return "The account has no credit left.";
    case "bad_reply":
      return "What answers there is no chat-completions server: check base_url.";
    default:
      return "";
  }
}

/** Which of the two fields limits a reply, the one in use first; the other is asked about only where that one does not. */
export async function askLength(interview: Interview): Promise<void> {
  const used = interview.quirks.maxTokensField;
  const other = used === "max_tokens" ? "max_completion_tokens" : "max_tokens";
  const first = judgeLength(await interview.ask(COUNT, { [used]: FEW_NUMBERS }));
  if (first.verdict !== "no") return interview.note(finding(`longest reply by ${used}`, first.verdict, first.words));
  const second = judgeLength(await interview.ask(COUNT, { [used]: null, [other]: FEW_NUMBERS }));
  const follows = second.verdict === "yes" ? { quirks: { maxTokensField: other } as const } : {};
  interview.note(
    finding(`longest reply by ${used}`, "no", first.words),
    finding(`longest reply by ${other}`, second.verdict, second.words, follows),
  );
}

function judgeLength(reply: Reply): Pick<Finding, "verdict" | "words"> {
  if (reply.outcome === "refused") return { verdict: "no", words: told(reply) };
  if (reply.outcome === "failed") return { verdict: "unknown", words: told(reply) };
  const { usage } = reply;
  if (isCut(reply)) return { verdict: "yes", words: "the reply was cut where it said" };
  if (usage !== null && usage.output > FEW_NUMBERS + SLACK)
    return { verdict: "no", words: `ignored: ${usage.output} tokens came where ${FEW_NUMBERS} were allowed` };
  return { verdict: "unknown", words: "accepted; the reply was too short to tell" };
}

/** How it streams: form, end, usage asked for and not, comments. */
export async function askStream(interview: Interview): Promise<void> {
  const usual = { stream: true, stream_options: null };
  const plain = await interview.ask(HELLO, usual, ENOUGH_TOKENS);
  if (plain.outcome !== "accepted") {
    const follows = plain.outcome === "refused" ? { quirks: { upstreamStream: "never" } as const } : {};
    return interview.note(finding("streams", plain.outcome === "refused" ? "no" : "unknown", told(plain), follows));
  }
  if (!plain.isStream)
    return interview.note(finding("streams", "no", "it answers whole although asked to stream", { quirks: { upstreamStream: "never" } }));
  interview.streams = interview.quirks.upstreamStream !== "never";
  interview.note(finding("streams", "yes", describeStream(plain)), ...judgeThoughts(plain));
  const asked = await interview.ask(HELLO, { stream: true, stream_options: { include_usage: true } });
  interview.note(judgeStreamUsage(plain, asked));
}

function describeStream(reply: Reply): string {
  const parts = [
    `${reply.bodies.length} chunks`,
    reply.hasEndMark ? "[DONE] at the end" : "no [DONE]",
    ...(reply.hasComments ? ["with comment lines"] : []),
    ...(reply.finish === null ? ["no finish_reason"] : []),
  ];
  return parts.join(", ");
}

/** What follows of a streamed reply without `stream_options` and one with it. */
function judgeStreamUsage(plain: Reply, asked: Reply): Finding {
  const topic = "usage in streams by stream_options";
  if (asked.outcome === "refused") return finding(topic, "no", told(asked), { quirks: { streamUsage: false } });
  if (asked.outcome === "failed") return finding(topic, "unknown", told(asked));
  if (asked.usage === null) return finding(topic, "no", "accepted, and no usage comes: tokens are estimated");
  const place = usagePlace(asked);
  return plain.usage === null
    ? finding(topic, "yes", `${place}, only when asked for`, { quirks: { streamUsage: true } })
    : finding(topic, "yes", `${place}, asked for or not`);
}

function usagePlace({ bodies }: Reply): string {
  const having = bodies.filter((body) => asObject(body["usage"]) !== undefined);
  if (having.length > 1) return `in ${having.length} chunks`;
  const choices = having[0]?.["choices"];
  if (having.length === 0) return "in a field of its own";
  return Array.isArray(choices) && choices.length > 0 ? "in the last chunk with choices" : "in a chunk of its own";
}

/** In which form reasoning comes, where it does. */
function judgeThoughts({ content, reasoningFields }: Reply): Finding[] {
  const tag = /^\s*<(think|reasoning)>/.exec(content)?.[1];
  if (tag !== undefined) {
    const quirks = { thinkTags: true, thinkTag: tag === "think" ? "think" : "reasoning" } as const;
    return [finding("reasoning", "yes", `as <${tag}> in the text`, { quirks })];
  }
  if (/<\/think>/.test(content))
    return [
      finding("reasoning", "yes", "in the text, closed by </think> and never opened", { quirks: { thinkTags: true, thinkOpened: true } }),
    ];
  if (reasoningFields.length === 0) return [finding("reasoning", "unknown", "none came")];
  return [finding("reasoning", "yes", `in ${reasoningFields.join(" and ")}`)];
}

/** How an error is spelt, and whether a wrong model is one at all. */
export async function askWrongModel(interview: Interview): Promise<void> {
  const answer = await interview.asker.post({
    model: "waystation-no-such-model",
    messages: [{ role: "user", content: "Hello." }],
    [interview.quirks.maxTokensField]: FEW_TOKENS,
    stream: false,
  });
  const topic = "refuses an unknown model";
  if (answer.status !== null && answer.status < 300)
    return interview.note(finding(topic, "no", "it answers all the same, whatever the name"));
  const failure = faultOfAnswer(answer);
  if (answer.status === null) return interview.note(finding(topic, "unknown", quote(failure.message)));
  interview.note(
    finding(topic, "yes", `HTTP ${answer.status}, ${describeError(answer.text)}, read as ${failure.kind}: ${quote(failure.message)}`),
  );
}

function describeError(text: string): string {
  const body = asObject(parseJson(text));
  if (body === undefined) return "no JSON object";
  const error = body["error"];
  const inner = asObject(error);
  if (inner !== undefined)
    return `{error: {${Object.keys(inner).join(", ")}}}${asNumber(inner["code"]) === undefined ? "" : " with a number as code"}`;
  return `{${Object.keys(body).join(", ")}}${asString(error) === undefined ? "" : " with a text as error"}`;
}
