// Conversations: their metadata and their items in order. Promises that an item's id is there once in a conversation, and that what
// responses took over from a conversation outlives it.
import type { DatabaseSync } from "node:sqlite";
import { itemPrefix, keepItem } from "../../dialects/responses/kept-item.ts";
import { viewItem } from "../../dialects/responses/view-item.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { Placed } from "./chain.ts";
import type { Contents } from "./contents.ts";
import { digest } from "./contents.ts";
import type { Owners } from "./owners.ts";
import type { ConversationAnswer, PageAnswer, Paging } from "./message.ts";
import { pageOf, writeList } from "./page.ts";

/** A conversation's row by number. */
export interface ConversationRow {
  id: number;
  text: string;
}

/** An item with the hash of its text. */
export type HashedItem = Placed & { hash: Uint8Array };

/** The tables of conversations. */
export interface Conversations {
  create(owner: string, name: string, now: number, metadata: JsonObject, items: readonly JsonObject[]): string;
  row(owner: string, name: string): ConversationRow | undefined;
  update(owner: string, name: string, now: number, metadata: JsonObject): ConversationAnswer;
  remove(conversation: number): void;
  /** All items, oldest first. */
  items(conversation: number): HashedItem[];
  /** The newest item of this id in any conversation of the owner. */
  find(owner: string, item: string): Placed | undefined;
  /** Adds items as a client gives them; the list of what was added. */
  add(conversation: number, now: number, items: readonly JsonObject[], include: readonly string[]): PageAnswer;
  /** Adds items that are kept already. */
  take(conversation: number, now: number, items: readonly Placed[]): void;
  page(conversation: number, paging: Paging, include: readonly string[]): PageAnswer;
  item(conversation: number, item: string, include: readonly string[]): string | null;
  removeItem(conversation: number, item: string, now: number): boolean;
}

