// Cloudflare Workers AI over its OpenAI-compatible end. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, asList, asObject, asString, chatProvider, defineProvider, namesVision } from "../../src/contract.ts";
import type { ModelInfo } from "../../src/contract.ts";

/** Without a bound, a reply ends after 256 tokens. */
const REPLY_TOKENS = 8192;
const THINKS = /gpt-oss|kimi-k|glm-[45]|qwen3|nemotron-3/;

export default defineProvider({
  ...chatProvider,
  id: "cloudflare",
  baseUrl: "",
  baseUrlForm: "https://api.cloudflare.com/client/v4/accounts/ACCOUNT_ID/ai/v1",
  keyEnv: "CLOUDFLARE_API_TOKEN",
  keyHosts: /^api\.cloudflare\.com$/,
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: namesVision(model) || /llama-4|gemma-[34]|kimi-k(2\.[5-9]|3)/.test(model),
    namedToolChoice: false,
    parallelToolCalls: false,
    ...(THINKS.test(model) ? {} : { reasoningEffort: "none", efforts: [] }),
  }),
  quirks: () => ({ parallelField: false, reasoningBack: "reasoning_content", extraFields: { max_tokens: REPLY_TOKENS } }),
  async discover(fetch, baseUrl, headers) {
    const answer = asObject(await fetch(`${baseUrl.replace(/\/v1$/, "")}/models/search?task=Text%20Generation&per_page=100`, headers));
    if (!Array.isArray(answer?.["result"])) return undefined;
    return asList(answer["result"]).flatMap((value): ModelInfo[] => {
      const entry = asObject(value);
      const id = asString(entry?.["name"]);
      const said = asList(entry?.["properties"])
        .map(asObject)
        .find((one) => one?.["property_id"] === "context_window");
      const window = Number(said?.["value"]);
      return id === undefined ? [] : [{ id, ...(window > 0 ? { contextWindow: window } : {}) }];
    });
  },
});
