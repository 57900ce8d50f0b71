// Chat-completions streams out of thin air: what a model says, and how a vendor spells it. Promises spellings that were all
// recorded from real servers, and that what was meant is known beside what is on the wire.
import fc from "fast-check";
import type { JsonObject } from "../../src/kit/json.ts";

/** What a model says: stretches of one kind, each in pieces. */
export type Stretch =
  | { kind: "text"; pieces: string[] }
  | { kind: "reasoning"; pieces: string[] }
  | { kind: "calls"; calls: SaidCall[]; order: number[] };

/** A call; its arguments in pieces. */
export interface SaidCall {
  name: string;
  args: string[];
}

/** How a vendor spells it. */
export interface Vendor {
  reasoningField: "reasoning_content" | "reasoning";
  /** Every key that says nothing is there, as null. */
  nulls: boolean;
  first: "role_empty" | "role_null" | "role_only" | "no_choice" | "none";
  roleRepeated: boolean;
  callForm: "split" | "first_piece" | "null_ids" | "empty_ids" | "repeated" | "whole" | "unindexed" | "index_zero";
  usage: "own_chunk" | "finish_chunk" | "every_chunk" | "none";
  finishHasText: boolean;
  done: boolean;
  lineEnd: "\n" | "\r\n";
  comments: boolean;
  lastBlankLine: boolean;
}

export interface ChatStream {
  stretches: Stretch[];
  finish: "stop" | "length" | "content_filter";
  vendor: Vendor;
}

const LETTERS = ["a", "b", "é", "😀", "<", "{", '"', "\\", "/"];
const OTHERS = [...LETTERS, " ", "\n", "\t", "\u2028", ">", "thin"];
// The first character is no white space: what white space alone becomes is a question of its own.
const words = fc
  .tuple(fc.constantFrom(...LETTERS), fc.string({ unit: fc.constantFrom(...OTHERS), maxLength: 6 }))
  .map(([first, rest]) => first + rest);
const piece = fc.string({ unit: fc.constantFrom(...OTHERS), minLength: 1, maxLength: 6 });
const pieces = fc.tuple(words, fc.array(piece, { maxLength: 4 })).map(([first, rest]) => [first, ...rest]);

/** JSON arguments, cut anywhere. */
const args = fc
  .tuple(
    fc.dictionary(fc.constantFrom("a", "path", "é"), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
    fc.array(fc.nat(40), { maxLength: 4 }),
  )
  .map(([value, places]) => cutText(JSON.stringify(value), places));

function cutText(text: string, places: readonly number[]): string[] {
  const sorted = [0, ...new Set(places.filter((place) => place > 0 && place < text.length))].toSorted((left, right) => left - right);
  return sorted.map((from, index) => text.slice(from, sorted[index + 1] ?? text.length));
}

const call: fc.Arbitrary<SaidCall> = fc.record({ name: fc.constantFrom("shell", "read_file", "mcp__notes__add", "x"), args });

/** Calls, and the order in which their pieces come: each entry names the call that goes on next. */
const calls: fc.Arbitrary<Stretch> = fc
  .tuple(fc.array(call, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(3), { maxLength: 16 }))
  .map(([some, order]) => ({ kind: "calls", calls: some, order }));

const stretch: fc.Arbitrary<Stretch> = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), pieces }),
  fc.record({ kind: fc.constant("reasoning" as const), pieces }),
  calls,
);

const vendors: fc.Arbitrary<Vendor> = fc.record({
  reasoningField: fc.constantFrom("reasoning_content", "reasoning"),
  nulls: fc.boolean(),
  first: fc.constantFrom("role_empty", "role_null", "role_only", "no_choice", "none"),
  roleRepeated: fc.boolean(),
  callForm: fc.constantFrom("split", "first_piece", "null_ids", "empty_ids", "repeated", "whole", "unindexed", "index_zero"),
  usage: fc.constantFrom("own_chunk", "finish_chunk", "every_chunk", "none"),
  finishHasText: fc.boolean(),
  done: fc.boolean(),
  lineEnd: fc.constantFrom("\n", "\r\n"),
  comments: fc.boolean(),
  lastBlankLine: fc.boolean(),
});

/** Any stream. */
export const chatStreams: fc.Arbitrary<ChatStream> = fc.record({
  stretches: fc.array(stretch, { minLength: 1, maxLength: 4 }),
  finish: fc.constantFrom("stop", "stop", "length", "content_filter"),
  vendor: vendors,
});

/** Streams that could as well have been whole replies: reasoning, then text, then calls. */
export const orderedStreams: fc.Arbitrary<ChatStream> = fc
  .record({
    reasoning: fc.option(pieces),
    text: fc.option(pieces),
    calls: fc.option(calls),
    finish: fc.constantFrom("stop" as const, "content_filter" as const),
    vendor: vendors,
  })
  .filter(({ reasoning, text, calls: some }) => reasoning !== null || text !== null || some !== null)
  .map(({ reasoning, text, calls: some, finish, vendor }) => {
    const stretches: Stretch[] = [];
    if (reasoning !== null) stretches.push({ kind: "reasoning", pieces: reasoning });
    if (text !== null) stretches.push({ kind: "text", pieces: text });
    if (some !== null) stretches.push(some);
    return { stretches, finish, vendor };
  });

const USAGE: JsonObject = {
  prompt_tokens: 20,
  completion_tokens: 9,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 3 },
};

