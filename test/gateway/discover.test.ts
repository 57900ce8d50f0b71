// Discovery against real sockets: kinds told apart, servers that come, go and dawdle, and keys that stay where they belong.
import { afterEach, describe, expect, test } from "vitest";
import type { FetchJson, Provider } from "../../src/contract.ts";
import { createDiscovery } from "../../src/gateway/discover.ts";
import type { Discovery, DiscoveryOptions } from "../../src/gateway/discover.ts";
import { createFetchJson } from "../../src/gateway/fetch-json.ts";
import { route } from "../../src/gateway/route.ts";
import { providers } from "../../providers/index.ts";
import {
  gpustackAnswers,
  llamaSwapAnswers,
  llamacppAnswers,
  lmstudioAnswers,
  mistralrsAnswers,
  ollamaAnswers,
  serveModels,
  sglangAnswers,
  unknownAnswers,
  vllmAnswers,
} from "../support/model-servers.ts";
import type { Answers, ModelServer } from "../support/model-servers.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answers: Answers, port = 0): Promise<ModelServer> {
  const server = await serveModels(answers, port);
  servers.push(server);
  return server;
}

/** The known providers, their local ones looked for at other ports than usual. */
function at(ports: number[]): Provider[] {
  return providers.map((provider) => (provider.local ? { ...provider, local: { ...provider.local, ports } } : provider));
}

function discover(ports: number[], more: Partial<DiscoveryOptions> = {}): Discovery {
  const config = { providers: {}, models: {}, discover: true, server: { port: 8787 } };
  return createDiscovery({ providers: at(ports), config, env: {}, fetchJson: createFetchJson(), now: () => 0, ...more });
}

const config = (more: Partial<DiscoveryOptions["config"]>): DiscoveryOptions["config"] => ({
  providers: {},
  models: {},
  discover: true,
  server: { port: 8787 },
  ...more,
});

const listed = (discovery: Discovery): Record<string, string[]> =>
  Object.fromEntries(
    [...discovery.table().providers].flatMap(([id, entry]) => (entry.listed ? [[id, entry.models.map((model) => model.id)]] : [])),
  );

describe("servers on this machine", () => {
  test.each([
    ["llama-swap", llamaSwapAnswers, "gpt-oss-120b"],
    ["llamacpp", llamacppAnswers, "/models/Qwen3-1.7B.gguf"],
    ["vllm", vllmAnswers, "Qwen/Qwen3-32B"],
    ["lmstudio", lmstudioAnswers, "qwen2-vl-7b-instruct"],
    ["ollama", ollamaAnswers, "gpt-oss:20b"],
    ["sglang", sglangAnswers, "zai-org/GLM-4.6"],
    ["mistralrs", mistralrsAnswers, "Qwen/Qwen3-4B"],
    ["gpustack", gpustackAnswers, "qwen3"],
  ])("%s is known by what it says, wherever it stands", async (kind, answers, model) => {
    const server = await serve(answers);
    const discovery = discover([server.port]);
    await discovery.refresh();
    const target = route(model, discovery.table())?.targets[0];
    expect(target?.provider).toMatchObject({ id: kind, baseUrl: `${server.origin}/v1` });
    expect(target?.model).toBe(model);
  });

  test("two kinds that share their usual ports are told apart", async () => {
    const [swap, single] = [await serve(llamaSwapAnswers), await serve(llamacppAnswers)];
    const discovery = discover([swap.port, single.port]);
    await discovery.refresh();
    expect(listed(discovery)).toMatchObject({ "llama-swap": ["gpt-oss-120b", "qwen3-vl"], llamacpp: ["/models/Qwen3-1.7B.gguf"] });
  });

  test.each([
    ["llama-swap", { "/v1/models": { object: "list", data: [] }, "/running": { running: [] } }],
    ["llamacpp", { "/v1/models": { object: "list", data: [] }, "/props": { default_generation_settings: { n_ctx: 8 } } }],
    ["ollama", { "/v1/models": { object: "list", data: null }, "/api/version": { version: "0.40.12" } }],
  ])("%s without models is known by a probe", async (kind, answers) => {
    const server = await serve(answers);
    const discovery = discover([server.port]);
    await discovery.refresh();
    expect(listed(discovery)).toMatchObject({ [kind]: [] });
  });

  test("two servers of one kind both stay, under names of their own", async () => {
    const [one, other] = [await serve(vllmAnswers), await serve(vllmAnswers)];
    const discovery = discover([one.port, other.port]);
    await discovery.refresh();
    const names = Object.keys(listed(discovery)).filter((id) => id.startsWith("vllm"));
    expect(names.toSorted()).toEqual(["vllm", expect.stringMatching(/^vllm-\d+$/)]);
  });

  test("a server of no known kind is left alone", async () => {
    const server = await serve(unknownAnswers);
    const discovery = discover([server.port]);
    await discovery.refresh();
    expect(route("mystery", discovery.table())).toBeUndefined();
  });

  test("what a server says of a model becomes its capabilities", async () => {
    const kinds = [llamaSwapAnswers, llamacppAnswers, vllmAnswers, lmstudioAnswers, ollamaAnswers, sglangAnswers, mistralrsAnswers];
    const all = await Promise.all([...kinds, gpustackAnswers].map((answers) => serve(answers)));
    const discovery = discover(all.map((server) => server.port));
    await discovery.refresh();
    const facts = (name: string): unknown => {
      const target = route(name, discovery.table())?.targets[0];
      return [target?.contextWindow, target?.capabilities.images];
    };
    expect(facts("zai-org/GLM-4.6")).toEqual([202752, false]);
    expect(facts("qwen3")).toEqual([8192, false]);
    expect(route("default", discovery.table())).toBeUndefined();
    expect(facts("gpt-oss-120b")).toEqual([undefined, false]);
    expect(facts("qwen3-vl")).toEqual([65536, true]);
    expect(facts("/models/Qwen3-1.7B.gguf")).toEqual([4096, true]);
    expect(facts("Qwen/Qwen3-32B")).toEqual([40960, false]);
    expect(facts("qwen2-vl-7b-instruct")).toEqual([8192, true]);
    expect(facts("gpt-oss:20b")).toEqual([32768, false]);
    expect(route("text-embedding-nomic", discovery.table())).toBeUndefined();
  });

  test("a model that llama-swap has loaded tells its window, asked at its own address", async () => {
    const loaded = await serve({ "/props": { default_generation_settings: { n_ctx: 16384 } } });
    const running = [
      { model: "gpt-oss-120b", state: "ready", proxy: loaded.origin },
      { model: "qwen3-vl", state: "starting", proxy: loaded.origin },
    ];
    const swap = await serve({ ...llamaSwapAnswers, "/running": { running } });
    const discovery = discover([swap.port]);
    await discovery.refresh();
    expect(route("gpt-oss-120b", discovery.table())?.targets[0].contextWindow).toBe(16384);
    expect(swap.asked.every(({ path }) => ["/v1/models", "/running"].includes(path))).toBe(true);
  });

  test("our own port is not asked", async () => {
    const server = await serve(llamaSwapAnswers);
    const discovery = discover([server.port], { config: config({ server: { port: server.port } }) });
    await discovery.refresh();
    expect(server.asked).toEqual([]);
  });

  test("nothing is looked for when discovery is off", async () => {
    const server = await serve(llamaSwapAnswers);
    const discovery = discover([server.port], { config: config({ discover: false }), env: { OPENROUTER_API_KEY: "k" } });
    await discovery.refresh();
    expect(server.asked).toEqual([]);
    expect(listed(discovery)).toEqual({ demo: ["demo"] });
    expect(route("openrouter/a/b", discovery.table())).toBeUndefined();
  });
});

