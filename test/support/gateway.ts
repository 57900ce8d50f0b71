// The gateway in this process, put together as a start does it: a configuration file, real sockets, a free port. Promises that
// each is closed, and its folder removed, after the test that started it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { LookupFunction } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { providers as knownProviders } from "../../providers/index.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Provider } from "../../src/contract.ts";
import { createGateway } from "../../src/gateway/create.ts";
import { createDiscovery } from "../../src/gateway/discover.ts";
import { createFetchJson } from "../../src/gateway/fetch-json.ts";
import type { Gateway } from "../../src/gateway/gateway.ts";
import { openKeyRing, type KeyRing } from "../../src/gateway/key-ring.ts";
import { openState, type StateOptions } from "../../src/gateway/state/store.ts";
import { createUpstream } from "../../src/gateway/upstream.ts";
import { openJournal } from "../../src/journal/open.ts";
import type { JsonObject } from "../../src/kit/json.ts";
import { startServer } from "../../src/server/start-server.ts";
import { startFaultUpstream, type FaultUpstream } from "./fault-upstream.ts";
import { createMemoryJournal, type MemoryJournal } from "./memory-journal.ts";

/** How a gateway under test differs from a plain one. */
export interface TestGatewayOptions {
  /** The providers that it knows; default: all. */
  providers?: readonly Provider[];
  env?: Readonly<Record<string, string>>;
  /** The clock of discovery and of circuits, in milliseconds. */
  now?: () => number;
  /** What resolves the names of upstreams, instead of the system. */
  lookup?: LookupFunction;
  /** The log is kept on disk too. */
  disk?: boolean;
  /** How the store of responses differs from that of a start. */
  state?: Partial<StateOptions>;
  /** What seals and opens reasoning, instead of the keys of its folder. */
  keyRing?: KeyRing;
}

/** A gateway that listens. */
export interface TestGateway {
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly dataDir: string;
  readonly log: MemoryJournal;
  readonly gateway: Gateway;
  /** Stops in good order; a second call stops at once. */
  close(): Promise<void>;
}

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Has something done after the running test; the last is done first. */
export function afterThis(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup);
}

/** Starts a gateway with these entries of `config.yaml`; it looks for no servers, and keeps no responses, unless they say so. */
export async function startGateway(entries: JsonObject, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), "waystation-e2e-"));
  afterThis(() => rm(folder, { recursive: true, force: true }));
  const known = options.providers ?? knownProviders;
  const env = options.env ?? {};
  const file = join(folder, "config.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ data_dir: join(folder, "data"), discover: false, state: { store: false }, ...entries }));
  const config = await loadConfig({ file, port: 0, env, knownProviders: known.map((provider) => provider.id) });
  const onDisk = options.disk === true ? await openJournal({ dataDir: config.data_dir, capture: "full", queueMb: 64, secrets: [] }) : null;
  if (onDisk !== null) afterThis(() => onDisk.close());
  const log = createMemoryJournal(onDisk);
  const discovery = createDiscovery({
    providers: known,
    config,
    env,
    fetchJson: createFetchJson(),
    now: options.now ?? ((): number => performance.now()),
  });
  const { store, keep_days: keepDays, max_mb: maxMb } = config.state;
  const state = await openState({ dataDir: config.data_dir, store, keepDays, maxMb, ...options.state });
  const upstream = createUpstream(config.limits, options.lookup);
  const gateway = createGateway({
    config,
    journal: log,
    upstream,
    keyRing: options.keyRing ?? (await openKeyRing(config.data_dir)),
    discovery,
    state,
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  const [server] = await Promise.all([startServer({ config, gateway }), discovery.refresh()]);
  afterThis(async () => {
    void server.close();
    await server.close();
    await upstream.close();
    await state.close();
  });
  return { port: server.port, url: server.origin, dataDir: config.data_dir, log, gateway, close: () => server.close() };
}

/** A gateway before one scripted upstream, whose model is asked for as `m`. */
export interface Stage extends TestGateway {
  readonly upstream: FaultUpstream;
}

/** What the tests of one upstream mostly need. Nothing is tried again unless the limits say so. */
export async function startStage(
  limits: JsonObject = {},
  more: JsonObject = {},
  provider: JsonObject = {},
  options: TestGatewayOptions = {},
): Promise<Stage> {
  const upstream = await startFaultUpstream();
  afterThis(() => upstream.close());
  const entries = {
    providers: { box: { dialect: "chat", base_url: upstream.url, ...provider } },
    models: { m: { provider: "box", model: "upstream-model" } },
    limits: { retries: 0, ...limits },
    ...more,
  };
  const started = await startGateway(entries, options);
  return { ...started, upstream };
}
