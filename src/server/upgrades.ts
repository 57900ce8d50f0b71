// Requests to become a WebSocket. Promises the same guards and the same refusals as for any other request, before anything is upgraded; and
// 426 where there is no WebSocket, after which Codex goes over to plain HTTP at once and silently (after other statuses it tries for seconds).
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Config } from "../config/config.ts";
import type { Headers } from "../contract.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import { faultHeaders } from "./answer.ts";
import type { Connections } from "./connection.ts";
import { answerRaw } from "./raw-answer.ts";
import { readHead } from "./request-head.ts";
import { SocketSession } from "./socket-session.ts";

/** What upgrades need of the rest. */
export interface UpgradeOptions {
  config: Config;
  gateway: Gateway;
  connections: Connections;
  /** The guards of every request. */
  check: (request: { target: string; headers: Headers; localAddress: string | undefined }) => Fault | undefined;
  ownerOf: (headers: Headers) => string;
}

const PATH = "/v1/responses";
const MEBIBYTE = 1024 * 1024;
const CLOCK_MS = 1000;

const NO_SOCKET: Fault = fault(
  "invalid_request",
  "There is no WebSocket here. Use POST /v1/responses with stream: true, which sends the same events.",
  { status: 426, code: "upgrade_required" },
);

/** Takes the upgrades of a server from now on; what it gives tells how many WebSockets are open. */
export function takeUpgrades(server: Server, options: UpgradeOptions): () => number {
  const { config, connections } = options;
  const sessions = new Set<SocketSession>();
  const open = openSocket(server, options, sessions);
  server.on("upgrade", (incoming, socket, head) => {
    if (connections.of(incoming.socket)?.live === true) return void socket.destroy();
    const target = incoming.url ?? "";
    if (!config.server.websocket || target.replace(/\?.*/s, "") !== PATH) return answerRaw(socket, NO_SOCKET, ["upgrade: HTTP/1.1"]);
    const { localAddress } = incoming.socket;
    const refusal = options.check({ target, headers: readHead(incoming).headers, localAddress });
    if (refusal === undefined) return open(incoming, socket, head);
    answerRaw(
      socket,
      refusal,
      Object.entries(faultHeaders(refusal)).map(([name, value]) => `${name}: ${value}`),
    );
  });
  return () => sessions.size;
}

function openSocket(
  server: Server,
  options: UpgradeOptions,
  sessions: Set<SocketSession>,
): (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const { gateway, connections, ownerOf } = options;
  const { limits } = options.config;
  const total = { bytes: 0 };
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: Math.floor(limits.body_mb * MEBIBYTE),
    perMessageDeflate: {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      // Deltas of text are not worth it; snapshots, and what clients send, are.
      threshold: 4096,
      zlibDeflateOptions: { level: 1 },
    },
  });
  sockets.on("wsClientError", (error, socket) =>
    answerRaw(socket, fault("invalid_request", `This is no request for a WebSocket: ${error.message}.`), ["sec-websocket-version: 13"]),
  );
  const clock = setInterval(() => {
    const now = performance.now();
    for (const session of sessions) session.tick(now);
  }, CLOCK_MS).unref();
  server.once("close", () => clearInterval(clock));

  return (incoming, raw, first) => {
    // Taken before: ws and Node leave the request alone, but its socket is another's from then on.
    const connection = connections.of(incoming.socket);
    const head = readHead(incoming);
    sockets.handleUpgrade(incoming, raw, first, (socket) => {
      const target = incoming.url ?? "";
      const session = new SocketSession({ socket, raw, gateway, total, limits, head, target, owner: ownerOf(head.headers) });
      sessions.add(session);
      socket.once("close", () => sessions.delete(session));
      connection?.upgrade(session);
    });
  };
}
