// `waystation show ID`: one turn as a readable transcript, as JSON, or as the bytes of its records. Promises that the
// transcript and the JSON cannot act on the terminal, and that `--raw` and `--record` write exactly what is stored.
import { readTranscript } from "../gateway/transcript.ts";
import type { Transcript, TranscriptEntry } from "../gateway/transcript.ts";
import { NoLogError, openQuery } from "../journal/query.ts";
import type { LoggedTurn, TurnRecords } from "../journal/query.ts";
import type { StoredRecord } from "../journal/read-record.ts";
import { UsageError } from "./command-line.ts";
import type { LogContext } from "./logs.ts";
import { printable, printableJson, printableLine } from "./printable.ts";
import { readOptions, wholeNumber } from "./read-options.ts";
import { factLines } from "./show-facts.ts";

const RECORDS = ["client-request", "upstream-request", "upstream-reply", "client-reply"] as const;
type RecordName = (typeof RECORDS)[number];

const OPTIONS = {
  full: {},
  raw: {},
  json: {},
  record: { value: RECORDS.join("|") },
  attempt: { value: "0" },
  help: { short: "h" },
} as const;

const HELP = `waystation show ID: print one turn

ID is a turn's or a response's, a beginning of it that no other has, or "last".

  --full            long texts whole
  --json            the turn, its attempts, heads and transcript as one JSON object
  --raw             the bodies of all records, byte for byte, each after a line that names it
  --record NAME     one body alone: ${RECORDS.join(", ")}
  --attempt N       of this upstream call, counted from 0 (the last)
`;

/** Prints a turn; exit code 1 where it, or what is asked of it, is not in the log. Throws UsageError. */
export async function show(args: string[], context: LogContext): Promise<number> {
  const { options, words } = readOptions("show", args, OPTIONS);
  if (options.has("help")) {
    context.out(HELP);
    return 0;
  }
  const [id, more] = words;
  if (id === undefined) throw new UsageError("show needs the id of a turn or a response: `logs` lists them, `show last` is the newest");
  if (more !== undefined) throw new UsageError(`"${more}" is one word too many for show; remove it`);
  const name = recordName(options.get("record"));
  const number = wholeNumber(options, "attempt", 0, 1000);
  try {
    using query = openQuery(context.dataDir);
    const found = query.find(id);
    if (found.kind === "none") return failed(context, `there is no turn ${id} in the log of ${context.dataDir}`);
    if (found.kind === "several") return failed(context, `several turns begin with ${id}: ${found.ids.join(", ")}`);
    const records = query.records(found.turn);
    if (name !== undefined) return showRecord(records, name, number, context);
    if (options.has("raw")) return showRaw(records, context);
    if (options.has("json")) return showJson(found.turn, records, context);
    return showTranscript(found.turn, records, options.has("full"), context);
  } catch (error) {
    if (!(error instanceof NoLogError)) throw error;
    return failed(context, error.message);
  }
}

function failed(context: LogContext, message: string): number {
  context.error(`waystation: ${printableLine(message)}\n`);
  return 1;
}

function recordName(given: string | undefined): RecordName | undefined {
  const name = RECORDS.find((known) => known === given);
  if (given !== undefined && name === undefined) throw new UsageError(`--record is one of ${RECORDS.join(", ")}`);
  return name;
}

function showRecord(records: TurnRecords, name: RecordName, number: number | undefined, context: LogContext): number {
  const attempt = number === undefined ? records.attempts.at(-1) : records.attempts.find((one) => one.number === number);
  const record = pick(records, attempt, name);
  if (record === null) return failed(context, `this turn has no ${name}${number === undefined ? "" : ` of attempt ${number}`}`);
  if (record.body === null) return failed(context, `the body of ${name} is not in the log (${lostWords(record)})`);
  context.out(record.body);
  return 0;
}

function pick(records: TurnRecords, attempt: TurnRecords["attempts"][number] | undefined, name: RecordName): StoredRecord | null {
  switch (name) {
    case "client-request":
      return records.clientRequest;
    case "upstream-request":
      return attempt?.request ?? null;
    case "upstream-reply":
      return attempt?.reply ?? null;
    case "client-reply":
      return records.clientReply;
  }
}

