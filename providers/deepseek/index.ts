// DeepSeek's own API. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider, readModelList } from "../../src/contract.ts";

/** The models that took the name `deepseek-flash`, or come after it, see images; `deepseek-v4-pro` does not. */
const SEES = /^deepseek-flash/;

export default defineProvider({
  ...chatProvider,
  id: "deepseek",
  baseUrl: "https://api.deepseek.com",
  keyEnv: "DEEPSEEK_API_KEY",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: SEES.test(model),
    toolChoice: false,
    jsonSchema: "object",
    reasoningEffort: "thinking_effort",
    efforts: ["none", "low", "high", "max"],
    contextWindow: 1_000_000,
  }),
  quirks: () => ({ reasoningBack: "reasoning_content", reasoningFill: "", thinkTags: false }),
  discover: async (fetch, baseUrl, headers) => readModelList(await fetch(`${baseUrl}/models`, headers)),
});
