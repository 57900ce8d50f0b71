// The tables of the report: the figures, the verdicts, and a word of warning where the machine was busy.
import { median, type Percentiles } from "./plan.ts";
import { isKept, QUIET, type Pick, type Results, type Row } from "./report.ts";

const shown = (value: number, digits = 2): string => (Number.isNaN(value) ? "-" : value.toFixed(digits));

/** The promises as a table. */
export function writeVerdicts(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const kept = isKept(row);
    const verdict = kept === undefined ? "not measured" : kept ? "pass" : "FAIL";
    return [row.scenario, row.what, `${shown(row.value)} ${row.unit}`.trim(), `${row.is} ${row.limit} ${row.unit}`.trim(), verdict];
  });
  return writeTable([["scenario", "what", "measured", "promised", "verdict"], ...lines]);
}

/** A word of warning where others kept the machine busy; empty where they did not. */
export function writeWarning(results: Results): string {
  const others = median(
    Object.values(results.load).flatMap((targets) => Object.values(targets).flatMap((runs) => runs.map((run) => run.others))),
  );
  if (!(others > QUIET)) return "";
  return `Other processes kept ${shown(others)} cores busy: latencies and throughputs of this run say little; CPU for each request says more.\n`;
}

/** The figures behind the promises: medians of the rounds. */
export function writeFigures(results: Results): string {
  return [writeLoads(results), writeChain(results), writeSockets(results)].filter((text) => text !== "").join("\n\n");
}

function writeChain({ chain }: Results): string {
  if (chain === undefined) return "";
  const row = (what: string, { p50, p90, p99 }: Percentiles): string[] => [what, ...[p50, p90, p99].map((time) => shown(time, 3))];
  return writeTable([
    ["history of 2 MB", "p50 ms", "p90", "p99"],
    row("GET the response", chain.response),
    row("GET all input items, 3 pages", chain.items),
    row("as many bytes that are ready", chain.bytes),
    row("turn continuing it", chain.chained),
    row("turn continuing it, stored", chain.chainedStored),
    row("turn sending it whole", chain.whole),
  ]);
}

function writeSockets({ sockets }: Results): string {
  if (sockets === undefined) return "";
  const { first, idle, prewarmed, used } = sockets;
  return writeTable([
    ["1,000 WebSockets", "MB more"],
    ["that did nothing, gateway just started", shown(first)],
    ["that did nothing, gateway at work before", shown(idle)],
    ["after a prewarm each", shown(prewarmed)],
    ["after a turn each", shown(used)],
  ]);
}

function writeLoads(results: Results): string {
  if (Object.keys(results.load).length === 0) return "";
  const lines = Object.entries(results.load).flatMap(([scenario, targets]) =>
    Object.entries(targets).map(([target, runs]) => {
      const of = (pick: Pick): number => median(runs.map(pick));
      return [
        scenario,
        target,
        shown(
          of(({ load }) => load.rate),
          0,
        ),
        `${shown(
          of(({ load }) => load.total.p50),
          3,
        )} / ${shown(
          of(({ load }) => load.total.p99),
          3,
        )}`,
        `${shown(
          of(({ load }) => load.firstToken.p50),
          3,
        )} / ${shown(
          of(({ load }) => load.firstToken.p99),
          3,
        )}`,
        `${shown(
          of(({ load }) => load.ending.p50),
          3,
        )} / ${shown(
          of(({ load }) => load.ending.p99),
          3,
        )}`,
        shown(
          of(({ cpuMs }) => cpuMs),
          3,
        ),
        `${shown(
          of(({ rssStart }) => rssStart),
          0,
        )} to ${shown(
          of(({ rssMost }) => rssMost),
          0,
        )}`,
        shown(of(({ load }) => load.driverLoad)),
        shown(of(({ others }) => others)),
        String(runs.reduce((sum, run) => sum + run.bad, 0)),
      ];
    }),
  );
  const head = [
    "scenario",
    "target",
    "replies/s",
    "total ms p50/p99",
    "first token ms p50/p99",
    "ending ms p50/p99",
    "CPU ms/req",
    "RSS MB",
    "driver",
    "others",
    "bad",
  ];
  return writeTable([head, ...lines]);
}

function writeTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...rest] = rows;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rest.map(line)].join("\n");
}
