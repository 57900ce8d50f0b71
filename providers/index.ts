// Every provider that Waystation knows without being told, in order of precedence: of two local servers that list the same
// model, the one that stands first here gets it. The servers that say who they are come before Ollama, which says it to a probe alone.
import type { Provider } from "../src/contract.ts";
import alibaba from "./alibaba/index.ts";
import anthropicChat from "./anthropic-chat/index.ts";
import azure from "./azure/index.ts";
import bedrockChat from "./bedrock-chat/index.ts";
import cerebras from "./cerebras/index.ts";
import cloudflare from "./cloudflare/index.ts";
import databricks from "./databricks/index.ts";
import deepseek from "./deepseek/index.ts";
import demo from "./demo/index.ts";
import fireworks from "./fireworks/index.ts";
import googleChat from "./google-chat/index.ts";
import gpustack from "./gpustack/index.ts";
import groq from "./groq/index.ts";
import huggingface from "./huggingface/index.ts";
import llamaSwap from "./llama-swap/index.ts";
import llamacpp from "./llamacpp/index.ts";
import lmstudio from "./lmstudio/index.ts";
import minimax from "./minimax/index.ts";
import mistral from "./mistral/index.ts";
import mistralrs from "./mistralrs/index.ts";
import moonshot from "./moonshot/index.ts";
import nvidia from "./nvidia/index.ts";
import ollama from "./ollama/index.ts";
import openaiChat from "./openai-chat/index.ts";
import openrouter from "./openrouter/index.ts";
import perplexity from "./perplexity/index.ts";
import sglang from "./sglang/index.ts";
import snowflake from "./snowflake/index.ts";
import together from "./together/index.ts";
import venice from "./venice/index.ts";
import vercel from "./vercel/index.ts";
import vertexChat from "./vertex-chat/index.ts";
import vllm from "./vllm/index.ts";
import xai from "./xai/index.ts";
import zai from "./zai/index.ts";

const localServers: readonly Provider[] = [llamaSwap, llamacpp, vllm, sglang, mistralrs, gpustack, lmstudio, ollama];

const vendors: readonly Provider[] = [
  openrouter,
  deepseek,
  moonshot,
  zai,
  alibaba,
  minimax,
  groq,
  mistral,
  xai,
  cerebras,
  together,
  fireworks,
  huggingface,
  nvidia,
  perplexity,
  venice,
  vercel,
  openaiChat,
  googleChat,
  anthropicChat,
];

/** Vendors at which every user has an address of their own. */
const accounts: readonly Provider[] = [azure, bedrockChat, vertexChat, databricks, snowflake, cloudflare];

/** All known providers. Any other OpenAI-compatible server needs only an entry in the configuration. */
export const providers: readonly Provider[] = [...localServers, ...vendors, ...accounts, demo];
