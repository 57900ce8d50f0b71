// vLLM's OpenAI-compatible server. Where each quirk comes from stands in README.md.
import {
  CHAT_CAPABILITIES,
  asList,
  asNumber,
  asObject,
  asString,
  chatProvider,
  commonFacts,
  defineProvider,
  namesVision,
  originOf,
  pickFields,
  readModelList,
  templateEffort,
} from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "vllm",
  baseUrl: "http://127.0.0.1:8000/v1",
  capabilities: (model) => ({ ...CHAT_CAPABILITIES, toolPattern: "either", images: namesVision(model), ...templateEffort(model) }),
  quirks: () => ({ reasoningBack: "reasoning", strictField: true }),
  local: {
    ports: [8000],
    async recognise(fetch, origin, models) {
      const owners = asList(asObject(models)?.["data"]).map((entry) => asObject(entry)?.["owned_by"]);
      if (owners.length > 0) return owners.every((owner) => owner === "vllm");
      return asString(asObject(await fetch(`${origin}/version`))?.["version"]) !== undefined;
    },
  },
  discover: async (fetch, baseUrl, headers) => readModelList(await fetch(`${baseUrl}/models`, headers), commonFacts),
  async countTokens(post, baseUrl, request) {
    const shown = pickFields(request, ["model", "messages", "tools", "chat_template_kwargs"]);
    return asNumber(asObject(await post(`${originOf(baseUrl)}/tokenize`, { ...shown, add_generation_prompt: true }))?.["count"]);
  },
});
