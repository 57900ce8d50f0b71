// Perplexity's Sonar models. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "perplexity",
  baseUrl: "https://api.perplexity.ai",
  keyEnv: "PERPLEXITY_API_KEY",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    tools: false,
    toolChoice: false,
    parallelToolCalls: false,
    images: true,
    seed: false,
    logprobs: false,
    stop: false,
    ...(/deep-research/.test(model) ? {} : { reasoningEffort: "none", efforts: [] }),
    contextWindow: /sonar-pro/.test(model) ? 200_000 : 128_000,
  }),
  quirks: () => ({ streamUsage: false, parallelField: false, userAfterTool: false }),
});
