// Reads rows of the log into the shapes that the query gives. Promises no throw: a column of another type than expected
// reads as null.
import type { SQLOutputValue } from "node:sqlite";
import type { Loss, LossKind } from "../hub/loss.ts";
import type { Usage } from "../hub/usage.ts";
import { asList, asObject, asString, parseJson } from "../kit/json.ts";
import type { TurnState } from "./journal.ts";
import type { LoggedAttempt, LoggedTurn } from "./query.ts";

type Row = Record<string, SQLOutputValue>;

const STATES: readonly TurnState[] = ["open", "done", "incomplete", "failed", "client_closed", "interrupted"];
const LOSS_KINDS: readonly LossKind[] = ["lowered", "dropped", "refused"];

const text = (row: Row, column: string): string | null => (typeof row[column] === "string" ? row[column] : null);
const number = (row: Row, column: string): number | null => (typeof row[column] === "number" ? row[column] : null);

/** A row of `turns`. */
export function toTurn(row: Row): LoggedTurn {
  return {
    seq: number(row, "seq") ?? 0,
    id: text(row, "id") ?? "",
    at: number(row, "at") ?? 0,
    state: STATES.find((state) => state === row["state"]) ?? "interrupted",
    dialect: text(row, "dialect") ?? "",
    session: text(row, "session"),
    client: text(row, "client"),
    durationMs: number(row, "duration_ms"),
    firstTokenMs: number(row, "first_token_ms"),
    model: text(row, "model"),
    provider: text(row, "provider"),
    targetModel: text(row, "target_model"),
    responseId: text(row, "response_id"),
    status: number(row, "status"),
    fault: text(row, "fault"),
    detail: text(row, "detail"),
    usage: toUsage(row),
    losses: toLosses(row),
  };
}

/** A row of `attempts`. */
export function toAttempt(row: Row): LoggedAttempt {
  return {
    number: number(row, "number") ?? 0,
    at: number(row, "at") ?? 0,
    headersMs: number(row, "headers_ms"),
    firstByteMs: number(row, "first_byte_ms"),
    durationMs: number(row, "duration_ms") ?? 0,
    provider: text(row, "provider") ?? "",
    model: text(row, "model") ?? "",
    url: text(row, "url") ?? "",
    status: number(row, "status"),
    fault: text(row, "fault"),
    detail: text(row, "detail"),
  };
}

function toUsage(row: Row): Usage | null {
  const input = number(row, "input_tokens");
  if (input === null) return null;
  return {
    input,
    output: number(row, "output_tokens") ?? 0,
    cached: number(row, "cached_tokens") ?? 0,
    cacheWrite: number(row, "cache_write_tokens") ?? 0,
    reasoning: number(row, "reasoning_tokens") ?? 0,
    estimated: row["usage_estimated"] === 1,
  };
}

function toLosses(row: Row): Loss[] {
  const losses: Loss[] = [];
  for (const entry of asList(parseJson(text(row, "losses") ?? "[]"))) {
    const wire = asObject(entry);
    const kind = LOSS_KINDS.find((known) => known === wire?.["kind"]);
    if (kind !== undefined) losses.push({ kind, feature: asString(wire?.["feature"]) ?? "", detail: asString(wire?.["detail"]) ?? "" });
  }
  return losses;
}
