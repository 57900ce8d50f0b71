// The command line as a user meets it: what each command prints, where, and the exit code.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/main.ts";

const ROOT = resolve(import.meta.dirname, "../..");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waystation-cli-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a command in this process. */
async function command(argv: string[], environment: Record<string, string> = {}): Promise<{ code: number; out: string; error: string }> {
  let out = "";
  let error = "";
  const terminal = {
    out: (chunk: string | Uint8Array) => void (out += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()),
    error: (chunk: string) => void (error += chunk),
    environment,
  };
  return { code: await run(argv, terminal), out, error };
}

async function write(name: string, content: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

/** Runs a program as a user would, away from any configuration of this machine's user. */
async function program(name: string, args: string[]): Promise<{ code: unknown; out: string; error: string }> {
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, npm_config_update_notifier: "false" };
  const child = spawn(name, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
  const end = new Promise((settle) => child.on("exit", settle));
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), end]);
  return { code, out, error };
}

describe("npm start", () => {
  test("with a wrong configuration ends with exit code 2, file, line, column and a suggestion", async () => {
    const file = await write("wrong.yaml", "server:\n  prot: 1\n");
    const { code, out, error } = await program("npm", ["start", "--", "--config", file]);
    expect(code).toBe(2);
    expect(error).toContain(`${file}:2:3: unknown key "prot" in server; did you mean "port"?\n`);
    expect(out).not.toContain("listening");
  });

  test("hands its arguments on", async () => {
    const { code, out } = await program("npm", ["start", "--silent", "--", "--version"]);
    const { version }: { version?: string } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
    expect({ code, out }).toEqual({ code: 0, out: `${version}\n` });
  });
});

describe("exit codes of the program itself", () => {
  test.each([
    [["help"], 0],
    [["check"], 0],
    [["chek"], 2],
    [["serve", "--config", "/nowhere/config.yaml"], 2],
    [["--host", "0.0.0.0"], 2],
    [["models", "--port", "1"], 3],
  ])("%j", async (argv, code) => {
    expect((await program(process.execPath, ["src/main.ts", ...argv])).code).toBe(code);
  });
});

describe("a wrong command line says what to write", () => {
  test.each([
    [["chek"], 'there is no command "chek"; did you mean "check"?'],
    [["compile"], 'there is no command "compile"; commands: serve, check, models, logs, show, compact, help.'],
    [["--prot", "1"], 'serve has no option --prot; did you mean "--port"?'],
    [["check", "--json"], "--json belongs to check PROVIDER; name the provider to ask"],
    [["serve", "now"], '"now" is one word too many for serve; remove it'],
    [["--port", "1", "logs"], "a command stands first; write logs before the options"],
    [["--port"], "--port needs a value; write --port 8787"],
    [["--config", "--port", "1"], "--config needs a value; write --config FILE"],
    [["logs", "--config"], "--config needs a value; write --config FILE"],
    [["--port", "65536"], "--port must be a whole number from 0 to 65535; 0 takes a free port"],
    [["--port=8o"], "--port must be a whole number from 0 to 65535; 0 takes a free port"],
    [["models", "--json=yes"], "--json takes no value; write it alone"],
  ])("%j", async (argv, message) => {
    expect(await command(argv)).toEqual({ code: 2, out: "", error: `waystation: ${message}\nSee: npm start -- help\n` });
  });

  test("an address that others can reach needs keys, on the command line as in the file", async () => {
    const file = await write("empty.yaml", "");
    const { code, error } = await command(["--config", file, "--host", "0.0.0.0"]);
    expect(code).toBe(2);
    expect(error).toContain("--host 0.0.0.0 can be reached from other machines, and no client keys are set");
  });
});

test.each([[["help"]], [["--help"]], [["-h"]], [["check", "--help"]]])("%j prints the commands", async (argv) => {
  const { code, out } = await command(argv);
  expect(code).toBe(0);
  for (const name of ["serve", "check", "models", "logs", "show ID"]) expect(out).toContain(`\n  ${name}`);
});

