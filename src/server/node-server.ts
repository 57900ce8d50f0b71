// Node's HTTP server as we want it: its clocks and sizes, and what it says where no request comes of what a client sent.
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { bareHost } from "../config/loopback.ts";
import type { Config } from "../config/config.ts";
import type { Connections } from "./connection.ts";
import { answerRaw, parserFault } from "./raw-answer.ts";

/** Codex sends its turn's metadata in a header, which grows with the work. */
const HEADER_BYTES = 64 * 1024;
const HEADERS_S = 15;
const KEEP_ALIVE_MS = 75_000;
const TCP_KEEP_ALIVE_MS = 30_000;

/** A server that does not listen yet and has no listener for requests and upgrades. */
export function createNodeServer(connections: Connections, limits: Config["limits"]): Server {
  const headersTimeout = Math.ceil(Math.min(HEADERS_S, limits.client_request_s) * 1000);
  const server = createServer({
    maxHeaderSize: HEADER_BYTES,
    headersTimeout,
    connectionsCheckingInterval: Math.ceil(headersTimeout / 3),
    // Bodies have a clock of their own, which answers with a fault that is logged.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Our guard answers a request without Host, with a sentence.
    requireHostHeader: false,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    // Java's client asks for h2c with every request and is content to get none.
    shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === "websocket",
  });
  // Node's types leave this out. Without it a client's FIN ends its stream.
  Object.assign(server, { httpAllowHalfOpen: true });
  // Node's own, which its `close` calls, takes a connection for idle whose reply has been ended but not sent to its end.
  server.closeIdleConnections = () => connections.closeIdle();
  const closeAll = server.closeAllConnections.bind(server);
  server.closeAllConnections = () => {
    closeAll();
    connections.destroyAll();
  };
  server.timeout = Math.ceil(limits.client_stall_s * 1000);
  server.on("connection", (socket) => connections.accept(socket));
  server.on("timeout", (socket) => connections.of(socket)?.stalled());
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const reason = parserFault(error);
    const connection = connections.of(socket);
    if (reason === undefined || connection === undefined) socket.destroy();
    else if (connection.broke(reason)) return;
    else if (connection.live) socket.destroy();
    else if (socket.writable) answerRaw(socket, reason);
  });
  return server;
}

/** Binds; the port that it got. */
export function listen(server: Server, { host, port }: Config["server"]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const fail = (error: NodeJS.ErrnoException): void => reject(new Error(listenProblem(error, host, port), { cause: error }));
  server.once("error", fail);
  server.listen(port, bareHost(host), () => {
    server.off("error", fail);
    server.on("error", reportAccept);
    const address = server.address();
    resolve(typeof address === "object" && address !== null ? address.port : port);
  });
  return promise;
}

function listenProblem(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is in use, perhaps by another waystation. Stop that program, or choose another port with --port or server.port.`;
    case "EACCES":
      return `Port ${port} on ${host} may not be used by this user. Choose a port above 1023 with --port or server.port.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is not an address of this machine. Choose another with --host or server.host.`;
    default:
      return `Cannot listen on port ${port} of ${host}: ${error.message}`;
  }
}

const REPORT_PAUSE_MS = 10_000;
let reportedAt = -REPORT_PAUSE_MS;

/** A connection could not be accepted, as when file descriptors run out: that one is lost, and the server goes on. */
function reportAccept(error: NodeJS.ErrnoException): void {
  const now = performance.now();
  if (now - reportedAt < REPORT_PAUSE_MS) return;
  reportedAt = now;
  process.stderr.write(`waystation: a connection could not be accepted (${error.code ?? error.name})\n`);
}
