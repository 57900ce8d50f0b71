// Whether a server stands in the user's own network, so that a prompt may go there for a model's bare name. Promises no
// lookup: what a name resolves to is not asked, and a name that says nothing counts as outside.
import { BlockList, isIP } from "node:net";
import { bareHost, isLoopback } from "../config/loopback.ts";

/** Private and link-local addresses (RFC 1918, RFC 3927, RFC 4193, RFC 4291) and the shared range that VPNs use (RFC 6598). */
const PRIVATE = new BlockList();
PRIVATE.addSubnet("10.0.0.0", 8);
PRIVATE.addSubnet("172.16.0.0", 12);
PRIVATE.addSubnet("192.168.0.0", 16);
PRIVATE.addSubnet("169.254.0.0", 16);
PRIVATE.addSubnet("100.64.0.0", 10);
PRIVATE.addSubnet("fc00::", 7, "ipv6");
PRIVATE.addSubnet("fe80::", 10, "ipv6");

/** Names of home and company networks; a name without a dot is a machine or a container next door. */
const INSIDE = /^[^.]+$|\.(local|lan|home|internal|home\.arpa|localhost)$/;

/** Whether the host of a URL is this machine or one in its network. */
export function isOwnNetwork(url: string): boolean {
  const host = bareHost(URL.parse(url)?.hostname ?? "");
  if (host === "") return false;
  if (isLoopback(host)) return true;
  const family = isIP(host);
  return family === 0 ? INSIDE.test(host.toLowerCase()) : PRIVATE.check(host, family === 6 ? "ipv6" : "ipv4");
}
