// A checked file as the `Config` of the program: names that refer to each other are followed, secrets that are empty are
// taken as absent, and what would be unsafe is refused.
import { defined } from "../kit/json.ts";
import type { Config, ModelConfig, ProviderConfig } from "./config.ts";
import type { Located } from "./document.ts";
import { pathText } from "./explain.ts";
import { bareHost, isLoopback } from "./loopback.ts";
import type { Problem } from "./problem.ts";
import type { ConfigFile } from "./schema.ts";
import { suggest } from "./suggest.ts";
import { readCapabilities, readQuirks } from "./target-schema.ts";
import { problemOfHost } from "./value-checks.ts";

interface CommandLine {
  host?: string;
  port?: number;
  knownProviders: readonly string[];
  baseUrlForms?: Readonly<Record<string, string>>;
}

export type Resolved = { ok: true; config: Config } | { ok: false; problems: Problem[] };

/** Follows all references and applies the command line. `dataDir` is absolute. */
export function resolveConfig(file: ConfigFile, located: Located, line: CommandLine, dataDir: string): Resolved {
  const problems: Problem[] = [];
  const providers = record<ProviderConfig>();
  for (const [name, entry] of Object.entries(file.providers)) providers[name] = provider(name, entry, located, line, problems);
  const targets = [...new Set([...Object.keys(providers), ...line.knownProviders])];
  const models = record<ModelConfig>();
  for (const [name, entry] of Object.entries(file.models)) {
    models[name] = model(entry);
    problems.push(...problemsOfModel(name, entry, targets, Object.keys(file.models), located));
    problems.push(...problemsOfAddress(name, entry, Object.keys(providers), located, line));
  }
  const host = bareHost(line.host ?? file.server.host);
  problems.push(...problemsOfBind(host, file.server.keys, located, line));
  if (problems.length > 0) return { ok: false, problems };
  const server = {
    ...file.server,
    host,
    port: line.port ?? file.server.port,
    hosts: file.server.hosts.map((name) => bareHost(name).toLowerCase()),
  };
  const { discover, strict, log, state, limits } = file;
  const compaction = defined(file.compaction);
  return { ok: true, config: { server, data_dir: dataDir, discover, strict, providers, models, log, state, compaction, limits } };
}

/** A map by names that come from outside: nothing is inherited, so that no model is found under `constructor`. */
function record<T>(): Record<string, T> {
  // An object without prototype has no type of its own.
  return Object.create(null) as Record<string, T>;
}

function provider(
  name: string,
  entry: ConfigFile["providers"][string],
  located: Located,
  line: CommandLine,
  problems: Problem[],
): ProviderConfig {
  const path = ["providers", name];
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) {
    const message = `"${name}" cannot name a provider, because models are asked for as PROVIDER/MODEL; use letters, digits, "-", "_" and "."`;
    problems.push({ at: located.keyAt(path), message });
  }
  const kind = entry.kind ?? (line.knownProviders.includes(name) ? name : undefined);
  if (kind !== undefined && !line.knownProviders.includes(kind)) {
    const message = `${pathText(path)}.kind: there is no provider "${kind}"; ${suggest(kind, line.knownProviders, "known providers")}`;
    problems.push({ at: located.valueAt([...path, "kind"]), message });
  }
  if (kind === undefined && (entry.dialect === undefined || entry.base_url === undefined)) {
    const missing = (["dialect", "base_url"] as const).filter((key) => entry[key] === undefined).join(" and ");
    const message = `${pathText(path)} is no known provider and has no ${missing}; add ${missing}, or a kind: ${line.knownProviders.join(", ")}`;
    problems.push({ at: located.keyAt(path), message });
  }
  const form = kind === undefined || entry.base_url !== undefined ? undefined : line.baseUrlForms?.[kind];
  if (form !== undefined) {
    const message = `${pathText(path)} has no base_url, and ${kind} has no address that is the same for everybody; add base_url: ${form}`;
    problems.push({ at: located.keyAt(path), message });
  }
  return {
    ...defined({
      kind,
      dialect: entry.dialect,
      base_url: entry.base_url?.replace(/\/+$/, ""),
      key: entry.key === "" ? undefined : entry.key,
      headers: entry.headers && Object.fromEntries(Object.entries(entry.headers).map(([header, value]) => [header.toLowerCase(), value])),
    }),
    capabilities: readCapabilities(entry.capabilities),
    quirks: readQuirks(entry.quirks),
  };
}