function showRaw(records: TurnRecords, context: LogContext): number {
  const put = (label: string, record: StoredRecord | null): void => {
    if (record === null) return;
    const what = record.body === null ? lostWords(record) : `${record.body.length} bytes`;
    context.out(`--- ${label}: ${printableLine(record.start)}, ${what}\n`);
    if (record.body === null) return;
    context.out(record.body);
    if (record.body.at(-1) !== 0x0a) context.out("\n");
  };
  put("client-request", records.clientRequest);
  for (const attempt of records.attempts) {
    put(`upstream-request of attempt ${attempt.number}`, attempt.request);
    put(`upstream-reply of attempt ${attempt.number}`, attempt.reply);
  }
  put("client-reply", records.clientReply);
  return 0;
}

function lostWords(record: StoredRecord): string {
  switch (record.lost) {
    case "capture":
      return `${record.size} bytes, not kept: log.capture is metadata`;
    case "shed":
      return `${record.size} bytes, given up under pressure`;
    default:
      return "damaged, or no longer stored";
  }
}

function transcriptOf(turn: LoggedTurn, records: TurnRecords): Transcript | null {
  if (turn.dialect !== "responses") return null;
  return readTranscript(records.clientRequest?.body?.toString("utf8") ?? null, records.clientReply?.body?.toString("utf8") ?? null);
}

function showJson(turn: LoggedTurn, records: TurnRecords, context: LogContext): number {
  const head = (record: StoredRecord | null): Omit<StoredRecord, "body"> | null => {
    if (record === null) return null;
    const { body: _body, ...rest } = record;
    return rest;
  };
  const { seq: _seq, ...facts } = turn;
  const attempts = records.attempts.map((attempt) => ({ ...attempt, request: head(attempt.request), reply: head(attempt.reply) }));
  const sides = { request: head(records.clientRequest), reply: head(records.clientReply) };
  context.out(`${printableJson({ ...facts, ...sides, attempts, transcript: transcriptOf(turn, records) })}\n`);
  return 0;
}

function showTranscript(turn: LoggedTurn, records: TurnRecords, full: boolean, context: LogContext): number {
  context.out(`${factLines(turn, records.attempts).join("\n")}\n`);
  const secrets = redactionsOf(records);
  if (secrets > 0) context.out(`  secrets ${secrets} taken out\n`);
  for (const [what, record] of [
    ["request", records.clientRequest],
    ["reply", records.clientReply],
  ] as const) {
    if (record !== null && record.body === null) context.out(`  ${what.padEnd(8)}${lostWords(record)}\n`);
  }
  const transcript = transcriptOf(turn, records);
  if (transcript === null) {
    context.out(`\nno transcript for the dialect ${printableLine(turn.dialect)}: see --raw\n`);
    return 0;
  }
  for (const entry of transcript.request) context.out(entryText(entry, full));
  if (transcript.reply.length > 0) context.out("\n=== reply ===\n");
  for (const entry of transcript.reply) context.out(entryText(entry, full));
  return 0;
}

function redactionsOf({ clientRequest, clientReply, attempts }: TurnRecords): number {
  const all = [clientRequest, clientReply, ...attempts.flatMap((attempt) => [attempt.request, attempt.reply])];
  return all.reduce((sum, record) => sum + (record?.redactions ?? 0), 0);
}

function entryText(entry: TranscriptEntry, full: boolean): string {
  const block = (title: string, text: string): string =>
    `\n--- ${printableLine(title)} ---\n${printable(full ? text : shorten(text)).trimEnd()}\n`;
  switch (entry.kind) {
    case "message":
      return block(entry.role, entry.text);
    case "reasoning":
      return block(`reasoning${entry.sealed ? " (sealed)" : ""}`, entry.text);
    case "call":
      return block(`call ${entry.tool} ${entry.callId}`, entry.input);
    case "result":
      return block(`result of ${entry.tool ?? "an unknown call"} ${entry.callId}`, entry.text);
    case "note":
      return `\n(${printable(full ? entry.text : shorten(entry.text))})\n`;
  }
}

const HEAD = 1000;
const TAIL = 300;

/** The beginning and the end of a long text. */
function shorten(text: string): string {
  if (text.length <= HEAD + TAIL + 100) return text;
  return `${text.slice(0, HEAD)}\n[... ${text.length - HEAD - TAIL} characters left out: --full shows them ...]\n${text.slice(-TAIL)}`;
}
