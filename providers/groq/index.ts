// Groq's own API. Where each quirk comes from stands in README.md.
import {
  CHAT_CAPABILITIES,
  asList,
  asObject,
  chatProvider,
  commonFacts,
  defineProvider,
  namesVision,
  readModelList,
} from "../../src/contract.ts";

const GPT_OSS = /gpt-oss/;

export default defineProvider({
  ...chatProvider,
  id: "groq",
  baseUrl: "https://api.groq.com/openai/v1",
  keyEnv: "GROQ_API_KEY",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: namesVision(model) || /llama-4/.test(model),
    jsonSchema: "prompt",
    formatWithTools: false,
    penalties: false,
    logprobs: false,
    ...(GPT_OSS.test(model) ? {} : { reasoningEffort: "none", efforts: [] }),
  }),
  quirks: (model) => ({
    maxTokensField: "max_completion_tokens",
    userField: true,
    reasoningBack: GPT_OSS.test(model) ? "reasoning" : "none",
    ...(/qwen-?3|deepseek-r1|qwq/.test(model) ? { extraFields: { reasoning_format: "parsed" } } : {}),
  }),
  async discover(fetch, baseUrl, headers) {
    const body = await fetch(`${baseUrl}/models`, headers);
    const speech = asList(asObject(body)?.["data"])
      .map(asObject)
      .filter((entry) => Array.isArray(entry?.["output_modalities"]) && !asList(entry["output_modalities"]).includes("text"))
      .map((entry) => entry?.["id"]);
    return readModelList(body, commonFacts)?.filter((model) => !speech.includes(model.id));
  },
});
