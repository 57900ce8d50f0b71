// The gateway as a process of its own, started by its program, for tests of its start and its end. Promises that none outlives its
// test, and that its folder is removed after it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { JsonObject } from "../../src/kit/json.ts";
import { startProcess, type Running } from "../clients/run-process.ts";
import { afterThis } from "../support/gateway.ts";

const MAIN = resolve(import.meta.dirname, "../../src/main.ts");
const LIFE_MS = 60_000;

/** A configuration in a folder of its own, to be started once or several times. */
export interface Home {
  readonly folder: string;
  readonly dataDir: string;
  /** Runs the program without waiting for anything. */
  run(port?: number): Running;
  /** Runs it, and resolves when it listens. */
  start(env?: Readonly<Record<string, string>>): Promise<GatewayProcess>;
}

/** A process that listens. */
export interface GatewayProcess extends Running {
  readonly url: string;
  readonly port: number;
}

/** Makes a home with these entries of `config.yaml`. */
export async function makeHome(entries: JsonObject): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), "waystation-process-"));
  afterThis(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "config.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ data_dir: "./data", discover: false, ...entries }));
  const run = (port = 0, env: Readonly<Record<string, string>> = {}): Running => {
    const args = [MAIN, "--config", file, "--port", String(port)];
    const running = startProcess(process.execPath, args, { cwd: folder, env: { ...process.env, ...env }, timeoutMs: LIFE_MS });
    afterThis(() => running.stop(0));
    return running;
  };
  return {
    folder,
    dataDir: join(folder, "data"),
    run,
    start: async (env = {}) => {
      const running = run(0, env);
      const [, url = "", port = ""] = await running.seen(/^waystation listening on (http:\/\/\S+:(\d+))$/m);
      return { ...running, url, port: Number(port) };
    },
  };
}
