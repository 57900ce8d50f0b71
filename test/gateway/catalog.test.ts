// The list of models in both shapes, as Codex 0.169.0 and OpenAI's clients read it.
import { describe, expect, test } from "vitest";
import { CHAT_CAPABILITIES, asList, asObject, isObject, parseJson } from "../../src/contract.ts";
import type { Capabilities, JsonObject, ModelInfo } from "../../src/contract.ts";
import type { ModelConfig } from "../../src/config/config.ts";
import { findModel, writeCatalog } from "../../src/gateway/catalog.ts";
import { createDiscovery } from "../../src/gateway/discover.ts";
import { BASE_INSTRUCTIONS } from "../../src/gateway/instructions.ts";
import { plainProvider } from "../../src/gateway/plain-provider.ts";
import type { RouteTable } from "../../src/gateway/route.ts";
import type { RouteProvider } from "../../src/gateway/target.ts";
import { providers } from "../../providers/index.ts";

function entry(id: string, models: ModelInfo[], more: Partial<RouteProvider> = {}): RouteProvider {
  const provider = plainProvider(id, "chat", `http://${id}/v1`);
  const resolved = { id, provider, baseUrl: provider.baseUrl, headers: {} };
  return { resolved, capabilities: {}, quirks: {}, models, local: true, addressable: true, listed: true, ...more };
}

function tableOf(entries: RouteProvider[], models: Record<string, ModelConfig> = {}): RouteTable {
  return { providers: new Map(entries.map((one) => [one.resolved.id, one])), models };
}

const to = (provider: string, more: Partial<ModelConfig> = {}): ModelConfig => ({
  provider,
  fallback: [],
  capabilities: {},
  quirks: {},
  ...more,
});

function read(table: RouteTable): { data: JsonObject[]; models: JsonObject[]; ids: unknown[]; slugs: unknown[]; etag: string } {
  const { body, etag } = writeCatalog(table);
  const list = asObject(parseJson(body));
  const objects = (value: unknown): JsonObject[] => asList(value).filter((one) => isObject(one));
  const [data, models] = [objects(list?.["data"]), objects(list?.["models"])];
  expect(list?.["object"]).toBe("list");
  return { data, models, ids: data.map((one) => one["id"]), slugs: models.map((one) => one["slug"]), etag };
}

/** The only model of a server that can do this. */
function only(capabilities: Partial<Capabilities>, info: Partial<ModelInfo> = {}): JsonObject {
  return read(tableOf([entry("server", [{ id: "m", ...info }], { capabilities })])).models[0] ?? {};
}

describe("one entry", () => {
  test("has all that Codex requires, and nothing that it would refuse", async () => {
    const config = { providers: {}, models: {}, discover: false, server: { port: 0 } };
    const discovery = createDiscovery({ providers, config, env: {}, fetchJson: async () => undefined, now: () => 0 });
    await discovery.refresh();
    const { data, models } = read(discovery.table());
    expect(data).toEqual([{ id: "demo", object: "model", created: 1_793_491_200, owned_by: "demo" }]);
    expect(models).toEqual([
      {
        slug: "demo",
        display_name: "demo",
        description: "demo at demo",
        default_reasoning_level: "medium",
        supported_reasoning_levels: ["low", "medium", "high"].map((effort) => ({ effort, description: expect.any(String) })),
        default_reasoning_summary: "auto",
        shell_type: "unified_exec",
        visibility: "list",
        supported_in_api: true,
        priority: 0,
        base_instructions: BASE_INSTRUCTIONS,
        supports_reasoning_summaries: true,
        support_verbosity: false,
        apply_patch_tool_type: "freeform",
        truncation_policy: { mode: "tokens", limit: 10_000 },
        supports_parallel_tool_calls: true,
        context_window: 131_072,
        max_context_window: 131_072,
        auto_compact_token_limit: 117_964,
        effective_context_window_percent: 95,
        experimental_supported_tools: [],
        input_modalities: ["text"],
        supports_search_tool: false,
        use_responses_lite: false,
      },
    ]);
  });

  test("says what the model can do", () => {
    expect(only({ images: true })["input_modalities"]).toEqual(["text", "image"]);
    expect(only({ images: false })["input_modalities"]).toEqual(["text"]);
    expect(only({ toolSearch: true })["supports_search_tool"]).toBe(true);
    expect(only({ tools: false })).toMatchObject({ shell_type: "disabled", apply_patch_tool_type: null });
    expect(only({ contextWindow: 1000 }, { contextWindow: 2000 })).toMatchObject({ context_window: 1000, auto_compact_token_limit: 900 });
    expect(only({}, { contextWindow: 2000 })).toMatchObject({ context_window: 2000, auto_compact_token_limit: 1800 });
  });

  test("offers the efforts that the model takes, and none where it takes none", () => {
    const efforts = (model: JsonObject): unknown[] =>
      asList(model["supported_reasoning_levels"]).map((level) => asObject(level)?.["effort"]);
    expect(efforts(only({ efforts: ["low", "high", "max"] }))).toEqual(["low", "high", "max"]);
    expect(only({ efforts: ["low", "high", "max"] })["default_reasoning_level"]).toBe("high");
    const none = only({ reasoningEffort: "none", efforts: [] });
    expect(efforts(none)).toEqual([]);
    expect(none).not.toHaveProperty("default_reasoning_level");
  });

  test.each([100.5, 1e300, 0.5])("has a whole number for a window of %d", (contextWindow) => {
    const window = Number(only({}, { contextWindow })["context_window"]);
    expect(Number.isSafeInteger(window) && window >= 1).toBe(true);
  });
});

