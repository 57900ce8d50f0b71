// A request's headers as they came on the wire. Promises lower-case names and every repetition kept (Node's own `headers` drops
// some), at no more than a walk over what Node has read already where nothing is repeated.
import type { IncomingMessage } from "node:http";
import type { Headers } from "../contract.ts";

/** Headers in both forms that a turn needs. */
export interface RequestHead {
  /** Repeated headers joined by `, `: two Host headers read as one that no guard accepts. */
  headers: Headers;
  /** In the order of the wire. */
  pairs: readonly (readonly [string, string])[];
}

/** Reads the headers of a request. */
export function readHead(incoming: Pick<IncomingMessage, "headers" | "rawHeaders">): RequestHead {
  const pairs: [string, string][] = [];
  const read = incoming.headers;
  for (const name in read) {
    const value = read[name];
    if (typeof value === "string") pairs.push([name, value]);
  }
  // As many names as lines: nothing was joined, dropped or taken for a list.
  if (pairs.length * 2 !== incoming.rawHeaders.length) return readRaw(incoming.rawHeaders);
  // Every value was seen to be a string above.
  return { headers: read as Headers, pairs };
}

function readRaw(raw: readonly string[]): RequestHead {
  // Object.create is typed `any`; an object without a prototype is what it makes, so that no header's name means anything to it.
  const headers = Object.create(null) as Headers;
  const pairs: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase();
    const value = raw[index + 1] ?? "";
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
    pairs.push([name, value]);
  }
  return { headers, pairs };
}
