// The HTTP server: Node's, with guards before anything else and Hono's routes behind them. Promises that it listens when it says so,
// and that it stops in good order.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Config } from "../config/config.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { Fault } from "../hub/fault.ts";
import { answerFault } from "./answer.ts";
import { createApp } from "./app.ts";
import { keyCheck, ownerNames } from "./client-keys.ts";
import { Connections } from "./connection.ts";
import { createDrain } from "./drain.ts";
import { leavesBodyUnread, openExchange } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { guardRequest, inUrl, serverNames } from "./guard.ts";
import type { GuardedRequest } from "./guard.ts";
import { createNodeServer, listen } from "./node-server.ts";
import { takeUpgrades } from "./upgrades.ts";

/** What a server is made from. */
export interface ServerOptions {
  config: Config;
  gateway: Gateway;
}

/** A server that listens. */
export interface RunningServer {
  /** `http://HOST:PORT`, as it was bound. */
  origin: string;
  port: number;
  /** Stops in good order, at the latest some seconds after `limits.drain_s`; a second call stops at once. */
  close: () => Promise<void>;
}

/** Answered without a key, so that a supervisor needs none. Compared with the raw path: any other spelling needs one. */
const PUBLIC_PATHS: ReadonlySet<string> = new Set(["/health", "/ready"]);

/** Binds and serves. Rejects with a sentence for the user where the address cannot be had. */
export async function startServer({ config, gateway }: ServerOptions): Promise<RunningServer> {
  const connections = new Connections();
  const server = createNodeServer(connections, config.limits);
  const port = await listen(server, config.server);
  serve(server, connections, port, { config, gateway });
  const close = createDrain(server, connections, gateway, config.limits.drain_s);
  return { origin: `http://${inUrl(config.server.host)}:${port}`, port, close };
}

function serve(server: Server, connections: Connections, port: number, { config, gateway }: ServerOptions): void {
  const names = serverNames(config.server, port);
  const checkKeys = keyCheck(config.server.keys);
  const ownerOf = ownerNames(config.server.keys);
  const check = (request: GuardedRequest, isPublic = false): Fault | undefined =>
    guardRequest(request, names) ?? (isPublic ? undefined : checkKeys(request.headers));
  const openSockets = takeUpgrades(server, { config, gateway, connections, check, ownerOf });
  const app = createApp({ gateway, limits: config.limits, openSockets });
  // Hono's listener gives Node's objects back as its environment; ours waits here meanwhile, by the response. No WeakMap: with
  // one, nothing of a request is freed before a full collection, and each small one takes twenty times as long (measured).
  const exchanges = new Map<object, Exchange>();
  const route = getRequestListener(
    (request, { outgoing }) => {
      const exchange = exchanges.get(outgoing);
      return exchange === undefined ? new Response(null, { status: 500 }) : app.fetch(request, { exchange });
    },
    { overrideGlobalObjects: false, autoCleanupIncoming: false },
  );

  const take = (incoming: IncomingMessage, outgoing: ServerResponse, expectsContinue: boolean): void => {
    const connection = connections.of(incoming.socket);
    // Closed in the meantime, or about to be.
    if (connection?.takesRequests !== true) return;
    const exchange = openExchange(incoming, outgoing, connection, expectsContinue);
    const { head, target, path, reply } = exchange;
    reply.bodyUnread(leavesBodyUnread(exchange));
    const localAddress = incoming.socket.localAddress;
    const refusal = check({ target, headers: head.headers, localAddress }, PUBLIC_PATHS.has(path));
    if (refusal !== undefined) return answerFault(reply, refusal);
    exchange.owner = ownerOf(head.headers);
    exchanges.set(outgoing, exchange);
    void route(incoming, outgoing);
    exchanges.delete(outgoing);
  };
  server.on("request", (incoming, outgoing) => take(incoming, outgoing, false));
  // Other expectations than leave to continue may be passed over (RFC 9110, 10.1.1).
  server.on("checkExpectation", (incoming, outgoing) => take(incoming, outgoing, false));
  server.on("checkContinue", (incoming, outgoing) => take(incoming, outgoing, true));
}
