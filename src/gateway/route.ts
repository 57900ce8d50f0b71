// The router: from the name that a client asks for to the targets that may serve it. Promises to be a pure function of the
// name and the table, and that no prompt leaves the user's own network by a guess: vendors answer only where they are named.
import { CHAT_CAPABILITIES, CHAT_QUIRKS } from "../contract.ts";
import type { Capabilities, ModelInfo, Quirks } from "../contract.ts";
import type { ModelConfig } from "../config/config.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import { defined } from "../kit/json.ts";
import { nearestNames } from "./nearest-names.ts";
import type { RouteProvider, Target } from "./target.ts";

/** All that routing depends on. */
export interface RouteTable {
  /** By id, in order of precedence. */
  readonly providers: ReadonlyMap<string, RouteProvider>;
  /** The configuration's `models`. */
  readonly models: Readonly<Record<string, ModelConfig>>;
}

/** Which rule of the routing order held. */
export type RouteRule = "models_entry" | "local_model" | "provider_and_model" | "any";

/** The targets of a name: the first, then the fallbacks in the order in which to try them. */
export interface Route {
  readonly targets: readonly [Target, ...Target[]];
  readonly rule: RouteRule;
}

/** The entry that takes any name. */
const ANY = "*";

/**
 * Resolves a name: an exact `models` entry, the exact name of a local model, PROVIDER/MODEL, then the `"*"` entry.
 * Undefined where none holds; then discovery may look again, and `unknownModel` says it to the client.
 */
export function route(name: string, table: RouteTable): Route | undefined {
  const entry = name === ANY ? undefined : entryOf(table, name);
  if (entry) return asRoute(followEntry(name, entry, table), "models_entry");
  const local = localTarget(name, name, table);
  if (local) return { targets: [local], rule: "local_model" };
  const named = namedTarget(name, name, table);
  if (named) return { targets: [named], rule: "provider_and_model" };
  const any = entryOf(table, ANY);
  return any && asRoute(followEntry(name, any, table), "any");
}

function asRoute(targets: Target[], rule: RouteRule): Route | undefined {
  const [first, ...fallbacks] = targets;
  return first && { targets: [first, ...fallbacks], rule };
}

/** The fault for a name that leads nowhere, with the nearest names that would. */
export function unknownModel(name: string, table: RouteTable): Fault {
  const shown = name.length > 100 ? `${name.slice(0, 100)}...` : name;
  const near = nearestNames(name, routableNames(table));
  const advice =
    near.length > 0
      ? `Did you mean ${near.map((one) => `\`${one}\``).join(" or ")}?`
      : "GET /v1/models lists what there is; a model of a vendor is asked for as PROVIDER/MODEL.";
  return fault("model_not_found", `The model \`${shown}\` does not exist here. ${advice}`, { param: "model" });
}

/** Every name that a client can ask for without guessing: `models` entries, local models, then PROVIDER/MODEL of what was listed. */
function routableNames(table: RouteTable): string[] {
  const names = new Set(Object.keys(table.models).filter((name) => name !== ANY));
  for (const entry of table.providers.values()) if (entry.local) for (const model of entry.models) names.add(model.id);
  for (const [id, entry] of table.providers) {
    if (entry.addressable) for (const model of entry.models) names.add(`${id}/${model.id}`);
  }
  return [...names];
}

function entryOf(table: RouteTable, name: string): ModelConfig | undefined {
  return Object.hasOwn(table.models, name) ? table.models[name] : undefined;
}

/** The targets of a `models` entry and of its fallbacks, each at most once. */
function followEntry(name: string, entry: ModelConfig, table: RouteTable): Target[] {
  const targets: Target[] = [];
  const seen = new Set<string>();
  const follow = (current: string, step: ModelConfig): void => {
    if (seen.has(current)) return;
    seen.add(current);
    const provider = table.providers.get(step.provider);
    if (provider) targets.push(makeTarget(name, step.model ?? current, provider, step));
    for (const next of step.fallback) {
      const nextEntry = entryOf(table, next);
      if (nextEntry) {
        follow(next, nextEntry);
        continue;
      }
      const target = localTarget(name, next, table) ?? namedTarget(name, next, table, true);
      if (target && !seen.has(next)) targets.push(target);
      seen.add(next);
    }
  };
  follow(name, entry);
  return targets;
}

/** Of several servers with the model, one that answered when last asked; else one that had it, so that the request tells that it is gone. */
function localTarget(asked: string, name: string, table: RouteTable): Target | undefined {
  const having = [...table.providers.values()].filter((entry) => entry.local && entry.models.some((model) => model.id === name));
  const provider = having.find((entry) => entry.listed) ?? having[0];
  return provider && makeTarget(asked, name, provider);
}

/** `configured`: the user wrote the name into the configuration, so that any known provider will do. */
function namedTarget(asked: string, name: string, table: RouteTable, configured = false): Target | undefined {
  const slash = name.indexOf("/");
  const model = name.slice(slash + 1);
  if (slash < 1 || model === "") return undefined;
  const provider = table.providers.get(name.slice(0, slash));
  return provider && (configured || provider.addressable) ? makeTarget(asked, model, provider) : undefined;
}

/** Puts together what is known of a model: the dialect's defaults, the provider, its own list, the configuration's two levels. */
export function makeTarget(asked: string, model: string, from: RouteProvider, entry?: ModelConfig): Target {
  const { provider } = from.resolved;
  const info = from.models.find((one) => one.id === model);
  const capabilities: Capabilities = {
    ...CHAT_CAPABILITIES,
    ...provider.capabilities(model),
    ...listedFacts(info),
    ...from.capabilities,
    ...entry?.capabilities,
    ...(entry?.context_window === undefined ? {} : { contextWindow: entry.context_window }),
  };
  const quirks: Quirks = { ...CHAT_QUIRKS, ...provider.quirks?.(model), ...from.quirks, ...entry?.quirks };
  const target = { name: asked, provider: from.resolved, model, capabilities, quirks };
  const { contextWindow } = capabilities;
  return { ...target, ...defined({ contextWindow, agingRule: entry?.age_tool_results }) };
}

function listedFacts(info: ModelInfo | undefined): Partial<Capabilities> {
  return {
    ...(info?.contextWindow === undefined ? {} : { contextWindow: info.contextWindow }),
    ...(info?.vision === undefined ? {} : { images: info.vision }),
  };
}
