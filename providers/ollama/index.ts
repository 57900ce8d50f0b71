// Ollama's OpenAI-compatible face. Where each quirk comes from stands in README.md.
import {
  CHAT_CAPABILITIES,
  asList,
  asNumber,
  asObject,
  asString,
  chatProvider,
  defineProvider,
  namesVision,
  originOf,
  readModelList,
} from "../../src/contract.ts";

/** Families of Ollama's library whose every tag takes images, beside those whose name says it. */
const VISION_FAMILIES = /(^|\/)(gemma3|gemma4|llama4|mistral-small3\.[12])(:|$)/;

/** The one family that takes an effort word in every version; others refuse the field or the word. */
const GPT_OSS = /(^|\/)gpt-oss/;

export default defineProvider({
  ...chatProvider,
  id: "ollama",
  baseUrl: "http://127.0.0.1:11434/v1",
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: namesVision(model) || VISION_FAMILIES.test(model),
    toolChoice: false,
    parallelToolCalls: false,
    ...(GPT_OSS.test(model) ? { efforts: ["low", "medium", "high"] } : { reasoningEffort: "none", efforts: [] }),
  }),
  quirks: () => ({ reasoningBack: "reasoning", parallelField: false }),
  local: {
    ports: [11434],
    recognise: async (fetch, origin) => asString(asObject(await fetch(`${origin}/api/version`))?.["version"]) !== undefined,
  },
  async discover(fetch, baseUrl, headers) {
    const [list, loaded] = await Promise.all([fetch(`${baseUrl}/models`, headers), fetch(`${originOf(baseUrl)}/api/ps`, headers)]);
    const windows = new Map(
      asList(asObject(loaded)?.["models"])
        .map(asObject)
        .map((one) => [one?.["name"], asNumber(one?.["context_length"])]),
    );
    return readModelList(list, (entry) => ({ contextWindow: windows.get(entry["id"]) }));
  },
});
