// The kept streams of background responses: runs of whole SSE frames, numbered as their events are. Promises that what was added is
// given back in the same order and with the same numbers, and that a stream which was forgotten is told from one that never was.
import type { DatabaseSync } from "node:sqlite";
import type { Owners } from "./owners.ts";
import type { EventsAnswer } from "./message.ts";

/** How a stream stands, as in the column `events`. */
export const EVENTS = { none: 0, live: 1, over: 2, forgotten: 3 } as const;

/** Bytes of one piece. */
const PIECE_BYTES = 256 * 1024;

/** The table of events. */
export interface Events {
  add(id: string, first: number, count: number, frames: Uint8Array, over: boolean): void;
  /** The number of the next event of a response. */
  next(seq: number): number;
  read(owner: string, id: string, from: number): EventsAnswer;
  /** All that is kept of a stream. */
  text(seq: number): string;
  /** Forgets the stream of a response that has ended, if it has one. */
  forget(seq: number): void;
}

const STATES: readonly EventsAnswer["state"][] = ["none", "live", "over", "forgotten"];

/** Opens the table. */
export function openEvents(database: DatabaseSync, owners: Owners): Events {
  const find = database.prepare("SELECT seq, events FROM responses WHERE id = ? AND owner = ? AND deleted IS NULL");
  const byId = database.prepare("SELECT seq FROM responses WHERE id = ?");
  const insert = database.prepare("INSERT INTO events (response, first, count, frames) VALUES (?, ?, ?, ?)");
  const mark = database.prepare("UPDATE responses SET events = ? WHERE seq = ?");
  const forget = database.prepare(
    `UPDATE responses SET passing = 0, events = CASE events WHEN ${EVENTS.none} THEN ${EVENTS.none} ELSE ${EVENTS.forgotten} END WHERE seq = ?`,
  );
  const last = database.prepare("SELECT first + count AS next FROM events WHERE response = ? ORDER BY first DESC LIMIT 1");
  const read = database.prepare("SELECT first, count, frames FROM events WHERE response = ? AND first + count > ? ORDER BY first");
  const remove = database.prepare("DELETE FROM events WHERE response = ?");
  const nextOf = (seq: number): number => Number(last.get(seq)?.["next"] ?? 0);
  return {
    add: (id, first, count, frames, over) => {
      const seq = Number(byId.get(id)?.["seq"] ?? -1);
      if (seq === -1) throw new Error(`there is no response ${id} whose events could be kept`);
      insert.run(seq, first, count, frames);
      if (over) mark.run(EVENTS.over, seq);
    },
    next: nextOf,
    read: (owner, id, from) => {
      const row = find.get(id, owners.find(owner));
      const state = STATES[Number(row?.["events"] ?? EVENTS.none)] ?? "none";
      const pieces: Uint8Array[] = [];
      let next = from;
      let bytes = 0;
      for (const { first, count, frames } of row === undefined ? [] : read.iterate(Number(row["seq"]), from)) {
        if (!(frames instanceof Uint8Array)) continue;
        const piece = Number(first) >= from ? frames : withoutFrames(frames, from - Number(first));
        pieces.push(piece);
        bytes += piece.length;
        next = Number(first) + Number(count);
        if (bytes >= PIECE_BYTES) break;
      }
      const isEnd = row === undefined || next >= nextOf(Number(row["seq"]));
      return { frames: Buffer.concat(pieces), next, state: state === "over" && !isEnd ? "live" : state };
    },
    text: (seq) =>
      read
        .all(seq, 0)
        .map(({ frames }) => (frames instanceof Uint8Array ? Buffer.from(frames).toString() : ""))
        .join(""),
    forget: (seq) => {
      remove.run(seq);
      forget.run(seq);
    },
  };
}

/** What follows the first so many frames. JSON has no line ends, so an empty line is always the end of a frame. */
function withoutFrames(frames: Uint8Array, count: number): Uint8Array {
  const bytes = Buffer.from(frames.buffer, frames.byteOffset, frames.byteLength);
  let at = 0;
  for (let passed = 0; passed < count; passed += 1) {
    const end = bytes.indexOf("\n\n", at);
    if (end === -1) return bytes.subarray(bytes.length);
    at = end + 2;
  }
  return bytes.subarray(at);
}
