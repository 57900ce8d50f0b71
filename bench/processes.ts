// Starts the bench's processes and reads from /proc what they use: CPU time and memory of a process with all its threads and
// descendants. Promises to end what it started, and nothing else.
import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that serves HTTP, with everything below it. */
export interface Server {
  child: ChildProcess;
  pid: number;
  origin: string;
}

const READY = /listening on (http:\/\/[\w.:[\]]+)/;
const READY_MS = 60_000;

/** Starts a server in a process group of its own and waits for its ready line; its output goes to the file. */
export async function startServer(command: readonly string[], env: NodeJS.ProcessEnv, logFile: string, cwd: string): Promise<Server> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const log = createWriteStream(logFile);
  child.stderr.pipe(log, { end: false });
  const origin = await new Promise<string>((resolve, reject) => {
    let seen = "";
    const timer = setTimeout(() => reject(new Error(`no ready line within ${READY_MS / 1000} s: see ${logFile}`)), READY_MS);
    child.stdout.on("data", (bytes: Buffer) => {
      log.write(bytes);
      if (seen.length < 100_000) seen += bytes.toString();
      const found = READY.exec(seen)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${program} ended with ${code}: see ${logFile}`)));
  }).catch(async (error: unknown) => {
    await stopGroup(child);
    throw error;
  });
  return { child, pid: child.pid ?? 0, origin };
}

/** Ends a server and everything that it started. */
export async function stopServer(server: Server): Promise<void> {
  await stopGroup(server.child);
}

async function stopGroup(child: ChildProcess): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      return;
    }
    for (let round = 0; round < 50 && child.exitCode === null && child.signalCode === null; round += 1) await sleep(100);
  }
}

/** What a process and its descendants use: milliseconds of CPU since they began, mebibytes of resident memory. */
export interface Use {
  cpuMs: number;
  rssMb: number;
}

// Linux counts CPU time in hundredths of a second and memory in pages, of 4 kB on every platform that the bench runs on.
const TICK_MS = 10;
const PAGE_MB = 4096 / 2 ** 20;

/** Reads what a process and its descendants use. Worker threads are counted: the kernel adds them to their process. */
export function readUse(root: number): Use {
  const children = new Map<number, number[]>();
  const uses = new Map<number, Use>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? readStat(name) : undefined;
    if (stat === undefined) continue;
    uses.set(Number(name), stat);
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)]);
  }
  const sum: Use = { cpuMs: 0, rssMb: 0 };
  const todo = [root];
  for (let pid = todo.pop(); pid !== undefined; pid = todo.pop()) {
    sum.cpuMs += uses.get(pid)?.cpuMs ?? 0;
    sum.rssMb += uses.get(pid)?.rssMb ?? 0;
    todo.push(...(children.get(pid) ?? []));
  }
  return sum;
}

function readStat(pid: string): (Use & { parent: number }) | undefined {
  try {
    // The name in parentheses may hold anything; fields are counted behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")
      .map(Number);
    const [, parent = 0] = fields;
    return { parent, cpuMs: ((fields[11] ?? 0) + (fields[12] ?? 0)) * TICK_MS, rssMb: (fields[21] ?? 0) * PAGE_MB };
  } catch {
    return undefined;
  }
}

/** Milliseconds of CPU that the whole machine has used since it started. */
export function readMachineMs(): number {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + interrupts + softInterrupts) * TICK_MS;
}

/** Waits until a server has nothing more to do (its log is written), at most `limitMs`. */
export async function settle(server: Server, limitMs = 5000): Promise<void> {
  let before = readUse(server.pid).cpuMs;
  for (let waited = 0; waited < limitMs; waited += 250) {
    await sleep(250);
    const now = readUse(server.pid).cpuMs;
    if (now - before <= TICK_MS) return;
    before = now;
  }
}
