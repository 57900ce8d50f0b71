// Every provider that Waystation knows without being told, in order of precedence: of two local servers that list the same
// model, the one that stands first here gets it. The servers that say who they are come before Ollama, which says it to a probe alone.
import type { Provider } from "../src/contract.ts";
import deepseek from "./deepseek/index.ts";
import demo from "./demo/index.ts";
import llamaSwap from "./llama-swap/index.ts";
import llamacpp from "./llamacpp/index.ts";
import lmstudio from "./lmstudio/index.ts";
import ollama from "./ollama/index.ts";
import openrouter from "./openrouter/index.ts";
import vllm from "./vllm/index.ts";

/** All known providers. Any other OpenAI-compatible server needs only an entry in the configuration. */
export const providers: readonly Provider[] = [llamaSwap, llamacpp, vllm, lmstudio, ollama, openrouter, deepseek, demo];
