// Reads the queries of the routes for stored responses and conversations. Promises bounds and words as the API has them, and both ways in
// which SDKs write lists (`include[]=a` and `include=a`).
import { outOfBounds, refuse, wrongValue } from "./refuse.ts";
import { checkInclude } from "./read-settings.ts";
import { BOUNDS } from "./wire.ts";

/** Which part of a list is wanted; `after` is an item's id. */
export interface PageQuery {
  after: string | null;
  limit: number;
  order: "asc" | "desc";
}

/** How a response is wanted: as it stands, or its events from a number on. */
export interface ResponseQuery {
  include: string[];
  /** Null = no stream. */
  stream: { after: number | null } | null;
}

const DEFAULT_PAGE = 20;

/** `include`. Throws a FaultError, as all of these do. */
export function readIncludeQuery(query: URLSearchParams): string[] {
  const given = [...query].filter(([name]) => /^include(?:\[\d*\])?$/.test(name));
  return checkInclude(given.map(([, value]) => value));
}

/** `after`, `limit` and `order`. */
export function readPageQuery(query: URLSearchParams): PageQuery {
  const order = query.get("order") ?? "desc";
  if (order !== "asc" && order !== "desc") throw wrongValue("order", order, ["asc", "desc"]);
  const limit = readInteger(query, "limit") ?? DEFAULT_PAGE;
  if (limit < 1) throw outOfBounds("limit", "integer", "below_min", 1, limit);
  if (limit > BOUNDS.page) throw outOfBounds("limit", "integer", "above_max", BOUNDS.page, limit);
  return { after: query.get("after") || null, limit, order };
}

/** `include`, `stream` and `starting_after`. */
export function readResponseQuery(query: URLSearchParams): ResponseQuery {
  const include = readIncludeQuery(query);
  const stream = query.get("stream") ?? "false";
  if (stream !== "true" && stream !== "false") throw wrongValue("stream", stream, ["true", "false"]);
  const after = readInteger(query, "starting_after");
  if (stream === "false") {
    if (after === null) return { include, stream: null };
    throw refuse("starting_after", null, "'starting_after' is the number of an event; it can only be used with stream=true.");
  }
  if (after !== null && after < 0) throw outOfBounds("starting_after", "integer", "below_min", 0, after);
  return { include, stream: { after } };
}

function readInteger(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null || text === "") return null;
  if (!/^-?\d{1,15}$/.test(text))
    throw refuse(name, "invalid_type", `Invalid type for '${name}': expected an integer, but got a string instead.`);
  return Number(text);
}
