// Cerebras's own API. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, commonFacts, defineProvider, readModelList } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "cerebras",
  baseUrl: "https://api.cerebras.ai/v1",
  keyEnv: "CEREBRAS_API_KEY",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: /^gemma-[4-9]/.test(model),
    parallelToolCalls: false,
    refusedKeywords: ["minItems", "maxItems"],
    formatWithTools: false,
    penalties: false,
    ...(model.startsWith("gpt-oss") ? {} : { reasoningEffort: "none", efforts: [] }),
  }),
  quirks: (model) => ({
    maxTokensField: "max_completion_tokens",
    streamUsage: false,
    parallelField: false,
    reasoningBack: "reasoning",
    ...(/glm/.test(model) ? { extraFields: { clear_thinking: false } } : {}),
  }),
  discover: async (fetch, baseUrl, headers) => readModelList(await fetch(`${baseUrl}/models`, headers), commonFacts),
});
