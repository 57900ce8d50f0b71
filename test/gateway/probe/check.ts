// `check PROVIDER` in this process, before a scripted upstream. Promises that what it prints is there to be looked at, and that nothing stays.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../src/cli/main.ts";
import type { JsonObject } from "../../../src/kit/json.ts";
import { asObject, parseJson } from "../../../src/kit/json.ts";
import type { FaultUpstream, Step } from "../../support/fault-upstream.ts";
import { startFaultUpstream } from "../../support/fault-upstream.ts";
import { afterThis } from "../../support/gateway.ts";

export const KEY = "sk-canary-4f9c2e71d0ab";

/** What came of it. */
export interface Checked {
  code: number;
  out: string;
  error: string;
  upstream: FaultUpstream;
  /** Of `--json`. */
  report: JsonObject;
}

/** How a check differs from a plain one. */
interface CheckOptions {
  argv?: string[];
  /** Further entries of the configuration, and of the provider in it. */
  entries?: JsonObject;
  provider?: JsonObject;
}

/** Probes a scripted upstream under the name `box`. */
export async function check(step: Step, { argv = ["--json"], entries = {}, provider = {} }: CheckOptions = {}): Promise<Checked> {
  const upstream = await startFaultUpstream();
  afterThis(() => upstream.close());
  upstream.always(step);
  const result = await command(["check", "box", "--model", "m", ...argv], {
    providers: { box: { dialect: "chat", base_url: upstream.url, key: KEY, ...provider } },
    ...entries,
  });
  return { ...result, upstream, report: asObject(parseJson(result.out)) ?? {} };
}

/** Runs a command with these entries of `config.yaml`. */
export async function command(argv: string[], entries: JsonObject): Promise<{ code: number; out: string; error: string }> {
  const folder = await mkdtemp(join(tmpdir(), "waystation-check-"));
  afterThis(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "config.yaml");
  await writeFile(file, JSON.stringify({ discover: false, ...entries }));
  let out = "";
  let error = "";
  const terminal = {
    out: (chunk: string | Uint8Array) => void (out += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()),
    error: (chunk: string) => void (error += chunk),
    environment: {},
  };
  return { code: await run([...argv, "--config", file], terminal), out, error };
}
