// OpenAI's own API over chat completions. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider, readModelList } from "../../src/contract.ts";
import { openaiModel } from "./model.ts";

/** The list has models of every trade, and says nothing of them but their names. */
const CHATS = /^(gpt-|o[1-9]|chatgpt|ft:)/;
const OTHER_TRADES = /audio|realtime|tts|transcribe|image|instruct|embedding|search|-pro|codex|deep-research/;

export default defineProvider({
  ...chatProvider,
  id: "openai-chat",
  baseUrl: "https://api.openai.com/v1",
  keyEnv: "OPENAI_API_KEY",
  keyHosts: /^(us|eu)\.api\.openai\.com$/,
  capabilities: (model) => ({ ...CHAT_CAPABILITIES, files: true, systemMessages: "anywhere", ...openaiModel(model).capabilities }),
  quirks: (model) => ({
    maxTokensField: "max_completion_tokens",
    promptCacheKey: true,
    userField: true,
    strictField: true,
    repairArguments: false,
    thinkTags: false,
    callId: "clean40",
    ...openaiModel(model).quirks,
  }),
  async discover(fetch, baseUrl, headers) {
    const models = readModelList(await fetch(`${baseUrl}/models`, headers));
    return models?.filter((model) => CHATS.test(model.id) && !OTHER_TRADES.test(model.id));
  },
});
