// The gateway put together: takes turns, counts them, and ends them all when told to. Promises that no turn is forgotten:
// `idle` waits for each, `abortAll` ends each.
import type { Config } from "../config/config.ts";
import { sessionOf } from "../dialects/responses/session.ts";
import type { Fault } from "../hub/fault.ts";
import { fault } from "../hub/fault.ts";
import type { Journal } from "../journal/journal.ts";
import { turnId } from "../kit/ids.ts";
import type { Catalog } from "./catalog.ts";
import { findModel, writeCatalog } from "./catalog.ts";
import { Circuits } from "./circuits.ts";
import { CompactTurn } from "./compaction/compact-turn.ts";
import { countInput } from "./count-input.ts";
import { Counters } from "./counters.ts";
import type { Discovery } from "./discover.ts";
import { Calibration } from "./estimate.ts";
import type { Gateway } from "./gateway.ts";
import type { KeyRing } from "./key-ring.ts";
import { ReasoningMemory } from "./reasoning-memory.ts";
import type { Route, RouteTable } from "./route.ts";
import { route, unknownModel } from "./route.ts";
import type { Services } from "./services.ts";
import { createConversationFace } from "./state/conversation-face.ts";
import { Locks } from "./state/locks.ts";
import { createResponseFace } from "./state/response-face.ts";
import { Runs } from "./state/runs.ts";
import type { StateStore } from "./state/store.ts";
import { createTokenCounter } from "./tokens/counter.ts";
import { Turn } from "./turn.ts";
import { TurnLog } from "./turn-log.ts";
import type { Upstream } from "./upstream.ts";

/** What a gateway is made of. */
export interface GatewayParts {
  config: Config;
  journal: Journal;
  upstream: Upstream;
  keyRing: KeyRing;
  discovery: Discovery;
  state: StateStore;
  /** Milliseconds on a clock that never goes back; default: the process's own. */
  now?: () => number;
}

/** Makes the gateway. */
export function createGateway(parts: GatewayParts): Gateway {
  const { config, journal, upstream, keyRing, discovery } = parts;
  const state = { store: parts.state, locks: new Locks(), runs: new Runs() };
  const running = new Set<Pick<Turn, "stop">>();
  const counters = new Counters();
  const now = parts.now ?? ((): number => performance.now());
  const circuits = new Circuits({ retries: config.limits.retries, now, discovery });
  const catalogOf = rememberCatalog();
  const routeOf = rememberRoutes();
  let draining = false;
  let waiting: (() => void)[] = [];
  const services: Services = {
    config,
    journal,
    upstream,
    keyRing,
    calibration: new Calibration(),
    tokens: createTokenCounter(),
    state,
    counters,
    circuits,
    memory: new ReasoningMemory(),
    resolve: (name) => resolve(name, discovery, routeOf),
  };
  const over = (turn: Pick<Turn, "stop">): void => {
    running.delete(turn);
    if (running.size > 0) return;
    for (const done of waiting) done();
    waiting = [];
  };
  const take = async (turn: Pick<Turn, "run" | "refuse" | "stop">): Promise<void> => {
    running.add(turn);
    counters.begin();
    try {
      if (draining) turn.refuse(fault("shutdown", "Waystation is shutting down; try again in a moment."));
      else await turn.run();
    } finally {
      over(turn);
    }
  };
  return {
    turn: (request, port) => take(new Turn(services, request, port)),
    compact: (request, port) => take(new CompactTurn(services, request, port)),
    refuse: async (request, failure, port) => {
      counters.begin();
      new Turn(services, request, port).refuse(failure);
    },
    unanswered: (request, failure) => {
      counters.begin();
      const log = new TurnLog(services, turnId(request.at), request);
      log.begin(sessionOf(request.headers, undefined));
      log.end({ response: null, usage: null, failure, target: null, losses: [], sent: null });
    },
    models: async () => {
      await discovery.refresh();
      return catalogOf(discovery.table());
    },
    model: async (id) => {
      if (route(id, discovery.table()) === undefined) await discovery.refresh();
      const found = findModel(id, discovery.table());
      return found && { ...found };
    },
    responses: createResponseFace(state),
    conversations: createConversationFace(state),
    countInput: (request) => countInput(services, request),
    ready: () => !draining,
    metrics: (server) =>
      counters.text({ running: running.size, journal: journal.counts(), state: parts.state.counts(), server }) + circuits.text(),
    drain: () => {
      draining = true;
    },
    idle: () => (running.size === 0 ? Promise.resolve() : new Promise((done) => waiting.push(done))),
    abortAll: () => {
      for (const turn of running) turn.stop(fault("shutdown", "Waystation was shut down before the reply was complete."));
    },
  };
}

/** Keeps the list of a table, which is another object whenever anything in it is. */
function rememberCatalog(): (table: RouteTable) => Catalog {
  let last: { table: RouteTable; catalog: Catalog } | null = null;
  return (table) => {
    if (last?.table !== table) last = { table, catalog: writeCatalog(table) };
    return last.catalog;
  };
}

/** More names than anyone uses: past it the routes are forgotten, so that made-up names fill no memory. */
const MOST_ROUTES = 256;

/** Keeps the routes of a table: putting a target together costs more than the rest of a route, and each turn asks for one. */
function rememberRoutes(): (name: string, table: RouteTable) => Route | undefined {
  let last: RouteTable | null = null;
  const routes = new Map<string, Route>();
  return (name, table) => {
    if (last !== table || routes.size >= MOST_ROUTES) routes.clear();
    last = table;
    const known = routes.get(name) ?? route(name, table);
    if (known !== undefined) routes.set(name, known);
    return known;
  };
}

/** The route of a name; a server that was started since is looked for before the name is called unknown. */
function resolve(name: string, discovery: Discovery, routeOf: ReturnType<typeof rememberRoutes>): Route | Promise<Route | Fault> {
  const known = routeOf(name, discovery.table());
  // A server that was started since may list this very name, which then no longer goes to "*".
  if (known?.rule === "any") void discovery.refresh();
  if (known !== undefined) return known;
  return discovery.refresh().then(() => route(name, discovery.table()) ?? unknownModel(name, discovery.table()));
}
