// What the name of an OpenAI model tells of it over chat completions.
import type { Capabilities, Quirks } from "../../src/contract.ts";

/** Think: no sampling parameters, no stop sequences, no log probabilities. */
const THINKS = /^(o[1-9]|gpt-([5-9]|\d\d))(?!.*chat)/;
const WORDY = /^gpt-([5-9]|\d\d)(?!.*chat)/;
const SEES = /^(gpt-(4o|4\.1|4\.5|[5-9]|\d\d)|o[1-9](?!-(mini|preview))|o4-mini|chatgpt)/;

/** The effort words of a model beside tools. From GPT-5.2 on there are none; from 5.6 on only `none`, which must be said. */
function effortsOf(model: string): string[] {
  if (model.startsWith("gpt-5.1")) return ["none", "low", "medium", "high"];
  if (/^gpt-5(?!\.)/.test(model)) return ["minimal", "low", "medium", "high"];
  return /^o[1-9](?!-preview)/.test(model) ? ["low", "medium", "high"] : [];
}

/** The differences of a model from the plain dialect. */
export function openaiModel(model: string): { capabilities: Partial<Capabilities>; quirks: Partial<Quirks> } {
  const thinks = THINKS.test(model);
  const efforts = thinks ? effortsOf(model) : [];
  const silent = /^gpt-(5\.([6-9]|\d\d)|[6-9]|\d\d)/.test(model) && thinks;
  return {
    capabilities: {
      images: SEES.test(model),
      verbosity: WORDY.test(model),
      sampling: !thinks,
      stop: !thinks,
      logprobs: !thinks,
      reasoningEffort: efforts.length > 0 ? "reasoning_effort" : "none",
      efforts,
    },
    quirks: silent ? { extraFields: { reasoning_effort: "none" } } : {},
  };
}
