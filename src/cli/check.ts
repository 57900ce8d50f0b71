// `waystation check`: the configuration as it was understood. Promises that no secret is printed, and no server is asked.
import type { Config, ModelConfig, ProviderConfig } from "../config/config.ts";
import type { Environment } from "../config/interpolate.ts";
import type { Provider } from "../contract.ts";

/** The configuration in words. `file` is what was read, undefined = defaults. */
export function describeConfig(config: Config, file: string | undefined, known: readonly Provider[], environment: Environment): string {
  const { server, log } = config;
  const host = server.host.includes(":") ? `[${server.host}]` : server.host;
  const keys = server.keys.length === 0 ? "no client keys asked for" : `${server.keys.length} client key(s)`;
  const byKey = config.discover ? known.filter((provider) => isFoundByKey(provider, config, environment)) : [];
  const reached = byKey.filter((provider) => provider.baseUrl !== "");
  return [
    `configuration  ${file ?? "none: defaults"}`,
    `listens on     http://${host}:${server.port} (${keys})`,
    `data           ${config.data_dir}`,
    `log            ${log.capture}`,
    `discovery      ${config.discover ? "on: local servers on their usual ports, vendors by their key" : "off"}`,
    ...section("providers", Object.entries(config.providers), (entry) => describeProvider(entry, known)),
    ...section(
      "found by key",
      reached.map((provider) => [provider.id, provider]),
      (provider) => `${provider.baseUrl} (${provider.keyEnv})`,
    ),
    ...section(
      "a key, but no address",
      byKey.filter((provider) => !reached.includes(provider)).map((provider) => [provider.id, provider]),
      (provider) => `${provider.keyEnv} is set; add providers.${provider.id} with base_url: ${provider.baseUrlForm}`,
    ),
    ...section("models", Object.entries(config.models), describeModel),
    "",
  ].join("\n");
}

function section<T>(title: string, entries: readonly (readonly [string, T])[], describe: (entry: T) => string): string[] {
  if (entries.length === 0) return [];
  const width = Math.max(...entries.map(([name]) => name.length));
  return ["", title, ...entries.map(([name, entry]) => `  ${name.padEnd(width)}  ${describe(entry)}`)];
}

function describeProvider(entry: ProviderConfig, known: readonly Provider[]): string {
  const kind = known.find((provider) => provider.id === entry.kind);
  const dialect = entry.dialect ?? kind?.dialect ?? "?";
  const url = entry.base_url ?? kind?.baseUrl ?? "?";
  const kindText = kind === undefined ? "" : `, as ${kind.id}`;
  const keyText = entry.key === undefined ? "" : ", with a key";
  return `${dialect} at ${url}${kindText}${keyText}`;
}

function describeModel(entry: ModelConfig): string {
  const target = `-> ${entry.provider}/${entry.model ?? "(the name asked for)"}`;
  const context = entry.context_window === undefined ? "" : `, ${entry.context_window} tokens`;
  const fallback = entry.fallback.length === 0 ? "" : `, else ${entry.fallback.join(", ")}`;
  return target + context + fallback;
}

function isFoundByKey(provider: Provider, config: Config, environment: Environment): boolean {
  const set = provider.keyEnv !== undefined && (environment[provider.keyEnv] ?? "") !== "";
  return set && !Object.hasOwn(config.providers, provider.id);
}
