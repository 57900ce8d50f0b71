// Together's own API: many open models. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, asList, asNumber, asObject, chatProvider, defineProvider, namesVision } from "../../src/contract.ts";
import type { Capabilities, ModelInfo } from "../../src/contract.ts";

const SEES = /llama-4|gemma-[34]|kimi-k(2\.[5-9]|3)|qwen3\.[5-9]/i;

export default defineProvider({
  ...chatProvider,
  id: "together",
  baseUrl: "https://api.together.ai/v1",
  keyEnv: "TOGETHER_API_KEY",
  keyHosts: /^api\.together\.xyz$/,
  capabilities: (model) => ({ ...CHAT_CAPABILITIES, images: namesVision(model) || SEES.test(model), logprobs: false, ...effortOf(model) }),
  quirks: () => ({ parallelField: false }),
  async discover(fetch, baseUrl, headers) {
    // A bare list, without the object around it; models of other trades stand in it too.
    const entries = asList(await fetch(`${baseUrl}/models`, headers));
    if (entries.length === 0) return undefined;
    return entries.flatMap((value): ModelInfo[] => {
      const entry = asObject(value);
      const window = asNumber(entry?.["context_length"]);
      if (typeof entry?.["id"] !== "string" || entry["type"] !== "chat") return [];
      return [{ id: entry["id"], ...(window === undefined || window <= 0 ? {} : { contextWindow: window }) }];
    });
  },
});

function effortOf(model: string): Pick<Capabilities, "reasoningEffort" | "efforts"> {
  if (/gpt-oss/i.test(model)) return { reasoningEffort: "reasoning_effort", efforts: ["low", "medium", "high"] };
  if (/glm-(5\.[3-9]|[6-9])/i.test(model)) return { reasoningEffort: "reasoning_effort", efforts: ["low", "medium", "high", "max"] };
  return { reasoningEffort: "none", efforts: [] };
}
