// One measurement: a scenario on a target, seen from the client, from the upstream and from /proc.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LoadDialect, LoadPlan, LoadResult } from "./plan.ts";
import { countBad } from "./plan.ts";
import { readMachineMs, readUse, settle, type Server } from "./processes.ts";
import { requestBody, type Scenario, type TargetName } from "./scenario.ts";

/** Where load is sent. */
export interface Target {
  name: TargetName;
  dialect: LoadDialect;
  path: string;
  server: Server;
}

/** What a run of a scenario on a target showed. Times in milliseconds, memory in mebibytes. */
export interface Measurement {
  load: LoadResult;
  bad: number;
  /** CPU of the target's whole process tree for each request; NaN for direct. */
  cpuMs: number;
  rssStart: number;
  rssMost: number;
  /** Memory's trend over the later part of the run, a minute; NaN where the run was short. */
  rssSlope: number;
  /** Replies that the upstream saw broken off. */
  abortedUpstream: number;
  /** Cores that processes outside the bench kept busy meanwhile. */
  others: number;
}

/** A run shorter than this has no trend; the first part of a longer one is not counted into it. */
const TREND_FROM_S = 20;
const TREND_SAMPLES = 40;

interface UpstreamStats {
  aborted: number;
  active: number;
}

async function getJson<T>(url: string): Promise<T> {
  const reply = await fetch(url);
  // Our own upstream answers; its shapes are declared where this is called.
  return (await reply.json()) as T;
}

/** Runs a scenario on a target. `upstream` is the simulated server's origin, `folder` a place for the request's body. */
export async function measure(target: Target, scenario: Scenario, upstream: string, folder: string): Promise<Measurement> {
  const setting = Object.entries(scenario.upstream).map(([name, value]) => `${name}=${value}`);
  await getJson(`${upstream}/control?${setting.join("&")}`);
  const body = join(folder, `${target.name}-${scenario.stream ? "stream" : "whole"}-${scenario.history}.json`);
  writeFileSync(body, requestBody(target.dialect, scenario, target.name === "stored"));
  const plan: LoadPlan = {
    url: target.server.origin + target.path,
    dialect: target.dialect,
    body,
    stream: scenario.stream,
    tokens: scenario.upstream.tokens,
    ...scenario.load,
  };
  const before = await getJson<UpstreamStats>(`${upstream}/stats`);
  const used = readUse(target.server.pid);
  const memory: [seconds: number, rssMb: number][] = [];
  const startAt = performance.now();
  const machineBefore = readMachineMs() - readUse(process.pid).cpuMs;
  const timer = setInterval(() => memory.push([(performance.now() - startAt) / 1000, readUse(target.server.pid).rssMb]), 500);
  const load = await drive(plan).finally(() => clearInterval(timer));
  const machineAfter = readMachineMs() - readUse(process.pid).cpuMs;
  const elapsedMs = performance.now() - startAt;
  // What the log still writes is part of a request's price.
  await settle(target.server);
  const after = await getJson<UpstreamStats>(`${upstream}/stats`);
  return {
    load,
    bad: countBad(load),
    cpuMs:
      target.name === "direct" ? Number.NaN : (readUse(target.server.pid).cpuMs - used.cpuMs) / Math.max(1, load.completed + load.hungUp),
    rssStart: used.rssMb,
    rssMost: Math.max(used.rssMb, ...memory.map(([, rss]) => rss)),
    rssSlope: slopeOf(memory),
    abortedUpstream: after.aborted - before.aborted,
    others: Math.max(0, (machineAfter - machineBefore - load.driverMs) / elapsedMs),
  };
}

async function drive(plan: LoadPlan): Promise<LoadResult> {
  const script = join(import.meta.dirname, "load.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(plan)], { maxBuffer: 2 ** 20 });
  // The driver prints exactly this.
  return JSON.parse(stdout) as LoadResult;
}

/** Mebibytes a minute, by least squares. */
function slopeOf(memory: readonly (readonly [number, number])[]): number {
  const late = memory.filter(([seconds]) => seconds > TREND_FROM_S);
  if (late.length < TREND_SAMPLES) return Number.NaN;
  const mean = (pick: 0 | 1): number => late.reduce((sum, sample) => sum + sample[pick], 0) / late.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const covariance = late.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = late.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return (covariance / variance) * 60;
}
