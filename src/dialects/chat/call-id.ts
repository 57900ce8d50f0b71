// Call ids between a chat upstream and our clients. Promises ids of at most 64 characters from [A-Za-z0-9_-], and the
// upstream's own id back wherever it can be carried.
import { createHash } from "node:crypto";
import type { Quirks } from "../../hub/capability.ts";

const CLEAN = /^[A-Za-z0-9_-]{1,64}$/;
const MARK = "call_b64_";

/** The id that clients get for an upstream's: itself where it is clean, else a reversible form, else a hash (over 41 bytes). */
export function clientCallId(upstream: string): string {
  if (CLEAN.test(upstream) && !upstream.startsWith(MARK)) return upstream;
  const encoded = MARK + Buffer.from(upstream).toString("base64url");
  return encoded.length <= 64 ? encoded : `call_${hash(upstream).slice(0, 40)}`;
}

/**
 * The id that goes upstream for one of ours, the same for a call and its result: the upstream's own where we encoded it, and
 * where the target's rule cannot take that, a hash of it.
 */
export function upstreamCallId(client: string, rule: Quirks["callId"] = "any"): string {
  switch (rule) {
    case "any":
      return ownCallId(client);
    case "clean":
      return CLEAN.test(client) ? client : clientCallId(client);
    case "clean40":
      return CLEAN.test(client) && client.length <= 40 ? client : `call_${hash(client).slice(0, 35)}`;
    case "mistral9": {
      const own = ownCallId(client);
      return /^[A-Za-z0-9]{9}$/.test(own)
        ? own
        : BigInt(`0x${hash(own)}`)
            .toString(36)
            .slice(-9);
    }
    default:
      return rule satisfies never;
  }
}

function ownCallId(client: string): string {
  return client.startsWith(MARK) ? Buffer.from(client.slice(MARK.length), "base64url").toString() : client;
}

function hash(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
