// A wrong configuration is told with the exact place, what is wrong and what to do; and never with a secret.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import type { ConfigOptions } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { CASES } from "./bad-cases.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waystation-config-"));
});
afterAll(() => rm(folder, { recursive: true }));

const KNOWN = ["demo", "llama-swap", "llamacpp", "ollama", "openrouter"];
let count = 0;

/** The error's lines without the file's name, for a configuration with this text. */
async function complaint(text: string | Uint8Array, options: Partial<ConfigOptions> = {}): Promise<string[]> {
  const file = join(folder, `${count++}.yaml`);
  await writeFile(file, text);
  const outcome = await loadConfig({ file, env: {}, knownProviders: KNOWN, ...options }).catch((error: unknown) => error);
  if (!(outcome instanceof ConfigError)) throw new Error(`no ConfigError but ${JSON.stringify(outcome)}`);
  return outcome.message.split("\n").map((line) => {
    expect(line.startsWith(`${file}:`)).toBe(true);
    return line.slice(file.length + 1).trimStart();
  });
}

describe("a known provider without an address of its own", () => {
  const options = { knownProviders: [...KNOWN, "azure"], baseUrlForms: { azure: "https://RESOURCE.openai.azure.com/openai/v1" } };
  const advice = "base_url: https://RESOURCE.openai.azure.com/openai/v1";

  test("needs one in its entry, by name and by kind", async () => {
    const lines = await complaint("providers:\n  azure: {}\n  mine: { kind: azure, key: k }\n", options);
    expect(lines).toEqual([
      `2:3: providers.azure has no base_url, and azure has no address that is the same for everybody; add ${advice}`,
      `3:3: providers.mine has no base_url, and azure has no address that is the same for everybody; add ${advice}`,
    ]);
  });

  test("leads nowhere from a model or a fallback before it has one", async () => {
    const models = "models:\n  a: { provider: azure }\n  b: { provider: ollama, fallback: [azure/gpt] }\n";
    const says = `azure has no address that is the same for everybody; add providers.azure with ${advice}`;
    expect(await complaint(models, options)).toEqual([`2:18: models.a.provider: ${says}`, `3:37: models.b.fallback[0]: ${says}`]);
    const given = "providers:\n  azure: { base_url: https://r.openai.azure.com/openai/v1 }\n";
    const file = join(folder, `${count++}.yaml`);
    await writeFile(file, given + models);
    expect((await loadConfig({ file, env: {}, ...options })).providers["azure"]?.base_url).toBe("https://r.openai.azure.com/openai/v1");
  });
});

describe("a wrong configuration says where and what to do", () => {
  test.each(CASES)("%s", async (_, text, ...lines) => {
    expect(await complaint(text)).toEqual(lines);
  });

  test("a file that is not there", async () => {
    const missing = join(folder, "missing.yaml");
    await expect(loadConfig({ file: missing, env: {}, knownProviders: KNOWN })).rejects.toThrow(
      `${missing}: there is no such file; name another file with --config`,
    );
  });

  test("a folder", async () => {
    await expect(loadConfig({ file: folder, env: {}, knownProviders: KNOWN })).rejects.toThrow(`${folder}: is a folder; name another file`);
  });

  test("bytes that are not UTF-8", async () => {
    expect(await complaint(new Uint8Array([0x61, 0x3a, 0x20, 0xff]))).toEqual(["is not UTF-8 text; save it as UTF-8"]);
  });

  test("a host on the command line that is open to the network, without keys", async () => {
    expect(await complaint("", { host: "192.168.1.5" })).toEqual([
      '--host 192.168.1.5 can be reached from other machines, and no client keys are set; add a key (beginning with "wk_") to server.keys, or listen on 127.0.0.1',
    ]);
  });

  test("thousands of values by a few aliases", async () => {
    const text = [
      "a: &a [1,1,1,1,1,1,1,1,1,1]",
      ...["b", "c", "d", "e"].map((name, index) => {
        const before = "abcd"[index];
        return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(",")}]`;
      }),
    ].join("\n");
    expect((await complaint(text)).some((line) => line.includes("too many values"))).toBe(true);
  });

  test("no secret of the file or the environment stands in a message", async () => {
    const canary = "canary-5f1c";
    const texts = [
      `providers:\n  ollama: { key: "${canary}\\n", headers: { a: ["${canary}"] }, base_url: "http://u:${canary}@h" }\nserver: { keys: [${canary}] }\n`,
      `providers:\n  ollama:\n    key: ${canary} "x" : y\n`,
      `providers:\n  ollama:\n    key: "${canary}\n`,
      `providers:\n  ollama: { key: \${SECRET}, base_url: "\${SECRET}" }\n`,
      `providers:\n  ollama:\n    key: @${canary}\n`,
      `providers:\n  ollama:\n    key: "\${SECRET}"\n    base_url: "\${SECRET}"\n    dialect: "x"\n`,
    ];
    for (const text of texts) expect((await complaint(text, { env: { SECRET: canary } })).join("\n")).not.toContain(canary);
  });
});
