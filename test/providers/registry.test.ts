// The list of providers as a whole: each folder in it, each described, each reachable, no key for two.
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { providers } from "../../providers/index.ts";
import { CHAT_CAPABILITIES, CHAT_QUIRKS } from "../../src/contract.ts";
import { baseUrlForms, configuredProviders, unconfiguredProviders } from "../../src/gateway/known-providers.ts";
import { makeTarget } from "../../src/gateway/route.ts";
import { corpus } from "../support/corpus.ts";
import { PROVIDERS_MARK, providerTable } from "./table.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const readme = (id: string): Promise<string> => readFile(join(ROOT, "providers", id, "README.md"), "utf8");
const each = providers.map((provider) => [provider.id, provider] as const);

/** Names of every family that a provider may tell apart. */
const MODELS = [
  "gpt-oss-120b",
  "openai/gpt-oss-20b",
  "gpt-4o",
  "gpt-5",
  "gpt-5.1",
  "gpt-5.4",
  "gpt-5.6",
  "o4-mini",
  "claude-sonnet-4-6",
  "gemini-2.5-flash",
  "gemini-3.5-pro",
  "grok-4",
  "grok-4.6",
  "kimi-k2.6",
  "kimi-k3",
  "glm-4.7",
  "glm-5.3",
  "deepseek-v4-pro",
  "Qwen/Qwen3-32B",
  "qwen3.8-max",
  "mistral-small-latest",
  "MiniMax-M3",
  "llama-3.3-70b",
  "sonar-pro",
];

