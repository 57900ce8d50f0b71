// Vercel's AI Gateway: many vendors' models behind one API. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, asList, asNumber, chatProvider, defineProvider, readModelList } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "vercel",
  baseUrl: "https://ai-gateway.vercel.sh/v1",
  keyEnv: "AI_GATEWAY_API_KEY",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    schemaRules: model.startsWith("moonshotai/") ? "moonshot" : "none",
    reasoningEffort: "reasoning_object",
    efforts: ["none", "minimal", "low", "medium", "high", "xhigh"],
  }),
  quirks: () => ({ parallelField: false, reasoningBack: "reasoning", thinkTags: false, callId: "clean" }),
  discover: async (fetch, baseUrl, headers) =>
    readModelList(await fetch(`${baseUrl}/models`, headers), (entry) => ({
      contextWindow: asNumber(entry["context_window"]),
      vision: Array.isArray(entry["tags"]) ? asList(entry["tags"]).includes("vision") : undefined,
    })),
});