/** The deltas of a stretch of calls: each call begins in its turn, then its pieces come in the given order. */
function callDeltas(said: Stretch & { kind: "calls" }, from: number, vendor: Vendor): JsonObject[] {
  const form = vendor.callForm;
  const begin = (one: SaidCall, place: number): JsonObject => {
    const whole = form === "whole" || form === "unindexed" || form === "index_zero";
    const text = whole ? one.args.join("") : form === "split" ? "" : (one.args[0] ?? "");
    const index = form === "unindexed" ? {} : { index: form === "index_zero" ? 0 : from + place };
    return { ...index, id: `call_${from + place}`, type: "function", function: { name: one.name, arguments: text } };
  };
  const goOn = (one: SaidCall, place: number, text: string): JsonObject => {
    const index = from + place;
    switch (form) {
      case "null_ids":
        return { index, id: null, function: { name: null, arguments: text } };
      case "empty_ids":
        return { index, id: "", type: "function", function: { name: "", arguments: text } };
      case "repeated":
        return { index, id: `call_${index}`, type: "function", function: { name: one.name, arguments: text } };
      default:
        return { index, function: { arguments: text } };
    }
  };
  const begun = said.calls.map(begin);
  if (form === "whole" || form === "unindexed" || form === "index_zero") return begun;
  const queues = said.calls.map((one, place) => one.args.slice(form === "split" ? 0 : 1).map((text) => goOn(one, place, text)));
  const chosen = said.order.flatMap((place) => queues[place % queues.length]?.splice(0, 1) ?? []);
  return [...begun, ...chosen, ...queues.flat()];
}

/** The deltas of a stream, without the first and the last chunk. */
function deltas(stream: ChatStream): JsonObject[] {
  const all: JsonObject[] = [];
  let count = 0;
  for (const said of stream.stretches) {
    if (said.kind === "calls") {
      all.push(...callDeltas(said, count, stream.vendor).map((entry) => ({ tool_calls: [entry] })));
      count += said.calls.length;
    } else {
      const field = said.kind === "text" ? "content" : stream.vendor.reasoningField;
      for (const text of said.pieces) all.push({ [field]: text });
    }
  }
  return all;
}

function finishWord(stream: ChatStream): string {
  return stream.finish === "stop" && stream.stretches.at(-1)?.kind === "calls" ? "tool_calls" : stream.finish;
}

/** The chunks of a stream as JSON texts, `[DONE]` among them, and the place of the one that says why the model stopped. */
function chunksOf(stream: ChatStream): { chunks: string[]; finishAt: number } {
  const { vendor } = stream;
  const blank: JsonObject = vendor.nulls
    ? { role: null, content: null, reasoning_content: null, reasoning: null, tool_calls: null, refusal: null }
    : {};
  const write = (choices: JsonObject[], usage: JsonObject | undefined): string =>
    JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1700000000,
      model: "m",
      choices,
      ...(usage ? { usage } : {}),
    });
  const running = vendor.usage === "every_chunk" ? { ...USAGE, completion_tokens: 0, total_tokens: 20 } : undefined;
  const chunk = (delta: JsonObject): string =>
    write(
      [{ index: 0, delta: { ...blank, ...(vendor.roleRepeated ? { role: "assistant" } : {}), ...delta }, finish_reason: null }],
      running,
    );
  const firsts = {
    role_empty: () => [chunk({ role: "assistant", content: "" })],
    role_null: () => [chunk({ role: "assistant", content: null })],
    role_only: () => [chunk({ role: "assistant" })],
    no_choice: () => [write([], undefined)],
    none: () => [],
  };
  const middle = deltas(stream);
  const last = middle.at(-1);
  const joined = vendor.finishHasText && typeof last?.["content"] === "string" ? last : undefined;
  const chunks = [...firsts[vendor.first](), ...(joined === undefined ? middle : middle.slice(0, -1)).map(chunk)];
  const finishAt = chunks.length;
  const final = vendor.usage === "finish_chunk" || vendor.usage === "every_chunk" ? USAGE : undefined;
  chunks.push(write([{ index: 0, delta: { ...blank, ...joined }, finish_reason: finishWord(stream) }], final));
  if (vendor.usage === "own_chunk") chunks.push(write([], USAGE));
  if (vendor.done) chunks.push("[DONE]");
  return { chunks, finishAt };
}

/** A stream as its SSE text, and how many bytes of it come before the end of the chunk that says why the model stopped. */
export function sseOf(stream: ChatStream): { text: string; finishedAt: number } {
  const { vendor } = stream;
  const { chunks, finishAt } = chunksOf(stream);
  const frame = (data: string, index: number): string => {
    const comment = vendor.comments && index % 2 === 0 ? `: PROCESSING${vendor.lineEnd}${vendor.lineEnd}` : "";
    return `${comment}data: ${data}${vendor.lineEnd}${vendor.lineEnd}`;
  };
  const frames = chunks.map(frame);
  const text = frames.join("");
  const finishedAt = Buffer.byteLength(frames.slice(0, finishAt + 1).join("")) - 2 * vendor.lineEnd.length;
  return { text: vendor.lastBlankLine ? text : text.slice(0, -vendor.lineEnd.length), finishedAt };
}

/** The same as a whole reply. */
export function wholeOf(stream: ChatStream): JsonObject {
  const message: JsonObject = { role: "assistant", content: null };
  const toolCalls: JsonObject[] = [];
  for (const said of stream.stretches) {
    if (said.kind === "text") message["content"] = said.pieces.join("");
    else if (said.kind === "reasoning") message[stream.vendor.reasoningField] = said.pieces.join("");
    else if (said.kind === "calls") {
      for (const one of said.calls) {
        toolCalls.push({ id: `call_${toolCalls.length}`, type: "function", function: { name: one.name, arguments: one.args.join("") } });
      }
    }
  }
  if (toolCalls.length > 0) message["tool_calls"] = toolCalls;
  const choices = [{ index: 0, message, finish_reason: finishWord(stream) }];
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1700000000,
    model: "m",
    choices,
    ...(stream.vendor.usage === "none" ? {} : { usage: USAGE }),
  };
}
