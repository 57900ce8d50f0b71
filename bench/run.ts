// The bench: the gateway beside going direct and beside a bare pipe, on the same work in the same minutes, round after round.
// `npm run bench -- [--only seq,st64] [--rounds 5] [--patience 3] [--quick] [--pipe-only]`. Exit 1 where a promise is broken.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { measureChain } from "./chain.ts";
import { measure, type Measurement, type Target } from "./measure.ts";
import { startServer, stopServer, type Server } from "./processes.ts";
import { isKept, judge, QUIET, type Results } from "./report.ts";
import { probe } from "./probe.ts";
import { scenarios, TARGETS, type Scenario, type TargetName } from "./scenario.ts";
import { measureSockets } from "./sockets.ts";
import { writeFigures, writeVerdicts, writeWarning } from "./tables.ts";

const OTHERS = ["chain2", "sockets1000"];
const ROOT = resolve(import.meta.dirname, "..");
const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "5" },
    quick: { type: "boolean", default: false },
    patience: { type: "string", default: "3" },
    "pipe-only": { type: "boolean", default: false },
  },
});
const chosen = choose(options.only);
const rounds = options.quick ? 1 : Number(options.rounds);
const patience = options.quick ? 1 : Number(options.patience);
if (!(rounds >= 1 && patience >= 1)) stop("--rounds and --patience take a number");

const folder = mkdtempSync(join(tmpdir(), "waystation-bench-"));
/** Nothing of the user's own: no keys, no configuration. */
const env = { PATH: process.env["PATH"] ?? "", HOME: folder, LANG: "C.UTF-8", NODE_ENV: "production" };
const servers = new Set<Server>();

function stop(message: string): never {
  process.stderr.write(`bench: ${message}\n`);
  process.exit(2);
}

/** Scenarios by their names, and what is measured otherwise than by load. */
function choose(only: string | undefined): { loads: Scenario[]; others: ReadonlySet<string> } {
  const all = scenarios(options.quick);
  if (only === undefined) return { loads: all, others: new Set(OTHERS) };
  const wanted = (full: string): boolean => only.split(",").some((name) => full === name || full.replace(/\d+$/, "") === name);
  const names = [...all.map(({ name }) => name), ...OTHERS];
  for (const name of only.split(","))
    if (!names.some((full) => full === name || full.replace(/\d+$/, "") === name))
      stop(`no scenario ${name}; there are ${names.join(", ")}`);
  return { loads: all.filter(({ name }) => wanted(name)), others: new Set(OTHERS.filter(wanted)) };
}

async function start(name: string, command: readonly string[]): Promise<Server> {
  const server = await startServer(command, env, join(folder, `${name}.log`), ROOT);
  servers.add(server);
  return server;
}

async function startTarget(name: "pipe" | "gateway", upstream: string): Promise<Target> {
  if (name === "pipe") {
    const server = await start(name, [process.execPath, "bench/pipe.ts", upstream]);
    return { name, dialect: "chat", path: "/v1/chat/completions", server };
  }
  const config = join(folder, "config.yaml");
  rmSync(join(folder, "data"), { recursive: true, force: true });
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: join(folder, "data"),
      providers: { sim: { dialect: "chat", base_url: `${upstream}/v1` } },
      models: { sim: { provider: "sim", model: "sim" } },
      log: { capture: "full" },
    }),
  );
  // As a user starts it; JSON is YAML.
  const server = await start(name, ["npm", "start", "--silent", "--", "--config", config, "--host", "127.0.0.1", "--port", "0"]);
  return { name, dialect: "responses", path: "/v1/responses", server };
}

async function end(server: Server): Promise<void> {
  servers.delete(server);
  await stopServer(server);
}

