// Fireworks's own API: many open models. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, asNumber, chatProvider, defineProvider, namesVision, readModelList } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "fireworks",
  baseUrl: "https://api.fireworks.ai/inference/v1",
  keyEnv: "FIREWORKS_API_KEY",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: namesVision(model),
    ...(THINKS.test(model) ? {} : { reasoningEffort: "none", efforts: [] }),
  }),
  quirks: (model) => ({
    reasoningBack: "reasoning_content",
    upstreamStream: "always",
    ...(/kimi/.test(model) ? { reasoningFill: " " } : {}),
  }),
  discover: async (fetch, baseUrl, headers) =>
    readModelList(await fetch(`${baseUrl}/models`, headers), (entry) => ({
      contextWindow: asNumber(entry["context_length"]),
      vision: typeof entry["supports_image_input"] === "boolean" ? entry["supports_image_input"] : undefined,
    })),
});

/** Families that take an effort there. */
const THINKS = /gpt-oss|deepseek-v(3p[1-9]|4)|glm-(4p[5-9]|5)|kimi-k(2p[5-9]|2-thinking|3)|minimax-m[2-9]|qwen3(?!.*(instruct|coder))/;
