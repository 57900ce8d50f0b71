// Mistral's own API. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, asNumber, asObject, chatProvider, defineProvider, readModelList } from "../../src/contract.ts";

/** Names that stand for a model which thinks when told to. */
const ADJUSTABLE = /^mistral-(small|medium|large)-(latest|[4-9]|2[6-9]\d\d)/;
const SEES = /pixtral|^mistral-(small|medium|large)-latest|^(ministral|magistral)-/;

export default defineProvider({
  ...chatProvider,
  id: "mistral",
  baseUrl: "https://api.mistral.ai/v1",
  keyEnv: "MISTRAL_API_KEY",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: SEES.test(model),
    logprobs: false,
    ...(ADJUSTABLE.test(model) ? { efforts: ["none", "high"] } : { reasoningEffort: "none", efforts: [] }),
  }),
  quirks: () => ({
    streamUsage: false,
    promptCacheKey: true,
    thinkTags: false,
    userAfterTool: false,
    seedField: "random_seed",
    callId: "mistral9",
  }),
  discover: async (fetch, baseUrl, headers) =>
    readModelList(await fetch(`${baseUrl}/models`, headers), (entry) => {
      const vision = asObject(entry["capabilities"])?.["vision"];
      return { contextWindow: asNumber(entry["max_context_length"]), vision: typeof vision === "boolean" ? vision : undefined };
    }),
});
