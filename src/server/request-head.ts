// A request's headers as they came on the wire, read once. Promises lower-case names, every repetition kept (Node's own
// `headers` drops some), and that no header can name a property of Object.
import type { Headers } from "../contract.ts";

/** Headers in both forms that a turn needs. */
export interface RequestHead {
  /** Repeated headers joined by `, `: two Host headers read as one that no guard accepts. */
  headers: Headers;
  /** In the order of the wire. */
  pairs: readonly (readonly [string, string])[];
}

/** Reads Node's flat list of names and values. */
export function readHead(raw: readonly string[]): RequestHead {
  // Object.create is typed `any`; an object without a prototype is what it makes.
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
