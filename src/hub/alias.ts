// Aliases: the names under which a target knows the client's tools. Promises that a name is a pure function of (namespace,
// name) and the target's length limit, that only a true collision changes it (the first declared keeps its name), and
// that every declared tool is found again from its alias.
import { hash } from "node:crypto";
import type { BuiltInCallItem, CustomToolCallItem, FunctionCallItem, ToolSearchCallItem } from "./item.ts";
import { looseName } from "./loose-name.ts";
import type { CallKind } from "./piece.ts";

/** A tool as the client knows it. */
export interface ToolOrigin {
  call: CallKind;
  name: string;
  /** As declared; absent for tools outside any namespace. */
  namespace?: string;
}

/** Any item that is a call. */
export type CallItem = FunctionCallItem | CustomToolCallItem | ToolSearchCallItem | BuiltInCallItem;

/** Both directions of the names of one request. */
export interface AliasTable {
  /** The upstream name of a tool; of one that is not declared, the name that it would have. */
  nameOf(origin: ToolOrigin): string;
  /** The upstream name of the tool that an item of the history calls. */
  nameFor(item: CallItem): string;
  /** The declared tool that an upstream name means, also in the spellings that models slip into; undefined if there is none. */
  originOf(name: string): ToolOrigin | undefined;
}

/** A table that is still being filled. */
export interface AliasBook extends AliasTable {
  /** Declares a tool and gives its upstream name. A (namespace, name) declared before keeps its first meaning. */
  declare(origin: ToolOrigin): string;
}

/** Codex's namespace for tools outside any namespace: `functions.exec` and `exec` are the same tool. */
const DEFAULT_NAMESPACE = "functions";

/** The name under which the client-side search among deferred tools is called. */
export const TOOL_SEARCH: ToolOrigin = { call: "tool_search", name: "tool_search" };

const HASH_LENGTH = 8;

/** Whether a namespace is the default one, spelled out or left out. */
export function isDefaultNamespace(namespace: string | undefined): boolean {
  return namespace === undefined || namespace === "" || namespace === DEFAULT_NAMESPACE;
}

/** What tells one tool from another: equal for tools that are the same to the client. */
export function toolKey(origin: ToolOrigin): string {
  const namespace = isDefaultNamespace(origin.namespace) ? "" : origin.namespace;
  return `${origin.call === "tool_search" ? "search" : "tool"}\0${namespace}\0${origin.name}`;
}

/**
 * The upstream name of a tool before collisions: `name`, or `namespace__name`, in `[A-Za-z0-9_-]`. A name that had to be
 * cut to `limit` characters or cleaned ends in a hash of the whole.
 */
export function aliasOf(origin: ToolOrigin, limit: number): string {
  const plain = isDefaultNamespace(origin.namespace) ? origin.name : `${origin.namespace}__${origin.name}`;
  return plain.length <= limit && /^[A-Za-z0-9_-]+$/.test(plain) ? plain : hashedAlias(plain, toolKey(origin), limit);
}

function hashedAlias(plain: string, key: string, limit: number): string {
  const clean = plain.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, Math.max(0, limit - HASH_LENGTH - 1));
  return `${clean}_${hash("sha256", key, "hex").slice(0, HASH_LENGTH)}`;
}

/** An empty table for a target that takes tool names of at most `limit` characters. */
export function createAliases(limit: number): AliasBook {
  const aliases = new Map<string, string>();
  const origins = new Map<string, ToolOrigin>();
  let spellings: Map<string, ToolOrigin | undefined> | undefined;
  let likenesses: Map<string, ToolOrigin | undefined> | undefined;

  function freeName(origin: ToolOrigin): string {
    const key = toolKey(origin);
    const plain = aliasOf(origin, limit);
    let name = plain;
    for (let round = 0; origins.has(name); round++) name = hashedAlias(plain, round === 0 ? key : `${key}\0${round}`, limit);
    return name;
  }

  const nameOf = (origin: ToolOrigin): string => aliases.get(toolKey(origin)) ?? freeName(origin);

  return {
    nameOf,
    nameFor: (item) => nameOf(originOfCall(item)),
    originOf(name) {
      const exact = origins.get(name);
      if (exact !== undefined) return exact;
      spellings ??= otherSpellings([...origins.values()]);
      const [head = ""] = name.split("<|");
      const word = head.trim();
      const spelt = origins.get(word) ?? spellings.get(word);
      if (spelt !== undefined || spellings.has(word)) return spelt;
      likenesses ??= looseNames(origins);
      return likenesses.get(looseName(word));
    },
    declare(origin) {
      const key = toolKey(origin);
      const known = aliases.get(key);
      if (known !== undefined) return known;
      const name = freeName(origin);
      aliases.set(key, name);
      origins.set(name, origin);
      spellings = undefined;
      likenesses = undefined;
      return name;
    },
  };
}

function originOfCall(item: CallItem): ToolOrigin {
  if (item.type === "tool_search_call") return TOOL_SEARCH;
  if (item.type === "built_in_call") return { call: item.tool, name: item.tool };
  const call = item.type === "custom_tool_call" ? "custom" : "function";
  return item.namespace === undefined ? { call, name: item.name } : { call, name: item.name, namespace: item.namespace };
}

/**
 * How models misspell a tool that they were given: `functions.NAME` (gpt-oss, from its training), `NAMESPACE.NAME`, and the
 * bare NAME where only one namespace has it. Ambiguous spellings are in the map as undefined.
 */
function otherSpellings(origins: readonly ToolOrigin[]): Map<string, ToolOrigin | undefined> {
  const spellings = new Map<string, ToolOrigin | undefined>();
  const add = (spelling: string, origin: ToolOrigin): void => {
    spellings.set(spelling, spellings.has(spelling) ? undefined : origin);
  };
  for (const origin of origins) {
    const namespace = isDefaultNamespace(origin.namespace) ? DEFAULT_NAMESPACE : origin.namespace;
    add(`${namespace}.${origin.name}`, origin);
    if (namespace === DEFAULT_NAMESPACE) add(`${namespace}__${origin.name}`, origin);
    add(origin.name, origin);
  }
  return spellings;
}

/** Upstream and bare names without case, underscores and hyphens; those that several tools share are in the map as undefined. */
function looseNames(origins: ReadonlyMap<string, ToolOrigin>): Map<string, ToolOrigin | undefined> {
  const names = new Map<string, ToolOrigin | undefined>();
  for (const [alias, origin] of origins)
    for (const name of new Set([looseName(alias), looseName(origin.name)])) names.set(name, names.has(name) ? undefined : origin);
  return names;
}
