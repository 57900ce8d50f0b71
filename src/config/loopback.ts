// Whether an address is reachable from this machine alone. Promises that what it does not know counts as reachable from outside.
import { isIPv4, isIPv6 } from "node:net";

/** Whether a host to listen on is a loopback address: `localhost`, 127.0.0.0/8, `::1`, and its mapped forms. */
export function isLoopback(host: string): boolean {
  const name = bareHost(host).toLowerCase();
  if (name === "localhost") return true;
  if (isIPv4(name)) return name.startsWith("127.");
  if (!isIPv6(name)) return false;
  // The URL parser writes every spelling of an IPv6 address in one short form.
  const short = new URL(`http://[${name}]`).hostname;
  return short === "[::1]" || short.startsWith("[::ffff:7f");
}

/** A host without the brackets in which URLs put IPv6 addresses. */
export function bareHost(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}
