// NVIDIA's hosted NIM: many open models. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider, namesVision, readModelList, templateEffort } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "nvidia",
  baseUrl: "https://integrate.api.nvidia.com/v1",
  keyEnv: "NVIDIA_API_KEY",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: namesVision(model),
    parallelToolCalls: false,
    ...(/deepseek-v4|kimi/.test(model) ? {} : templateEffort(model)),
  }),
  quirks: (model) => ({
    parallelField: false,
    reasoningBack: "reasoning_content",
    ...(/deepseek/.test(model) ? { reasoningFill: "" } : {}),
    ...(/kimi/.test(model) ? { reasoningFill: " " } : {}),
  }),
  discover: async (fetch, baseUrl, headers) => readModelList(await fetch(`${baseUrl}/models`, headers)),
});
