// One request and its reply, as the routes see them: what came, read once, and where the answer goes.
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ClientReply } from "./client-reply.ts";
import type { Connection } from "./connection.ts";
import { readHead } from "./request-head.ts";
import type { RequestHead } from "./request-head.ts";

/** A request under way. */
export interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  connection: Connection;
  reply: ClientReply;
  head: RequestHead;
  /** Whose request it is; told once the credentials are known to be good. */
  owner: string;
  method: string;
  /** Path and query as they came. */
  target: string;
  /** The path of it, still encoded. */
  path: string;
  /** The client waits for leave to send its body. */
  expectsContinue: boolean;
  /** Milliseconds since the epoch, and on the monotonic clock. */
  at: number;
  startedAt: number;
}

/** What a route does. */
export type Handler = (exchange: Exchange) => void | Promise<void>;

/** Adds a route by its method and Hono pattern. */
export type Route = (method: string, path: string, handler: Handler) => void;

/** A body of this size is cheaper to read over than a new connection. */
const SMALL_BODY_BYTES = 64 * 1024;

/** Whether answering without reading the body must cost the connection: it is large, of unknown length, or not sent before leave is given. */
export function leavesBodyUnread({ head, expectsContinue }: Exchange): boolean {
  const { headers } = head;
  return expectsContinue || headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > SMALL_BODY_BYTES;
}

/** Begins an exchange; the connection knows of its reply until that is on the wire. */
export function openExchange(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  connection: Connection,
  expectsContinue: boolean,
): Exchange {
  const target = incoming.url ?? "";
  const query = target.indexOf("?");
  const head = readHead(incoming);
  const reply = new ClientReply(incoming, outgoing, connection, requestId());
  connection.add(reply);
  outgoing.on("close", () => {
    connection.remove(reply);
    reply.leave();
  });
  return {
    incoming,
    outgoing,
    connection,
    reply,
    head,
    owner: "",
    method: incoming.method ?? "GET",
    target,
    path: query === -1 ? target : target.slice(0, query),
    expectsContinue,
    at: Date.now(),
    startedAt: performance.now(),
  };
}

const STEM = randomBytes(8).toString("hex");
let count = 0;

/** An id for a request: unique among processes, and cheap, for it is a name, not a secret. */
export const requestId = (): string => `req_${STEM}${(count++).toString(16).padStart(16, "0")}`;
