// What a right configuration means: defaults, the environment, inheritance, the order in which files are looked for.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { findConfigFile, loadConfig, loadDataDir } from "../../src/config/load.ts";
import type { ConfigOptions } from "../../src/config/load.ts";
import { CHAT_CAPABILITIES, CHAT_QUIRKS } from "../../src/hub/capability.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const KNOWN = ["demo", "llama-swap", "ollama"];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waystation-config-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string, options: Partial<ConfigOptions> = {}): Promise<Config> {
  const file = join(folder, "config.yaml");
  await writeFile(file, text);
  return loadConfig({ file, env: {}, knownProviders: KNOWN, ...options });
}

describe("defaults", () => {
  const DEFAULTS = {
    server: { host: "127.0.0.1", port: 8787, keys: [], hosts: [], websocket: true },
    discover: true,
    strict: false,
    providers: {},
    models: {},
    log: { capture: "full", queue_mb: 64 },
    state: { store: true, keep_days: 30, max_mb: 2048 },
    compaction: { deadline_s: 240 },
    limits: {
      commit_s: 10,
      retries: 2,
      retry_wait_s: 2,
      connect_s: 10,
      first_byte_s: 600,
      idle_s: 300,
      client_stall_s: 60,
      client_request_s: 120,
      drain_s: 30,
      heartbeat_s: 10,
      body_mb: 64,
      stream_mb: 256,
      socket_s: 3600,
      socket_idle_s: 900,
      socket_lanes: 16,
    },
  };

  test.each([
    ["an empty file", ""],
    ["comments alone", "# nothing\n"],
    ["sections of which every line is commented out", "server:\n  # port: 1\nlimits:\nproviders:\nmodels:\n"],
    ["an empty JSON object", "{}"],
  ])("%s", async (_, text) => {
    expect(await load(text)).toEqual({ ...DEFAULTS, data_dir: join(folder, "data") });
  });

  test("the file that ships works as it stands and says what the defaults say", async () => {
    expect(await loadConfig({ env: {}, knownProviders: [] })).toEqual({ ...DEFAULTS, data_dir: join(ROOT, "data") });
  });
});

