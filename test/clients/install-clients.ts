// The agent CLIs that the tests here run, pinned, in `.test-clients/` at the top of the repository. Promises that a second
// run installs nothing, and that no install script of theirs runs: their binaries come as npm's platform packages.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

/** The top of the repository. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** What is installed, exact versions. */
const PINNED: Readonly<Record<string, string>> = { "@openai/codex": "0.169.0" };

const FOLDER = join(ROOT, ".test-clients");
const MANIFEST = `${JSON.stringify({ name: "test-clients", private: true, dependencies: PINNED }, null, 2)}\n`;

/** Installs what is missing; vitest calls it once before all tests. Fails with npm's own words. */
export async function setup(): Promise<void> {
  const mark = join(FOLDER, "installed.json");
  if (existsSync(mark) && (await readFile(mark, "utf8")) === MANIFEST) return;
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, "package.json"), MANIFEST);
  process.stderr.write(
    `installing ${Object.entries(PINNED)
      .map(([name, version]) => `${name}@${version}`)
      .join(", ")} into .test-clients\n`,
  );
  await promisify(execFile)("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: FOLDER,
    timeout: 600_000,
    shell: process.platform === "win32",
  });
  await writeFile(mark, MANIFEST);
}

/** The path of Codex's start script, which any Node runs; throws where `setup` has not run. */
export function codexScript(): string {
  const require = createRequire(join(FOLDER, "package.json"));
  return join(dirname(require.resolve("@openai/codex/package.json")), "bin", "codex.js");
}
