// Z.ai's own API (GLM). Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider, namesVision, readModelList } from "../../src/contract.ts";
import type { Capabilities } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "zai",
  baseUrl: "https://api.z.ai/api/paas/v4",
  keyEnv: "ZAI_API_KEY",
  keyHosts: /^open\.bigmodel\.cn$/,
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: namesVision(model) || model.startsWith("glm-5.3-flash"),
    jsonSchema: "object",
    penalties: false,
    seed: false,
    logprobs: false,
    ...effortOf(model),
    contextWindow: windowOf(model),
  }),
  quirks: (model) => ({
    reasoningBack: "reasoning_content",
    thinkTags: false,
    parallelField: false,
    ...(/^glm-(4\.[6-9]|[5-9])/.test(model) ? { extraFields: { tool_stream: true, thinking: { clear_thinking: false } } } : {}),
  }),
  discover: async (fetch, baseUrl, headers) => readModelList(await fetch(`${baseUrl}/models`, headers)),
});

function effortOf(model: string): Pick<Capabilities, "reasoningEffort" | "efforts"> {
  if (/^glm-(5\.[3-9]|[6-9])/.test(model)) return { reasoningEffort: "thinking_effort", efforts: ["low", "high", "max"] };
  if (model.startsWith("glm-5.2")) return { reasoningEffort: "thinking_effort", efforts: ["none", "high", "max"] };
  if (/^glm-(4\.[5-9]|5)/.test(model)) return { reasoningEffort: "thinking_type", efforts: ["none", "medium"] };
  return { reasoningEffort: "none", efforts: [] };
}

function windowOf(model: string): number {
  if (/^glm-(5\.[2-9]|[6-9])/.test(model)) return 1_000_000;
  return /^glm-(4\.[67]|5)/.test(model) ? 200_000 : 131_072;
}
