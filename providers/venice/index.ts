// Venice's own API. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, asNumber, asObject, chatProvider, defineProvider, namesVision, readModelList } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "venice",
  baseUrl: "https://api.venice.ai/api/v1",
  keyEnv: "VENICE_API_KEY",
  capabilities: (model) => ({ ...CHAT_CAPABILITIES, images: namesVision(model) }),
  quirks: () => ({
    promptCacheKey: true,
    userField: true,
    reasoningBack: "reasoning_content",
    extraFields: { venice_parameters: { include_venice_system_prompt: false } },
  }),
  discover: async (fetch, baseUrl, headers) =>
    readModelList(await fetch(`${baseUrl}/models`, headers), (entry) => {
      const spec = asObject(entry["model_spec"]);
      const vision = asObject(spec?.["capabilities"])?.["supportsVision"];
      return { contextWindow: asNumber(spec?.["availableContextTokens"]), vision: typeof vision === "boolean" ? vision : undefined };
    }),
});
