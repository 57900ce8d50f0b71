// The list of models, in both shapes at once: OpenAI's `data` and Codex's `models`. Promises the same bytes and ETag for
// the same models, and that Codex takes the whole list: it refuses all of it for one bad entry.
import { createHash } from "node:crypto";
import type { Capabilities } from "../contract.ts";
import { BASE_INSTRUCTIONS } from "./instructions.ts";
import { route } from "./route.ts";
import type { RouteTable } from "./route.ts";
import type { RouteProvider, Target } from "./target.ts";
import { ASSUMED_WINDOW } from "./target.ts";

/** One entry of OpenAI's list. */
export interface ListedModel {
  id: string;
  object: "model";
  created: number;
  /** The provider that serves it. */
  owned_by: string;
}

/** An answer to GET /v1/models. */
export interface Catalog {
  /** JSON. */
  body: string;
  /** Strong, with its quotes. Codex asks again when the `x-models-etag` of a reply differs, so that one must be this or absent. */
  etag: string;
}

/** 2026-11-01: when a model was made nobody tells us, and the list must not change by itself. */
const CREATED = 1_793_491_200;

/** Codex entries beyond this many are left out, each weighs 4 KB; `data` has them all. */
const MOST_ENTRIES = 1_000;

/** A provider with more models than this would bury the user's own in Codex's picker: hidden there, they keep their metadata. */
const MOST_SHOWN = 50;

/** Writes the list: `models` entries, local models, then what configured providers outside list, as PROVIDER/MODEL. */
export function writeCatalog(table: RouteTable): Catalog {
  const data: ListedModel[] = [];
  const models: CodexModel[] = [];
  for (const name of listedNames(table)) {
    const target = route(name, table)?.targets[0];
    if (!target) continue;
    data.push(listModel(name, target));
    if (models.length < MOST_ENTRIES && isPlainName(name))
      models.push(codexModel(name, target, models.length, isShown(name, target, table)));
  }
  const body = JSON.stringify({ object: "list", data, models });
  return { body, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"` };
}

/** One model as GET /v1/models/:id gives it; any name that a request may use, undefined for another. */
export function findModel(name: string, table: RouteTable): ListedModel | undefined {
  const target = route(name, table)?.targets[0];
  return target && listModel(name, target);
}

function listModel(name: string, target: Target): ListedModel {
  return { id: name.toWellFormed(), object: "model", created: CREATED, owned_by: target.provider.id };
}

/** In stable order: some servers list theirs in another order each time. */
function listedNames(table: RouteTable): Set<string> {
  const names = new Set(Object.keys(table.models).filter((name) => name !== "*"));
  const listed = [...table.providers].filter(([, entry]) => entry.listed);
  const namesOf = ([id, entry]: [string, RouteProvider], qualified: boolean): string[] =>
    entry.models.map((model) => (qualified ? `${id}/${model.id}` : model.id)).toSorted();
  for (const one of listed) if (one[1].local) for (const name of namesOf(one, false)) names.add(name);
  for (const one of listed) if (!one[1].local) for (const name of namesOf(one, true)) names.add(name);
  return names;
}

function isShown(name: string, target: Target, table: RouteTable): boolean {
  const entry = table.providers.get(target.provider.id);
  return Object.hasOwn(table.models, name) || entry === undefined || entry.local || entry.models.length <= MOST_SHOWN;
}

/** A name that can stand in a terminal and in a configuration file. */
function isPlainName(name: string): boolean {
  return name.length <= 200 && name.trim() === name && name !== "" && name.isWellFormed() && !/\p{C}/u.test(name);
}

/** Codex's ModelInfo: its required fields, and the optional ones that are worth a word. Verified with Codex 0.169.0. */
interface CodexModel {
  slug: string;
  display_name: string;
  description: string;
  default_reasoning_level?: string;
  supported_reasoning_levels: { effort: string; description: string }[];
  default_reasoning_summary: "auto";
  shell_type: "unified_exec" | "disabled";
  visibility: "list" | "hide";
  supported_in_api: true;
  priority: number;
  base_instructions: string;
  supports_reasoning_summaries: true;
  support_verbosity: false;
  /** The only value beside null that Codex takes; what a target cannot take, lowering carries. */
  apply_patch_tool_type: "freeform" | null;
  truncation_policy: { mode: "tokens"; limit: number };
  supports_parallel_tool_calls: boolean;
  context_window: number;
  max_context_window: number;
  auto_compact_token_limit: number;
  effective_context_window_percent: number;
  experimental_supported_tools: string[];
  input_modalities: ("text" | "image")[];
  /** False puts all tools into the request: models that were not trained on tool search do not search. */
  supports_search_tool: boolean;
  use_responses_lite: false;
}

function codexModel(name: string, target: Target, priority: number, shown: boolean): CodexModel {
  const { capabilities } = target;
  const window = windowOf(target);
  const levels = levelsOf(capabilities);
  // A client that does not choose must not find its model's thinking switched off.
  const thinking = levels.filter((level) => level.effort !== "none");
  const usual = levels.find((level) => level.effort === "medium") ?? thinking[Math.floor((thinking.length - 1) / 2)];
  return {
    slug: name,
    display_name: name,
    description: `${target.model} at ${target.provider.id}`.toWellFormed(),
    ...(usual && { default_reasoning_level: usual.effort }),
    supported_reasoning_levels: levels,
    default_reasoning_summary: "auto",
    shell_type: capabilities.tools ? "unified_exec" : "disabled",
    visibility: shown ? "list" : "hide",
    supported_in_api: true,
    priority,
    base_instructions: BASE_INSTRUCTIONS,
    supports_reasoning_summaries: true,
    support_verbosity: false,
    apply_patch_tool_type: capabilities.tools ? "freeform" : null,
    truncation_policy: { mode: "tokens", limit: 10_000 },
    supports_parallel_tool_calls: capabilities.parallelToolCalls,
    context_window: window,
    max_context_window: window,
    auto_compact_token_limit: Math.floor(window * 0.9),
    effective_context_window_percent: 95,
    experimental_supported_tools: [],
    input_modalities: capabilities.images ? ["text", "image"] : ["text"],
    supports_search_tool: capabilities.toolSearch,
    use_responses_lite: false,
  };
}

/** A whole number, for Codex reads nothing else. */
function windowOf(target: Target): number {
  const window = Math.floor(target.contextWindow ?? ASSUMED_WINDOW);
  return window >= 1 && window <= Number.MAX_SAFE_INTEGER ? window : ASSUMED_WINDOW;
}

/** What the usual effort words mean; Codex takes any other word too. */
const LEVELS: Readonly<Record<string, string | undefined>> = {
  none: "No reasoning",
  minimal: "Hardly any reasoning",
  low: "Quick answers with little reasoning",
  medium: "A balance of speed and depth for everyday work",
  high: "More reasoning for hard problems",
  xhigh: "Much more reasoning for very hard problems",
  max: "As much reasoning as the model can do",
};

function levelsOf(capabilities: Capabilities): { effort: string; description: string }[] {
  if (capabilities.reasoningEffort === "none") return [];
  return capabilities.efforts.map((effort) => ({ effort, description: LEVELS[effort] ?? `Reasoning effort ${effort}` }));
}
