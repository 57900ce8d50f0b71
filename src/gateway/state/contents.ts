// Texts kept once each, found by their hash and counted by those that point to them. Promises that a text is there for as long as
// anything points to it, and no longer.
import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";

/** Bytes of SHA-256 that name a text or a history. */
const HASH_BYTES = 16;

/** The name of some bytes. */
export function digest(...parts: (string | Uint8Array)[]): Buffer {
  const [only, ...more] = parts;
  const bytes = more.length === 0 && only !== undefined ? only : Buffer.concat(parts.map((part) => Buffer.from(part)));
  return hash("sha256", bytes, "buffer").subarray(0, HASH_BYTES);
}

/** The table of texts. Whoever keeps the id of one holds it, and lets it go. */
export interface Contents {
  /** The row of a text, made where it is new, and held; `key` is its digest. */
  keep(text: string, key?: Uint8Array): number;
  /** The row of a text that is kept already, held. */
  hold(id: number): void;
  /** One row less points to it; the last takes the text along. */
  release(id: number): void;
  text(id: number): string;
}

/** Opens the table. */
export function openContents(database: DatabaseSync): Contents {
  const keep = database.prepare(
    "INSERT INTO contents (hash, refs) VALUES (?, 1) ON CONFLICT (hash) DO UPDATE SET refs = refs + 1 RETURNING id, refs",
  );
  const insertText = database.prepare("INSERT INTO texts (id, text) VALUES (?, ?)");
  const hold = database.prepare("UPDATE contents SET refs = refs + 1 WHERE id = ?");
  const release = database.prepare("UPDATE contents SET refs = refs - 1 WHERE id = ? RETURNING refs");
  const remove = database.prepare("DELETE FROM contents WHERE id = ?");
  const removeText = database.prepare("DELETE FROM texts WHERE id = ?");
  const read = database.prepare("SELECT text FROM texts WHERE id = ?");
  return {
    keep: (text, key = digest(text)) => {
      const row = keep.get(key);
      const id = Number(row?.["id"]);
      if (row?.["refs"] === 1) insertText.run(id, text);
      return id;
    },
    hold: (id) => void hold.run(id),
    release: (id) => {
      if (Number(release.get(id)?.["refs"] ?? 0) > 0) return;
      remove.run(id);
      removeText.run(id);
    },
    text: (id) => String(read.get(id)?.["text"] ?? "null"),
  };
}
