// Azure OpenAI and Azure AI Foundry. Where each quirk comes from stands in README.md.
import { CHAT_CAPABILITIES, defineProvider } from "../../src/contract.ts";
import type { Headers } from "../../src/contract.ts";
import { deploymentOf } from "./deployment.ts";

/** The last versions of the paths that need one; `/openai/v1` needs none. */
const DEPLOYMENTS_VERSION = "2024-10-21";
const MODELS_VERSION = "2024-05-01-preview";

export default defineProvider({
  dialect: "chat",
  id: "azure",
  baseUrl: "",
  baseUrlForm: "https://RESOURCE.openai.azure.com/openai/v1",
  keyEnv: "AZURE_OPENAI_API_KEY",
  keyHosts: /\.(openai|services\.ai|cognitiveservices)\.azure\.com$/,
  path(model, _stream, baseUrl) {
    if (baseUrl.endsWith("/models")) return `/chat/completions?api-version=${MODELS_VERSION}`;
    if (baseUrl.endsWith("/openai")) return `/deployments/${encodeURIComponent(model)}/chat/completions?api-version=${DEPLOYMENTS_VERSION}`;
    if (baseUrl.includes("/openai/deployments/")) return `/chat/completions?api-version=${DEPLOYMENTS_VERSION}`;
    return baseUrl.endsWith("/v1") ? "/chat/completions" : "/openai/v1/chat/completions";
  },
  headers: (key): Headers => (key === undefined ? {} : { "api-key": key }),
  capabilities: (model) => ({ ...CHAT_CAPABILITIES, systemMessages: "anywhere", ...deploymentOf(model).capabilities }),
  quirks: (model) => ({ userField: true, strictField: true, thinkTags: false, callId: "clean40", ...deploymentOf(model).quirks }),
});
