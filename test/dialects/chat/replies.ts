// Chat replies in few words, and what the reader makes of them.
import type { Fault } from "../../../src/hub/fault.ts";
import { CHAT_QUIRKS, type Quirks } from "../../../src/hub/capability.ts";
import type { Piece } from "../../../src/hub/piece.ts";
import { chatSpeaker } from "../../../src/dialects/chat/index.ts";
import type { ReplyReader } from "../../../src/dialects/dialect.ts";
import type { Json, JsonObject } from "../../../src/kit/json.ts";

/** A chunk with one choice. */
export function chunk(delta: JsonObject | undefined, finish?: string | null, more: JsonObject = {}): JsonObject {
  const choice: JsonObject = { index: 0, ...(delta === undefined ? {} : { delta }), finish_reason: finish ?? null };
  return { id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [choice], ...more };
}

/** The last chunk of a reply that is whole. */
export const STOP = chunk({}, "stop");

/** The bytes of these chunks, with the end marker. */
export function sse(chunks: readonly (JsonObject | string)[], done = true): string {
  const frames = chunks.map((one) => `data: ${typeof one === "string" ? one : JSON.stringify(one)}\n\n`);
  return frames.join("") + (done ? "data: [DONE]\n\n" : "");
}

/** A source of ids that can be told apart. */
function countingIds(): (prefix: string) => string {
  let count = 0;
  return (prefix) => `${prefix}_minted${count++}`;
}

export function createReader(quirks: Partial<Quirks> = {}): ReplyReader {
  return chatSpeaker.createReader({ quirks: { ...CHAT_QUIRKS, ...quirks }, ids: countingIds(), logprobs: true });
}

/** The pieces of a streamed body that arrives in these parts; neighbours that say more of the same are one. */
export function readBytes(parts: readonly (string | Uint8Array)[], quirks: Partial<Quirks> = {}): Piece[] {
  const reader = createReader(quirks);
  const out: Piece[] = [];
  for (const part of parts) reader.push(Buffer.from(part), out);
  reader.end(out);
  return join(out);
}

/** The pieces of a stream of these chunks, the same at once and byte by byte (else it throws). */
export function readStream(
  chunks: readonly (JsonObject | string)[],
  { done = true, ...quirks }: Partial<Quirks> & { done?: boolean } = {},
): Piece[] {
  const bytes = Buffer.from(sse(chunks, done));
  const atOnce = readBytes([bytes], quirks);
  const slowly = readBytes(
    [...bytes].map((byte) => Uint8Array.of(byte)),
    quirks,
  );
  if (JSON.stringify(atOnce) !== JSON.stringify(slowly))
    throw new Error(`cut differently:\n${JSON.stringify(atOnce)}\n${JSON.stringify(slowly)}`);
  return atOnce;
}

/** The pieces of a whole reply. */
export function readWhole(body: Json, quirks: Partial<Quirks> = {}): Piece[] {
  return join(chatSpeaker.readWhole(body, { quirks: { ...CHAT_QUIRKS, ...quirks }, ids: countingIds(), logprobs: true }));
}

/** A whole reply with one choice. */
export function reply(message: JsonObject, finish: string | null = "stop", more: JsonObject = {}): JsonObject {
  return { id: "c", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message, finish_reason: finish }], ...more };
}

function join(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (piece.kind === "text" && last?.kind === "text" && !piece.logprobs && !last.logprobs) last.text += piece.text;
    else if (piece.kind === "reasoning" && last?.kind === "reasoning") last.text += piece.text;
    else if (piece.kind === "args" && last?.kind === "args" && piece.key === last.key) last.text += piece.text;
    else out.push({ ...piece });
  }
  return out;
}

/** Pieces as short lines: `text Hello`, `call 0 call_a get_weather`, `args 0 {}`, `end 0`, `finish stop`, ... */
export function lines(pieces: readonly Piece[]): string[] {
  return pieces.map((piece) => {
    switch (piece.kind) {
      case "text":
      case "refusal":
      case "reasoning":
        return `${piece.kind} ${piece.text}`;
      case "call":
        return `call ${piece.key} ${piece.call_id} ${piece.name}`;
      case "args":
        return `args ${piece.key} ${piece.text}`;
      case "call_end":
        return `end ${piece.key}${piece.intact ? "" : " cut"}`;
      case "usage": {
        const { input, output, cached, cacheWrite, reasoning } = piece.usage;
        return `usage ${[input, output, cached, cacheWrite, reasoning].join(" ")}`;
      }
      case "finish":
        return `finish ${piece.reason}`;
      case "state":
        return `state ${JSON.stringify(piece.state)}`;
      case "annotation":
        return `annotation ${JSON.stringify(piece.annotation)}`;
      case "fault":
        return `fault ${piece.fault.kind} ${piece.fault.message}`;
      default:
        return piece satisfies never;
    }
  });
}

/** The fault among pieces. */
export function faultIn(pieces: readonly Piece[]): Fault | undefined {
  return pieces.find((piece) => piece.kind === "fault")?.fault;
}
