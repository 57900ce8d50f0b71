// Snowflake Cortex's chat completions. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider } from "../../src/contract.ts";

const CLAUDE = /claude/i;
const SEES = /claude|gpt-|llama4|pixtral/i;
const THINKS = /claude-(3-7|sonnet-[4-9]|opus-[4-9]|haiku-4-[5-9])|gpt-5/i;

export default defineProvider({
  ...chatProvider,
  id: "snowflake",
  baseUrl: "",
  baseUrlForm: "https://ACCOUNT.snowflakecomputing.com/api/v2/cortex/v1",
  keyEnv: "SNOWFLAKE_PAT",
  keyHosts: /\.snowflakecomputing\.com$/,
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: SEES.test(model),
    parallelToolCalls: false,
    seed: false,
    logprobs: false,
    penalties: false,
    ...(THINKS.test(model)
      ? { reasoningEffort: "reasoning_object", efforts: ["low", "medium", "high"] }
      : { reasoningEffort: "none", efforts: [] }),
  }),
  quirks: (model) => ({
    maxTokensField: "max_completion_tokens",
    parallelField: false,
    thinkTags: false,
    callId: CLAUDE.test(model) ? "clean" : "any",
  }),
});
