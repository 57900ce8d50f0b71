// The tables of state.db without their thread, for tests that move the clock, and words for what is written to them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { openDatabase } from "../../../src/gateway/state/database.ts";
import type { SaveAsk } from "../../../src/gateway/state/message.ts";
import { makeWorkings, type Workings } from "../../../src/gateway/state/operations.ts";
import type { Retention } from "../../../src/gateway/state/sweep.ts";
import type { Json, JsonObject } from "../../../src/kit/json.ts";

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
/** The moment at which these tests begin. */
export const NOW = Date.UTC(2026, 0, 1);

export interface Tables extends Workings {
  database: DatabaseSync;
  /** Rows of a table. */
  count(table: string): number;
  /** Sweeps until nothing is left to do. */
  sweepAll(now: number): void;
  /** The texts of a response's history. */
  history(id: string): string[];
}

/** Makes a folder that the running test removes. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "waystation-state-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens the tables in a folder of their own. */
export function openTables(retention: Partial<Retention> = {}): Tables {
  const { database } = openDatabase(makeFolder());
  onTestFinished(() => database.close());
  const workings = makeWorkings(database, { keepDays: 30, maxMb: 100, ...retention });
  return {
    ...workings,
    database,
    count: (table) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]),
    sweepAll: (now) => {
      for (let round = 0; workings.sweep(now); round += 1) if (round > 10_000) throw new Error("the sweep does not end");
    },
    history: (id) => {
      const answer = workings.handle.history({ owner: "me", previous: id, conversation: null, references: [] });
      return answer.found ? [...answer.items.matchAll(/"text":"([^"]*)"/g)].map(([, text]) => text ?? "") : [];
    },
  };
}

/** A response that says something, as it is on the wire. */
export function wire(id: string, text: string, more: JsonObject = {}): string {
  const message = { id: `msg_${id}`, type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text }] };
  const head = { id, object: "response", created_at: 1, status: "completed", error: null, instructions: null, tools: [], usage: null };
  return JSON.stringify({ ...head, output: [message], ...more });
}

/** What is asked to keep a response; by default a finished one of `me` with an input of one word. */
export function saving(id: string, more: Partial<Omit<SaveAsk, "body">> & { input?: Json; body?: null } = {}): SaveAsk {
  const { input = `asked ${id}`, ...rest } = more;
  return {
    owner: "me",
    id,
    now: NOW,
    body: Buffer.from(JSON.stringify({ input })),
    previous: null,
    conversation: null,
    response: wire(id, `said ${id}`),
    store: true,
    background: false,
    streamed: false,
    include: [],
    ...rest,
  };
}
