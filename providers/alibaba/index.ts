// Alibaba Cloud Model Studio (DashScope) in its compatible mode: Qwen, and others' models. Where each quirk comes from
// stands in README.md.
import { CHAT_CAPABILITIES, chatProvider, defineProvider, readModelList } from "../../src/contract.ts";
import type { Capabilities } from "../../src/contract.ts";

const SEES = /vl|qvq|omni|^qwen3\.[5-9]-(plus|flash)|^kimi-k2\.[5-9]/;
/** Only think, whatever is asked. */
const THINKERS = /thinking|^qwq|^qvq/;
/** Think or do not, as asked. */
const HYBRID = /^qwen3(?!.*(instruct|coder))|^qwen-(plus|flash|turbo)|^deepseek-v(3\.[12]|4)|^glm-(4\.[5-9]|5)|^kimi-k2\.[5-9]/;

export default defineProvider({
  ...chatProvider,
  id: "alibaba",
  baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
  keyEnv: "DASHSCOPE_API_KEY",
  keyHosts: /^dashscope(-us)?\.aliyuncs\.com$/,
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: SEES.test(model),
    ...(THINKERS.test(model) || HYBRID.test(model) ? { toolChoice: false, jsonSchema: "prompt" } : { jsonSchema: "object" }),
    ...effortOf(model),
  }),
  quirks: () => ({ reasoningBack: "reasoning_content", thinkTags: false, upstreamStream: "always" }),
  discover: async (fetch, baseUrl, headers) => readModelList(await fetch(`${baseUrl}/models`, headers)),
});

function effortOf(model: string): Pick<Capabilities, "reasoningEffort" | "efforts"> {
  if (THINKERS.test(model)) return { reasoningEffort: "thinking_budget", efforts: ["low", "medium", "high"] };
  if (HYBRID.test(model)) return { reasoningEffort: "thinking_budget", efforts: ["none", "low", "medium", "high"] };
  return { reasoningEffort: "none", efforts: [] };
}
