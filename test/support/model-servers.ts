// Stand-ins for local model servers: what each kind answers to the GETs that discovery asks, on a free port of 127.0.0.1.
// The shapes are those of the servers themselves (see each provider's README).
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { JsonObject } from "../../src/contract.ts";

/** Answers by path; a path that is not there is a 404. */
export type Answers = Record<string, JsonObject>;

/** A server that answers GETs, and remembers what it was asked. */
export interface ModelServer {
  port: number;
  origin: string;
  /** Path and authorization of each request. */
  asked: { path: string; authorization: string | undefined }[];
  close(): Promise<void>;
}

/** Starts one; `port` 0 = a free one. */
export async function serveModels(answers: Answers, port = 0): Promise<ModelServer> {
  const asked: ModelServer["asked"] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push({ path, authorization: request.headers.authorization });
    const answer = answers[path];
    response.writeHead(answer ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { error: "not found" }));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: address.port, origin: `http://127.0.0.1:${address.port}`, asked, close };
}

const model = (id: string, ownedBy: string, more: JsonObject = {}): JsonObject => ({
  id,
  object: "model",
  created: 1,
  owned_by: ownedBy,
  ...more,
});

export const llamaSwapAnswers: Answers = {
  "/v1/models": {
    object: "list",
    data: [model("gpt-oss-120b", "llama-swap"), model("qwen3-vl", "llama-swap", { meta: { llamaswap: { context_length: 65536 } } })],
  },
  "/running": { running: [] },
};

export const llamacppAnswers: Answers = {
  "/v1/models": {
    object: "list",
    data: [model("/models/Qwen3-1.7B.gguf", "llamacpp", { meta: { n_ctx: 4096, n_ctx_train: 40960 } })],
    models: [{ name: "/models/Qwen3-1.7B.gguf" }],
  },
  "/props": { default_generation_settings: { n_ctx: 4096 }, modalities: { vision: true }, build_info: "b1" },
};

export const vllmAnswers: Answers = {
  "/v1/models": { object: "list", data: [model("Qwen/Qwen3-32B", "vllm", { root: "Qwen/Qwen3-32B", max_model_len: 40960 })] },
  "/version": { version: "0.23.0" },
};

export const lmstudioAnswers: Answers = {
  "/v1/models": {
    object: "list",
    data: [model("qwen2-vl-7b-instruct", "organization_owner"), model("text-embedding-nomic", "organization_owner")],
  },
  "/api/v0/models": {
    object: "list",
    data: [
      { id: "qwen2-vl-7b-instruct", type: "vlm", state: "loaded", max_context_length: 32768, loaded_context_length: 8192 },
      { id: "text-embedding-nomic", type: "embeddings", state: "not-loaded", max_context_length: 2048 },
    ],
  },
};

export const ollamaAnswers: Answers = {
  "/v1/models": { object: "list", data: [model("gpt-oss:20b", "library"), model("hf.co/bartowski/Llama-3.2:Q4", "bartowski")] },
  "/api/version": { version: "0.40.12" },
  "/api/ps": { models: [{ name: "gpt-oss:20b", context_length: 32768 }] },
};

export const sglangAnswers: Answers = {
  "/v1/models": { object: "list", data: [model("zai-org/GLM-4.6", "sglang", { root: "zai-org/GLM-4.6", max_model_len: 202752 })] },
};

export const mistralrsAnswers: Answers = {
  "/v1/models": { object: "list", data: [model("default", "local"), model("Qwen/Qwen3-4B", "local", { status: "loaded" })] },
};

const GPUSTACK_LIST = { object: "list", data: [model("qwen3", "gpustack", { meta: { n_ctx: 8192, support_vision: false } })] };
export const gpustackAnswers: Answers = { "/v1/models": GPUSTACK_LIST, "/v1/models?with_meta=true": GPUSTACK_LIST };

/** An OpenAI-compatible server of no known kind. */
export const unknownAnswers: Answers = { "/v1/models": { object: "list", data: [model("mystery", "somebody")] } };
