// Conversations as a server offers them. Promises the contract's status, code and words for whatever is not there or cannot be, one writer
// at a time, and that an owner sees nothing of another's.
import type { PageQuery } from "../../dialects/responses/read-query.ts";
import { readInput } from "../../dialects/responses/read-items.ts";
import { readMetadata } from "../../dialects/responses/read-settings.ts";
import { missing, tooManyEntries, wrongBody, wrongType } from "../../dialects/responses/refuse.ts";
import { BOUNDS } from "../../dialects/responses/wire.ts";
import { FaultError, fault } from "../../hub/fault.ts";
import { LossList } from "../../hub/loss.ts";
import { createIdSource } from "../../kit/ids.ts";
import { isObject } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { bytesOf } from "./response-face.ts";
import type { StateServices } from "./turn-state.ts";

/** What can be asked of conversations; every answer is JSON. Everything rejects with a FaultError where it cannot be. */
export interface ConversationFace {
  create(owner: string, body: Json): Promise<string>;
  read(owner: string, id: string): Promise<string>;
  update(owner: string, id: string, body: Json): Promise<string>;
  /** Deletes it; the words that say so. */
  remove(owner: string, id: string): Promise<string>;
  /** Adds items; the list of them. */
  add(owner: string, id: string, body: Json, include: readonly string[]): Promise<Uint8Array>;
  items(owner: string, id: string, page: PageQuery, include: readonly string[]): Promise<Uint8Array>;
  item(owner: string, id: string, item: string, include: readonly string[]): Promise<string>;
  /** Removes an item; the conversation. */
  removeItem(owner: string, id: string, item: string): Promise<string>;
}

/** Makes the face. */
export function createConversationFace({ store, locks }: StateServices): ConversationFace {
  const found = (id: string, text: string | null): string => {
    if (text === null) throw noConversation(id);
    return text;
  };
  return {
    create: async (owner, given) => {
      const body = objectOf(given);
      const metadata = readMetadata(body);
      const items = body["items"] === undefined || body["items"] === null ? [] : readNewItems(body["items"]);
      const id = createIdSource()("conv");
      return store.ask("createConversation", { owner, id, now: Date.now(), metadata, items }, sizeOf(items));
    },
    read: async (owner, id) => found(id, await store.ask("conversation", { owner, id })),
    update: async (owner, id, given) => {
      const body = objectOf(given);
      if (!("metadata" in body)) throw missing("metadata");
      const metadata = readMetadata(body);
      return found(id, await store.ask("updateConversation", { owner, id, now: Date.now(), metadata }));
    },
    remove: async (owner, id) => {
      locks.check(owner, id);
      if (!(await store.ask("removeConversation", { owner, id }))) throw noConversation(id);
      return JSON.stringify({ id, object: "conversation.deleted", deleted: true });
    },
    add: async (owner, id, given, include) => {
      const body = objectOf(given);
      if (body["items"] === undefined || body["items"] === null) throw missing("items");
      const items = readNewItems(body["items"]);
      const unlock = locks.take(owner, id);
      try {
        const answer = await store.ask("addItems", { owner, id, now: Date.now(), items, include }, sizeOf(items));
        return bytesOf(answer, noConversation(id), null);
      } finally {
        unlock();
      }
    },
    items: async (owner, id, page, include) =>
      bytesOf(await store.ask("items", { owner, id, paging: page, include }), noConversation(id), page),
    item: async (owner, id, item, include) => {
      const { conversation, text } = await store.ask("item", { owner, id, item, include });
      if (!conversation) throw noConversation(id);
      if (text === null) throw noItem(item);
      return text;
    },
    removeItem: async (owner, id, item) => {
      locks.check(owner, id);
      const { conversation, removed } = await store.ask("removeItem", { owner, id, item, now: Date.now() });
      const text = found(id, conversation);
      if (!removed) throw noItem(item);
      return text;
    },
  };
}

function objectOf(body: Json): JsonObject {
  if (!isObject(body)) throw wrongBody(body);
  return body;
}

/** Items as they were given, once a reader has found nothing wrong in a copy of them. */
function readNewItems(items: Json): JsonObject[] {
  if (!Array.isArray(items)) throw wrongType("items", "an array of objects", items);
  if (items.length > BOUNDS.newItems) throw tooManyEntries("items", BOUNDS.newItems, items.length);
  readInput(structuredClone(items), new LossList(), undefined, "items");
  return items.filter(isObject);
}

/** About the bytes of items, for the queue. */
function sizeOf(items: readonly JsonObject[]): number {
  return items.length === 0 ? 0 : JSON.stringify(items).length;
}

function noConversation(id: string): FaultError {
  return new FaultError(fault("not_found", `Conversation with id '${id.slice(0, 64)}' not found.`));
}

function noItem(id: string): FaultError {
  return new FaultError(fault("not_found", `Item with id '${id.slice(0, 64)}' not found.`));
}