describe("the list", () => {
  const swap = entry("llama-swap", [{ id: "qwen3:8b" }, { id: "gpt-oss-120b" }]);
  const ollama = entry("ollama", [{ id: "qwen3:8b" }, { id: "llama3.2:latest" }]);
  const acme = entry("acme", [{ id: "small" }, { id: "org/big" }], { local: false });

  test("has the configured names, the local models, and the vendors' by PROVIDER/MODEL, each once", () => {
    const { data, ids, slugs } = read(tableOf([swap, ollama, acme], { smart: to("acme", { model: "org/big" }), "*": to("llama-swap") }));
    expect(ids).toEqual(["smart", "gpt-oss-120b", "qwen3:8b", "llama3.2:latest", "acme/org/big", "acme/small"]);
    expect(slugs).toEqual(ids);
    expect(data.map((one) => one["owned_by"])).toEqual(["acme", "llama-swap", "llama-swap", "ollama", "acme", "acme"]);
  });

  test("leaves out what is not there", () => {
    const gone = entry("vllm", [{ id: "gone" }], { listed: false });
    expect(read(tableOf([gone], { lost: to("nobody") })).ids).toEqual([]);
  });

  test("has the same ETag for the same models in any order, and another when something changes", () => {
    const shuffled = entry("llama-swap", swap.models.toReversed());
    const grown = entry("llama-swap", [...swap.models, { id: "new" }]);
    const wider = entry(
      "llama-swap",
      swap.models.map((model) => ({ ...model, contextWindow: 1 })),
    );
    const etagOf = (one: RouteProvider): string => read(tableOf([one])).etag;
    expect(etagOf(shuffled)).toBe(etagOf(swap));
    expect(etagOf(swap)).toMatch(/^"[\w-]{20,}"$/);
    expect(new Set([swap, grown, wider].map(etagOf)).size).toBe(3);
  });

  test("is not spoilt by an odd model: it stays in `data` alone", () => {
    const odd = ["nul\u0000", "line\nbreak", " spaced ", "lone-\ud800", "x".repeat(300), "right-to-left-\u202e"];
    const fine = ["emoji-🦙", 'quoted"\\', "a/b/c:d@e"];
    const { ids, slugs } = read(
      tableOf([
        entry(
          "server",
          [...odd, ...fine].map((id) => ({ id })),
        ),
      ]),
    );
    expect(ids).toHaveLength(9);
    expect(new Set(slugs)).toEqual(new Set(fine));
  });

  test("hides a vendor's long list from Codex's picker, but not what the user named", () => {
    const long = entry(
      "acme",
      Array.from({ length: 60 }, (_, index) => ({ id: `m${index}` })),
      { local: false },
    );
    const { models } = read(tableOf([swap, long], { smart: to("acme", { model: "m1" }) }));
    const shown = models.filter((model) => model["visibility"] === "list").map((model) => model["slug"]);
    expect(shown).toEqual(["smart", "gpt-oss-120b", "qwen3:8b"]);
    expect(models).toHaveLength(63);
  });

  test("does not grow beyond bounds for Codex", () => {
    const { ids, slugs } = read(
      tableOf([
        entry(
          "server",
          Array.from({ length: 1500 }, (_, index) => ({ id: `m${index}` })),
        ),
      ]),
    );
    expect(ids).toHaveLength(1500);
    expect(slugs).toHaveLength(1000);
  });

  test("a single model is found under any name that a request may use", () => {
    const table = tableOf([swap, acme], { "*": to("acme") });
    expect(findModel("qwen3:8b", table)).toMatchObject({ id: "qwen3:8b", owned_by: "llama-swap" });
    expect(findModel("llama-swap/qwen3:8b", table)).toMatchObject({ owned_by: "llama-swap" });
    expect(findModel("any", table)).toMatchObject({ id: "any", owned_by: "acme" });
    expect(findModel("any", tableOf([swap]))).toBeUndefined();
  });
});

test("the common denominator is listed as Codex can use it", () => {
  expect(only(CHAT_CAPABILITIES)).toMatchObject({
    default_reasoning_level: "medium",
    input_modalities: ["text", "image"],
    context_window: 131_072,
  });
});
