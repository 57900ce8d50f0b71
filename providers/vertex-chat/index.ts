// Vertex AI over its OpenAI-compatible end: Gemini and partners' models. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider } from "../../src/contract.ts";

const GEMINI = /gemini/;

export default defineProvider({
  ...chatProvider,
  id: "vertex-chat",
  baseUrl: "",
  baseUrlForm: "https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION/endpoints/openapi",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: GEMINI.test(model) || /llama-4|mistral-medium|grok-4/.test(model),
    formatWithTools: !/gemini-[12]/.test(model),
    parallelToolCalls: false,
    penalties: false,
    logprobs: false,
    ...(GEMINI.test(model) || /gpt-oss/.test(model) ? {} : { reasoningEffort: "none", efforts: [] }),
    ...(GEMINI.test(model) ? { contextWindow: 1_048_576 } : {}),
  }),
  quirks: (model) => ({ parallelField: false, thinkTags: !GEMINI.test(model) }),
});