async function runAll(): Promise<Results> {
  const upstreamServer = await start("upstream", [process.execPath, "bench/upstream.ts"]);
  const upstream = upstreamServer.origin;
  const direct: Target = { name: "direct", dialect: "chat", path: "/v1/chat/completions", server: upstreamServer };
  const names = options["pipe-only"] ? (["pipe"] as const) : (["pipe", "gateway"] as const);
  const targets = new Map<TargetName, Target>([["direct", direct]]);
  const renew = async (name: "pipe" | "gateway"): Promise<Target> => {
    const old = targets.get(name);
    if (old !== undefined) await end(old.server);
    const target = await startTarget(name, upstream);
    targets.set(name, target);
    if (name === "gateway") targets.set("stored", { ...target, name: "stored" });
    return target;
  };
  for (const name of names) await renew(name);
  for (const target of targets.values()) await probe(target);
  const results: Results = { load: {} };
  for (const scenario of chosen.loads) {
    for (let round = 0; round < Math.min(rounds, scenario.rounds ?? rounds); round += 1) {
      for (const name of scenario.targets ?? TARGETS) {
        if (scenario.fresh === true && (name === "pipe" || name === "gateway") && targets.has(name)) await renew(name);
        const target = targets.get(name);
        if (target === undefined) continue;
        const measurement = await measureQuietly(target, scenario, upstream);
        ((results.load[scenario.name] ??= {})[name] ??= []).push(measurement);
        tell(`${scenario.name} #${round + 1} ${name}`, measurement);
      }
    }
  }
  if (options["pipe-only"]) return results;
  if (chosen.others.has("chain2")) {
    const { server } = await renew("gateway");
    await fetch(`${upstream}/control?tokens=40&interval_us=0&coalesce=4`);
    results.chain = await measureChain(server.origin, upstream, options.quick ? 3 : 30);
  }
  if (chosen.others.has("sockets1000")) results.sockets = await measureSockets((await renew("gateway")).server, 1000);
  return results;
}

function tell(what: string, { load, bad, cpuMs, others }: Measurement): void {
  const { total, firstToken, ending } = load;
  const ended = ending.count > 0 ? `ending ${ending.p50.toFixed(3)} / ${ending.p99.toFixed(3)} ms, ` : "";
  process.stderr.write(
    `${what}: ${load.rate.toFixed(0)}/s, p50 ${total.p50.toFixed(3)} ms, first token ${firstToken.p50.toFixed(3)} ms, ${ended}` +
      `CPU ${cpuMs.toFixed(3)} ms, others ${others.toFixed(2)}, bad ${bad}\n`,
  );
}

/** Measures again, up to a limit, what other processes of the machine disturbed; the least disturbed run counts. */
async function measureQuietly(target: Target, scenario: Scenario, upstream: string): Promise<Measurement> {
  const tries = scenario.fresh === true ? 1 : patience;
  let best = await measure(target, scenario, upstream, folder);
  for (let tried = 1; tried < tries && best.others > QUIET; tried += 1) {
    await sleep(tried * 1000);
    const next = await measure(target, scenario, upstream, folder);
    if (next.others < best.others) best = next;
  }
  return best;
}

async function runAndEnd(): Promise<Results> {
  try {
    return await runAll();
  } finally {
    await endAll();
  }
}

async function endAll(): Promise<void> {
  await Promise.all([...servers].map(end));
  rmSync(folder, { recursive: true, force: true });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void endAll().then(() => process.exit(1)));
const machine = { cores: cpus().length, processor: cpus()[0]?.model ?? "", node: process.version, loadBefore: loadavg()[0] ?? 0 };
const results = await runAndEnd();
const rows = judge(results);
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const date = new Date().toISOString();
mkdirSync(join(ROOT, "bench/results"), { recursive: true });
const file = join("bench/results", `${date.slice(0, 19).replaceAll(":", "-")}.json`);
writeFileSync(join(ROOT, file), `${JSON.stringify({ date, version, machine, quick: options.quick, rounds, rows, results }, null, 1)}\n`);
process.stdout.write(
  `${writeFigures(results)}\n\n${writeVerdicts(rows)}\n\n${writeWarning(results)}Node ${machine.node}, ${machine.cores} cores; written to ${file}\n`,
);
process.exitCode = rows.some((row) => isKept(row) === false) ? 1 : 0;
