// The verdicts: each promise about speed as one row with what was measured, what was promised, and whether it was kept.
import type { Measurement, Target } from "./measure.ts";
import { median } from "./plan.ts";

/** Cores that others may keep busy before a measurement is thought disturbed. */
export const QUIET = 0.15;

/** All measurements: by scenario, then by target, one for each round. */
export type Results = Record<string, Partial<Record<Target["name"], Measurement[]>>>;

/** One promise. `value` and `limit` are in `unit`; NaN = not measured in this run. */
export interface Row {
  scenario: string;
  what: string;
  value: number;
  limit: number;
  unit: string;
  /** Whether the value must be below the limit or above it. */
  is: "at most" | "at least";
}

/** Whether a promise was kept; undefined where it was not measured. */
export function isKept(row: Row): boolean | undefined {
  if (Number.isNaN(row.value)) return undefined;
  return row.is === "at most" ? row.value <= row.limit : row.value >= row.limit;
}

type Pick = (measurement: Measurement) => number;

/** Compares the rows against the results; the pipe and going direct come from the same run. */
export function judge(results: Results): Row[] {
  const of = (scenario: string, target: Target["name"], pick: Pick): number => median((results[scenario]?.[target] ?? []).map(pick));
  const total: Pick = ({ load }) => load.total.p50;
  const rate: Pick = ({ load }) => load.rate;
  const cpu: Pick = ({ cpuMs }) => cpuMs;
  const growth: Pick = ({ rssMost, rssStart }) => rssMost - rssStart;
  const overDirect = (scenario: string, pick: Pick): number => of(scenario, "gateway", pick) - of(scenario, "direct", pick);
  const overPipe = (scenario: string, pick: Pick): number => of(scenario, "gateway", pick) - of(scenario, "pipe", pick);
  const timesPipe = (scenario: string, pick: Pick): number => of(scenario, "gateway", pick) / of(scenario, "pipe", pick);
  const most = (scenario: string, what: string, value: number, limit: number, unit: string): Row => ({
    scenario,
    what,
    value,
    limit,
    unit,
    is: "at most",
  });
  const least = (scenario: string, what: string, value: number, limit: number, unit: string): Row => ({
    ...most(scenario, what, value, limit, unit),
    is: "at least",
  });
  const throughput = (scenario: string, whose: string): Row[] => [
    least(scenario, `throughput, ${whose}`, timesPipe(scenario, rate), 0.4, "x pipe"),
    most(scenario, `CPU a request, ${whose}`, timesPipe(scenario, cpu), 3, "x pipe"),
  ];
  const bad = Object.values(results).flatMap((targets) => Object.values(targets).flatMap((runs) => runs.map((run) => run.bad)));
  return [
    most("seq", "added latency, whole reply, p50, over direct", overDirect("seq", total), 0.3, "ms"),
    ...throughput("ns64", "whole replies, 64 connections"),
    ...throughput("st64", "streams of 40 tokens, 64 connections"),
    most(
      "paced200",
      "time to first token, p50, over the pipe",
      overPipe("paced200", ({ load }) => load.firstToken.p50),
      1,
      "ms",
    ),
    most(
      "paced200",
      "time to first token, p99, over the pipe",
      overPipe("paced200", ({ load }) => load.firstToken.p99),
      5,
      "ms",
    ),
    most("big2", "added latency, history of 2 MB, p50, over direct", overDirect("big2", total), 15, "ms"),
    // Twice the size may take twice as long; what is above that is noise up to a quarter, and then it is no line.
    most("big2", "added latency, 2 MB against 1 MB", overDirect("big2", total) / overDirect("big1", total), 2.5, "x"),
    most("rss1000", "memory growth, 1,000 streams", timesPipe("rss1000", growth), 1.2, "x pipe"),
    least(
      "abort",
      "hang-ups seen by the upstream",
      of("abort", "gateway", (run) => run.abortedUpstream / run.load.hungUp),
      1,
      "of 1",
    ),
    // Flat: less than the steps in which the collector takes and gives back memory.
    most(
      "abort",
      "memory's trend, 30 % of clients hang up",
      of("abort", "gateway", ({ rssSlope }) => rssSlope),
      5,
      "MB/min",
    ),
    most("all", "replies cut, wrong, refused or late", bad.length > 0 ? bad.reduce((sum, count) => sum + count, 0) : Number.NaN, 0, ""),
  ];
}

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
    Object.values(results).flatMap((targets) => Object.values(targets).flatMap((runs) => runs.map((run) => run.others))),
  );
  if (!(others > QUIET)) return "";
  return `Other processes kept ${shown(others)} cores busy: latencies and throughputs of this run say little; CPU for each request says more.\n`;
}

/** The figures behind the promises: medians of the rounds. */
export function writeFigures(results: Results): string {
  const lines = Object.entries(results).flatMap(([scenario, targets]) =>
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
