// The Gemini API over its OpenAI-compatible end. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider, readModelList } from "../../src/contract.ts";

const LISTED = /^models\//;

export default defineProvider({
  ...chatProvider,
  id: "google-chat",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
  keyEnv: "GEMINI_API_KEY",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: !/gemma-[12]/.test(model),
    formatWithTools: /gemini-([3-9]|\d\d)/.test(model),
    parallelToolCalls: false,
    penalties: false,
    logprobs: false,
    efforts: /2\.5-flash/.test(model) ? ["none", "low", "medium", "high"] : ["low", "medium", "high"],
    ...(/gemini-2\.0|gemma/.test(model) ? { reasoningEffort: "none", efforts: [] } : {}),
    contextWindow: 1_048_576,
  }),
  quirks: () => ({ parallelField: false, thinkTags: false }),
  async discover(fetch, baseUrl, headers) {
    const models = readModelList(await fetch(`${baseUrl}/models`, headers));
    return models?.map((model) => ({ ...model, id: model.id.replace(LISTED, "") }));
  },
});
