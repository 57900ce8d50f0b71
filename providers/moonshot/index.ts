// Moonshot's own API (Kimi). Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, asNumber, asObject, chatProvider, defineProvider, pickFields, readModelList } from "../../src/contract.ts";
import type { Capabilities } from "../../src/contract.ts";

/** Always think; K3 takes a word for how much, K2.7 nothing at all. */
const K3 = /^kimi-k3/;
/** Think unless told not to. */
const HYBRID = /^kimi-k2\.[56]/;
const KIMI = /^kimi-/;
const SEES = /^kimi-k(2\.[5-9]|3)|vision/;

export default defineProvider({
  ...chatProvider,
  id: "moonshot",
  baseUrl: "https://api.moonshot.ai/v1",
  keyEnv: "MOONSHOT_API_KEY",
  keyHosts: /^api\.moonshot\.cn$/,
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: SEES.test(model),
    schemaRules: "moonshot",
    toolChoice: K3.test(model) || !KIMI.test(model),
    sampling: !KIMI.test(model),
    seed: false,
    logprobs: false,
    ...effortOf(model),
  }),
  quirks: (model) => ({
    maxTokensField: "max_completion_tokens",
    promptCacheKey: true,
    parallelField: false,
    reasoningBack: "reasoning_content",
    thinkTags: false,
    ...(KIMI.test(model) ? { reasoningFill: " " } : {}),
  }),
  discover: async (fetch, baseUrl, headers) =>
    readModelList(await fetch(`${baseUrl}/models`, headers), (entry) => ({
      contextWindow: asNumber(entry["context_length"]),
      vision: typeof entry["supports_image_in"] === "boolean" ? entry["supports_image_in"] : undefined,
    })),
  async countTokens(post, baseUrl, request) {
    const answer = await post(`${baseUrl}/tokenizers/estimate-token-count`, pickFields(request, ["model", "messages", "tools"]));
    return asNumber(asObject(asObject(answer)?.["data"])?.["total_tokens"]);
  },
});

function effortOf(model: string): Pick<Capabilities, "reasoningEffort" | "efforts"> {
  if (K3.test(model)) return { reasoningEffort: "reasoning_effort", efforts: ["low", "high", "max"] };
  if (HYBRID.test(model)) return { reasoningEffort: "thinking_type", efforts: ["none", "medium"] };
  return { reasoningEffort: "none", efforts: [] };
}
