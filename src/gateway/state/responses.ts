// The rows of responses: written, read back, deleted. Promises that what is read back is the object that was written, and that a
// response which is deleted or expired leaves its descendants their history.
import type { DatabaseSync } from "node:sqlite";
import { inputList, keepItem, referenceOf } from "../../dialects/responses/kept-item.ts";
import { viewItem } from "../../dialects/responses/view-item.ts";
import { asList, asString, isObject, parseJson } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import type { Chain, Placed } from "./chain.ts";
import type { Contents } from "./contents.ts";
import { EVENTS } from "./events.ts";
import type { Owners } from "./owners.ts";
import type { PageAnswer, Paging, SaveAsk, StoredResponse, StoredStatus } from "./message.ts";
import { pageOf } from "./page.ts";

/** A row, as far as others need it. */
export interface ResponseRow {
  seq: number;
  status: StoredStatus;
  store: boolean;
  background: boolean;
  input: number;
  output: number;
}

/** What a response added to the history that it continued. */
export interface Added {
  status: StoredStatus;
  input: Placed[];
  output: Placed[];
  /** Held, and by no row: whoever has taken the items lets it go. */
  loose: number | null;
}

/** The table of responses. */
export interface Responses {
  /** Writes a response after this node of history. */
  save(ask: SaveAsk, base: number): Added;
  begin(id: string): void;
  /** Replaces the output. */
  setOutput(seq: number, items: readonly JsonObject[]): void;
  row(owner: string, id: string): ResponseRow | undefined;
  read(owner: string, id: string, include: readonly string[]): StoredResponse | null;
  /** Hides a response; the sweep removes it once nobody can be using it. */
  hide(seq: number, now: number): void;
  remove(seq: number): void;
  /** How many there are, without those that are hidden. */
  count(): number;
  /** A transaction was undone: they are counted anew. */
  reset(): void;
  inputItems(owner: string, id: string, paging: Paging, include: readonly string[]): PageAnswer;
}

/** The end of a response. */
interface Ending {
  status: StoredStatus;
  said: JsonObject[];
  head: JsonObject;
}

const RUNNING: ReadonlySet<string> = new Set(["queued", "in_progress"]);

/** Whether a response has not ended. */
export const isRunning = (status: string): boolean => RUNNING.has(status);