test("the list has every folder, each once, under its own name", async () => {
  const folders = (await readdir(join(ROOT, "providers"), { withFileTypes: true })).filter((entry) => entry.isDirectory());
  expect(providers.map(({ id }) => id).toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
});

test("no key of the environment is taken by two", () => {
  const keys = providers.flatMap(({ keyEnv }) => keyEnv ?? []);
  expect(keys.length).toBeGreaterThan(20);
  expect(new Set(keys).size).toBe(keys.length);
});

test("docs/providers.md lists them", async () => {
  const file = join(ROOT, "docs/providers.md");
  const [prose] = (await readFile(file, "utf8")).split(PROVIDERS_MARK);
  await expect(`${prose}${PROVIDERS_MARK}\n${providerTable(providers)}\n`).toMatchFileSnapshot(file);
});

describe.each(each)("%s", (id, provider) => {
  test("has a README with its address, its key, and a source for each quirk", async () => {
    if (id === "demo") return;
    const text = await readme(id);
    expect(text).toContain(provider.baseUrl || (provider.baseUrlForm ?? "an address"));
    if (provider.keyEnv !== undefined) expect(text).toContain(`\`${provider.keyEnv}\``);
    const rows = text.slice(text.indexOf("| What | Source, checked 2026-11 |")).match(/^\| .*\|$/gm) ?? [];
    expect(rows.length).toBeGreaterThan(4);
    expect(rows.filter((row) => row.split(" | ").length !== 2)).toEqual([]);
  });

  test.skipIf(corpus === undefined)("cites recordings that there are", async () => {
    const text = await readme(id);
    const cited = [...text.matchAll(/`(([a-z-]+)\.(?:chat|models-list)\.[\w.-]+\.\d+\.[0-9a-f]{6})`/g)];
    const missing = cited.filter(([, name, vendor]) => !existsSync(join(corpus ?? "", "recordings", vendor ?? "", `${name}.json`)));
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  test("has an address of its own, or says what the user's looks like", () => {
    if (provider.baseUrl === "") expect(provider.baseUrlForm).toMatch(/^https:\/\/.*[A-Z]{3}/);
    else expect(URL.parse(provider.baseUrl)).not.toBeNull();
    expect(provider.baseUrl).not.toMatch(/\/$/);
  });

  test.each(MODELS)("tells what %s can do without contradiction", (model) => {
    const { capabilities, quirks } = makeTarget(model, model, {
      resolved: { id, provider, baseUrl: provider.baseUrl, headers: {} },
      capabilities: {},
      quirks: {},
      models: [],
      local: false,
      addressable: true,
      listed: false,
    });
    expect(Object.keys({ ...CHAT_CAPABILITIES, contextWindow: 1 })).toEqual(expect.arrayContaining(Object.keys(capabilities)));
    expect(Object.keys({ ...CHAT_QUIRKS, reasoningFill: "", extraFields: {} })).toEqual(expect.arrayContaining(Object.keys(quirks)));
    expect(capabilities.efforts.length === 0).toBe(capabilities.reasoningEffort === "none");
    if (quirks.reasoningFill !== undefined) expect(quirks.reasoningBack).toMatch(/^reasoning/);
    if (capabilities.parallelToolCalls) return;
    expect(quirks.parallelField && provider.local === undefined && provider.transport === undefined).toBe(false);
  });
});

describe("reached by a key of the environment", () => {
  test("every vendor with an address answers to PROVIDER/MODEL", () => {
    const env = Object.fromEntries(providers.flatMap(({ keyEnv }) => (keyEnv === undefined ? [] : [[keyEnv, "k"]])));
    const found = unconfiguredProviders(providers, env).filter((entry) => entry.addressable);
    const expected = providers.filter((one) => (one.keyEnv !== undefined && one.baseUrl !== "") || one.transport !== undefined);
    expect(found.map(({ resolved }) => resolved.id)).toEqual(expected.map(({ id }) => id));
  });

  test("those without an address are not there before the configuration gives one", () => {
    const env = { AZURE_OPENAI_API_KEY: "k", DATABRICKS_TOKEN: "k" };
    expect(unconfiguredProviders(providers, env).map(({ resolved }) => resolved.id)).not.toContain("azure");
    expect(Object.keys(baseUrlForms(providers)).toSorted()).toEqual([
      "azure",
      "bedrock-chat",
      "cloudflare",
      "databricks",
      "snowflake",
      "vertex-chat",
    ]);
  });

  test.each([
    ["azure", "https://me.openai.azure.com/openai/v1", true],
    ["azure", "https://me.services.ai.azure.com/models", true],
    ["azure", "http://me.openai.azure.com/openai/v1", false],
    ["azure", "https://openai.azure.com.evil.example/openai/v1", false],
    ["azure", "https://me.openai.azure.com:8443/openai/v1", false],
    ["databricks", "https://adb-1.1.azuredatabricks.net/serving-endpoints", true],
    ["snowflake", "https://me.snowflakecomputing.com/api/v2/cortex/v1", true],
    ["cloudflare", "https://api.cloudflare.com/client/v4/accounts/a/ai/v1", true],
    ["bedrock-chat", "https://bedrock-mantle.us-east-1.api.aws/v1", true],
    ["bedrock-chat", "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1", true],
    ["bedrock-chat", "https://evil.amazonaws.com/openai/v1", false],
    ["alibaba", "https://dashscope.aliyuncs.com/compatible-mode/v1", true],
    ["moonshot", "https://api.moonshot.cn/v1", true],
    ["moonshot", "https://proxy.example/v1", false],
    ["zai", "https://api.z.ai/api/coding/paas/v4", true],
  ])("the key of %s goes to %s: %s", (kind, base_url, goes) => {
    const env = Object.fromEntries(providers.flatMap(({ keyEnv }) => (keyEnv === undefined ? [] : [[keyEnv, "secret"]])));
    const [entry] = configuredProviders({ providers: { mine: { kind, base_url, capabilities: {}, quirks: {} } } }, providers, env);
    expect(entry?.resolved.key).toBe(goes ? "secret" : undefined);
  });
});

describe("paths", () => {
  test.each([
    ["https://r.openai.azure.com/openai/v1", "/chat/completions"],
    ["https://r.openai.azure.com", "/openai/v1/chat/completions"],
    ["https://r.openai.azure.com/openai", "/deployments/my%20gpt/chat/completions?api-version=2024-10-21"],
    ["https://r.openai.azure.com/openai/deployments/d", "/chat/completions?api-version=2024-10-21"],
    ["https://r.services.ai.azure.com/models", "/chat/completions?api-version=2024-05-01-preview"],
  ])("azure at %s", (baseUrl, path) => {
    const azure = providers.find(({ id }) => id === "azure");
    expect(azure?.path("my gpt", true, baseUrl)).toBe(path);
    expect(azure?.headers("k")).toEqual({ "api-key": "k" });
  });
});
