// llama.cpp's llama-server: one model, or several in router mode. Where each quirk comes from stands in README.md.
import {
  CHAT_CAPABILITIES,
  asList,
  asNumber,
  asObject,
  chatProvider,
  commonFacts,
  defineProvider,
  originOf,
  pickFields,
  readModelList,
  templateEffort,
} from "../../src/contract.ts";
import type { JsonObject, ListedFacts } from "../../src/contract.ts";

export default defineProvider({
  ...chatProvider,
  id: "llamacpp",
  baseUrl: "http://127.0.0.1:8080/v1",
  capabilities: (model) => ({ ...CHAT_CAPABILITIES, toolPattern: "json", images: false, namedToolChoice: false, ...templateEffort(model) }),
  quirks: () => ({ reasoningBack: "reasoning_content" }),
  local: {
    ports: [8080],
    async recognise(fetch, origin, models) {
      const entries = asList(asObject(models)?.["data"]).map(asObject);
      if (entries.length > 0) return entries.every((entry) => entry?.["owned_by"] === "llamacpp");
      return asObject(await fetch(`${origin}/props`))?.["default_generation_settings"] !== undefined;
    },
  },
  async discover(fetch, baseUrl, headers) {
    const [list, answer] = await Promise.all([fetch(`${baseUrl}/models`, headers), fetch(`${originOf(baseUrl)}/props`, headers)]);
    const props = asObject(answer);
    return readModelList(list, (entry) => factsOf(entry, props));
  },
  async countTokens(post, baseUrl, request) {
    const origin = originOf(baseUrl);
    const shown = pickFields(request, ["model", "messages", "tools", "tool_choice", "parallel_tool_calls", "chat_template_kwargs"]);
    const prompt = asObject(await post(`${origin}/apply-template`, shown))?.["prompt"];
    if (typeof prompt !== "string") return undefined;
    const counted = { ...pickFields(request, ["model"]), content: prompt, add_special: true, parse_special: true };
    const tokens = asObject(await post(`${origin}/tokenize`, counted))?.["tokens"];
    return Array.isArray(tokens) ? tokens.length : undefined;
  },
});

/** The window that runs (`n_ctx`) before the one that the model was trained for; images as the server says in `/props`. */
function factsOf(entry: JsonObject, props: JsonObject | undefined): ListedFacts {
  const meta = asObject(entry["meta"]);
  const vision = asObject(props?.["modalities"])?.["vision"];
  const common = commonFacts(entry);
  return {
    contextWindow:
      asNumber(meta?.["n_ctx"]) ??
      asNumber(asObject(props?.["default_generation_settings"])?.["n_ctx"]) ??
      common.contextWindow ??
      asNumber(meta?.["n_ctx_train"]),
    vision: common.vision ?? (typeof vision === "boolean" ? vision : undefined),
  };
}
