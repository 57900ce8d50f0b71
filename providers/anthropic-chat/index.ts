// Anthropic's API over its OpenAI-compatible end. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider, readModelList } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "anthropic-chat",
  baseUrl: "https://api.anthropic.com/v1",
  keyEnv: "ANTHROPIC_API_KEY",
  capabilities: () => ({
    ...CHAT_CAPABILITIES,
    jsonSchema: "prompt",
    reasoningEffort: "none",
    efforts: [],
    penalties: false,
    logprobs: false,
    seed: false,
    contextWindow: 200_000,
  }),
  quirks: () => ({ thinkTags: false, callId: "clean" }),
  discover: async (fetch, baseUrl, headers) =>
    readModelList(await fetch(`${baseUrl}/models`, { ...withKey(headers["authorization"]), "anthropic-version": "2023-06-01" })),
});

/** The list is of its own API, which wants the key elsewhere. */
function withKey(authorization: string | undefined): Record<string, string> {
  return authorization === undefined ? {} : { "x-api-key": authorization.replace(/^Bearer /, "") };
}
