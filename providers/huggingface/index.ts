// Hugging Face's router: open models at many inference providers. Where each quirk comes from stands in README.md.
import {
  CHAT_CAPABILITIES,
  asList,
  asNumber,
  asObject,
  chatProvider,
  commonFacts,
  defineProvider,
  namesVision,
  readModelList,
} from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "huggingface",
  baseUrl: "https://router.huggingface.co/v1",
  keyEnv: "HF_TOKEN",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: namesVision(model),
    ...(/gpt-oss/i.test(model) ? {} : { reasoningEffort: "none", efforts: [] }),
  }),
  quirks: () => ({ parallelField: false }),
  discover: async (fetch, baseUrl, headers) =>
    readModelList(await fetch(`${baseUrl}/models`, headers), (entry) => {
      // Which provider answers is decided there, so the smallest window holds.
      const windows = asList(entry["providers"]).flatMap((one) => asNumber(asObject(one)?.["context_length"]) ?? []);
      return { ...commonFacts(entry), contextWindow: windows.length === 0 ? undefined : Math.min(...windows) };
    }),
});
