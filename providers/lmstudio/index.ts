// LM Studio's local server. Where each quirk comes from stands in README.md.
import {
  CHAT_CAPABILITIES,
  asList,
  asNumber,
  asObject,
  chatProvider,
  defineProvider,
  isObject,
  namesVision,
  originOf,
  readModelList,
} from "../../src/contract.ts";
import type { JsonObject } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "lmstudio",
  baseUrl: "http://127.0.0.1:1234/v1",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: namesVision(model),
    namedToolChoice: false,
    efforts: ["low", "medium", "high"],
  }),
  local: {
    ports: [1234],
    async recognise(fetch, origin, models) {
      const entries = asList(asObject(models)?.["data"]).map(asObject);
      if (entries.some((entry) => entry?.["owned_by"] === "organization_owner")) return true;
      return entriesOf(await fetch(`${origin}/api/v0/models`)).some((entry) => "state" in entry);
    },
  },
  async discover(fetch, baseUrl, headers) {
    const [list, native] = await Promise.all([fetch(`${baseUrl}/models`, headers), fetch(`${originOf(baseUrl)}/api/v0/models`, headers)]);
    const known = new Map(entriesOf(native).map((entry) => [entry["id"], entry]));
    const models = readModelList(list, (entry) => {
      const facts = known.get(entry["id"]);
      const type = facts?.["type"];
      return {
        contextWindow: asNumber(facts?.["loaded_context_length"]) ?? asNumber(facts?.["max_context_length"]),
        vision: type === undefined ? undefined : type === "vlm",
      };
    });
    return models?.filter((model) => known.get(model.id)?.["type"] !== "embeddings");
  },
});

/** The entries of LM Studio's own list; none where the server has no such list. */
function entriesOf(list: unknown): JsonObject[] {
  return asList(asObject(list)?.["data"]).filter((entry) => isObject(entry));
}
