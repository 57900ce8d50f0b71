// The sealed reasoning of replies that made calls, kept for clients that drop it. Promises bounds in count and bytes, the least used
// going first, and that nothing is recalled but for the same client, conversation and provider, and for the very call that was made.
import { hash } from "node:crypto";
import type { Headers } from "../contract.ts";
import type { CallItem } from "../hub/alias.ts";
import type { JsonObject } from "../kit/json.ts";
import { parseJson } from "../kit/json.ts";

/** What led to the calls of one reply. */
export interface RememberedReasoning {
  /** Its seals in order. */
  seals: readonly string[];
  /** Whether the calls are refused without it. */
  bindsCalls: boolean;
}

/** Bounds of the memory. */
export interface MemoryLimits {
  /** Replies. */
  entries: number;
  /** Bytes of their seals. */
  bytes: number;
}

const LIMITS: MemoryLimits = { entries: 4096, bytes: 32 * 1024 * 1024 };

interface Entry extends RememberedReasoning {
  owner: string;
  /** The calls of the reply, by whom and what they are. */
  names: Set<string>;
  bytes: number;
}

/** The memory of this process. */
export class ReasoningMemory {
  readonly #limits: MemoryLimits;
  /** From the least to the most recently used. */
  readonly #entries = new Set<Entry>();
  readonly #byName = new Map<string, Entry>();
  /** How many entries each owner has: most have none, and cost no search. */
  readonly #owners = new Map<string, number>();
  #bytes = 0;

  constructor(limits: MemoryLimits = LIMITS) {
    this.#limits = limits;
  }

  /** Whether nothing is remembered. */
  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Keeps what led to these calls. `owner` names client, conversation and provider. */
  keep(owner: string, calls: readonly CallItem[], { seals, bindsCalls }: RememberedReasoning): void {
    const bytes = seals.reduce((sum, seal) => sum + seal.length, 0);
    if (seals.length === 0 || calls.length === 0 || bytes > this.#limits.bytes) return;
    const entry: Entry = { owner, seals, bindsCalls, names: new Set(calls.map((call) => nameOf(owner, call, call.call_id))), bytes };
    for (const name of entry.names) {
      const before = this.#byName.get(name);
      before?.names.delete(name);
      if (before?.names.size === 0) this.#forget(before);
      this.#byName.set(name, entry);
    }
    this.#entries.add(entry);
    this.#owners.set(owner, (this.#owners.get(owner) ?? 0) + 1);
    this.#bytes += bytes;
    for (const oldest of this.#entries) {
      if (this.#entries.size <= this.#limits.entries && this.#bytes <= this.#limits.bytes) return;
      this.#forget(oldest);
    }
  }

  /** What led to a call; the same object for all calls of one reply. */
  recall(owner: string, call: CallItem): RememberedReasoning | undefined {
    if (!this.#owners.has(owner)) return undefined;
    // Where ids repeat, the repair of the history has numbered them.
    const entry = this.#find(owner, call, call.call_id) ?? this.#find(owner, call, call.call_id?.replace(/_\d+$/, "") ?? null);
    if (entry !== undefined && this.#entries.delete(entry)) this.#entries.add(entry);
    return entry;
  }

  #find(owner: string, call: CallItem, id: string | null): Entry | undefined {
    return this.#byName.get(nameOf(owner, call, id));
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry);
    this.#bytes -= entry.bytes;
    const left = (this.#owners.get(entry.owner) ?? 1) - 1;
    if (left > 0) this.#owners.set(entry.owner, left);
    else this.#owners.delete(entry.owner);
    for (const name of entry.names) this.#byName.delete(name);
  }
}

/** Whose reasoning it is: the provider, the client by its credential, and its conversation. Null where a client shows neither. */
export function ownerOf(provider: string, headers: Headers, session: string | null): string | null {
  const credentials = ["authorization", "x-api-key", "x-goog-api-key"].map((name) => headers[name] ?? "");
  if (session === null && credentials.every((credential) => credential === "")) return null;
  return hash("sha256", JSON.stringify([provider, session, ...credentials]), "base64");
}

/** A call by its id and by what it says: ids alone repeat, with servers that count from 0. */
function nameOf(owner: string, call: CallItem, id: string | null): string {
  return hash("sha256", JSON.stringify([owner, id, saidOf(call)]), "base64");
}

/** What a call says, however its JSON is spaced: clients write arguments anew. */
function saidOf(call: CallItem): JsonObject {
  switch (call.type) {
    case "function_call":
      return { name: call.name, said: parseJson(call.arguments) ?? call.arguments };
    case "custom_tool_call":
      return { name: call.name, said: call.input };
    case "tool_search_call":
      return { said: call.arguments };
    case "built_in_call":
      return { name: call.tool };
  }
}
