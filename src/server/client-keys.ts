// Who may use the gateway: client keys from the headers in which the clients of each dialect send theirs. Promises that a key is
// compared in constant time, as a digest, and that no answer repeats it.
import { hash, timingSafeEqual } from "node:crypto";
import type { Headers } from "../contract.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";

/** Looks at a request's credentials; undefined where they are good. */
export type KeyCheck = (headers: Headers) => Fault | undefined;

/** A check against the configured keys. Without any, every credential is good, also none. */
export function keyCheck(keys: readonly string[]): KeyCheck {
  if (keys.length === 0) return () => undefined;
  const digests = keys.map(digest);
  return (headers) => {
    const [given, ...others] = credentials(headers);
    if (given === undefined) {
      return fault("authentication", "No API key was given. Send one of this gateway's keys (wk_...) as `Authorization: Bearer KEY`.");
    }
    if (others.length > 0) {
      return fault(
        "authentication",
        "Authorization, x-api-key and x-goog-api-key hold different keys. Send one of them, or the same key in all.",
      );
    }
    const seen = digest(given);
    let known = false;
    // Every key is compared, so that the time does not tell which of them it was.
    for (const one of digests) known = timingSafeEqual(one, seen) || known;
    if (known) return undefined;
    return fault(
      "authentication",
      "This API key is not one of this gateway's. Its keys begin with wk_ and stand under server.keys in its configuration.",
    );
  };
}

/** Whose request it is. Without configured keys all are one: what a client then gives for a key says nothing. */
export type OwnerOf = (headers: Headers) => string;

const OWNER_LENGTH = 32;

/** Names owners by a hash of their key, so that what is kept of theirs does not hold it. Asked of good credentials only. */
export function ownerNames(keys: readonly string[]): OwnerOf {
  if (keys.length === 0) return () => "anonymous";
  return (headers) => {
    const [given = ""] = credentials(headers);
    return hash("sha256", `owner ${given}`, "hex").slice(0, OWNER_LENGTH);
  };
}

const digest = (key: string): Buffer => hash("sha256", key, "buffer");

/** The different credentials of a request. */
function credentials(headers: Headers): Set<string> {
  const found = new Set<string>();
  const authorization = headers["authorization"];
  if (authorization !== undefined) found.add(authorization.replace(/^bearer +/i, "").trim());
  for (const name of ["x-api-key", "x-goog-api-key"]) {
    const value = headers[name];
    if (value !== undefined) found.add(value.trim());
  }
  return found;
}
