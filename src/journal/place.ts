// Places: what a row says about where a record's bytes lie, as a short JSON text in its column. Promises that a row stays
// readable without its bytes, and that a later version may add fields.
import { asList, asNumber, asObject, parseJson } from "../kit/json.ts";

/** Where a record lies. */
export interface Place {
  block: number;
  /** Offset and length of the head (JSON: start, headers, encoding) in the block. The body follows it unless `slices` are given. */
  at: number;
  head: number;
  /** Bytes of the stored body; undefined where none is stored (`lost` says why). */
  body?: number;
  /** Bytes of the body on the wire, where that differs. */
  wire?: number;
  /** How many secrets were taken out of head and body. */
  redactions?: number;
  /** The body is these slices one after the other: runs of [first id, count]. */
  slices?: [number, number][];
  lost?: string;
}

/** Reads a column; undefined where it is null or not a place. */
export function readPlace(column: unknown): Place | undefined {
  const wire = asObject(typeof column === "string" ? parseJson(column) : undefined);
  const [block, at, head] = [asNumber(wire?.["block"]), asNumber(wire?.["at"]), asNumber(wire?.["head"])];
  if (wire === undefined || block === undefined || at === undefined || head === undefined) return undefined;
  const place: Place = { block, at, head };
  const [body, size, redactions] = [asNumber(wire["body"]), asNumber(wire["wire"]), asNumber(wire["redactions"])];
  if (body !== undefined) place.body = body;
  if (size !== undefined) place.wire = size;
  if (redactions !== undefined) place.redactions = redactions;
  if (typeof wire["lost"] === "string") place.lost = wire["lost"];
  if (wire["slices"] !== undefined) {
    place.slices = asList(wire["slices"]).map((run) => [asNumber(asList(run)[0]) ?? 0, asNumber(asList(run)[1]) ?? 0]);
  }
  return place;
}
