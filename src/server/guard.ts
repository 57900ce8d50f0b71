// The first look at every request, on its raw target and headers: is it meant for this server, and does it come from a page of
// this server or from no page at all? Promises that a name which somebody else's DNS points here (rebinding) gets no further.
import type { Headers } from "../contract.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import type { Config } from "../config/config.ts";
import { bareHost } from "../config/loopback.ts";

/** The names under which this server answers. */
export interface ServerNames {
  /** `host:port` in lower case, without the port where it is HTTP's own; and configured names as they are. */
  own: ReadonlySet<string>;
  /** Configured names: a proxy before us may listen on any port. */
  configured: ReadonlySet<string>;
  port: number;
  /** Bound to all addresses: the address by which a connection came in is a name too. */
  anyAddress: boolean;
}

/** The part of a request that the guard looks at. */
export interface GuardedRequest {
  /** The target as it came: path and query. */
  target: string;
  headers: Headers;
  /** The address of ours that the client connected to. */
  localAddress: string | undefined;
}

/** The names that follow from the configuration and the port that was bound. */
export function serverNames(server: Config["server"], port: number): ServerNames {
  const configured = new Set(server.hosts.map((name) => inUrl(name.toLowerCase())));
  const own = new Set(configured);
  for (const name of ["localhost", "127.0.0.1", "[::1]", inUrl(bareHost(server.host).toLowerCase())]) {
    own.add(`${name}:${port}`);
    if (port === 80) own.add(name);
  }
  return { own, configured, port, anyAddress: server.host === "0.0.0.0" || bareHost(server.host) === "::" };
}

/** An address as it stands in a URL: IPv6 in brackets. */
export function inUrl(host: string): string {
  return host.includes(":") ? `[${bareHost(host)}]` : host;
}

/** What is wrong with a request's target, Host or origin; undefined where nothing is. */
export function guardRequest(request: GuardedRequest, names: ServerNames): Fault | undefined {
  return guardTarget(request.target) ?? guardHost(request, names) ?? guardOrigin(request.headers, names);
}

/** Spellings of a path that one program reads so and the next otherwise. Dots stand in model names, so only whole segments of them are odd. */
const ODD_PATH = /\/\/|\\|%5c|%00|%2e|[^\x21-\x7e]|\/\.\.?(?:\/|$)/i;
/** Names of models hold slashes, which clients encode; nothing is decided by what follows here. */
const MODEL_PATH = "/v1/models/";

function guardTarget(target: string): Fault | undefined {
  if (!target.startsWith("/")) {
    return fault("invalid_request", "The request target must be a path such as /v1/responses, not a whole URL: this server is no proxy.");
  }
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  if (!ODD_PATH.test(path) && (path.startsWith(MODEL_PATH) || !/%2f/i.test(path))) return undefined;
  return fault(
    "invalid_request",
    "The path must be spelt plainly: no empty or dotted segments, no backslashes, no encoded slashes or dots.",
  );
}

function guardHost(request: GuardedRequest, names: ServerNames): Fault | undefined {
  const host = request.headers["host"];
  if (host !== undefined && names.own.has(host)) return undefined;
  if (host === undefined || host === "" || /[,@/\s]/.test(host)) {
    return fault("invalid_request", "The request must have exactly one Host header, and in it a name and a port.");
  }
  if (isOwnName(host.toLowerCase(), names, request.localAddress)) return undefined;
  const name = host.slice(0, 200).replace(/[^\x21-\x7e]/g, "?");
  return fault(
    "permission",
    `This server does not answer to the name \`${name}\`. Reach it as 127.0.0.1:${names.port}, or add the name (without port) to server.hosts in its configuration.`,
  );
}

function isOwnName(host: string, names: ServerNames, localAddress: string | undefined): boolean {
  if (names.own.has(host) || names.configured.has(host.replace(/:\d{1,5}$/, ""))) return true;
  // An address cannot be rebound: only names can.
  return names.anyAddress && localAddress !== undefined && host === `${inUrl(localAddress.replace(/^::ffff:/, ""))}:${names.port}`;
}

/** A page of another origin may neither read nor trigger anything; agent CLIs and SDKs send none of these headers. */
function guardOrigin(headers: Headers, names: ServerNames): Fault | undefined {
  const origin = headers["origin"]?.toLowerCase();
  const site = headers["sec-fetch-site"];
  const foreignSite = site !== undefined && site !== "same-origin" && site !== "none";
  if (!foreignSite && (origin === undefined || isOwnOrigin(origin, headers["host"] ?? "", names))) return undefined;
  return fault(
    "permission",
    "Requests from web pages of another origin are refused. Call this server from a program, or from its own pages.",
  );
}

function isOwnOrigin(origin: string, host: string, names: ServerNames): boolean {
  const match = /^https?:\/\/([^/@]+)$/.exec(origin);
  const name = match?.[1];
  return name !== undefined && (name === host.toLowerCase() || names.own.has(name));
}
