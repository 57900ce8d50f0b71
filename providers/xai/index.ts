// xAI's own API (Grok) over chat completions. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider, readModelList } from "../../src/contract.ts";
import type { Capabilities } from "../../src/contract.ts";

/** Models that do not think. */
const PLAIN = /non-reasoning|^grok-(2|3(?!-mini)|beta|vision)/;

export default defineProvider({
  ...chatProvider,
  id: "xai",
  baseUrl: "https://api.x.ai/v1",
  keyEnv: "XAI_API_KEY",
  keyHosts: /^[a-z]{2}-[a-z]+-\d\.api\.x\.ai$/,
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: /vision|^grok-[4-9]/.test(model),
    refusedKeywords: ["minLength", "maxLength", "minItems", "maxItems", "minContains", "maxContains"],
    systemMessages: "anywhere",
    penalties: PLAIN.test(model),
    stop: PLAIN.test(model),
    ...effortOf(model),
  }),
  quirks: () => ({ reasoningBack: "reasoning_content", thinkTags: false, userField: true, maxTokensField: "max_completion_tokens" }),
  discover: async (fetch, baseUrl, headers) => readModelList(await fetch(`${baseUrl}/models`, headers)),
});

function effortOf(model: string): Pick<Capabilities, "reasoningEffort" | "efforts"> {
  const style = "reasoning_effort";
  if (model.startsWith("grok-3-mini")) return { reasoningEffort: style, efforts: ["low", "high"] };
  if (/^grok-4\.3|^grok-latest/.test(model)) return { reasoningEffort: style, efforts: ["none", "low", "medium", "high"] };
  if (model.startsWith("grok-4.5")) return { reasoningEffort: style, efforts: ["low", "medium", "high"] };
  if (/^grok-4\.[6-9]|multi-agent/.test(model)) return { reasoningEffort: style, efforts: ["low", "medium", "high", "xhigh"] };
  return { reasoningEffort: "none", efforts: [] };
}
