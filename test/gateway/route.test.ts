// The routing order, on a table by hand: which name goes where, with which capabilities, and what is said of a name that goes nowhere.
import { describe, expect, test } from "vitest";
import { CHAT_CAPABILITIES, CHAT_QUIRKS, defineProvider } from "../../src/contract.ts";
import type { ModelInfo, Provider } from "../../src/contract.ts";
import type { ModelConfig } from "../../src/config/config.ts";
import { isOwnNetwork } from "../../src/gateway/own-network.ts";
import { plainProvider } from "../../src/gateway/plain-provider.ts";
import { route, unknownModel } from "../../src/gateway/route.ts";
import type { RouteTable } from "../../src/gateway/route.ts";
import type { RouteProvider } from "../../src/gateway/target.ts";

function entry(
  id: string,
  more: Partial<RouteProvider> = {},
  provider: Provider = plainProvider(id, "chat", `http://${id}/v1`),
): RouteProvider {
  const resolved = { id, provider, baseUrl: provider.baseUrl, headers: {} };
  return { resolved, capabilities: {}, quirks: {}, models: [], local: false, addressable: true, listed: true, ...more };
}

const models = (...ids: string[]): ModelInfo[] => ids.map((id) => ({ id }));

function to(provider: string, more: Partial<ModelConfig> = {}): ModelConfig {
  return { provider, fallback: [], capabilities: {}, quirks: {}, ...more };
}

function table(providers: RouteProvider[], configured: Record<string, ModelConfig> = {}): RouteTable {
  return { providers: new Map(providers.map((one) => [one.resolved.id, one])), models: configured };
}

const swap = entry("llama-swap", { local: true, models: models("gpt-oss-120b", "acme/big", "qwen3:8b") });
const ollama = entry("ollama", { local: true, models: models("qwen3:8b", "gpt-oss:20b") });
const acme = entry("acme", { models: models("big", "small") });
const silent = entry("vendor", { addressable: false });

const goes = (name: string, where: RouteTable): string | undefined => {
  const found = route(name, where);
  return found && `${found.rule}: ${found.targets.map((target) => `${target.provider.id} > ${target.model}`).join(", ")}`;
};

describe("the routing order", () => {
  const without = table([swap, ollama, acme, silent]);
  const full = table([swap, ollama, acme, silent], {
    "gpt-oss-120b": to("acme", { model: "big" }),
    smart: to("acme", { model: "big" }),
    "acme/small": to("ollama", { model: "gpt-oss:20b" }),
    renamed: to("vendor"),
    "*": to("llama-swap"),
  });

  test.each([
    ["gpt-oss-120b", "models_entry: acme > big"],
    ["smart", "models_entry: acme > big"],
    ["acme/small", "models_entry: ollama > gpt-oss:20b"],
    ["renamed", "models_entry: vendor > renamed"],
    ["qwen3:8b", "local_model: llama-swap > qwen3:8b"],
    ["gpt-oss:20b", "local_model: ollama > gpt-oss:20b"],
    ["acme/big", "local_model: llama-swap > acme/big"],
    ["ollama/qwen3:8b", "provider_and_model: ollama > qwen3:8b"],
    ["acme/org/big", "provider_and_model: acme > org/big"],
    ["vendor/x", "any: llama-swap > vendor/x"],
    ["big", "any: llama-swap > big"],
    ["acme/", "any: llama-swap > acme/"],
    ["/big", "any: llama-swap > /big"],
  ])("%s", (name, where) => {
    expect(goes(name, full)).toBe(where);
  });

  test.each(["big", "vendor/x", "nobody/x", "*", "", "GPT-OSS-120B", "constructor", "__proto__", "toString/x"])(
    "%s leads nowhere without a catch-all",
    (name) => {
      expect(route(name, without)).toBeUndefined();
    },
  );

  test("a catch-all may send every name to one model", () => {
    expect(goes("anything", table([swap], { "*": to("llama-swap", { model: "gpt-oss-120b" }) }))).toBe("any: llama-swap > gpt-oss-120b");
  });

  test("an entry whose provider is not there leads nowhere, and not to the catch-all", () => {
    expect(route("lost", table([swap], { lost: to("gone"), "*": to("llama-swap") }))).toBeUndefined();
  });

  test("a server that answers goes before one that had the model and is gone", () => {
    const gone = entry("vllm", { local: true, listed: false, models: models("qwen3:8b", "lost") });
    expect(goes("qwen3:8b", table([gone, ollama]))).toBe("local_model: ollama > qwen3:8b");
    expect(goes("lost", table([gone, ollama]))).toBe("local_model: vllm > lost");
  });

  test("every target bears the name that was asked for", () => {
    const chain = table([swap, acme], { smart: to("acme", { model: "big", fallback: ["gpt-oss-120b"] }) });
    expect(route("smart", chain)?.targets.map((target) => target.name)).toEqual(["smart", "smart"]);
  });
});

