// OpenRouter: many vendors' models behind one chat-completions API. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, commonFacts, defineProvider, readModelList } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "openrouter",
  baseUrl: "https://openrouter.ai/api/v1",
  keyEnv: "OPENROUTER_API_KEY",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    schemaRules: model.startsWith("moonshotai/") ? "moonshot" : "none",
    files: true,
    verbosity: true,
    systemMessages: "anywhere",
    reasoningEffort: "reasoning_object",
    efforts: ["none", "minimal", "low", "medium", "high", "xhigh"],
  }),
  quirks: () => ({ reasoningBack: "reasoning", strictField: true, userField: true, thinkTags: false }),
  discover: async (fetch, baseUrl, headers) => readModelList(await fetch(`${baseUrl}/models`, headers), commonFacts),
});