describe("what the file says", () => {
  test("the example of the documentation, in YAML", async () => {
    const config = await load(
      [
        "server: { host: 127.0.0.1, port: 0, keys: [] }",
        "data_dir: ./elsewhere",
        "providers:",
        "  llama-swap: { dialect: chat, base_url: http://127.0.0.1:8080/v1/ }",
        '  acme: { dialect: messages, base_url: https://llm.acme.example, key: "${ACME_KEY:-}", quirks: {} }',
        "models:",
        "  gpt-oss-120b: { provider: llama-swap, model: gpt-oss-120b, context_window: 131072 }",
        "  smart: { provider: acme, model: big-1, fallback: [gpt-oss-120b, ollama/qwen3] }",
        '  "*": { provider: llama-swap }',
        "limits: { heartbeat_s: 0.05 }",
      ].join("\n"),
    );
    expect(config.server.port).toBe(0);
    expect(config.data_dir).toBe(join(folder, "elsewhere"));
    expect(config.limits.heartbeat_s).toBe(0.05);
    expect(config.providers).toEqual({
      "llama-swap": { kind: "llama-swap", dialect: "chat", base_url: "http://127.0.0.1:8080/v1", capabilities: {}, quirks: {} },
      acme: { dialect: "messages", base_url: "https://llm.acme.example", capabilities: {}, quirks: {} },
    });
    expect(config.models).toEqual({
      "gpt-oss-120b": { provider: "llama-swap", model: "gpt-oss-120b", context_window: 131072, fallback: [], capabilities: {}, quirks: {} },
      smart: { provider: "acme", model: "big-1", fallback: ["gpt-oss-120b", "ollama/qwen3"], capabilities: {}, quirks: {} },
      "*": { provider: "llama-swap", fallback: [], capabilities: {}, quirks: {} },
    });
  });

  test("JSON is YAML", async () => {
    const given = {
      server: { port: 9320, keys: [] },
      data_dir: "/var/lib/waystation",
      providers: { sim: { dialect: "chat", base_url: "http://127.0.0.1:1/v1", key: "k", headers: { "X-Team": "a" } } },
      models: { sim: { provider: "sim", model: "sim" } },
    };
    for (const text of [JSON.stringify(given), JSON.stringify(given, null, 2), JSON.stringify(given, null, "\t")]) {
      const config = await load(text);
      expect(config.server.port).toBe(9320);
      expect(config.data_dir).toBe("/var/lib/waystation");
      expect(config.providers["sim"]).toMatchObject({ key: "k", headers: { "x-team": "a" } });
    }
  });

  test("capabilities and quirks come in snake_case and arrive under the program's names", async () => {
    const config = await load(
      "providers:\n  ollama: { capabilities: { tool_name_length: 32, efforts: [low, high] } }\nmodels:\n  a: { provider: ollama, quirks: { think_tags: false } }\n",
    );
    expect(config.providers["ollama"]?.capabilities).toEqual({ toolNameLength: 32, efforts: ["low", "high"] });
    expect(config.models["a"]?.quirks).toEqual({ thinkTags: false });
  });

  test("what a model keeps of its reasoning is one of its quirks, and stands above them", async () => {
    const config = await load(
      "models:\n  a: { provider: ollama, reasoning: { keep: turn }, quirks: { reasoning_keep: all, think_tags: false } }\n",
    );
    expect(config.models["a"]?.quirks).toEqual({ reasoningKeep: "turn", thinkTags: false });
  });

  test("fields for a server are passed on as they are, nulls and names of any form included", async () => {
    const config = await load("providers:\n  ollama:\n    quirks:\n      extra_fields: { some_Field: { a_b: null, c: [1, null] } }\n");
    expect(config.providers["ollama"]?.quirks).toEqual({ extraFields: { some_Field: { a_b: null, c: [1, null] } } });
  });

  test("an entry may have only the name of a known provider, or another's kind", async () => {
    const config = await load("providers:\n  ollama:\n  big: { kind: ollama, base_url: http://10.0.0.1:11434/v1 }\n");
    expect(config.providers["ollama"]?.kind).toBe("ollama");
    expect(config.providers["big"]?.kind).toBe("ollama");
  });

  test("names of models are kept as they are written, and none is inherited", async () => {
    const config = await load(
      "models:\n  4.10: { provider: ollama }\n  null: { provider: ollama }\n  openai/gpt-oss-20b: { provider: ollama }\n",
    );
    expect(Object.keys(config.models)).toEqual(["4.10", "null", "openai/gpt-oss-20b"]);
    expect(config.models["constructor"]).toBeUndefined();
    expect(config.providers["toString"]).toBeUndefined();
  });

  test("an alias stands for its anchor", async () => {
    const config = await load("models:\n  a: &a { provider: ollama, model: x }\n  b: *a\n");
    expect(config.models["b"]).toEqual(config.models["a"]);
  });
});

describe("the environment", () => {
  const env = { KEY: "12345678", PORT: "9000", EMPTY: "", DEBUG: "true", SHAPE: "a: b # ${KEY}", HOME: "/home/u" };

  test("values take variables, defaults and the escape", async () => {
    const config = await load(
      [
        "providers:",
        "  ollama:",
        "    key: ${KEY}",
        "    headers:",
        '      a: "${SHAPE}"',
        "      b: $${KEY}",
        "      c: ${EMPTY:-full}",
        "      d: x${EMPTY}y${NONE:-}z",
        "      e: $KEY {$}",
      ].join("\n"),
      { env },
    );
    expect(config.providers["ollama"]).toMatchObject({
      key: "12345678",
      headers: { a: "a: b # ${KEY}", b: "${KEY}", c: "full", d: "xyz", e: "$KEY {$}" },
    });
  });

  test("a variable may be a number or a switch where one is wanted, in YAML and JSON", async () => {
    expect((await load("server:\n  port: ${PORT}\nstrict: ${DEBUG}\nlimits:\n  idle_s: ${IDLE:-0.5}\n", { env })).limits.idle_s).toBe(0.5);
    const config = await load('{"server": {"port": "${PORT}"}, "strict": "${DEBUG}"}', { env });
    expect(config.server.port).toBe(9000);
    expect(config.strict).toBe(true);
  });

  test("an empty key is no key", async () => {
    expect((await load('providers:\n  ollama: { key: "${NONE:-}" }\n')).providers["ollama"]).not.toHaveProperty("key");
  });

  test("a comment may hold what is no reference", async () => {
    await expect(load("# ${NOPE} ${\nstrict: true\n")).resolves.toMatchObject({ strict: true });
  });

  test("~ in data_dir is the home folder", async () => {
    expect((await load("data_dir: ~/ws\n", { env })).data_dir).toBe(join("/home/u", "ws"));
  });
});

