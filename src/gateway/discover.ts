// Discovery: which servers are there, and which models they have. Promises a table that routing can use at any moment, a
// look-out that no slow server holds up for more than a second, and that no vendor is asked anything before it is used.
import type { FetchJson, Provider } from "../contract.ts";
import type { Config } from "../config/config.ts";
import { isLoopback } from "../config/loopback.ts";
import { configuredProviders, unconfiguredProviders } from "./known-providers.ts";
import type { Environment } from "./known-providers.ts";
import { findLocalServer } from "./local-server.ts";
import type { RouteTable } from "./route.ts";
import type { RouteProvider } from "./target.ts";

/** What discovery looks at. */
export interface DiscoveryOptions {
  /** All known providers, in order of precedence. */
  providers: readonly Provider[];
  config: Pick<Config, "providers" | "models" | "discover"> & { server: { port: number } };
  env: Environment;
  fetchJson: FetchJson;
  /** Milliseconds on a clock that never goes back. */
  now: () => number;
  /** Milliseconds for which one look-out may be waited for; what comes later still counts. */
  patience?: number;
}

/** The servers that are there. */
export interface Discovery {
  /** What is known now. */
  table(): RouteTable;
  /** Looks again, once for all who ask at the same time and at most every two seconds. Resolves after a second at the latest. */
  refresh(): Promise<void>;
  /** How often the provider of this name has said which models it has. */
  answers(provider: string): number;
}

/** Makes the discovery; nothing is asked before the first `refresh`. */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  return new LookOut(options);
}

/** Milliseconds. */
const PATIENCE = 1_000;
const LOOK_OUT_INTERVAL = 2_000;
/** Between two questions for the models of a server that is not in the user's own network. */
const REMOTE_INTERVAL = 60_000;

class LookOut implements Discovery {
  readonly #options: DiscoveryOptions;
  /** Configured providers, then known ones that nobody configured; by id. */
  readonly #configured = new Map<string, RouteProvider>();
  readonly #spare = new Map<string, RouteProvider>();
  /** Servers that were found, by port. One that no longer answers stays, so that a request for its model says what is wrong. */
  readonly #found = new Map<number, RouteProvider>();
  readonly #ports: ReadonlySet<number>;
  /** When each source was asked, and whether it still owes the answer. */
  readonly #asked = new Map<string, { at: number; pending: boolean }>();
  readonly #answers = new Map<string, number>();
  #table: RouteTable;
  #running: Promise<void> | undefined;
  #last = -Infinity;

  constructor(options: DiscoveryOptions) {
    const { config, env, providers } = options;
    this.#options = options;
    for (const entry of configuredProviders(config, providers, env)) this.#configured.set(entry.resolved.id, entry);
    for (const entry of unconfiguredProviders(providers, config.discover ? env : {})) this.#spare.set(entry.resolved.id, entry);
    this.#ports = config.discover ? portsToLookAt(providers, config.server.port, this.#configured.values()) : new Set();
    this.#table = this.#makeTable();
  }

  table(): RouteTable {
    return this.#table;
  }

  answers(provider: string): number {
    return this.#answers.get(provider) ?? 0;
  }

  refresh(): Promise<void> {
    const { now, patience } = this.#options;
    if (this.#running) return this.#running;
    if (now() - this.#last < LOOK_OUT_INTERVAL) return Promise.resolve();
    this.#last = now();
    this.#running = within(patience ?? PATIENCE, this.#askAll()).finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #askAll(): Promise<void> {
    const { config } = this.#options;
    const questions: Promise<void>[] = [];
    for (const [map, wanted] of [
      [this.#configured, () => true],
      [this.#spare, (entry: RouteProvider) => entry.listed || isNamed(entry, config)],
    ] as const) {
      for (const entry of map.values()) {
        if (wanted(entry))
          questions.push(this.#ask(entry.resolved.id, entry.local ? 0 : REMOTE_INTERVAL, () => this.#askModels(map, entry)));
      }
    }
    for (const port of this.#ports) questions.push(this.#ask(`port ${port}`, 0, () => this.#lookAt(port)));
    await Promise.all(questions);
  }

  /** Asks a source unless it still owes an answer, or gave one within the interval. Nothing that goes wrong there is ours. */
  async #ask(source: string, interval: number, question: () => Promise<void>): Promise<void> {
    const before = this.#asked.get(source);
    const at = this.#options.now();
    if (before && (before.pending || at - before.at < interval)) return;
    this.#asked.set(source, { at, pending: true });
    await question().catch(() => undefined);
    this.#asked.set(source, { at, pending: false });
    this.#table = this.#makeTable();
  }

  async #askModels(map: Map<string, RouteProvider>, entry: RouteProvider): Promise<void> {
    const { id, provider, baseUrl, key, headers } = entry.resolved;
    const models = await provider.discover?.(this.#options.fetchJson, baseUrl, { ...(await provider.headers(key)), ...headers });
    if (!models) return;
    map.set(id, { ...entry, models });
    this.#answered(id);
  }

  async #lookAt(port: number): Promise<void> {
    const { providers, fetchJson } = this.#options;
    const server = await findLocalServer(port, providers, fetchJson);
    const before = this.#found.get(port);
    if (!server) {
      if (before) this.#found.set(port, { ...before, listed: false });
      return;
    }
    const id = before?.resolved.provider === server.provider ? before.resolved.id : this.#freeId(server.provider.id, port);
    const resolved = { id, provider: server.provider, baseUrl: server.baseUrl, headers: {} };
    const { models } = server;
    this.#found.set(port, { resolved, capabilities: {}, quirks: {}, models, local: true, addressable: true, listed: true });
    this.#answered(id);
  }

  #answered(provider: string): void {
    this.#answers.set(provider, this.answers(provider) + 1);
  }

  /** The kind's name for the first server of its kind, name and port for another; it stays with the server while we run. */
  #freeId(kind: string, port: number): string {
    const taken = [...this.#found].some(([other, entry]) => other !== port && entry.resolved.id === kind);
    return taken || this.#configured.has(kind) ? `${kind}-${port}` : kind;
  }

  #makeTable(): RouteTable {
    const found = [...this.#found].toSorted(([one], [other]) => one - other).map(([, entry]) => entry);
    const providers = new Map<string, RouteProvider>();
    for (const entry of [...this.#configured.values(), ...found, ...this.#spare.values()]) {
      if (!providers.has(entry.resolved.id)) providers.set(entry.resolved.id, entry);
    }
    return { providers, models: this.#options.config.models };
  }
}

/** A vendor of the environment is asked for its models only where a `models` entry leads to it: then their windows matter. */
function isNamed(entry: RouteProvider, config: Pick<Config, "models">): boolean {
  return entry.addressable && Object.values(config.models).some((model) => model.provider === entry.resolved.id);
}

/** The ports to look at: not our own, and none at which a configured provider stands. */
function portsToLookAt(providers: readonly Provider[], ownPort: number, configured: Iterable<RouteProvider>): Set<number> {
  const ports = new Set(providers.flatMap((provider) => provider.local?.ports ?? []));
  ports.delete(ownPort);
  for (const { resolved } of configured) {
    const url = URL.parse(resolved.baseUrl);
    if (url && isLoopback(url.hostname)) ports.delete(Number(url.port || 80));
  }
  return ports;
}

/** Waits for the work, but no longer than so many milliseconds. */
async function within(patience: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patience);
  });
  await Promise.race([work, end]);
  clearTimeout(timer);
}