/** Opens the tables. */
export function openConversations(database: DatabaseSync, owners: Owners, contents: Contents): Conversations {
  const insert = database.prepare("INSERT INTO conversations (name, owner, at, used, metadata) VALUES (?, ?, ?, ?, ?)");
  const find = database.prepare("SELECT id, name, at, metadata FROM conversations WHERE name = ? AND owner = ?");
  const update = database.prepare("UPDATE conversations SET metadata = ?, used = ? WHERE name = ? AND owner = ?");
  const use = database.prepare("UPDATE conversations SET used = ? WHERE id = ?");
  const remove = database.prepare("DELETE FROM conversations WHERE id = ?");
  const removeItems = database.prepare("DELETE FROM conversation_items WHERE conversation = ? RETURNING content");
  const list = database.prepare(
    "SELECT item, content, hash FROM conversation_items JOIN contents ON contents.id = content WHERE conversation = ? ORDER BY place",
  );
  const last = database.prepare("SELECT coalesce(max(place), 0) AS place FROM conversation_items WHERE conversation = ?");
  const insertItem = database.prepare("INSERT INTO conversation_items (conversation, place, item, content) VALUES (?, ?, ?, ?)");
  const findItem = database.prepare("SELECT place, content FROM conversation_items WHERE item = ? AND conversation = ?");
  const findAnywhere = database.prepare(
    `SELECT item, content FROM conversation_items JOIN conversations ON conversations.id = conversation
     WHERE item = ? AND owner = ? ORDER BY conversation DESC LIMIT 1`,
  );
  const removeItem = database.prepare("DELETE FROM conversation_items WHERE conversation = ? AND place = ?");

  const row = (owner: string, name: string): ConversationRow | undefined => {
    const found = find.get(name, owners.find(owner));
    if (found === undefined) return undefined;
    const head = { id: name, object: "conversation", created_at: Math.floor(Number(found["at"]) / 1000) };
    return { id: Number(found["id"]), text: `${JSON.stringify(head).slice(0, -1)},"metadata":${String(found["metadata"])}}` };
  };
  const keep = (item: JsonObject & { id: string }): Placed => ({ item: item.id, content: contents.keep(JSON.stringify(item)) });
  /** Puts items at the end, each as a held row; an id that is taken is replaced. */
  const put = (conversation: number, now: number, items: readonly ((place: number) => Placed)[]): Placed[] => {
    const first = Number(last.get(conversation)?.["place"]) + 1;
    use.run(now, conversation);
    return items.map((placedAt, index) => {
      const place = first + index;
      const placed = placedAt(place);
      const own = findItem.get(placed.item, conversation) === undefined ? placed : renamed(placed, conversation, place);
      insertItem.run(conversation, place, own.item, own.content);
      return own;
    });
  };
  const renamed = (placed: Placed, conversation: number, place: number): Placed => {
    // The text of an item is an object by how it came here.
    const item = JSON.parse(contents.text(placed.content)) as JsonObject;
    contents.release(placed.content);
    return keep(withId(item, `${conversation} ${place} ${placed.item}`));
  };
  const add = (conversation: number, now: number, items: readonly JsonObject[]): Placed[] => {
    const kept = items.map(keepItem).filter((item) => item !== null);
    const placed = kept.map((item) => (place: number): Placed => {
      const { id } = item;
      return keep(typeof id === "string" ? { ...item, id } : withId(item, `${conversation} ${place} ${now}`));
    });
    return put(conversation, now, placed);
  };

  return {
    create: (owner, name, now, metadata, items) => {
      const id = Number(insert.run(name, owners.put(owner), now, now, JSON.stringify(metadata)).lastInsertRowid);
      add(id, now, items);
      return row(owner, name)?.text ?? "null";
    },
    row,
    update: (owner, name, now, metadata) => {
      update.run(JSON.stringify(metadata), now, name, owners.find(owner));
      return row(owner, name)?.text ?? null;
    },
    remove: (conversation) => {
      for (const { content } of removeItems.all(conversation)) contents.release(Number(content));
      remove.run(conversation);
    },
    items: (conversation) =>
      list.all(conversation).map((entry) => ({
        item: String(entry["item"]),
        content: Number(entry["content"]),
        // The column is BLOB NOT NULL in a STRICT table.
        hash: entry["hash"] as Uint8Array,
      })),
    find: (owner, item) => {
      const found = findAnywhere.get(item, owners.find(owner));
      return found && { item: String(found["item"]), content: Number(found["content"]) };
    },
    add: (conversation, now, items, include) => {
      const added = add(conversation, now, items);
      const wanted = new Set(include);
      const texts = added.map(({ content }) => viewItem(contents.text(content), wanted));
      return {
        found: true,
        bytes: writeList(
          added.map(({ item }) => item),
          texts,
          false,
        ),
      };
    },
    take: (conversation, now, items) => {
      const held = items.map((placed) => (): Placed => {
        contents.hold(placed.content);
        return placed;
      });
      put(conversation, now, held);
    },
    page: (conversation, paging, include) => {
      const wanted = new Set(include);
      const entries = list.all(conversation).map((entry) => ({ item: String(entry["item"]), content: Number(entry["content"]) }));
      return pageOf(entries, paging, ({ content }) => viewItem(contents.text(content), wanted));
    },
    item: (conversation, item, include) => {
      const found = findItem.get(item, conversation);
      return found === undefined ? null : viewItem(contents.text(Number(found["content"])), new Set(include));
    },
    removeItem: (conversation, item, now) => {
      const found = findItem.get(item, conversation);
      if (found === undefined) return false;
      removeItem.run(conversation, Number(found["place"]));
      contents.release(Number(found["content"]));
      use.run(now, conversation);
      return true;
    },
  };
}

function withId(item: JsonObject, seed: string): JsonObject & { id: string } {
  const name = digest(seed, JSON.stringify(item)).toString("hex");
  const { id: _old, ...rest } = item;
  return { id: `${itemPrefix(item)}_${name}${digest(name).toString("hex").slice(0, 16)}`, ...rest };
}