describe("fallbacks", () => {
  const configured = {
    one: to("acme", { model: "big", fallback: ["two", "qwen3:8b", "vendor/strong", "nowhere"] }),
    two: to("ollama", { model: "gpt-oss:20b", fallback: ["one", "qwen3:8b"] }),
  };

  test("are entries, local models or PROVIDER/MODEL, each tried once", () => {
    expect(goes("one", table([swap, ollama, acme, silent], configured))).toBe(
      "models_entry: acme > big, ollama > gpt-oss:20b, llama-swap > qwen3:8b, vendor > strong",
    );
  });

  test("take over where the first provider is not there", () => {
    expect(goes("one", table([swap, ollama], configured))).toBe("models_entry: ollama > gpt-oss:20b, llama-swap > qwen3:8b");
  });
});

describe("what is known of a target", () => {
  const vendor = defineProvider({
    ...plainProvider("acme", "chat", "http://acme/v1"),
    capabilities: () => ({ ...CHAT_CAPABILITIES, seed: false, files: false, images: false, contextWindow: 1 }),
    quirks: () => ({ thinkTags: false, userField: true }),
  });
  const listing: ModelInfo[] = [{ id: "big", contextWindow: 2, vision: true }];
  const known = entry("acme", { models: listing, capabilities: { files: true, audio: true }, quirks: { userField: false } }, vendor);

  test("comes from the provider, its list, the configuration of both, the later over the earlier", () => {
    const where = table([known], {
      smart: to("acme", { model: "big", capabilities: { audio: false }, quirks: { strictField: true }, context_window: 4 }),
    });
    const target = route("smart", where)?.targets[0];
    expect(target?.capabilities).toEqual({ ...CHAT_CAPABILITIES, seed: false, files: true, images: true, audio: false, contextWindow: 4 });
    expect(target?.quirks).toEqual({ ...CHAT_QUIRKS, thinkTags: false, userField: false, strictField: true });
    expect(target?.contextWindow).toBe(4);
  });

  test("is the same for PROVIDER/MODEL and the catch-all", () => {
    const where = table([known], { "*": to("acme", { capabilities: { audio: false } }) });
    expect(route("acme/big", where)?.targets[0].capabilities).toMatchObject({ audio: true, images: true, contextWindow: 2 });
    expect(route("big", where)?.targets[0].capabilities).toMatchObject({ audio: false, images: true, contextWindow: 2 });
  });

  test("is the common denominator for a server that nobody has described", () => {
    const target = route("acme/small", table([acme]))?.targets[0];
    expect(target?.capabilities).toEqual(CHAT_CAPABILITIES);
    expect(target).not.toHaveProperty("contextWindow");
  });
});

describe("an unknown name", () => {
  const where = table([swap, ollama, acme], { smart: to("acme"), "*": to("gone") });

  test.each([
    ["gpt-oss-120", "`gpt-oss-120b`"],
    ["gpt-oss", "`gpt-oss-120b` or `gpt-oss:20b`"],
    ["smrat", "`smart`"],
    ["acme/bgi", "`acme/big`"],
  ])("%s is answered with what may have been meant", (name, near) => {
    const failure = unknownModel(name, where);
    expect(failure).toMatchObject({ status: 400, code: "model_not_found", param: "model" });
    expect(failure.message).toContain(`\`${name}\``);
    expect(failure.message).toContain(near);
  });

  test("is answered with advice where nothing is near, and never repeated at length", () => {
    const failure = unknownModel(`x${"é".repeat(100_000)}`, where);
    expect(failure.message).toContain("GET /v1/models");
    expect(failure.message.length).toBeLessThan(300);
  });
});

describe("a provider that the configuration alone describes", () => {
  test.each([
    ["chat", "https://a.example/v1", "/chat/completions"],
    ["responses", "https://a.example/v1", "/responses"],
    ["messages", "https://a.example", "/v1/messages"],
    ["messages", "https://a.example/v1", "/messages"],
    ["gemini", "https://a.example", "/v1beta/models/m:streamGenerateContent?alt=sse"],
    ["gemini", "https://a.example/v1beta", "/models/m:streamGenerateContent?alt=sse"],
  ] as const)("%s at %s is called at %s", (dialect, baseUrl, path) => {
    expect(plainProvider("a", dialect, baseUrl).path("m", true, baseUrl)).toBe(path);
  });
});

describe("the user's own network", () => {
  test.each([
    "http://127.0.0.1:8080/v1",
    "http://localhost/v1",
    "http://[::1]:1/v1",
    "http://192.168.1.9:8080",
    "http://10.0.0.1",
    "http://[fd00::1]",
    "http://ollama:11434",
    "http://nas.local",
    "http://100.101.102.103",
  ])("%s is in it", (url) => {
    expect(isOwnNetwork(url)).toBe(true);
  });

  test.each([
    "https://openrouter.ai/api/v1",
    "http://8.8.8.8",
    "http://172.32.0.1",
    "https://local.example.com",
    "not a url",
    "http://[2001:db8::1]",
  ])("%s is not", (url) => {
    expect(isOwnNetwork(url)).toBe(false);
  });
});
