// The demo: a small scripted agent inside this process, so that the first run works with no key and no model server. It
// speaks real chat completions through the whole path, so that what it shows is what any other provider gets.
import { CHAT_CAPABILITIES, chatProvider, defineProvider } from "../../src/contract.ts";
import { demoTransport } from "./transport.ts";

const CONTEXT_WINDOW = 131_072;

export default defineProvider({
  ...chatProvider,
  id: "demo",
  // Never resolved: `.invalid` is reserved (RFC 2606), and the transport answers instead.
  baseUrl: "http://demo.invalid/v1",
  headers: () => ({}),
  capabilities: () => ({
    ...CHAT_CAPABILITIES,
    images: false,
    systemMessages: "anywhere",
    sampling: false,
    logprobs: false,
    seed: false,
    efforts: ["low", "medium", "high"],
    contextWindow: CONTEXT_WINDOW,
  }),
  quirks: () => ({ reasoningBack: "reasoning_content", thinkTags: false, repairArguments: false }),
  discover: () => Promise.resolve([{ id: "demo", contextWindow: CONTEXT_WINDOW, vision: false, ownedBy: "waystation" }]),
  transport: demoTransport,
});
