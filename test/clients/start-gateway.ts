// The real gateway, started as a user starts it (`npm start`), on a free port with a configuration and a data folder of
// its own. Promises that the base URL answers when `startGateway` returns, and that `stop` leaves nothing behind.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../src/kit/json.ts";
import { ROOT } from "./install-clients.ts";
import { startProcess, type Finished } from "./run-process.ts";

export interface Gateway {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Runs one of its commands on the same configuration, such as `logs` or `show ID`. */
  command(...args: string[]): Promise<Finished>;
  /** Ends it, removes its folder, and returns what it printed. */
  stop(): Promise<Finished>;
}

const START_MS = 120_000; // a fresh clone installs itself first
const LIFE_MS = 15 * 60_000;
const COMMAND_MS = 30_000;

/** Starts the gateway with these entries of `config.yaml`; nothing outside of them is looked for. */
export async function startGateway(entries: JsonObject): Promise<Gateway> {
  const folder = await mkdtemp(join(tmpdir(), "waystation-clients-"));
  const config = join(folder, "config.yaml");
  // JSON is YAML.
  await writeFile(config, JSON.stringify({ data_dir: join(folder, "data"), discover: false, ...entries }, null, 2));
  const options = { cwd: ROOT, env: process.env };
  const running = startProcess("npm", ["start", "--", "--config", config, "--host", "127.0.0.1", "--port", "0"], {
    ...options,
    timeoutMs: LIFE_MS,
  });
  const late = setTimeout(() => void running.stop(0), START_MS);
  try {
    const match = await running.seen(/^waystation listening on (http:\/\/\S+)$/m);
    const url = match[1] ?? "";
    return {
      url,
      command: (...args) =>
        startProcess("npm", ["start", "--silent", "--", ...args, "--config", config], { ...options, timeoutMs: COMMAND_MS }).finished,
      async stop() {
        const result = await running.stop();
        await rm(folder, { recursive: true, force: true });
        return result;
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    clearTimeout(late);
  }
}

/** The entries for a gateway with one provider, the scripted upstream, and these models on it. */
export function scriptedEntries(url: string, models: Record<string, JsonObject> = { scripted: {} }): JsonObject {
  const named = Object.entries(models).map(([name, model]): [string, JsonObject] => [name, { provider: "script", ...model }]);
  return {
    providers: { script: { dialect: "chat", base_url: url } },
    models: Object.fromEntries(named),
    limits: { retries: 0 },
  };
}
