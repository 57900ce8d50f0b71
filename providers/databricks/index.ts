// Databricks's serving endpoints. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, asList, asObject, asString, chatProvider, defineProvider } from "../../src/contract.ts";

const CLAUDE = /claude/i;
const SEES = /claude|gpt-[45]|gemini|llama-4|gemma-3/i;
const THINKS = /gpt-oss|gpt-5|gemini/i;

export default defineProvider({
  ...chatProvider,
  id: "databricks",
  baseUrl: "",
  baseUrlForm: "https://WORKSPACE.cloud.databricks.com/serving-endpoints",
  keyEnv: "DATABRICKS_TOKEN",
  keyHosts: /\.(cloud\.databricks\.com|azuredatabricks\.net|gcp\.databricks\.com)$/,
  capabilities: (model) => ({
    ...CHAT_CAPABILITIES,
    images: SEES.test(model),
    parallelToolCalls: false,
    penalties: false,
    seed: false,
    ...(THINKS.test(model) ? {} : { reasoningEffort: "none", efforts: [] }),
  }),
  quirks: (model) => ({ streamUsage: false, parallelField: false, thinkTags: false, callId: CLAUDE.test(model) ? "clean" : "any" }),
  async discover(fetch, baseUrl, headers) {
    const answer = asObject(await fetch(`${baseUrl.replace(/\/serving-endpoints$/, "")}/api/2.0/serving-endpoints`, headers));
    if (!Array.isArray(answer?.["endpoints"])) return undefined;
    return asList(answer["endpoints"]).flatMap((value) => {
      const id = asString(asObject(value)?.["name"]);
      return id !== undefined && asObject(value)?.["task"] === "llm/v1/chat" ? [{ id }] : [];
    });
  },
});
