// What the state's thread is asked and what it answers, as types. Promises one answer to each question: what was looked for and not
// found is an answer too; a refusal is what the disk said.
import type { JsonObject } from "../../kit/json.ts";

/** How a response stands. */
export type StoredStatus = "queued" | "in_progress" | "completed" | "incomplete" | "failed" | "cancelled";

/** A response to be written: new, or over what is there of it. */
export interface SaveAsk {
  owner: string;
  id: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** The client's request, whose `input` is kept with it; null where it is kept already. */
  body: Uint8Array | null;
  /** The response that this one continues. */
  previous: string | null;
  /** Gets input and output once the response is complete. */
  conversation: string | null;
  /** The Response object in wire form. */
  response: string;
  /** May be retrieved for long and continued from. Without it a background response is kept for some minutes, any other not at all. */
  store: boolean;
  background: boolean;
  /** Its events are kept too. */
  streamed: boolean;
  include: readonly string[];
}

/** What a request leans on. */
export interface HistoryAsk {
  owner: string;
  previous: string | null;
  conversation: string | null;
  /** Ids of items that the input names. */
  references: readonly string[];
}

/** `items` is a JSON list; `references` has the JSON of each item that was named. `missing` says what is not there. */
export type HistoryAnswer =
  | { found: true; items: string; references: Record<string, string> }
  | { found: false; missing: "previous" | "unfinished" | "conversation" }
  | { found: false; missing: "item"; id: string };

/** A response as it is kept. */
export interface StoredResponse {
  /** The Response object, `output` as the client asked for it. */
  text: string;
  status: StoredStatus;
  background: boolean;
}

/** Which part of a list. `after` is an item's id. */
export interface Paging {
  after: string | null;
  limit: number;
  order: "asc" | "desc";
}

/** A list in the API's form, as JSON in a buffer of its own, which is handed over and not copied; `after` that is not in it has no page. */
export type PageAnswer = { found: true; bytes: Uint8Array<ArrayBuffer> } | { found: false; missing: "list" | "after" };

/** A piece of a kept stream; `next` is the sequence number after it. `state`: whether more may come, or all of it is forgotten. */
export interface EventsAnswer {
  frames: Uint8Array;
  next: number;
  state: "live" | "over" | "forgotten" | "none";
}

/** A conversation, as its JSON. */
export type ConversationAnswer = string | null;

interface Named {
  owner: string;
  id: string;
}

/** Questions by name. */
export interface Operations {
  /** Whether the disk takes anything. */
  probe: { ask: null; answer: null };
  save: { ask: SaveAsk; answer: null };
  /** A background response has begun. */
  begin: { ask: { id: string }; answer: null };
  history: { ask: HistoryAsk; answer: HistoryAnswer };
  response: { ask: Named & { include: readonly string[] }; answer: StoredResponse | null };
  remove: { ask: Named & { now: number }; answer: "removed" | "running" | "none" };
  inputItems: { ask: Named & { paging: Paging; include: readonly string[] }; answer: PageAnswer };
  /** Whole frames of one background response, the first of which has this sequence number; `over` = its last is the terminal event. */
  addEvents: { ask: { id: string; first: number; count: number; frames: Uint8Array; over: boolean }; answer: null };
  events: { ask: Named & { from: number }; answer: EventsAnswer };
  createConversation: { ask: Named & { now: number; metadata: JsonObject; items: readonly JsonObject[] }; answer: string };
  conversation: { ask: Named; answer: ConversationAnswer };
  updateConversation: { ask: Named & { now: number; metadata: JsonObject }; answer: ConversationAnswer };
  removeConversation: { ask: Named; answer: boolean };
  addItems: {
    ask: Named & { now: number; items: readonly JsonObject[]; include: readonly string[] };
    answer: PageAnswer;
  };
  items: { ask: Named & { paging: Paging; include: readonly string[] }; answer: PageAnswer };
  item: { ask: Named & { item: string; include: readonly string[] }; answer: { conversation: boolean; text: string | null } };
  removeItem: { ask: Named & { item: string; now: number }; answer: { conversation: ConversationAnswer; removed: boolean } };
}

export type Operation = keyof Operations;

/** Those that change something. */
export const WRITES: ReadonlySet<Operation> = new Set<Operation>([
  "probe",
  "save",
  "begin",
  "remove",
  "addEvents",
  "createConversation",
  "updateConversation",
  "removeConversation",
  "addItems",
  "removeItem",
]);

/** A question on its way to the thread. */
export interface Question {
  number: number;
  operation: Operation;
  /** Of the type that `Operations` has for it. */
  ask: unknown;
}

/** An answer on its way back. */
export type Reply = { number: number } & ({ ok: true; answer: unknown } | { ok: false; message: string });

export type ToThread = { kind: "question"; question: Question } | { kind: "close" };

export type FromThread =
  /** The file is open, or cannot be opened (`trouble`) and will be tried again with the next question. `responses` = how many are kept. */
  | { kind: "ready"; interrupted: number; trouble: string | null; responses: number }
  | { kind: "replies"; replies: Reply[]; responses: number }
  /** Something that the operator should know. */
  | { kind: "notice"; message: string };

/** What the thread is started with. */
export interface ThreadData {
  dataDir: string;
  keepDays: number;
  maxMb: number;
  /** Responses that are still running belong to a process that is gone. False when only the thread was started again. */
  recover: boolean;
}
