// `waystation logs`: the turns in the log, the newest last, as a table or as JSON. Promises that what clients and models
// wrote cannot act on the terminal.
import { setTimeout as sleep } from "node:timers/promises";
import { NoLogError, openQuery } from "../journal/query.ts";
import type { ListOptions, LoggedTurn, Query } from "../journal/query.ts";
import type { TurnState } from "../journal/journal.ts";
import { UsageError } from "./command-line.ts";
import { printableJson, printableLine } from "./printable.ts";
import { readOptions, wholeNumber } from "./read-options.ts";
import { clockTime } from "./show-facts.ts";

/** The surroundings of `logs` and `show`. */
export interface LogContext {
  dataDir: string;
  out: (text: string | Uint8Array) => void;
  error: (text: string) => void;
  /** Ends `--follow`. */
  signal?: AbortSignal;
}

const OPTIONS = {
  json: {},
  follow: { short: "f" },
  limit: { value: "20", short: "n" },
  state: { value: "failed" },
  model: { value: "NAME" },
  session: { value: "ID" },
  before: { value: "TURN" },
  help: { short: "h" },
} as const;

const HELP = `waystation logs: list the turns in the log, the newest last

  -n, --limit N     at most so many turns (20)
  --state STATE     only turns that are open, done, incomplete, failed, client_closed or interrupted
  --model NAME      only turns that asked for this model, or were answered by it
  --session ID      only turns of this session
  --before ID       only turns before this one: the page before
  -f, --follow      go on with new turns as they end
  --json            one JSON object a line
`;

const STATES: readonly TurnState[] = ["open", "done", "incomplete", "failed", "client_closed", "interrupted"];
const DEFAULT_LIMIT = 20;
const MOST = 100_000;

/** Prints the log; exit code 1 where there is none. Throws UsageError. */
export async function logs(args: string[], context: LogContext): Promise<number> {
  const { options, words } = readOptions("logs", args, OPTIONS);
  if (options.has("help")) {
    context.out(HELP);
    return 0;
  }
  if (words[0] !== undefined) throw new UsageError(`"${words[0]}" is one word too many for logs; to see one turn write: show ${words[0]}`);
  const state = options.get("state");
  if (state !== undefined && !STATES.some((known) => known === state)) throw new UsageError(`--state is one of ${STATES.join(", ")}`);
  const limit = wholeNumber(options, "limit", 1, MOST) ?? DEFAULT_LIMIT;
  try {
    using query = openQuery(context.dataDir);
    const wanted = { ...filterOf(options), limit };
    const before = options.get("before");
    const turns = query.list(before === undefined ? wanted : { ...wanted, before: numberOf(query, before) }).toReversed();
    const print = options.has("json") ? printJson : printTable();
    print(turns, context);
    if (options.has("follow")) await follow(query, wanted, turns, print, context);
    return 0;
  } catch (error) {
    if (!(error instanceof NoLogError)) throw error;
    context.error(`waystation: ${error.message}\n`);
    return 1;
  }
}

type Print = (turns: readonly LoggedTurn[], context: LogContext) => void;

function filterOf(options: ReadonlyMap<string, string>): Omit<ListOptions, "limit"> {
  const [state, model, session] = [options.get("state"), options.get("model"), options.get("session")];
  return {
    ...(state === undefined ? {} : { state }),
    ...(model === undefined ? {} : { model }),
    ...(session === undefined ? {} : { session }),
  };
}

function numberOf(query: Query, id: string): number {
  const found = query.find(id);
  if (found.kind === "turn") return found.turn.seq;
  throw new UsageError(
    found.kind === "none" ? `there is no turn ${id} in the log` : `several turns begin with ${id}: ${found.ids.join(", ")}`,
  );
}

const FOLLOW_MS = 300;

/** Prints turns as they end: those still open when listed come again, done. */
async function follow(query: Query, wanted: ListOptions, listed: readonly LoggedTurn[], print: Print, context: LogContext): Promise<void> {
  const newest = query.list({ limit: 1 })[0]?.seq ?? 0;
  const { state, ...filter } = wanted;
  let open = new Set(listed.filter((turn) => turn.state === "open").map((turn) => turn.seq));
  let after = newest;
  while (context.signal?.aborted !== true) {
    await sleep(FOLLOW_MS, undefined, context.signal === undefined ? {} : { signal: context.signal }).catch(() => undefined);
    const from = Math.min(after, ...[...open].map((seq) => seq - 1));
    const turns = query.list({ ...filter, limit: MOST, after: from }).filter((turn) => turn.seq > after || open.has(turn.seq));
    open = new Set(turns.filter((turn) => turn.state === "open").map((turn) => turn.seq));
    after = Math.max(after, ...turns.map((turn) => turn.seq));
    print(
      turns.filter((turn) => turn.state !== "open" && (state === undefined || turn.state === state)),
      context,
    );
  }
}

function printJson(turns: readonly LoggedTurn[], { out }: LogContext): void {
  for (const { seq: _seq, ...turn } of turns) out(`${printableJson(turn)}\n`);
}

const HEADINGS = ["time", "turn", "state", "client", "model", "status", "in", "out", "cached", "ms", "fault"] as const;
const RIGHT: ReadonlySet<string> = new Set(["status", "in", "out", "cached", "ms"]);

/** A printer of tables whose columns stay as wide as they have once been. */
function printTable(): Print {
  const widths: number[] = HEADINGS.map((heading) => heading.length);
  let begun = false;
  return (turns, { out }) => {
    const rows = turns.map(cellsOf);
    for (const row of rows) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
    if (!begun) rows.unshift([...HEADINGS]);
    begun = true;
    for (const row of rows)
      out(
        `${row
          .map((cell, index) => pad(cell, index, widths[index] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
      );
  };
}

function pad(cell: string, column: number, width: number): string {
  return RIGHT.has(HEADINGS[column] ?? "") ? cell.padStart(width) : cell.padEnd(width);
}

const CLIENT_WIDTH = 24;
const FAULT_WIDTH = 60;

function cellsOf(turn: LoggedTurn): string[] {
  const { usage } = turn;
  const count = (value: number | undefined): string => (value === undefined ? "" : `${usage?.estimated === true ? "~" : ""}${value}`);
  const fault = [turn.fault, turn.detail].filter((text) => text !== null).join(": ");
  return [
    clockTime(turn.at),
    turn.id,
    turn.state,
    // The first word of a user agent names the client.
    cut(turn.client?.split(" ")[0] ?? "", CLIENT_WIDTH),
    modelOf(turn),
    turn.status === null ? "" : String(turn.status),
    count(usage?.input),
    count(usage?.output),
    count(usage?.cached),
    turn.durationMs === null ? "" : String(Math.round(turn.durationMs)),
    cut(fault, FAULT_WIDTH),
  ].map(printableLine);
}

const cut = (text: string, width: number): string => (text.length > width ? `${text.slice(0, width - 3)}...` : text);

/** `asked -> provider/target`; the target's name only where it is another. */
function modelOf({ model, provider, targetModel }: LoggedTurn): string {
  if (provider === null) return model ?? "";
  return `${model ?? "?"} -> ${provider}${targetModel === null || targetModel === model ? "" : `/${targetModel}`}`;
}
