// Turns to tell a journal of: whole and believable ones, made from their bodies alone.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AttemptEnd, Journal, TurnEnd, TurnStart, WireRecord } from "../../src/journal/journal.ts";
import type { JournalOptions, OpenJournal } from "../../src/journal/open.ts";
import { openJournal } from "../../src/journal/open.ts";
import type { Query, TurnRecords } from "../../src/journal/query.ts";
import { openQuery } from "../../src/journal/query.ts";

/** A directory that is gone when the scope is left. */
export function scratch(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), "waystation-journal-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A journal over a directory, with every body kept. */
export function open(dataDir: string, more: Partial<JournalOptions> = {}): Promise<OpenJournal> {
  return openJournal({ dataDir, capture: "full", queueMb: 64, secrets: [], ...more });
}

/** A record with this body. */
export function record(start: string, body: string | Uint8Array | readonly Uint8Array[], headers: WireRecord["headers"] = []): WireRecord {
  const chunks = typeof body === "string" ? [Buffer.from(body)] : body instanceof Uint8Array ? [body] : body;
  return { start, headers, body: chunks };
}

let count = 0;

/** A new turn id, later than all before it. */
export function nextId(): string {
  count += 1;
  return `turn_${count.toString(16).padStart(32, "0")}`;
}

/** What can be said of a turn. */
export interface Told {
  id: string;
  start: Partial<TurnStart>;
  attempt: Partial<AttemptEnd>;
  end: Partial<TurnEnd>;
}

/** What takes what a turn tells. */
type Listener = Pick<Journal, "begin" | "attempt" | "end">;

/** A turn's beginning. */
export function begin(journal: Listener, id: string, more: Partial<TurnStart> = {}): void {
  const request = record("POST /v1/responses", '{"model":"m","input":"hello"}');
  journal.begin({ id, at: 1_764_000_000_000, dialect: "responses", session: "s-1", client: "codex", request, ...more });
}

/** The end of an upstream call. */
export function attempt(journal: Listener, turn: string, more: Partial<AttemptEnd> = {}): void {
  journal.attempt({
    turn,
    number: 0,
    at: 1_764_000_000_001,
    headersMs: 1.5,
    firstByteMs: 2.5,
    durationMs: 10,
    provider: "local",
    model: "target-model",
    url: "http://127.0.0.1:8080/v1/chat/completions",
    status: 200,
    fault: null,
    detail: null,
    request: record("POST /v1/chat/completions", '{"model":"target-model","messages":[]}'),
    reply: record("200", "data: [DONE]\n\n"),
    ...more,
  });
}

/** A turn's end. */
export function end(journal: Listener, id: string, more: Partial<TurnEnd> = {}): void {
  journal.end({
    id,
    state: "done",
    durationMs: 12,
    firstTokenMs: 3,
    model: "m",
    provider: "local",
    targetModel: "target-model",
    responseId: `resp_of_${id}`,
    status: 200,
    fault: null,
    detail: null,
    usage: { input: 10, output: 5, cached: 2, cacheWrite: 0, reasoning: 1, estimated: false },
    losses: [],
    reply: record("200", "event: response.completed\n\n"),
    ...more,
  });
}

/** Tells a whole turn; gives its id. */
export function tell(journal: Listener, told: Partial<Told> = {}): string {
  const id = told.id ?? nextId();
  begin(journal, id, told.start);
  attempt(journal, id, told.attempt);
  end(journal, id, told.end);
  return id;
}

/** Reads a directory's log and closes it. */
export function read<T>(dataDir: string, look: (query: Query) => T): T {
  const query = openQuery(dataDir);
  try {
    return look(query);
  } finally {
    query.close();
  }
}

/** The records of a turn that must be there. */
export function recordsOf(dataDir: string, id: string): TurnRecords {
  return read(dataDir, (query) => {
    const found = query.find(id);
    if (found.kind !== "turn") throw new Error(`${id} is not in the log`);
    return query.records(found.turn);
  });
}
