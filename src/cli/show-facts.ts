// The head of a printed turn: what is known of it and of each upstream call.
import type { LoggedAttempt, LoggedTurn } from "../journal/query.ts";
import { printableLine } from "./printable.ts";

/** A time of day with its date, in the zone of this machine: `2026-11-25 10:04:05`. */
export function clockTime(at: number): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** The lines that say what a turn and its attempts were. */
export function factLines(turn: LoggedTurn, attempts: readonly LoggedAttempt[]): string[] {
  const lines = [
    `${turn.id}  ${turn.state}${turn.status === null ? "" : `  ${turn.status}`}`,
    fact("at", [clockTime(turn.at), turn.dialect, turn.client, turn.session === null ? null : `session ${turn.session}`]),
    fact("model", [turn.model, turn.provider === null ? null : `answered by ${turn.provider}/${turn.targetModel ?? "?"}`]),
    fact("reply", [turn.responseId]),
    fact("time", [wait(turn.durationMs, "in all"), wait(turn.firstTokenMs, "to the first token")]),
    fact("tokens", tokens(turn)),
    fact("fault", [told(turn.fault, turn.detail)]),
    ...turn.losses.map((loss) => fact("loss", [told(`${loss.kind} ${loss.feature}`, loss.detail)])),
    ...attempts.map((attempt) => fact("attempt", attemptFacts(attempt))),
  ];
  return lines.filter((line) => line !== "").map(printableLine);
}

function fact(name: string, values: readonly (string | null)[]): string {
  const given = values.filter((value) => value !== null && value !== "");
  return given.length === 0 ? "" : `  ${name.padEnd(8)}${given.join(", ")}`;
}

const told = (what: string | null, detail: string | null): string => [what, detail].filter((text) => text !== null).join(": ");

function tokens({ usage }: LoggedTurn): string[] {
  if (usage === null) return [];
  const input = `${usage.input} in${usage.cached > 0 ? ` (${usage.cached} cached)` : ""}`;
  const output = `${usage.output} out${usage.reasoning > 0 ? ` (${usage.reasoning} reasoning)` : ""}`;
  return [input, output, ...(usage.estimated ? ["estimated"] : [])];
}

function attemptFacts(attempt: LoggedAttempt): (string | null)[] {
  return [
    `${attempt.number}: ${attempt.provider}/${attempt.model} ${attempt.status ?? "no answer"}`,
    wait(attempt.headersMs, "to the head"),
    wait(attempt.durationMs, "in all"),
    told(attempt.fault, attempt.detail),
    attempt.url,
  ];
}

function wait(ms: number | null, what: string): string | null {
  if (ms === null) return null;
  return ms < 1000 ? `${Math.round(ms)} ms ${what}` : `${(ms / 1000).toFixed(1)} s ${what}`;
}
