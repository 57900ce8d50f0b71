// Repair of a history, so that any upstream accepts it: every call has exactly one output right after its group of calls, no
// output is without a call, and nothing is empty. Promises linear time, the same items where nothing is wrong, that a
// second repair changes nothing, and that no text of the conversation is lost.
import type { CallItem } from "./alias.ts";
import type { Item, ToolSearchOutputItem } from "./item.ts";
import type { LossList } from "./loss.ts";
import { describeLostCall, isEmpty, isUnnamed, outputFor, quoteOutput, withId } from "./mend-item.ts";
import type { OutputOfCall, Pairs } from "./pair-calls.ts";
import { isCall, isModelSpeech, isOutput, pairCalls } from "./pair-calls.ts";

/** The history in an order and form that every upstream takes. The items given are not changed. */
export function repairItems(items: readonly Item[], losses: LossList): Item[] {
  const repair = new Repair(items, pairCalls(items), losses);
  for (const [index, item] of items.entries()) repair.take(index, item);
  return withoutLoneReasoning(repair.end(), losses);
}

class Repair {
  readonly #items: readonly Item[];
  readonly #pairs: Pairs;
  readonly #losses: LossList;
  readonly #out: Item[] = [];
  /** Where the calls of the open group stand; empty where none is open. */
  #calls: number[] = [];
  /** Calls of the open group, and the reasoning between them. */
  #group: Item[] = [];
  /** What the model said since the latest call. */
  #speech: Item[] = [];
  /** Quoted outputs that stood among the group's own. */
  #quotes: Item[] = [];
  #answered = false;

  constructor(items: readonly Item[], pairs: Pairs, losses: LossList) {
    this.#items = items;
    this.#pairs = pairs;
    this.#losses = losses;
  }

  take(index: number, item: Item): void {
    if (isEmpty(item)) return;
    if (isCall(item)) this.#call(index, item);
    else if (isOutput(item)) this.#output(index, item);
    else if (isModelSpeech(item) && this.#calls.length > 0 && !this.#answered) this.#speech.push(item);
    else {
      this.#close(index);
      this.#out.push(item);
    }
  }

  end(): Item[] {
    this.#close(this.#items.length);
    return this.#out;
  }

  #call(index: number, item: CallItem): void {
    if (isUnnamed(item)) {
      this.#losses.add("dropped", "history.unnamed_call", "A call without a name was left out, with its output.");
      return;
    }
    if (this.#answered) this.#close(index);
    this.#sayBeforeCalls();
    append(this.#group, this.#speech);
    this.#speech = [];
    this.#group.push(this.#withId(item, index));
    this.#calls.push(index);
  }

  /** Messages among parallel calls go before them, as upstreams give them: then nothing stands between call and output. */
  #sayBeforeCalls(): void {
    const last = this.#speech.findLastIndex((item) => item.type === "message");
    append(this.#out, this.#speech.splice(0, last + 1));
  }

  #output(index: number, item: OutputOfCall): void {
    if (this.#pairs.calls.has(index)) {
      // Its call writes it; here it only says that the group of calls is over.
      this.#answered = this.#calls.length > 0;
    } else if (item.type === "tool_search_output") {
      // Its tools stay callable, so it keeps its form and gets the call that it lacks.
      this.#close(index);
      this.#losses.add("lowered", "history.orphan_output", "A search result without its call was given one.");
      const output = this.#withId(item, index);
      this.#out.push(describeLostCall(output), output);
    } else this.#quote(item);
  }

  #quote(item: Exclude<OutputOfCall, ToolSearchOutputItem>): void {
    const isFurther = this.#pairs.known.has(item.call_id) && item.call_id !== "";
    const feature = isFurther ? "history.further_output" : "history.orphan_output";
    this.#losses.add("lowered", feature, "An output that answers no open call was quoted in a user message.");
    this.#answered = this.#calls.length > 0;
    (this.#answered ? this.#quotes : this.#out).push(quoteOutput(item, isFurther));
  }

  /** Writes the open group: what was said, the calls, their outputs in the same order, and what else stood among these. */
  #close(index: number): void {
    if (this.#calls.length === 0) return;
    this.#sayBeforeCalls();
    append(this.#out, this.#group);
    for (const call of this.#calls) this.#out.push(this.#answer(call, index));
    append(this.#out, this.#quotes);
    append(this.#out, this.#speech);
    this.#calls = [];
    this.#group = [];
    this.#speech = [];
    this.#quotes = [];
    this.#answered = false;
  }

  #answer(call: number, end: number): OutputOfCall {
    const at = this.#pairs.outputs.get(call);
    const output = at === undefined ? undefined : this.#items[at];
    const id = this.#pairs.ids.get(call) ?? "";
    if (at === undefined || output === undefined || !isOutput(output)) {
      this.#losses.add("lowered", "history.missing_output", "A call without an output was given one that says so.");
      return outputFor(this.#items[call], id);
    }
    if (at < call || at > end) this.#losses.add("lowered", "history.order", "An output was moved to its call.");
    return withId(output, id);
  }

  #withId<T extends CallItem | OutputOfCall>(item: T, index: number): T {
    const id = this.#pairs.ids.get(index) ?? "";
    if (item.call_id !== id) this.#losses.add("lowered", "history.call_id", "Missing or repeated call ids were replaced.");
    return withId(item, id);
  }
}

/** Adds items at the end; a spread into `push` would overflow the stack with a group of a hundred thousand calls. */
function append(list: Item[], more: readonly Item[]): void {
  for (const item of more) list.push(item);
}

/** Reasoning stays only beside something that the model said or called (signatures come after it): the rest is of a turn that was broken off. */
function withoutLoneReasoning(items: Item[], losses: LossList): Item[] {
  const kept = new Set<Item>();
  for (const order of [items, items.toReversed()]) {
    let beside = false;
    for (const item of order) {
      if (item.type !== "reasoning") beside = isCall(item) || isModelSpeech(item) || item.type === "opaque";
      else if (beside) kept.add(item);
    }
  }
  const rest = items.filter((item) => item.type !== "reasoning" || kept.has(item));
  if (rest.length === items.length) return items;
  losses.add("dropped", "history.reasoning", "Reasoning of a turn that was broken off, with nothing after it, was left out.");
  return rest;
}
