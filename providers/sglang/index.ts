// SGLang's OpenAI-compatible server. Where each quirk comes from stands in README.md.
import {
  CHAT_CAPABILITIES,
  asList,
  asObject,
  asString,
  chatProvider,
  commonFacts,
  defineProvider,
  namesVision,
  readModelList,
  templateEffort,
} from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "sglang",
  baseUrl: "http://127.0.0.1:30000/v1",
  capabilities: (model) => ({ ...CHAT_CAPABILITIES, toolPattern: "either", images: namesVision(model), ...templateEffort(model) }),
  quirks: () => ({ reasoningBack: "reasoning_content", strictField: true }),
  local: {
    ports: [30000],
    async recognise(fetch, origin, models) {
      const owners = asList(asObject(models)?.["data"]).map((entry) => asObject(entry)?.["owned_by"]);
      if (owners.length > 0) return owners.every((owner) => owner === "sglang");
      return asString(asObject(await fetch(`${origin}/get_model_info`))?.["model_path"]) !== undefined;
    },
  },
  discover: async (fetch, baseUrl, headers) => readModelList(await fetch(`${baseUrl}/models`, headers), commonFacts),
});
