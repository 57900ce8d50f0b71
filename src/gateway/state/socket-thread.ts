// The part of a turn's state that lives in the connection it came by. Promises that a response which is kept nowhere else can be
// continued there, and that one whose continuation failed cannot be any more (contract 7).
import { inputList, keepItem, referenceOf } from "../../dialects/responses/kept-item.ts";
import { missingResponse, refuseStored } from "../../dialects/responses/stored.ts";
import type { StateWish, StoredContext } from "../../dialects/responses/stored.ts";
import type { OutputItem } from "../../hub/item.ts";
import { asList, parseJson } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { historyOf } from "./socket-memory.ts";
import type { Remembered, SocketMemory } from "./socket-memory.ts";

/** What one turn has of its connection's memory. */
export class SocketThread {
  readonly #memory: SocketMemory;
  readonly #wish: StateWish;
  readonly #parent: Remembered | null;
  /** What the turn adds to the history, as far as it is not remembered: JSON lists. */
  readonly #lists: string[] = [];

  constructor(memory: SocketMemory, wish: StateWish) {
    this.#memory = memory;
    this.#wish = wish;
    this.#parent = wish.previous === null ? null : (memory.hold(wish.previous) ?? null);
  }

  /** Whether the response that the request continues is remembered here. */
  get isRemembered(): boolean {
    return this.#parent !== null;
  }

  /** The context of a request for a gateway that keeps nothing. Throws a FaultError where it leans on what is not here. */
  bare(): StoredContext {
    const { previous } = this.#wish;
    if (previous !== null && this.#parent === null)
      throw missingResponse(previous, "This connection does not know it; send the whole input.");
    refuseStored({ ...this.#wish, previous: null });
    return { wish: { ...this.#wish, store: false }, keeps: false, history: this.recall(), references: new Map() };
  }

  /** The items before the input, parsed anew. */
  recall(): Json[] {
    return this.#parent === null ? [] : historyOf(this.#parent).flatMap((list) => asList(parseJson(list)));
  }

  /** Takes note of what the request adds: what the store had for it, and its input, before anybody uses that up. */
  note(input: Json | undefined, context: StoredContext): void {
    if (this.#parent === null && context.history.length > 0) this.#lists.push(JSON.stringify(context.history));
    const items = inputList(input).map((item) => keepItem(resolved(item, context)));
    this.#lists.push(JSON.stringify(items.filter((item) => item !== null)));
  }

  /** A request body whose input is the whole conversation, for a store that does not know the response that it continues. */
  wholeInput(): Uint8Array {
    const lists = this.#parent === null ? this.#lists : [...historyOf(this.#parent), ...this.#lists];
    return new Uint8Array(Buffer.from(`{"input":${joinLists(lists)}}`));
  }

  /** The turn gave a response. */
  keep(id: string, output: readonly OutputItem[]): void {
    this.#memory.keep(id, this.#parent, joinLists([...this.#lists, JSON.stringify(output)]));
  }

  /** The turn failed. */
  fail(): void {
    if (this.#wish.previous !== null) this.#memory.forget(this.#wish.previous);
  }

  /** The turn is over. */
  close(): void {
    if (this.#parent !== null) this.#memory.release(this.#parent);
  }
}

function resolved(item: JsonObject, { references }: StoredContext): JsonObject {
  return references.get(referenceOf(item) ?? "") ?? item;
}

/** JSON lists as one. */
function joinLists(lists: readonly string[]): string {
  return `[${lists
    .map((list) => list.slice(1, -1))
    .filter((list) => list !== "")
    .join(",")}]`;
}