describe("servers that come and go", () => {
  test("one that is started later is found when a name leads nowhere", async () => {
    let clock = 0;
    const early = await serve(llamaSwapAnswers);
    await early.close();
    const discovery = discover([early.port], { now: () => clock });
    await discovery.refresh();
    expect(route("gpt-oss-120b", discovery.table())).toBeUndefined();
    await serve(llamaSwapAnswers, early.port);
    clock += 2_000;
    await discovery.refresh();
    expect(route("gpt-oss-120b", discovery.table())?.targets[0].provider.id).toBe("llama-swap");
  });

  test("all who ask at once share one look-out, and the next comes after two seconds", async () => {
    let clock = 0;
    const server = await serve(vllmAnswers);
    const discovery = discover([server.port], { now: () => clock });
    const count = (): number => server.asked.filter(({ path }) => path === "/v1/models").length;
    await Promise.all([discovery.refresh(), discovery.refresh(), discovery.refresh()]);
    const once = count();
    clock += 1_999;
    await discovery.refresh();
    expect(count()).toBe(once);
    clock += 1;
    await discovery.refresh();
    expect(count()).toBe(2 * once);
  });

  test("one that is gone is no longer listed, but a request for its model still goes there and says so", async () => {
    let clock = 0;
    const server = await serve(vllmAnswers);
    const discovery = discover([server.port], { now: () => clock });
    await discovery.refresh();
    await server.close();
    clock += 2_000;
    await discovery.refresh();
    expect(Object.keys(listed(discovery))).not.toContain("vllm");
    expect(route("Qwen/Qwen3-32B", discovery.table())?.targets[0].provider.baseUrl).toBe(`${server.origin}/v1`);
  });

  test("another kind at the same port takes its place", async () => {
    let clock = 0;
    const before = await serve(llamacppAnswers);
    const discovery = discover([before.port], { now: () => clock });
    await discovery.refresh();
    await before.close();
    await serve(llamaSwapAnswers, before.port);
    clock += 2_000;
    await discovery.refresh();
    expect(Object.keys(listed(discovery))).toEqual(["llama-swap", "demo"]);
    expect(route("/models/Qwen3-1.7B.gguf", discovery.table())).toBeUndefined();
  });

  test("one that dawdles holds nobody up, and counts when its answer comes", async () => {
    let answer = (_: unknown): void => undefined;
    const late = new Promise<unknown>((resolve) => (answer = resolve));
    const fetchJson: FetchJson = async (url) => (url.endsWith("/v1/models") ? late : undefined);
    const discovery = discover([9], { fetchJson, patience: 5 });
    await discovery.refresh();
    expect(listed(discovery)).toEqual({ demo: ["demo"] });
    answer(vllmAnswers["/v1/models"]);
    await expect.poll(() => listed(discovery)).toMatchObject({ vllm: ["Qwen/Qwen3-32B"] });
  });
});

