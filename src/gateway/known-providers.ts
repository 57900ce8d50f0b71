// The providers of this installation before anybody has looked for servers: those of the configuration, and the known ones
// with what the environment holds for them. Promises that a key goes only where it belongs.
import type { Provider } from "../contract.ts";
import type { Config, ProviderConfig } from "../config/config.ts";
import { isOwnNetwork } from "./own-network.ts";
import { plainProvider } from "./plain-provider.ts";
import type { ResolvedProvider, RouteProvider } from "./target.ts";

/** The environment, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The entries of `providers`, in the order of the file. */
export function configuredProviders(config: Pick<Config, "providers">, known: readonly Provider[], env: Environment): RouteProvider[] {
  return Object.entries(config.providers).flatMap(([id, entry]) => {
    const kind = known.find((provider) => provider.id === (entry.kind ?? id));
    const resolved = resolveEntry(id, entry, kind, env);
    if (!resolved) return [];
    const { capabilities, quirks } = entry;
    return [{ resolved, capabilities, quirks, models: [], local: isLocal(resolved), addressable: true, listed: true }];
  });
}

/**
 * The known providers that the configuration does not name. Vendors whose key is in the environment answer to
 * PROVIDER/MODEL; one without, and a local server that nobody has found, only to a `models` entry that names it. One without an
 * address of its own is not there at all.
 */
export function unconfiguredProviders(known: readonly Provider[], env: Environment): RouteProvider[] {
  return known
    .filter((provider) => provider.baseUrl !== "")
    .map((provider) => {
      const key = keyOf(provider, env);
      const resolved = { id: provider.id, provider, baseUrl: trim(provider.baseUrl), headers: {}, ...(key === undefined ? {} : { key }) };
      const inProcess = provider.transport !== undefined;
      const local = isLocal(resolved);
      return { resolved, capabilities: {}, quirks: {}, models: [], local, addressable: inProcess || key !== undefined, listed: inProcess };
    });
}

/** The form of the base URL that a user must give, for each known provider that has no address of its own. */
export function baseUrlForms(known: readonly Provider[]): Record<string, string> {
  return Object.fromEntries(known.flatMap(({ id, baseUrl, baseUrlForm }) => (baseUrl === "" ? [[id, baseUrlForm ?? "URL"]] : [])));
}

function resolveEntry(id: string, entry: ProviderConfig, kind: Provider | undefined, env: Environment): ResolvedProvider | undefined {
  const baseUrl = entry.base_url ?? (kind?.baseUrl || undefined);
  const dialect = entry.dialect ?? kind?.dialect;
  // The configuration's own check refuses such an entry with a better word than we could say here.
  if (baseUrl === undefined || dialect === undefined) return undefined;
  const same = kind !== undefined && kind.dialect === dialect;
  const provider = same ? kind : plainProvider(id, dialect, trim(baseUrl));
  const key = entry.key ?? (same && isOfVendor(baseUrl, kind) ? keyOf(kind, env) : undefined);
  return { id, provider, baseUrl: trim(baseUrl), headers: entry.headers ?? {}, ...(key === undefined || key === "" ? {} : { key }) };
}

/** The vendor's key from the environment; a blank one is none. */
function keyOf(provider: Provider, env: Environment): string | undefined {
  const key = provider.keyEnv === undefined ? undefined : env[provider.keyEnv]?.trim();
  return key === "" ? undefined : key;
}

function isLocal(resolved: ResolvedProvider): boolean {
  return resolved.provider.transport !== undefined || isOwnNetwork(resolved.baseUrl);
}

/** Whether the vendor's key may go to an address: its own origin, or one of its further hosts over TLS. */
function isOfVendor(baseUrl: string, vendor: Provider): boolean {
  const url = URL.parse(baseUrl);
  if (url === null) return false;
  if (vendor.baseUrl !== "" && url.origin === URL.parse(vendor.baseUrl)?.origin) return true;
  return url.protocol === "https:" && url.port === "" && vendor.keyHosts?.test(url.hostname) === true;
}

function trim(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "");
}
