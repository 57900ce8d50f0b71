// Histories as a tree of items. Promises that a history which continues or repeats another shares all of its nodes, that the same
// item at the same place of the same history gets the same id, and that a node lives exactly as long as something needs it.
import type { DatabaseSync } from "node:sqlite";
import { itemPrefix } from "../../dialects/responses/kept-item.ts";
import { asString } from "../../kit/json.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { Contents } from "./contents.ts";
import { digest } from "./contents.ts";

/** The node before the first item. */
export const ROOT = 0;

/** An item where it stands in a history, or in a conversation. */
export interface Placed {
  item: string;
  content: number;
}

/** An item and its node. */
export type Standing = Placed & { node: number };

/** The tree. Nodes are named by their ids; whoever keeps one holds it, and lets it go. */
export interface Chain {
  /** Where the items of a history after a node stand (wire form; those without an id get one). The last node, or `parent`, is held. */
  append(owner: number, parent: number, items: readonly JsonObject[]): Standing[];
  /** The node that ends a history of items that are kept already; held. */
  follow(owner: number, items: readonly (Placed & { hash: Uint8Array })[]): number;
  /** The items from the first to this node, down to (and without) `from` where it is given. */
  walk(node: number, from?: number): Placed[];
  /** One need less; nodes that nobody needs any more go. */
  release(node: number): void;
  /** The newest item of this id that the owner has. */
  find(owner: number, item: string): Placed | undefined;
}

/** An item that may become a node. */
interface Growing {
  item: string;
  hash: Uint8Array;
  /** The held row of its text. */
  keep: () => number;
}

interface NodeRow {
  parent: number;
  content: number;
  refs: number;
}

/** Opens the tree. */
export function openChain(database: DatabaseSync, contents: Contents): Chain {
  const byHash = database.prepare("SELECT id, content FROM nodes WHERE hash = ?");
  const hashOf = database.prepare("SELECT hash FROM nodes WHERE id = ?");
  const insert = database.prepare("INSERT INTO nodes (hash, owner, parent, item, content, refs) VALUES (?, ?, ?, ?, ?, 1)");
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
  const holdNode = (node: number): void => void (node === ROOT || hold.run(node));
  const grow = (owner: number, parent: number, items: readonly ((before: Uint8Array) => Growing)[]): Standing[] => {
    let before = hashAt(owner, parent);
    let at = parent;
    // Where the history ends that is there already, every further node is new. A new one is made with the one need that the next node,
    // or at last the caller, has of it; only the node where old meets new gets one more.
    let isNew = false;
    const standings = items.map((grown): Standing => {
      const { item, hash, keep } = grown(before);
      before = digest(before, hash);
      const known = isNew ? undefined : byHash.get(before);
      if (known !== undefined) {
        at = Number(known["id"]);
        return { item, content: Number(known["content"]), node: at };
      }
      if (!isNew) holdNode(at);
      isNew = true;
      const content = keep();
      at = Number(insert.run(before, owner, at, item, content).lastInsertRowid);
      return { item, content, node: at };
    });
    if (!isNew) holdNode(at);
    return standings;
  };

  return {
    append: (owner, parent, items) =>
      grow(
        owner,
        parent,
        items.map((item) => (before): Growing => {
          const given = asString(item["id"]);
          const id = given ?? mintId(item, before);
          const text = JSON.stringify(given === undefined ? { id, ...item } : item);
          const hash = digest(text);
          return { item: id, hash, keep: () => contents.keep(text, hash) };
        }),
      ),
    follow: (owner, items) => {
      const kept = items.map(({ item, content, hash }) => (): Growing => ({
        item,
        hash,
        keep: () => {
          contents.hold(content);
          return content;
        },
      }));
      return grow(owner, ROOT, kept).at(-1)?.node ?? ROOT;
    },
    walk: (node, from = ROOT) => walk.all(node, from, from).map((row) => ({ item: String(row["item"]), content: Number(row["content"]) })),
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
