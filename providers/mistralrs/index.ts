// mistral.rs's OpenAI-compatible server. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, asList, asObject, chatProvider, defineProvider, namesVision, readModelList } from "../../src/contract.ts";

/** Hybrid models, which its `enable_thinking` switches. */
const HYBRID = /qwen-?3(?!.*(thinking|instruct|coder))|smollm-?3/i;

/** The alias that it lists beside the models: whatever is loaded. */
const ALIAS = "default";

export default defineProvider({
  ...chatProvider,
  id: "mistralrs",
  baseUrl: "http://127.0.0.1:1234/v1",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    toolPattern: "value",
    images: namesVision(model),
    parallelToolCalls: false,
    ...(HYBRID.test(model) ? { reasoningEffort: "enable_thinking", efforts: ["none", "medium"] } : {}),
  }),
  quirks: () => ({ reasoningBack: "reasoning_content", parallelField: false, strictField: true }),
  local: {
    ports: [1234],
    recognise(_fetch, _origin, models) {
      const entries = asList(asObject(models)?.["data"]).map(asObject);
      const known = entries.every((entry) => entry?.["owned_by"] === "local") && entries.some((entry) => entry?.["id"] === ALIAS);
      return Promise.resolve(known);
    },
  },
  async discover(fetch, baseUrl, headers) {
    const models = readModelList(await fetch(`${baseUrl}/models`, headers));
    return models?.filter((model) => model.id !== ALIAS);
  },
});
