// GPUStack: a cluster of local servers (llama-box, vLLM and others) behind one OpenAI-compatible API. Where each quirk
// comes from stands in README.md.
import {
  CHAT_CAPABILITIES,
  asList,
  asNumber,
  asObject,
  chatProvider,
  defineProvider,
  namesVision,
  readModelList,
} from "../../src/contract.ts";
import type { JsonObject, ListedFacts } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "gpustack",
  baseUrl: "http://127.0.0.1/v1",
  keyEnv: "GPUSTACK_API_KEY",
  capabilities: (model) => ({ ...CHAT_CAPABILITIES, images: namesVision(model), efforts: ["low", "medium", "high"] }),
  quirks: () => ({ reasoningBack: "reasoning_content" }),
  local: {
    ports: [80, 10161],
    recognise(_fetch, _origin, models) {
      const owners = asList(asObject(models)?.["data"]).map((entry) => asObject(entry)?.["owned_by"]);
      return Promise.resolve(owners.length > 0 && owners.every((owner) => owner === "gpustack"));
    },
  },
  discover: async (fetch, baseUrl, headers) => readModelList(await fetch(`${baseUrl}/models?with_meta=true`, headers), factsOf),
});

/** What the server behind a model said of it, in whichever of its words. */
function factsOf(entry: JsonObject): ListedFacts {
  const meta = asObject(entry["meta"]);
  const vision = meta?.["support_vision"];
  return {
    contextWindow: asNumber(meta?.["n_ctx"]) ?? asNumber(meta?.["max_model_len"]),
    vision: typeof vision === "boolean" ? vision : undefined,
  };
}
