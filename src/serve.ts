// The gateway as a process: opens everything, listens, says so, and closes it all again when told to stop. Promises that
// nothing is lost on a polite end, and that a second signal ends it at once.
import { providers } from "../providers/index.ts";
import type { Terminal } from "./cli/terminal.ts";
import type { Config } from "./config/config.ts";
import { createGateway } from "./gateway/create.ts";
import { createDiscovery } from "./gateway/discover.ts";
import { createFetchJson } from "./gateway/fetch-json.ts";
import { openKeyRing } from "./gateway/key-ring.ts";
import { secretsOfProvider } from "./gateway/secrets.ts";
import { openState } from "./gateway/state/store.ts";
import { createUpstream } from "./gateway/upstream.ts";
import { openJournal } from "./journal/open.ts";
import { startServer } from "./server/start-server.ts";

/** Serves until a signal; the exit code is 0 after a polite end, 2 where it could not start. */
export async function serve(config: Config, terminal: Terminal): Promise<number> {
  const started = await openGateway(config, terminal).catch((error: unknown) => {
    terminal.error(`waystation: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  });
  if (started === null) return 2;
  terminal.out(greeting(started.origin, started.interrupted));
  await stopSignal(terminal);
  await started.close();
  return 0;
}

/** A gateway that listens at an origin. */
export interface OpenGateway {
  origin: string;
  /** Turns that were interrupted when it last stopped. */
  interrupted: number;
  close(): Promise<void>;
}

/** Opens everything and listens. Rejects with an Error that says why it cannot. */
export async function openGateway(config: Config, terminal: Pick<Terminal, "error" | "environment">): Promise<OpenGateway> {
  const discovery = createDiscovery({
    providers,
    config,
    env: terminal.environment,
    fetchJson: createFetchJson(),
    now: () => performance.now(),
  });
  const journal = await openJournal({
    dataDir: config.data_dir,
    capture: config.log.capture,
    queueMb: config.log.queue_mb,
    secrets: secretsOf(config, discovery),
    onTrouble: (message) => terminal.error(`waystation: log: ${message}\n`),
  });
  // After the journal, which keeps the directory to one process.
  const state = await openState({
    dataDir: config.data_dir,
    store: config.state.store,
    keepDays: config.state.keep_days,
    maxMb: config.state.max_mb,
    onTrouble: (message) => terminal.error(`waystation: ${message}\n`),
  });
  try {
    const keyRing = await openKeyRing(config.data_dir);
    const upstream = createUpstream(config.limits);
    const gateway = createGateway({ config, journal, upstream, keyRing, discovery, state });
    const [server] = await Promise.all([startServer({ config, gateway }), discovery.refresh()]);
    return {
      origin: server.origin,
      interrupted: journal.interrupted,
      close: async () => {
        await server.close();
        await upstream.close();
        await state.close();
        await journal.close();
      },
    };
  } catch (error) {
    await state.close();
    await journal.close();
    throw error;
  }
}

/** Every secret that must never reach the log: the clients' keys and those of the providers. */
function secretsOf(config: Config, discovery: ReturnType<typeof createDiscovery>): string[] {
  return [...config.server.keys, ...[...discovery.table().providers.values()].flatMap((entry) => secretsOfProvider(entry.resolved))];
}

function greeting(bound: string, interrupted: number): string {
  // "All addresses" is none that a client could call.
  const origin = bound.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
  const lines = [
    `waystation listening on ${bound}`,
    `  models: ${origin}/v1/models`,
    `  Codex:  add a provider with base_url = "${origin}/v1" to ~/.codex/config.toml (README.md has the three lines)`,
    "  log:    npm start -- logs",
  ];
  if (interrupted > 0)
    lines.push(`  ${interrupted} turn${interrupted === 1 ? " was" : "s were"} interrupted when Waystation last stopped; logs shows them.`);
  return `${lines.join("\n")}\n`;
}

/** One wish to end often arrives twice: a process group's SIGTERM, and again through npm (measured: up to half a second later). */
const SAME_WISH_MS = 1000;

/** Resolves at the first signal to stop; another one later ends the process at once. */
function stopSignal(terminal: Terminal): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | null = null;
    const stop = (signal: NodeJS.Signals): void => {
      if (askedAt !== null) {
        const again = signal === "SIGTERM" && performance.now() - askedAt < SAME_WISH_MS;
        if (!again) process.exit(1);
        return;
      }
      askedAt = performance.now();
      terminal.error("waystation: stopping; running turns may finish (again to stop at once)\n");
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
