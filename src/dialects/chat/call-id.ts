// Call ids between a chat upstream and our clients. Promises ids of at most 64 characters from [A-Za-z0-9_-], and the
// upstream's own id back wherever it can be carried.
import { createHash } from "node:crypto";

const CLEAN = /^[A-Za-z0-9_-]{1,64}$/;
const MARK = "call_b64_";

/** The id that clients get for an upstream's: itself where it is clean, else a reversible form, else a hash (over 41 bytes). */
export function clientCallId(upstream: string): string {
  if (CLEAN.test(upstream) && !upstream.startsWith(MARK)) return upstream;
  const encoded = MARK + Buffer.from(upstream).toString("base64url");
  return encoded.length <= 64 ? encoded : `call_${createHash("sha256").update(upstream).digest("hex").slice(0, 40)}`;
}

/** The upstream's id behind one of ours; ids that we did not encode are returned as they are. */
export function upstreamCallId(client: string): string {
  return client.startsWith(MARK) ? Buffer.from(client.slice(MARK.length), "base64url").toString() : client;
}
