// The faults that an attempt finds by itself, before any dialect has read a word. Pure. Promises that each names the host or the limit.
import type { Limits } from "../config/config.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";

/** The upstream sends us elsewhere. */
export function redirected(host: string, status: number): Fault {
  const words = `${host} redirects (HTTP ${status}); redirects are not followed. Set base_url to the address it names.`;
  return fault("bad_reply", words, { final: true });
}

/** Whether a `content-encoding` names any coding; several are a list. */
export function isEncoded(encoding: string): boolean {
  return encoding !== "" && !/^[\s,]*(?:identity[\s,]*)*$/i.test(encoding);
}

/** What is to be said of a body in a coding that was not asked for. */
export function encodedWords(encoding: string): string {
  return `The upstream encoded its reply (${encoding}) although it was asked not to.`;
}

/** Nothing came in the time that the limits allow: nothing at all, or nothing more. */
export function silent(host: string, limits: Limits, hasBegun: boolean): Fault {
  const waited = hasBegun
    ? `nothing more came within ${limits.idle_s} s (limits.idle_s)`
    : `nothing came within ${limits.first_byte_s} s (limits.first_byte_s)`;
  return fault("timeout", `${host} accepted the request, but ${waited}.`);
}

/** One body, or one stream, is larger than the limit. */
export function tooLarge(limits: Limits, isStream: boolean): Fault {
  const limit = isStream ? "stream_mb" : "body_mb";
  return fault("bad_reply", `The upstream's reply is larger than ${limits[limit]} MiB (limits.${limit}).`, { final: true });
}

/** A mistake of ours in reading a reply. */
export function unreadable(error: unknown): Fault {
  const words = error instanceof Error ? error.message : String(error);
  return fault("server", `Waystation failed to read the upstream's reply: ${words}`, { final: true });
}

/** How an upstream is called in messages: nothing of a path or a key. */
export function hostOf(url: string): string {
  return new URL(url).host;
}
