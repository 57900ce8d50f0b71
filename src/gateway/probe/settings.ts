// Questions about single fields: sampling, stop, seed, log probabilities, users, caches, and what becomes of a field that nobody knows.
// Promises that "accepted" counts as "takes it" only where the server would have refused a field that it does not know.
import type { Capabilities, Quirks } from "../../contract.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { Finding, Verdict } from "./finding.ts";
import { finding } from "./finding.ts";
import type { Interview } from "./question.ts";
import { ENOUGH_TOKENS, told } from "./question.ts";
import type { Reply } from "./read-answer.ts";
import { isCut } from "./read-answer.ts";

const SHORT = "Say hello.";
/** Words that no model says by itself where it was asked for something else. */
const STOP_PROMPT = "Repeat exactly, and nothing else: alpha beta gamma delta";
const STOP_WORD = "gamma";

interface FieldQuestion {
  topic: string;
  fields: JsonObject;
  /** What follows where it is taken, and where it is refused. */
  taken?: Pick<Finding, "capabilities" | "quirks">;
  refused: Pick<Finding, "capabilities" | "quirks">;
}

const able = (capabilities: Partial<Capabilities>): Pick<Finding, "capabilities"> => ({ capabilities });
const wired = (quirks: Partial<Quirks>): Pick<Finding, "quirks"> => ({ quirks });

const FIELDS: readonly FieldQuestion[] = [
  {
    topic: "temperature and top_p",
    fields: { temperature: 0.5, top_p: 0.9 },
    refused: able({ sampling: false }),
    taken: able({ sampling: true }),
  },
  {
    topic: "penalties",
    fields: { frequency_penalty: 0.1, presence_penalty: 0.1 },
    refused: able({ penalties: false }),
    taken: able({ penalties: true }),
  },
  {
    topic: "prompt_cache_key",
    fields: { prompt_cache_key: "waystation-check" },
    refused: wired({ promptCacheKey: false }),
    taken: wired({ promptCacheKey: true }),
  },
  { topic: "user", fields: { user: "waystation-check" }, refused: wired({ userField: false }), taken: wired({ userField: true }) },
];

/** Asks about each. */
export async function askSettings(interview: Interview): Promise<void> {
  const isStrict = await askUnknownField(interview);
  interview.isStrict = isStrict;
  for (const { topic, fields, refused, taken } of FIELDS) {
    const reply = await interview.ask(SHORT, fields);
    if (reply.outcome === "accepted")
      interview.note(finding(topic, isStrict ? "yes" : "unknown", accepted(isStrict), isStrict ? taken : {}));
    else
      interview.note(
        finding(topic, reply.outcome === "refused" ? "no" : "unknown", told(reply), reply.outcome === "refused" ? refused : {}),
      );
  }
  await askSeed(interview, isStrict);
  await askVerbosity(interview);
  await askStop(interview);
  interview.note(judgeLogprobs(await interview.ask(SHORT, { logprobs: true, top_logprobs: 1 }, ENOUGH_TOKENS)));
}

const accepted = (isStrict: boolean): string => (isStrict ? "taken" : "accepted, as is any field: whether it does anything cannot be seen");

/** Whether the server refuses what it does not know; then accepting something means something. */
async function askUnknownField(interview: Interview): Promise<boolean> {
  const reply = await interview.ask(SHORT, { waystation_check: true });
  const verdict: Verdict = reply.outcome === "accepted" ? "yes" : reply.outcome === "refused" ? "no" : "unknown";
  interview.note(finding("ignores unknown fields", verdict, verdict === "yes" ? "it does" : told(reply)));
  return verdict === "no";
}

async function askSeed(interview: Interview, isStrict: boolean): Promise<void> {
  const used = interview.quirks.seedField;
  const other = used === "seed" ? "random_seed" : "seed";
  const reply = await interview.ask(SHORT, { [used]: 7 });
  if (reply.outcome === "accepted")
    return interview.note(finding(used, isStrict ? "yes" : "unknown", accepted(isStrict), isStrict ? able({ seed: true }) : {}));
  if (reply.outcome === "failed") return interview.note(finding(used, "unknown", told(reply)));
  const second = await interview.ask(SHORT, { [other]: 7 });
  interview.note(finding(used, "no", told(reply)));
  interview.note(
    second.outcome === "accepted" && isStrict
      ? finding(other, "yes", "taken", { capabilities: { seed: true }, quirks: { seedField: other } })
      : finding(
          other,
          second.outcome === "failed" ? "unknown" : "no",
          second.outcome === "accepted" ? "accepted, as is any other field" : told(second),
          able({ seed: false }),
        ),
  );
}

/** A word that there is, and one that there is not: only who refuses the second reads the field. */
async function askVerbosity(interview: Interview): Promise<void> {
  const wrong = await interview.ask(SHORT, { verbosity: "waystation" });
  if (wrong.outcome === "accepted") return interview.note(finding("verbosity", "unknown", "any word is accepted: nobody seems to read it"));
  const right = await interview.ask(SHORT, { verbosity: "low" });
  const verdict: Verdict = right.outcome === "accepted" ? "yes" : right.outcome === "refused" ? "no" : "unknown";
  interview.note(
    finding(
      "verbosity",
      verdict,
      verdict === "yes" ? "taken" : told(right),
      verdict === "unknown" ? {} : able({ verbosity: verdict === "yes" }),
    ),
  );
}

async function askStop(interview: Interview): Promise<void> {
  interview.note(judgeStop(await interview.ask(STOP_PROMPT, { stop: [STOP_WORD] }, ENOUGH_TOKENS)));
}

/** What follows of a reply that should have stopped before a word. */
function judgeStop(reply: Reply): Finding {
  if (reply.outcome !== "accepted")
    return finding(
      "stop",
      reply.outcome === "refused" ? "no" : "unknown",
      told(reply),
      reply.outcome === "refused" ? able({ stop: false }) : {},
    );
  if (reply.content.includes(STOP_WORD)) return finding("stop", "no", "ignored: the reply goes on past the word", able({ stop: false }));
  const stopped = reply.content.includes("beta") && !isCut(reply);
  return stopped
    ? finding("stop", "yes", "the reply stops there", able({ stop: true }))
    : finding("stop", "unknown", "accepted; the model did not come to the word");
}

function judgeLogprobs(reply: Reply): Finding {
  const topic = "log probabilities";
  if (reply.outcome === "refused") return finding(topic, "no", told(reply), able({ logprobs: false }));
  if (reply.outcome === "failed") return finding(topic, "unknown", told(reply));
  if (reply.hasLogprobs) return finding(topic, "yes", "they come", able({ logprobs: true }));
  return reply.content === ""
    ? finding(topic, "unknown", "accepted; no text came")
    : finding(topic, "no", "accepted, and none come", able({ logprobs: false }));
}