function model(entry: ConfigFile["models"][string]): ModelConfig {
  const { provider: target, model: upstream, context_window, fallback, reasoning, age_tool_results: age } = entry;
  const age_tool_results = age && { keepLast: age.keep_last, overBytes: age.over_bytes };
  const quirks = { ...readQuirks(entry.quirks), ...defined({ reasoningKeep: reasoning?.keep }) };
  const overrides = { capabilities: readCapabilities(entry.capabilities), quirks };
  return { provider: target, fallback, ...defined({ model: upstream, context_window, age_tool_results }), ...overrides };
}

function problemsOfModel(
  name: string,
  entry: ConfigFile["models"][string],
  targets: string[],
  models: string[],
  located: Located,
): Problem[] {
  const problems: Problem[] = [];
  const path = ["models", name];
  if (!targets.includes(entry.provider)) {
    const message = `${pathText(path)}.provider: there is no provider "${entry.provider}"; ${suggest(entry.provider, targets, "providers")}`;
    problems.push({ at: located.valueAt([...path, "provider"]), message });
  }
  if (!/^[^\s\p{Cc}]+( [^\s\p{Cc}]+)*$/u.test(name)) {
    problems.push({
      at: located.keyAt(path),
      message: `${pathText(path)}: this cannot name a model; write a name without line breaks or outer spaces`,
    });
  }
  for (const [index, other] of entry.fallback.entries()) {
    const wrong = problemOfFallback(name, other, targets, models);
    const place = [...path, "fallback", index];
    if (wrong !== undefined) problems.push({ at: located.valueAt(place), message: `${pathText(place)}: ${wrong}` });
  }
  return problems;
}

/** Known providers without an address lead nowhere before an entry of their own gives them one. */
function problemsOfAddress(
  name: string,
  entry: ConfigFile["models"][string],
  configured: string[],
  located: Located,
  line: CommandLine,
): Problem[] {
  const path = ["models", name];
  const places: [(string | number)[], string][] = [[[...path, "provider"], entry.provider]];
  for (const [index, other] of entry.fallback.entries()) places.push([[...path, "fallback", index], other.split("/", 1)[0] ?? ""]);
  return places.flatMap(([place, target]) => {
    const form = configured.includes(target) ? undefined : line.baseUrlForms?.[target];
    if (form === undefined) return [];
    const message = `${pathText(place)}: ${target} has no address that is the same for everybody; add providers.${target} with base_url: ${form}`;
    return [{ at: located.valueAt(place), message }];
  });
}

function problemOfFallback(name: string, other: string, targets: string[], models: string[]): string | undefined {
  if (other === name) return "a model cannot be its own fallback; remove it";
  const names = models.filter((known) => known !== "*" && known !== name);
  if (names.includes(other)) return undefined;
  const slash = other.indexOf("/");
  if (slash <= 0) return `there is no model "${other}" here; ${suggest(other, names, "models")} Any other is written PROVIDER/MODEL`;
  const target = other.slice(0, slash);
  return targets.includes(target) ? undefined : `there is no provider "${target}"; ${suggest(target, targets, "providers")}`;
}

function problemsOfBind(host: string, keys: string[], located: Located, line: CommandLine): Problem[] {
  const asked = line.host !== undefined;
  const place = asked ? { message: "--host" } : { at: located.valueAt(["server", "host"]), message: "server.host" };
  const wrong = asked ? problemOfHost(host) : undefined;
  if (wrong !== undefined) return [{ ...place, message: `${place.message}: ${wrong}` }];
  if (isLoopback(host) || keys.length > 0) return [];
  const advice = 'add a key (beginning with "wk_") to server.keys, or listen on 127.0.0.1';
  return [{ ...place, message: `${place.message} ${host} can be reached from other machines, and no client keys are set; ${advice}` }];
}