/** Opens the table. */
export function openResponses(database: DatabaseSync, owners: Owners, contents: Contents, chain: Chain): Responses {
  const find = database.prepare(
    "SELECT seq, status, store, background, input, output, head, instructions, tools, include FROM responses WHERE id = ? AND owner = ? AND deleted IS NULL",
  );
  const insert = database.prepare(
    `INSERT INTO responses (id, owner, at, ended, status, store, background, include, input, output, head, instructions, tools, events, passing)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = database.prepare("UPDATE responses SET status = ?, ended = ?, output = ?, head = ? WHERE seq = ?");
  const ends = database.prepare("SELECT owner, input, output FROM responses WHERE seq = ?");
  const setOutput = database.prepare("UPDATE responses SET output = ? WHERE seq = ?");
  const begin = database.prepare("UPDATE responses SET status = 'in_progress' WHERE id = ? AND status = 'queued'");
  const hide = database.prepare("UPDATE responses SET deleted = ?, passing = 1 WHERE seq = ? AND deleted IS NULL");
  const remove = database.prepare("DELETE FROM responses WHERE seq = ? RETURNING output, instructions, tools, deleted");
  const all = database.prepare("SELECT count(*) AS n FROM responses");
  const hidden = database.prepare("SELECT count(*) AS n FROM responses WHERE passing = 1 AND deleted IS NOT NULL");
  const removeEvents = database.prepare("DELETE FROM events WHERE response = ?");

  /** Null = to be counted. */
  let rows: number | null = null;
  const change = (by: 1 | -1): void => {
    if (rows !== null) rows += by;
  };

  const keepText = (value: Json | undefined): number | null => {
    const isNothing = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
    return isNothing ? null : contents.keep(JSON.stringify(value));
  };
  const resolve = (owner: number, item: JsonObject): JsonObject | null => {
    const reference = referenceOf(item);
    if (reference === undefined) return keepItem(item);
    const kept = chain.find(owner, reference);
    const found = kept === undefined ? undefined : parseJson(contents.text(kept.content));
    return isObject(found) ? found : null;
  };
  const ownInput = (owner: number, body: Uint8Array | null): JsonObject[] => {
    const request = body === null ? undefined : parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
    const items = isObject(request) ? inputList(request["input"]) : [];
    return items.map((item) => resolve(owner, item)).filter((item) => item !== null);
  };

  /** Writes the end of a background response over its beginning. */
  const end = (ask: SaveAsk, owner: number, base: number, { status, said, head }: Ending): Added => {
    const known = find.get(ask.id, owner);
    if (known === undefined) throw new Error(`there is no response ${ask.id} that could be ended`);
    const input = Number(known["input"]);
    const output = chain.append(owner, input, said);
    chain.release(Number(known["output"]));
    update.run(status, isRunning(status) ? null : ask.now, output.at(-1)?.node ?? input, JSON.stringify(head), Number(known["seq"]));
    return { status, input: chain.walk(input, base), output, loose: null };
  };

  return {
    save: (ask, base) => {
      const { output, instructions, tools, status: given, ...head } = readResponse(ask.response);
      // Every Response object of ours has one of these words.
      const status = (asString(given) ?? "failed") as StoredStatus;
      const owner = owners.put(ask.owner);
      const said = asList(output).filter(isObject);
      const ended = isRunning(status) ? null : ask.now;
      if (ask.body === null) return end(ask, owner, base, { status, said, head });
      const own = ownInput(owner, ask.body);
      const standings = chain.append(owner, base, [...own, ...said]);
      const last = standings.at(-1)?.node ?? base;
      const added = { status, input: standings.slice(0, own.length), output: standings.slice(own.length) };
      if (!ask.store && !ask.background) return { ...added, loose: last };
      insert.run(
        ask.id,
        owner,
        ask.now,
        ended,
        status,
        Number(ask.store),
        Number(ask.background),
        JSON.stringify(ask.include),
        standings[own.length - 1]?.node ?? base,
        last,
        JSON.stringify(head),
        keepText(instructions),
        keepText(tools),
        ask.streamed ? EVENTS.live : EVENTS.none,
        Number(ask.background || !ask.store),
      );
      change(1);
      return { ...added, loose: null };
    },
    count: () => (rows ??= Number(all.get()?.["n"] ?? 0) - Number(hidden.get()?.["n"] ?? 0)),
    reset: () => {
      rows = null;
    },
    begin: (id) => void begin.run(id),
    setOutput: (seq, items) => {
      const row = ends.get(seq);
      if (row === undefined) return;
      const node = chain.append(Number(row["owner"]), Number(row["input"]), items).at(-1)?.node ?? Number(row["input"]);
      chain.release(Number(row["output"]));
      setOutput.run(node, seq);
    },
    row: (owner, id) => {
      const row = find.get(id, owners.find(owner));
      if (row === undefined) return undefined;
      const number = (name: string): number => Number(row[name]);
      return {
        seq: number("seq"),
        // The column holds what `save` and `begin` write.
        status: String(row["status"]) as StoredStatus,
        store: number("store") === 1,
        background: number("background") === 1,
        input: number("input"),
        output: number("output"),
      };
    },
    read: (owner, id, include) => {
      const row = find.get(id, owners.find(owner));
      if (row === undefined) return null;
      // The column holds what `save` and `begin` write.
      const status = String(row["status"]) as StoredStatus;
      const wanted = new Set([...include, ...asList(parseJson(String(row["include"]))).map(String)]);
      const items = chain.walk(Number(row["output"]), Number(row["input"])).map(({ content }) => viewItem(contents.text(content), wanted));
      const large = (name: string): string => (row[name] === null ? "null" : contents.text(Number(row[name])));
      const head = String(row["head"]).slice(1, -1);
      const parts = [`"status":"${status}"`, `"output":[${items.join(",")}]`, `"instructions":${large("instructions")}`];
      const tools = row["tools"] === null ? "[]" : large("tools");
      return { text: `{${head},${parts.join(",")},"tools":${tools}}`, status, background: Number(row["background"]) === 1 };
    },
    hide: (seq, now) => {
      if (hide.run(now, seq).changes > 0) change(-1);
    },
    remove: (seq) => {
      const row = remove.get(seq);
      if (row === undefined) return;
      if (row["deleted"] === null) change(-1);
      removeEvents.run(seq);
      chain.release(Number(row["output"]));
      for (const name of ["instructions", "tools"]) if (row[name] !== null) contents.release(Number(row[name]));
    },
    inputItems: (owner, id, paging, include) => {
      const row = find.get(id, owners.find(owner));
      if (row === undefined) return { found: false, missing: "list" };
      const wanted = new Set(include);
      return pageOf(chain.walk(Number(row["input"])), paging, ({ content }) => viewItem(contents.text(content), wanted));
    },
  };
}

function readResponse(text: string): JsonObject {
  const response = parseJson(text);
  if (!isObject(response)) throw new Error("the response is no JSON object");
  return response;
}
