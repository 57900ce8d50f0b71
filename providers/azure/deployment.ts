// What the name of a deployment tells, where it is the model's: users may choose another, and then say in the
// configuration what it is.
import type { Capabilities, Quirks } from "../../src/contract.ts";

const OPENAI = /^(gpt-|o[1-9])/;
/** Think: no sampling parameters, no stop sequences, no log probabilities. */
const THINKS = /^(o[1-9]|gpt-([5-9]|\d\d))(?!.*chat)/;
const WORDY = /^gpt-([5-9]|\d\d)(?!.*chat)/;
const SEES = /^(gpt-(4o|4\.1|4\.5|[5-9])|o[1-9](?!-(mini|preview))|o4-mini|grok-4|llama-4|mistral-medium)/i;
const EFFORTS = /^(o[1-9]|gpt-5(-|$|\.1))/;

/** The differences of a deployment from the plain dialect. */
export function deploymentOf(name: string): { capabilities: Partial<Capabilities>; quirks: Partial<Quirks> } {
  const thinks = THINKS.test(name);
  const effort = thinks && EFFORTS.test(name);
  const silent = /^gpt-(5\.([6-9]|\d\d)|[6-9]|\d\d)/.test(name) && thinks;
  return {
    capabilities: {
      images: SEES.test(name),
      verbosity: WORDY.test(name),
      sampling: !thinks,
      stop: !thinks,
      logprobs: !thinks,
      ...(effort ? {} : { reasoningEffort: "none", efforts: [] }),
    },
    quirks: {
      maxTokensField: OPENAI.test(name) ? "max_completion_tokens" : "max_tokens",
      promptCacheKey: OPENAI.test(name),
      repairArguments: !OPENAI.test(name),
      ...(silent ? { extraFields: { reasoning_effort: "none" } } : {}),
    },
  };
}
