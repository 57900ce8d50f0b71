// Who answers whom in a history: each call with its output. Promises one id for each call, unique in the conversation and
// the same for the same history, and that a re-used id pairs each output with the call that it was meant for.
import type { CallItem } from "./alias.ts";
import type { BuiltInOutputItem, CustomToolCallOutputItem, FunctionCallOutputItem, Item, ToolSearchOutputItem } from "./item.ts";

/** Any item that answers a call. */
export type OutputOfCall = FunctionCallOutputItem | CustomToolCallOutputItem | ToolSearchOutputItem | BuiltInOutputItem;

/** The pairs of a history, by position. */
export interface Pairs {
  /** For each call, and each search result without a call, the id that it shall have. */
  ids: Map<number, string>;
  /** For each answered call, where its output stands. */
  outputs: Map<number, number>;
  /** For each output that answers a call, where that stands. */
  calls: Map<number, number>;
  /** Ids that calls had before. */
  known: Set<string>;
}

/** Whether an item is a call. */
export function isCall(item: Item): item is CallItem {
  return (
    item.type === "function_call" || item.type === "custom_tool_call" || item.type === "tool_search_call" || item.type === "built_in_call"
  );
}

/** Whether an item answers a call. */
export function isOutput(item: Item): item is OutputOfCall {
  return (
    item.type === "function_call_output" ||
    item.type === "custom_tool_call_output" ||
    item.type === "tool_search_output" ||
    item.type === "built_in_output"
  );
}

/** Whether an item belongs to what a model says in one go. */
export function isModelSpeech(item: Item): boolean {
  return item.type === "reasoning" || (item.type === "message" && item.role === "assistant");
}

/** Calls of one id in one group, answered in their order. */
interface Wave {
  group: number;
  calls: number[];
  answered: number;
}

/** Pairs the calls and outputs of a history. Items without an id are paired as if they shared one. */
export function pairCalls(items: readonly Item[]): Pairs {
  const pairs: Pairs = { ids: new Map(), outputs: new Map(), calls: new Map(), known: new Set() };
  const waves = new Map<string, Wave[]>();
  const early = new Map<string, number>();
  let group = 0;
  const answer = (call: number, output: number): void => {
    pairs.outputs.set(call, output);
    pairs.calls.set(output, call);
  };
  for (const [index, item] of items.entries()) {
    if (isCall(item)) {
      const id = item.call_id ?? "";
      pairs.known.add(id);
      const before = early.get(id);
      early.delete(id);
      if (before === undefined) wait(waves, id, group, index);
      else answer(index, before);
    } else if (isOutput(item)) {
      group = index;
      const id = item.call_id ?? "";
      const call = nextWaiting(waves.get(id));
      if (call !== undefined) answer(call, index);
      else if (id !== "" && !pairs.known.has(id)) {
        if (!early.has(id)) early.set(id, index);
      }
    } else if (!isModelSpeech(item)) group = index;
  }
  nameCalls(items, pairs);
  return pairs;
}

function wait(waves: Map<string, Wave[]>, id: string, group: number, call: number): void {
  const stack = waves.get(id);
  const last = stack?.at(-1);
  if (stack === undefined) waves.set(id, [{ group, calls: [call], answered: 0 }]);
  else if (last?.group === group) last.calls.push(call);
  else stack.push({ group, calls: [call], answered: 0 });
}

/** The first unanswered call of the latest group: ids that are re-used in later turns mean the later calls. */
function nextWaiting(stack: Wave[] | undefined): number | undefined {
  for (let wave = stack?.at(-1); wave !== undefined; wave = stack?.at(-1)) {
    const call = wave.calls[wave.answered];
    wave.answered += 1;
    if (call !== undefined) return call;
    stack?.pop();
  }
  return undefined;
}

/** Leaves room for a number within the 64 characters that the service takes. */
const BASE_LENGTH = 56;

/** The first call with an id keeps it; later ones get a number after it, calls without one their position. */
function nameCalls(items: readonly Item[], pairs: Pairs): void {
  const taken = new Set<string>();
  const rounds = new Map<string, number>();
  const isFree = (id: string): boolean => id !== "" && !taken.has(id);
  const name = (id: string, index: number): string => {
    if (isFree(id)) return id;
    const minted = `call_at_${index}`;
    if (id === "" && isFree(minted) && !pairs.known.has(minted)) return minted;
    const base = (id === "" ? minted : id).slice(0, BASE_LENGTH);
    for (let round = (rounds.get(base) ?? 1) + 1; ; round++) {
      const candidate = `${base}_${round}`;
      if (!isFree(candidate) || pairs.known.has(candidate)) continue;
      rounds.set(base, round);
      return candidate;
    }
  };
  for (const [index, item] of items.entries()) {
    const isLoneSearch = item.type === "tool_search_output" && !pairs.calls.has(index);
    if (!isCall(item) && !isLoneSearch) continue;
    const id = name(item.call_id ?? "", index);
    taken.add(id);
    pairs.ids.set(index, id);
  }
}