describe("check", () => {
  test("says what was read and what comes of it, without secrets", async () => {
    const file = await write(
      "full.yaml",
      [
        "server: { host: '::1', port: 1234, keys: [wk_canary0123456789] }",
        "providers:",
        "  ollama: { base_url: http://10.0.0.1:11434/v1 }",
        '  acme: { dialect: chat, base_url: https://llm.acme.example/v1, key: "${ACME}", headers: { x: canary-h } }',
        "models:",
        "  smart: { provider: acme, model: big-1, context_window: 9000, fallback: [other] }",
        "  other: { provider: ollama }",
      ].join("\n"),
    );
    const { code, out } = await command(["check", "--config", file, "--port", "0"], { ACME: "canary-k", DEEPSEEK_API_KEY: "canary-d" });
    expect(code).toBe(0);
    expect(out).toBe(
      [
        `configuration  ${file}`,
        "listens on     http://[::1]:0 (1 client key(s))",
        `data           ${join(folder, "data")}`,
        "log            full",
        "discovery      on: local servers on their usual ports, vendors by their key",
        "",
        "providers",
        "  ollama  chat at http://10.0.0.1:11434/v1, as ollama",
        "  acme    chat at https://llm.acme.example/v1, with a key",
        "",
        "found by key",
        "  deepseek  https://api.deepseek.com (DEEPSEEK_API_KEY)",
        "",
        "models",
        "  smart  -> acme/big-1, 9000 tokens, else other",
        "  other  -> ollama/(the name asked for)",
        "",
      ].join("\n"),
    );
    expect(out).not.toContain("canary");
  });

  test("says which vendors have a key but no address yet, and what the address looks like", async () => {
    const { code, out } = await command(["check", "--config", await write("empty.yaml", "")], { AZURE_OPENAI_API_KEY: "canary-a" });
    expect(code).toBe(0);
    expect(out).toContain(
      "a key, but no address\n  azure  AZURE_OPENAI_API_KEY is set; add providers.azure with base_url: https://RESOURCE.openai.azure.com/openai/v1\n",
    );
    expect(out).not.toContain("canary");
  });
});

describe("logs and show", () => {
  test("look in the configured data folder, also where other things of the configuration are wrong", async () => {
    const file = await write("partial.yaml", "data_dir: ./elsewhere\nproviders: { a: { key: '${NOPE}' } }\n");
    for (const argv of [
      ["logs", "--config", file],
      ["show", "last", `--config=${file}`],
    ]) {
      const { code, error } = await command(argv);
      expect(code).toBe(1);
      expect(error).toContain(join(folder, "elsewhere"));
    }
  });

  test("read their own options", async () => {
    expect((await command(["logs", "--help"])).out).toContain("--limit N");
    expect((await command(["show", "--help"])).out).toContain("--raw");
    const { code, error } = await command(["show"]);
    expect(code).toBe(2);
    expect(error).toContain("show needs the id");
  });
});

describe("models", () => {
  let server: Server;
  let port: string;
  let asked: IncomingMessage | undefined;
  let answer: { status: number; body: string };
  beforeAll(async () => {
    server = createServer((request, reply) => {
      asked = request;
      reply.writeHead(answer.status).end(answer.body);
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const address = server.address();
    port = typeof address === "object" && address !== null ? String(address.port) : "";
  });
  afterAll(() => new Promise((closed) => server.close(closed)));

  test("lists what the running gateway offers, asked with the first client key", async () => {
    const data = [{ id: "gpt-oss-120b", owned_by: "llama-swap" }, { id: "demo", owned_by: "demo" }, { owned_by: "nobody" }];
    answer = { status: 200, body: JSON.stringify({ object: "list", data, models: [{ slug: "gpt-oss-120b", context_window: 131072 }] }) };
    const file = await write("keys.yaml", "server: { keys: [wk_0123456789abcdef] }");
    expect(await command(["models", "--config", file, "--port", port])).toEqual({
      code: 0,
      out: "gpt-oss-120b  llama-swap  131072 tokens\ndemo          demo\n",
      error: "",
    });
    expect(asked?.url).toBe("/v1/models");
    expect(asked?.headers.authorization).toBe("Bearer wk_0123456789abcdef");
    expect((await command(["models", "--json", "--config", file, "--port", port])).out).toBe(`${answer.body}\n`);
  });

  test.each([
    [404, "", "answers 404; is that another program?"],
    [200, "<html>", "answers no JSON; is that another program?"],
  ])("says so where another program answers: %i %j", async (status, body, message) => {
    answer = { status, body };
    const { code, error } = await command(["models", "--port", port]);
    expect(code).toBe(3);
    expect(error).toContain(message);
  });
});
