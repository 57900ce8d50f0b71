// Targets: what a model's name resolves to, a provider and the upstream's own name for the model, with all that is known of both.
// Promises that a turn needs nothing but a target to make its upstream call.
import type { AgeRule } from "../hub/age-results.ts";
import type { Capabilities, Headers, ModelInfo, Provider, Quirks } from "../contract.ts";

/** Tokens of a window that nobody tells: without one Codex never compacts. What current coding models have, or are run with. */
export const ASSUMED_WINDOW = 131_072;

/** A provider as it stands in this installation: where it is, and with which key. */
export interface ResolvedProvider {
  /** The name that the configuration or discovery gave it; owner of seals, first part of PROVIDER/MODEL. */
  readonly id: string;
  readonly provider: Provider;
  /** Without a slash at its end; `provider.path(...)` follows it. */
  readonly baseUrl: string;
  /** Absent = none is configured (never the empty string). */
  readonly key?: string;
  /** Headers of the user's own, names in lower case; they win over `provider.headers(key)`. */
  readonly headers: Headers;
}

/** Where a request goes. */
export interface Target {
  /** The name that the client asked for, which replies repeat. */
  readonly name: string;
  readonly provider: ResolvedProvider;
  /** The upstream's name for the model. */
  readonly model: string;
  readonly capabilities: Capabilities;
  readonly quirks: Quirks;
  /** Tokens of prompt and reply together; the same as `capabilities.contextWindow`. */
  readonly contextWindow?: number;
  /** Which old tool results are cut before they are sent; absent = none. */
  readonly agingRule?: AgeRule;
}

/** The name under which what is learnt of a target is kept. */
export function targetKey({ provider, model }: Target): string {
  return `${provider.id}/${model}`;
}

/** A provider as the router sees it. */
export interface RouteProvider {
  readonly resolved: ResolvedProvider;
  /** What the configuration says of all its models. */
  readonly capabilities: Partial<Capabilities>;
  readonly quirks: Partial<Quirks>;
  /** The models that it listed, in its order; empty where nobody asked or it did not answer. */
  readonly models: readonly ModelInfo[];
  /** Runs on the user's machine or network: the bare names of its models go to it. */
  readonly local: boolean;
  /** Answers to PROVIDER/MODEL: configured, found, or its key is in the environment. Else only a `models` entry leads to it. */
  readonly addressable: boolean;
  /** Stands in lists of models: configured, or found and answering when last asked. */
  readonly listed: boolean;
}
