// Amazon Bedrock over its OpenAI-compatible ends. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider, namesVision, readModelList } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "bedrock-chat",
  baseUrl: "",
  baseUrlForm: "https://bedrock-mantle.REGION.api.aws/v1",
  keyEnv: "AWS_BEARER_TOKEN_BEDROCK",
  keyHosts: /^bedrock-(runtime|mantle)\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws)$/,
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: namesVision(model),
    audio: /voxtral/.test(model),
    logprobs: false,
    ...(/gpt-oss/.test(model) ? {} : { reasoningEffort: "none", efforts: [] }),
  }),
  quirks: () => ({ thinkTag: "reasoning", maxTokensField: "max_completion_tokens", reasoningBack: "reasoning", callId: "clean" }),
  discover: async (fetch, baseUrl, headers) => readModelList(await fetch(`${baseUrl}/models`, headers)),
});