describe("the bind", () => {
  test.each(["127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"])(
    "%s needs no keys",
    async (host) => {
      await expect(load("", { host })).resolves.toBeTruthy();
    },
  );

  test.each(["0.0.0.0", "::", "192.168.0.4", "example.com", "::ffff:10.0.0.1", "127.0.0.1.example.com", "localhost.example.com"])(
    "%s needs keys",
    async (host) => {
      await expect(load("", { host })).rejects.toThrow("no client keys are set");
      await expect(load("server: { keys: [wk_0123456789abcdef] }", { host })).resolves.toBeTruthy();
    },
  );

  test("the command line stands above the file", async () => {
    const config = await load("server: { host: 0.0.0.0, port: 1 }", { host: "[::1]", port: 0 });
    expect(config.server).toMatchObject({ host: "::1", port: 0 });
  });
});

describe("which file", () => {
  test("the user's own stands before the one that ships; the working folder is not looked at", async () => {
    const own = join(folder, "xdg", "waystation", "config.yaml");
    const env = { XDG_CONFIG_HOME: join(folder, "xdg"), HOME: join(folder, "home") };
    expect(findConfigFile({ env })).toBe(join(ROOT, "config.yaml"));
    await mkdir(join(own, ".."), { recursive: true });
    await writeFile(own, "server: { port: 4242 }");
    expect(findConfigFile({ env })).toBe(own);
    const config = await loadConfig({ env, knownProviders: KNOWN });
    expect(config.server.port).toBe(4242);
    expect(config.data_dir).toBe(join(own, "..", "data"));
    expect(findConfigFile({ env, file: "other.yaml" })).toBe("other.yaml");
  });

  test("without XDG_CONFIG_HOME it is looked for in ~/.config", async () => {
    const own = join(folder, "user", ".config", "waystation", "config.yaml");
    await mkdir(join(own, ".."), { recursive: true });
    await writeFile(own, "");
    expect(findConfigFile({ env: { HOME: join(folder, "user") } })).toBe(own);
  });
});

describe("the data folder alone", () => {
  test("is found although other things are wrong", async () => {
    const file = join(folder, "partial.yaml");
    await writeFile(file, "data_dir: ./d\nproviders:\n  a: { key: '${NOPE}', base_url: 5 }\n");
    expect(await loadDataDir({ file, env: {} })).toBe(join(folder, "d"));
  });

  test("is refused where it is itself wrong", async () => {
    const file = join(folder, "partial.yaml");
    await writeFile(file, "data_dir: ${NOPE}\n");
    await expect(loadDataDir({ file, env: {} })).rejects.toThrow(`${file}:1:11: the environment variable NOPE is not set`);
    await writeFile(file, "data_dir: 5\n");
    await expect(loadDataDir({ file, env: {} })).rejects.toThrow(`${file}:1:11: data_dir must be text`);
    await writeFile(file, "data_dir: 'x\n");
    await expect(loadDataDir({ file, env: {} })).rejects.toThrow(`${file}:2:1: a quote is opened`);
  });
});

describe("config.yaml", () => {
  test("with every option taken in use is right, too", async () => {
    const text = await readFile(join(ROOT, "config.yaml"), "utf8");
    const config = await load(text.replace(/^(\s*)#(?=[^\s#])/gm, "$1"), { env: { WAYSTATION_KEY: "wk_0123456789abcdef" } });
    expect(Object.keys(config.providers)).toEqual(["llama-swap", "big-box", "acme"]);
    expect(Object.keys(config.models)).toEqual(["gpt-oss-120b", "smart", "*"]);
    expect(config.server).toMatchObject({ keys: ["wk_0123456789abcdef"], hosts: ["llm.example.com"] });
    expect(config.limits).toEqual((await load("")).limits);
    // What it shows of a plain server is what is assumed of one; the rest has no default and is an example.
    expect(config.providers["acme"]?.capabilities).toMatchObject(CHAT_CAPABILITIES);
    expect(config.providers["acme"]?.quirks).toMatchObject(CHAT_QUIRKS);
  });
});
