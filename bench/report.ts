// The verdicts: each promise about speed as one row with what was measured, what was promised, and whether it was kept.
import type { ChainFigures } from "./chain.ts";
import type { Measurement } from "./measure.ts";
import { median } from "./plan.ts";
import type { TargetName } from "./scenario.ts";
import type { SocketFigures } from "./sockets.ts";

/** Cores that others may keep busy before a measurement is thought disturbed. */
export const QUIET = 0.15;

/** All measurements. Those under load: by scenario, then by target, one for each round. */
export interface Results {
  load: Record<string, Partial<Record<TargetName, Measurement[]>>>;
  chain?: ChainFigures;
  sockets?: SocketFigures;
}

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

/** Picks a figure. */
export type Pick = (measurement: Measurement) => number;

/** Compares the rows against the results; what a figure is compared with comes from the same run. */
export function judge(results: Results): Row[] {
  const { load: loads, chain, sockets } = results;
  const of = (scenario: string, target: TargetName, pick: Pick): number => median((loads[scenario]?.[target] ?? []).map(pick));
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
  const overUnstored = (scenario: string, pick: Pick): number => of(scenario, "stored", pick) - of(scenario, "gateway", pick);
  const bad = Object.values(loads).flatMap((targets) => Object.values(targets).flatMap((runs) => runs.map((run) => run.bad)));
  for (const figures of [chain, sockets]) if (figures !== undefined) bad.push(figures.bad);
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
    most(
      "store64",
      "terminal event delayed by the state write, p50",
      overUnstored("store64", ({ load }) => load.ending.p50),
      2,
      "ms",
    ),
    most(
      "store64",
      "terminal event delayed by the state write, p99",
      overUnstored("store64", ({ load }) => load.ending.p99),
      10,
      "ms",
    ),
    most("chain2", "a stored history of 2 MB read back, over bytes that are ready", chain?.addedReading ?? Number.NaN, 10, "ms"),
    most("chain2", "a turn continues it, over sending it whole", chain?.added ?? Number.NaN, 10, "ms"),
    most("chain2", "the same, itself stored", chain?.addedStored ?? Number.NaN, 10, "ms"),
    most("sockets1000", "memory of 1,000 idle WebSockets, gateway just started", sockets?.first ?? Number.NaN, 40, "MB"),
    most("sockets1000", "the same, gateway at work before, the most of all", sockets?.most ?? Number.NaN, 40, "MB"),
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
