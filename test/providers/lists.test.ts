// How each vendor's list of models is read: the shapes that the vendors document or that were recorded, and nothing of a list that
// is none.
import { describe, expect, test } from "vitest";
import { providers } from "../../providers/index.ts";
import type { FetchJson, Headers, ModelInfo } from "../../src/contract.ts";

/** The models that a provider lists where this is the answer at this URL; any other URL answers nothing. */
function listed(id: string, url: string, answer: unknown, baseUrl?: string, seen: Headers[] = []): Promise<ModelInfo[] | undefined> {
  const provider = providers.find((known) => known.id === id);
  const fetch: FetchJson = (asked, headers) => {
    seen.push(headers ?? {});
    return Promise.resolve(asked === url ? answer : undefined);
  };
  return provider?.discover?.(fetch, baseUrl ?? provider.baseUrl, { authorization: "Bearer k" }) ?? Promise.resolve(undefined);
}

const plain = (...entries: object[]): object => ({ object: "list", data: entries });

describe("lists with more than names", () => {
  test.each<[string, string, unknown, ModelInfo[], string?]>([
    [
      "moonshot",
      "https://api.moonshot.ai/v1/models",
      plain({ id: "kimi-k3", context_length: 1_048_576, supports_image_in: true }, { id: "moonshot-v1-8k", supports_image_in: false }),
      [
        { id: "kimi-k3", vision: true, contextWindow: 1_048_576 },
        { id: "moonshot-v1-8k", vision: false },
      ],
    ],
    [
      "mistral",
      "https://api.mistral.ai/v1/models",
      plain({ id: "mistral-small-latest", max_context_length: 262_144, capabilities: { vision: true } }),
      [{ id: "mistral-small-latest", vision: true, contextWindow: 262_144 }],
    ],
    [
      "groq",
      "https://api.groq.com/openai/v1/models",
      plain(
        { id: "whisper-large-v3", context_window: 448, input_modalities: ["audio"], output_modalities: ["transcription"] },
        { id: "openai/gpt-oss-120b", owned_by: "OpenAI", context_window: 131_072, input_modalities: ["text"], output_modalities: ["text"] },
      ),
      [{ id: "openai/gpt-oss-120b", ownedBy: "OpenAI", vision: false, contextWindow: 131_072 }],
    ],
    [
      "together",
      "https://api.together.ai/v1/models",
      [
        { id: "openai/gpt-oss-20b", type: "chat", context_length: 131_072 },
        { id: "flux", type: "image" },
      ],
      [{ id: "openai/gpt-oss-20b", contextWindow: 131_072 }],
    ],
    [
      "huggingface",
      "https://router.huggingface.co/v1/models",
      plain({
        id: "Qwen/Qwen3-VL",
        architecture: { input_modalities: ["text", "image"] },
        providers: [{ context_length: 262_144 }, { context_length: 131_072 }, { provider: "x" }],
      }),
      [{ id: "Qwen/Qwen3-VL", vision: true, contextWindow: 131_072 }],
    ],
    [
      "fireworks",
      "https://api.fireworks.ai/inference/v1/models",
      plain({ id: "accounts/fireworks/models/glm-5p2", context_length: 1_000_000, supports_image_input: false }),
      [{ id: "accounts/fireworks/models/glm-5p2", vision: false, contextWindow: 1_000_000 }],
    ],
    [
      "venice",
      "https://api.venice.ai/api/v1/models",
      plain({ id: "qwen3-235b", model_spec: { availableContextTokens: 131_072, capabilities: { supportsVision: false } } }),
      [{ id: "qwen3-235b", vision: false, contextWindow: 131_072 }],
    ],
    [
      "vercel",
      "https://ai-gateway.vercel.sh/v1/models",
      plain({ id: "openai/gpt-5", context_window: 400_000, tags: ["reasoning", "vision"] }),
      [{ id: "openai/gpt-5", vision: true, contextWindow: 400_000 }],
    ],
    [
      "google-chat",
      "https://generativelanguage.googleapis.com/v1beta/openai/models",
      plain({ id: "models/gemini-3.5-pro", owned_by: "google" }),
      [{ id: "gemini-3.5-pro", ownedBy: "google" }],
    ],
    [
      "openai-chat",
      "https://api.openai.com/v1/models",
      plain({ id: "gpt-4o-mini-tts" }, { id: "text-embedding-3-small" }, { id: "gpt-5.6-terra" }, { id: "o3-pro" }, { id: "o4-mini" }),
      [{ id: "gpt-5.6-terra" }, { id: "o4-mini" }],
    ],
    [
      "databricks",
      "https://w.cloud.databricks.com/api/2.0/serving-endpoints",
      {
        endpoints: [
          { name: "databricks-claude-sonnet-4-6", task: "llm/v1/chat" },
          { name: "e5", task: "llm/v1/embeddings" },
        ],
      },
      [{ id: "databricks-claude-sonnet-4-6" }],
      "https://w.cloud.databricks.com/serving-endpoints",
    ],
    [
      "cloudflare",
      "https://api.cloudflare.com/client/v4/accounts/a/ai/models/search?task=Text%20Generation&per_page=100",
      {
        result: [
          { name: "@cf/openai/gpt-oss-120b", properties: [{ property_id: "context_window", value: "128000" }] },
          { name: "@cf/x/y" },
        ],
      },
      [{ id: "@cf/openai/gpt-oss-120b", contextWindow: 128_000 }, { id: "@cf/x/y" }],
      "https://api.cloudflare.com/client/v4/accounts/a/ai/v1",
    ],
  ])("%s", async (id, url, answer, models, baseUrl) => {
    expect(await listed(id, url, answer, baseUrl)).toEqual(models);
  });

  test("anthropic-chat asks with the headers of the API that has the list", async () => {
    const seen: Headers[] = [];
    await listed("anthropic-chat", "", undefined, undefined, seen);
    expect(seen).toEqual([{ "x-api-key": "k", "anthropic-version": "2023-06-01" }]);
  });
});

test.each(providers.filter((provider) => provider.discover !== undefined && provider.transport === undefined).map(({ id }) => id))(
  "%s lists nothing where the answer is no list",
  async (id) => {
    const provider = providers.find((known) => known.id === id);
    for (const answer of [undefined, null, "text", {}, { error: { message: "no" } }])
      expect(await provider?.discover?.(() => Promise.resolve(answer), "https://h.example/v1", {})).toBeUndefined();
  },
);