describe("configured providers", () => {
  const entry = { capabilities: {}, quirks: {} };

  test("are asked for their models with their key and headers, and nobody looks at their port", async () => {
    const server = await serve(vllmAnswers);
    const acme = { ...entry, dialect: "chat", base_url: `${server.origin}/v1`, key: "acme-key", headers: { "x-team": "a" } } as const;
    const discovery = discover([server.port], { config: config({ providers: { acme } }) });
    await discovery.refresh();
    expect(server.asked).toEqual([{ path: "/v1/models", authorization: "Bearer acme-key" }]);
    expect(listed(discovery)).toMatchObject({ acme: ["Qwen/Qwen3-32B"] });
    expect(route("acme/Qwen/Qwen3-32B", discovery.table())?.targets[0]).toMatchObject({
      model: "Qwen/Qwen3-32B",
      contextWindow: 40960,
      provider: { key: "acme-key", headers: { "x-team": "a" } },
    });
  });

  test("keep what a known kind brings, under their own name", async () => {
    const server = await serve(lmstudioAnswers);
    const desk = { ...entry, kind: "lmstudio", base_url: `${server.origin}/v1`, capabilities: { files: true } };
    const discovery = discover([], { config: config({ providers: { desk } }) });
    await discovery.refresh();
    const target = route("qwen2-vl-7b-instruct", discovery.table())?.targets[0];
    expect(target).toMatchObject({ contextWindow: 8192, capabilities: { images: true, files: true }, provider: { id: "desk" } });
  });

  test("that do not answer do no harm", async () => {
    const gone = await serve({});
    await gone.close();
    const acme = { ...entry, dialect: "chat", base_url: `${gone.origin}/v1` } as const;
    const discovery = discover([], { config: config({ providers: { acme } }) });
    await discovery.refresh();
    expect(listed(discovery)).toMatchObject({ acme: [] });
    expect(route("acme/any", discovery.table())?.targets[0].model).toBe("any");
  });
});

describe("vendors of the environment", () => {
  test("answer to PROVIDER/MODEL alone, and are asked for nothing before", async () => {
    const urls: string[] = [];
    const fetchJson: FetchJson = async (url) => void urls.push(url);
    const discovery = discover([], { env: { OPENROUTER_API_KEY: " or-key ", DEEPSEEK_API_KEY: "" }, fetchJson });
    await discovery.refresh();
    expect(urls).toEqual([]);
    const target = route("openrouter/anthropic/claude-x", discovery.table())?.targets[0];
    expect(target).toMatchObject({
      model: "anthropic/claude-x",
      provider: { id: "openrouter", key: "or-key", baseUrl: "https://openrouter.ai/api/v1" },
    });
    expect(route("anthropic/claude-x", discovery.table())).toBeUndefined();
    expect(route("deepseek/deepseek-v4-pro", discovery.table())).toBeUndefined();
    expect(Object.keys(listed(discovery))).toEqual(["demo"]);
  });

  test("are asked for the windows of the models that the configuration names", async () => {
    const fetchJson: FetchJson = async (url) =>
      url === "https://openrouter.ai/api/v1/models"
        ? { data: [{ id: "a/b", context_length: 200_000, architecture: { input_modalities: ["text"] } }] }
        : undefined;
    const models = { smart: { provider: "openrouter", model: "a/b", fallback: [], capabilities: {}, quirks: {} } };
    const discovery = discover([], { env: { OPENROUTER_API_KEY: "k" }, fetchJson, config: config({ models }) });
    await discovery.refresh();
    expect(route("smart", discovery.table())?.targets[0]).toMatchObject({ contextWindow: 200_000, capabilities: { images: false } });
  });

  test("their keys do not go to another address than the vendor's", () => {
    const entry = { capabilities: {}, quirks: {} };
    const proxy = { ...entry, kind: "openrouter", base_url: "https://proxy.example/v1" };
    const own = { ...entry, kind: "openrouter" };
    const discovery = discover([], { env: { OPENROUTER_API_KEY: "or-key" }, config: config({ providers: { proxy, own } }) });
    expect(route("proxy/a/b", discovery.table())?.targets[0].provider.key).toBeUndefined();
    expect(route("own/a/b", discovery.table())?.targets[0].provider.key).toBe("or-key");
  });
});
