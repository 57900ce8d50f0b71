// The real llama-server with a tiny model of ours, for tests. Promises a server that answers when `startLlamaServer` returns, and
// that `stop` leaves neither process nor file behind.
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Leanings } from "../support/tiny-model.ts";
import { tinyModel } from "../support/tiny-model.ts";
import { ROOT } from "./install-clients.ts";
import { startProcess } from "./run-process.ts";

/** The package of PyPI that holds llama.cpp's sources, by its version: the build's number. */
export const LLAMA_VERSION = "11434.0.0";

/** Where the server is, or would be once built: `LLAMA_SERVER` names another. */
export const LLAMA_SERVER = process.env["LLAMA_SERVER"] ?? join(ROOT, ".test-clients", `llama-server-${LLAMA_VERSION}`, "llama-server");

/** Whether there is one. */
export const hasLlamaServer = existsSync(LLAMA_SERVER);

/** A server that runs. */
export interface LlamaServer {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** The window of the model that runs. */
export const WINDOW = 8192;

const LIFE_MS = 5 * 60_000;
const TRIES = 5;

/** Starts a server whose model leans to certain words. */
export async function startLlamaServer(leanings: Leanings): Promise<LlamaServer> {
  const folder = await mkdtemp(join(tmpdir(), "waystation-llama-"));
  const model = join(folder, "tiny.gguf");
  await writeFile(model, tinyModel(1, leanings));
  for (let tried = 1; ; tried++) {
    // It takes no port 0: one of the unassigned is tried, and another where that is taken.
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const running = startProcess(
      LLAMA_SERVER,
      ["-m", model, "--host", "127.0.0.1", "--port", String(port), "-c", String(WINDOW), "-np", "1", "-t", "1", "--alias", "tiny"],
      { cwd: folder, env: process.env, timeoutMs: LIFE_MS },
    );
    const ended = running.finished.then((result) => result.stderr + result.stdout);
    const origin = `http://127.0.0.1:${port}`;
    if (await answers(origin, ended)) {
      return {
        origin,
        async stop() {
          await running.stop();
          await rm(folder, { recursive: true, force: true });
        },
      };
    }
    if (tried === TRIES) throw new Error(`llama-server does not start: ${(await ended).slice(-2000)}`);
  }
}

/** Waits until the server is healthy; false where its process ended before. */
async function answers(origin: string, ended: Promise<string>): Promise<boolean> {
  const isOver = ended.then(() => true);
  for (;;) {
    const healthy = await fetch(`${origin}/health`).then(
      (reply) => reply.ok,
      () => false,
    );
    if (healthy) return true;
    if (await Promise.race([isOver, new Promise<false>((resolve) => setTimeout(resolve, 50, false))])) return false;
  }
}
