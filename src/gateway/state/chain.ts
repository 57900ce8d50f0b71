// Histories as a tree of items. Promises that a history which continues or repeats another shares all of its nodes, that the same
// item at the same place of the same history gets the same id, and that a node lives exactly as long as something needs it.
import type { DatabaseSync } from "node:sqlite";
import { itemPrefix } from "../../dialects/responses/kept-item.ts";
import { asString } from "../../kit/json.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { Content, Contents } from "./contents.ts";
import { digest } from "./contents.ts";

/** The node before the first item. */
export const ROOT = 0;

/** An item where it stands in a history, or in a conversation. */
export interface Placed {
  item: string;
  content: number;
}

/** The tree. Nodes are named by their ids; whoever keeps one holds it, and lets it go. */
export interface Chain {
  /** The node that ends a history after these items (wire form; those without an id get one). */
  append(owner: number, parent: number, items: readonly JsonObject[]): { node: number; added: Placed[] };
  /** The same for items that are kept already. */
  follow(owner: number, parent: number, items: readonly (Placed & { hash: Uint8Array })[]): number;
  /** The items from the first to this node, down to (and without) `from` where it is given. */
  walk(node: number, from?: number): Placed[];
  hold(node: number): void;
  release(node: number): void;
  /** The newest item of this id that the owner has. */
  find(owner: number, item: string): Placed | undefined;
}

interface NodeRow {
  parent: number;
  content: number;
  refs: number;
}

/** Opens the tree. */
export function openChain(database: DatabaseSync, contents: Contents): Chain {
  const byHash = database.prepare("SELECT id FROM nodes WHERE hash = ?");
  const hashOf = database.prepare("SELECT hash FROM nodes WHERE id = ?");
  const insert = database.prepare("INSERT INTO nodes (hash, owner, parent, item, content, refs) VALUES (?, ?, ?, ?, ?, 0)");
  const hold = database.prepare("UPDATE nodes SET refs = refs + 1 WHERE id = ?");
  const release = database.prepare("UPDATE nodes SET refs = refs - 1 WHERE id = ? RETURNING parent, content, refs");
  const remove = database.prepare("DELETE FROM nodes WHERE id = ?");
  const byItem = database.prepare("SELECT item, content FROM nodes WHERE item = ? AND owner = ? ORDER BY id DESC LIMIT 1");
  const walk = database.prepare(`
    WITH RECURSIVE way (id, parent, item, content, steps) AS (
      SELECT id, parent, item, content, 0 FROM nodes WHERE id = ? AND id <> ?
      UNION ALL
      SELECT nodes.id, nodes.parent, nodes.item, nodes.content, steps + 1 FROM way JOIN nodes ON nodes.id = way.parent WHERE nodes.id <> ?
    )
    SELECT item, content FROM way ORDER BY steps DESC
  `);

  const hashAt = (owner: number, node: number): Uint8Array => {
    if (node === ROOT) return digest(`owner ${owner}`);
    const found = hashOf.get(node)?.["hash"];
    if (!(found instanceof Uint8Array)) throw new Error(`the history has no node ${node}`);
    return found;
  };
  const step = (owner: number, parent: number, before: Uint8Array, item: string, content: Content): { id: number; hash: Uint8Array } => {
    const hash = digest(before, content.hash);
    const known = byHash.get(hash)?.["id"];
    if (known !== undefined) return { id: Number(known), hash };
    const id = Number(insert.run(hash, owner, parent, item, content.id).lastInsertRowid);
    contents.hold(content.id);
    if (parent !== ROOT) hold.run(parent);
    return { id, hash };
  };

  return {
    append: (owner, parent, items) => {
      const added: Placed[] = [];
      let at = { id: parent, hash: hashAt(owner, parent) };
      for (const item of items) {
        const given = asString(item["id"]);
        const id = given ?? mintId(item, at.hash);
        const content = contents.put(JSON.stringify(given === undefined ? { id, ...item } : item));
        at = step(owner, at.id, at.hash, id, content);
        added.push({ item: id, content: content.id });
      }
      return { node: at.id, added };
    },
    follow: (owner, parent, items) => {
      let at = { id: parent, hash: hashAt(owner, parent) };
      for (const { item, content, hash } of items) at = step(owner, at.id, at.hash, item, { id: content, hash });
      return at.id;
    },
    walk: (node, from = ROOT) => walk.all(node, from, from).map((row) => ({ item: String(row["item"]), content: Number(row["content"]) })),
    hold: (node) => void (node === ROOT || hold.run(node)),
    release: (node) => {
      for (let at = node; at !== ROOT;) {
        // The columns are INTEGER NOT NULL in a STRICT table.
        const row = release.get(at) as NodeRow | undefined;
        if (row === undefined || row.refs > 0) return;
        remove.run(at);
        contents.release(row.content);
        at = row.parent;
      }
    },
    find: (owner, item) => {
      const row = byItem.get(item, owner);
      return row && { item: String(row["item"]), content: Number(row["content"]) };
    },
  };
}

/** Prefix and 48 characters, as the service's ids have. */
function mintId(item: JsonObject, before: Uint8Array): string {
  const name = digest(before, JSON.stringify(item)).toString("hex");
  return `${itemPrefix(item)}_${name}${digest(name).toString("hex").slice(0, 16)}`;
}
