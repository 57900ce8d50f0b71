// Child processes for the tests here: each in a process group of its own, bounded in time, with its output kept. Promises
// that nothing outlives the test run: a group is killed when its time is up, when it is stopped, and when we exit.
import { spawn, type ChildProcess } from "node:child_process";

/** What a process left behind. `code` is null where a signal ended it. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves with the match once standard output holds it; rejects, with all output, if the process ends before. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends the group: politely, and after `graceMs` by force. */
  stop(graceMs?: number): Promise<Finished>;
}

export interface ProcessOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
  /** Gets standard error as it comes: what agent CLIs tell a person while they work. */
  onProgress?: (text: string) => void;
}

const groups = new Set<number>();
let over = false;
process.once("exit", endProcesses);

/** Ends all that was started, at once, and lets nothing more start: what waits for a process goes on and can clean up. */
export function endProcesses(): void {
  over = true;
  for (const group of groups) signal(group, "SIGKILL");
}

/** Starts a program without standard input. */
export function startProcess(program: string, args: readonly string[], options: ProcessOptions): Running {
  if (over) throw new Error("interrupted");
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const group = child.pid;
  if (group !== undefined) groups.add(group);
  const kill = (name: NodeJS.Signals): void => {
    if (group !== undefined) signal(group, name);
  };
  const output = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  child.stdout.on("data", (block: Buffer) => {
    output.stdout += block.toString();
    for (const listener of listeners) listener();
  });
  child.stderr.on("data", (block: Buffer) => {
    output.stderr += block.toString();
    options.onProgress?.(block.toString());
  });
  const timer = setTimeout(() => kill("SIGKILL"), options.timeoutMs);
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      kill("SIGKILL"); // what it may have left in its group
      if (group !== undefined) groups.delete(group);
      resolve({ code, ...output });
    });
  });

  return {
    child,
    finished,
    seen(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output.stdout);
          if (match === null) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        look();
        const fail = (): void => reject(new Error(`${program} ended before ${pattern}:\n${output.stdout}\n${output.stderr}`));
        finished.then(fail, reject);
      });
    },
    async stop(graceMs = 5000) {
      kill("SIGTERM");
      const force = setTimeout(() => kill("SIGKILL"), graceMs);
      const result = await finished;
      clearTimeout(force);
      return result;
    },
  };
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // The group is already gone.
  }
}
