// What a probe found as lines of `config.yaml`. Pure. Promises the names of the file's own schema, only what differs, and an entry that is
// read as it stands: what it needs besides to be valid is in it.
import { stringify } from "yaml";
import type { Config, ModelConfig } from "../../config/config.ts";
import { writeOverrides } from "../../config/target-schema.ts";
import type { RouteProvider, Target } from "../target.ts";
import type { ProbeReport } from "./probe.ts";

/** The entries to write down, as a part of the file; undefined where nothing differs. */
export function fragmentEntries(
  target: Target,
  from: RouteProvider,
  config: Pick<Config, "providers" | "models">,
  differs: ProbeReport["differs"],
): Record<string, unknown> | undefined {
  const capabilities = writeOverrides(differs.capabilities);
  const quirks = writeOverrides(differs.quirks);
  const overrides = {
    ...(Object.keys(capabilities).length > 0 ? { capabilities } : {}),
    ...(Object.keys(quirks).length > 0 ? { quirks } : {}),
  };
  if (Object.keys(overrides).length === 0) return undefined;
  const { id, provider, baseUrl } = target.provider;
  const model =
    modelEntry(id, target.model, config)?.[0] ??
    (from.models.length > 1 ? (from.local ? target.model : `${id}/${target.model}`) : undefined);
  if (model !== undefined) {
    const upstream = model === target.model ? {} : { model: target.model };
    const found = isFound(id, config, provider.baseUrl, baseUrl) ? { providers: { [id]: address(target) } } : {};
    return { ...found, models: { [model]: { provider: id, ...upstream, ...overrides } } };
  }
  const own = Object.hasOwn(config.providers, id) ? {} : address(target);
  return { providers: { [id]: { ...own, ...overrides } } };
}

/** The fragment as text. */
export function writeFragment(entries: Record<string, unknown>): string {
  return stringify(entries, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** The `models` entry that leads to exactly this model of a provider, with its name. */
export function modelEntry(provider: string, model: string, { models }: Pick<Config, "models">): [string, ModelConfig] | undefined {
  return Object.entries(models).find(([name, entry]) => entry.provider === provider && (entry.model ?? name) === model);
}

/** A server that was found, and stands elsewhere than its kind usually does: an entry that names it must say where. */
function isFound(id: string, config: Pick<Config, "providers">, usual: string, baseUrl: string): boolean {
  return !Object.hasOwn(config.providers, id) && usual !== baseUrl;
}

/** What an entry for a provider that the file does not have must say of it. */
function address({ provider: { id, provider, baseUrl } }: Target): Record<string, unknown> {
  const kind = provider.id === id ? {} : { kind: provider.id };
  return { ...kind, ...(provider.baseUrl === baseUrl ? {} : { base_url: baseUrl }) };
}
