// MiniMax's own API. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "minimax",
  baseUrl: "https://api.minimax.io/v1",
  keyEnv: "MINIMAX_API_KEY",
  keyHosts: /^api\.minimaxi\.com$/,
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: /-M[3-9]/i.test(model),
    toolChoice: false,
    parallelToolCalls: false,
    jsonSchema: "prompt",
    reasoningEffort: "none",
    efforts: [],
    penalties: false,
    seed: false,
    logprobs: false,
    contextWindow: /-M[3-9]/i.test(model) ? 1_000_000 : 204_800,
  }),
  quirks: () => ({ maxTokensField: "max_completion_tokens", parallelField: false, reasoningBack: "think" }),
});
