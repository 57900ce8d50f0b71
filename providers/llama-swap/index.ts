// llama-swap: one port before several local servers, most of them llama.cpp's, started on demand. Where each quirk comes
// from stands in README.md. Promises never to make it load a model by asking about it.
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
  readModelList,
  templateEffort,
} from "../../src/contract.ts";
import type { FetchJson, JsonObject, ListedFacts, ModelInfo } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "llama-swap",
  baseUrl: "http://127.0.0.1:8080/v1",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    toolPattern: "json",
    images: namesVision(model),
    namedToolChoice: false,
    ...templateEffort(model),
  }),
  quirks: () => ({ reasoningBack: "reasoning_content" }),
  local: {
    ports: [8080, 9292],
    async recognise(fetch, origin, models) {
      const owners = asList(asObject(models)?.["data"]).map((entry) => asObject(entry)?.["owned_by"]);
      if (owners.length > 0) return owners.every((owner) => owner === "llama-swap");
      return Array.isArray(asObject(await fetch(`${origin}/running`))?.["running"]);
    },
  },
  async discover(fetch, baseUrl, headers) {
    const listed = readModelList(await fetch(`${baseUrl}/models`, headers), factsOf);
    return listed && Promise.all(listed.map(withRunning(fetch, baseUrl, await fetch(`${originOf(baseUrl)}/running`, headers))));
  },
});

/** The user may write the window into a model's `metadata` in llama-swap's own configuration. */
function factsOf(entry: JsonObject): ListedFacts {
  const own = asObject(asObject(entry["meta"])?.["llamaswap"]);
  return { ...commonFacts(entry), ...(own && { contextWindow: commonFacts(own).contextWindow ?? asNumber(own["n_ctx"]) }) };
}

/** Asks the server behind a loaded model for its window, at its own address: through llama-swap the question would keep it loaded. */
function withRunning(fetch: FetchJson, baseUrl: string, running: unknown): (model: ModelInfo) => Promise<ModelInfo> {
  const here = LOOPBACK.test(baseUrl);
  const ready = asList(asObject(running)?.["running"])
    .map(asObject)
    .filter((one) => one?.["state"] === "ready");
  return async (model) => {
    const proxy = asString(ready.find((one) => one?.["model"] === model.id)?.["proxy"]);
    if (model.contextWindow !== undefined || !here || !proxy || !LOOPBACK.test(proxy)) return model;
    const contextWindow = asNumber(
      asObject(asObject(await fetch(`${proxy.replace(/\/+$/, "")}/props`))?.["default_generation_settings"])?.["n_ctx"],
    );
    return contextWindow ? { ...model, contextWindow } : model;
  };
}

const LOOPBACK = /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(\/|$)/;
