// Servers for tests: a configuration of small limits, started on a free port, stopped after each test.
import { afterEach } from "vitest";
import type { Config, Limits } from "../../src/config/config.ts";
import { startServer } from "../../src/server/start-server.ts";
import type { RunningServer } from "../../src/server/start-server.ts";
import { FakeGateway } from "./fake-gateway.ts";

const LIMITS: Limits = {
  commit_s: 10,
  retries: 2,
  retry_wait_s: 2,
  connect_s: 10,
  first_byte_s: 600,
  idle_s: 300,
  client_stall_s: 60,
  client_request_s: 120,
  drain_s: 30,
  heartbeat_s: 10,
  body_mb: 4,
  stream_mb: 16,
  socket_s: 3600,
  socket_idle_s: 900,
  socket_lanes: 4,
};

/** A whole configuration from the parts that matter to a server. */
export function serverConfig(server: Partial<Config["server"]> = {}, limits: Partial<Limits> = {}): Config {
  return {
    server: { host: "127.0.0.1", port: 0, keys: [], hosts: [], websocket: true, ...server },
    data_dir: "/nowhere",
    discover: false,
    providers: {},
    models: {},
    log: { capture: "off", queue_mb: 1 },
    state: { store: false, keep_days: 1, max_mb: 10 },
    compaction: { deadline_s: 10 },
    limits: { ...LIMITS, ...limits },
    strict: false,
  };
}

const running: { server: RunningServer; gateway: FakeGateway }[] = [];

afterEach(async () => {
  for (const { server } of running.splice(0)) {
    void server.close();
    await server.close();
  }
});

/** Starts a server over a fake gateway. */
export async function serve(
  server: Partial<Config["server"]> = {},
  limits: Partial<Limits> = {},
): Promise<RunningServer & { gateway: FakeGateway }> {
  const gateway = new FakeGateway();
  const started = await startServer({ config: serverConfig(server, limits), gateway });
  running.push({ server: started, gateway });
  return { ...started, gateway };
}
