// Checks of single values that a type cannot express: addresses, base URLs, headers. Each gives `what is wrong; what to do`
// or undefined; none repeats the value, which may hold a secret.
import { isIP } from "node:net";
import { bareHost } from "./loopback.ts";

/** What is wrong with a name or address to listen on or to be called by. */
export function problemOfHost(host: string): string | undefined {
  const bare = bareHost(host);
  if (isIP(bare) !== 0) return undefined;
  if (/^[a-z]+:\/\//i.test(host)) return "a host is no URL; write the name or address alone";
  if (/^[^:]*:\d+$/.test(host)) return "a host has no port here; the port is a key of its own";
  if (/^[\d.]+$/.test(host)) return "this is no IPv4 address; write four numbers from 0 to 255, as 127.0.0.1";
  return /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(host)
    ? undefined
    : "this is no host; write a name or an address, as 127.0.0.1";
}

/** What is wrong with a provider's base URL. */
export function problemOfBaseUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return 'a base_url begins with "http://" or "https://"; write the whole URL';
  }
  if (url.username !== "" || url.password !== "") return 'a base_url holds no credentials; put them under "key" or "headers"';
  if (url.search !== "" || url.hash !== "" || /[?#]/.test(text)) return 'a base_url has no "?" and no "#"; remove what follows them';
  const call = /\/(chat\/completions|completions|responses|messages|models)\/?$/.exec(url.pathname)?.[1];
  return call === undefined ? undefined : `a base_url ends before the call; remove "/${call}"`;
}

/** Whether a text can be the value of a header. */
export function isHeaderText(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

/** Names that frame a message or belong to the connection; what they say is not the user's to choose. */
const FRAMING = new Set([
  "host",
  "connection",
  "content-length",
  "content-encoding",
  "transfer-encoding",
  "keep-alive",
  "te",
  "trailer",
  "upgrade",
]);

/** Whether a user may set a header of this name. */
export function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !FRAMING.has(name.toLowerCase());
}
