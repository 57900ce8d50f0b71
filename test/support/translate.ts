// The dialect core without a gateway: bytes of a chat upstream in, a Responses stream out, with fixed ids and a fixed clock.
// Promises the order of steps of a turn: read, raise, assemble, write; a fault ends the stream as failed.
import type { Json, JsonObject } from "../../src/kit/json.ts";
import { isObject, parseJson } from "../../src/kit/json.ts";
import { CHAT_CAPABILITIES, CHAT_QUIRKS, type Quirks } from "../../src/hub/capability.ts";
import { Assembler } from "../../src/hub/assemble.ts";
import type { Event } from "../../src/hub/event.ts";
import { fault, type Fault } from "../../src/hub/fault.ts";
import { LossList, type Loss } from "../../src/hub/loss.ts";
import { lowerTools } from "../../src/hub/lower-tools.ts";
import type { Piece } from "../../src/hub/piece.ts";
import { createRaise } from "../../src/hub/raise-calls.ts";
import type { Unseal } from "../../src/hub/seal.ts";
import { estimateUsage } from "../../src/hub/usage.ts";
import { chatSpeaker } from "../../src/dialects/chat/index.ts";
import { readRequest } from "../../src/dialects/responses/read-request.ts";
import { ResponsesWriter } from "../../src/dialects/responses/write-reply.ts";

/** What a client asked, and how the upstream and the client are. */
export interface TranslateOptions {
  /** Fields of the Responses request beside `model` and `input`: tools, reasoning, ... */
  request?: JsonObject;
  quirks?: Partial<Quirks>;
  /** The client runs calls although they are incomplete. */
  holdCustom?: boolean;
  refusalsAsText?: boolean;
}

/** What the client gets. */
export interface Translation {
  /** The SSE body. */
  sse: string;
  events: JsonObject[];
  /** The response of the terminal event. */
  response: JsonObject;
  losses: Loss[];
}

const CREATED_AT = 1_700_000_000;

/** Translates a streamed reply that arrives in these cuts; `end` tells whether the body ended properly or was torn off. */
export function translateStream(cuts: Iterable<Uint8Array>, options: TranslateOptions = {}, end: "ended" | "torn" = "ended"): Translation {
  return translate(options, (ids, quirks, take) => {
    const reader = chatSpeaker.createReader({ quirks, ids, logprobs: true });
    const step = (read: (pieces: Piece[]) => void): Fault | null => {
      const pieces: Piece[] = [];
      read(pieces);
      return take(pieces);
    };
    for (const cut of cuts) {
      const failure = step((pieces) => reader.push(cut, pieces));
      if (failure !== null) return failure;
      if (reader.done) return step((pieces) => reader.end(pieces));
    }
    return end === "torn" ? fault("cut", "The upstream broke the connection off.") : step((pieces) => reader.end(pieces));
  });
}

/** Translates a whole reply into the stream that it amounts to. */
export function translateWhole(body: Json, options: TranslateOptions = {}): Translation {
  return translate(options, (ids, quirks, take) => take(chatSpeaker.readWhole(body, { quirks, ids, logprobs: true })));
}

type Take = (pieces: readonly Piece[]) => Fault | null;

function translate(
  options: TranslateOptions,
  read: (ids: (prefix: string) => string, quirks: Quirks, take: Take) => Fault | null,
): Translation {
  const losses = new LossList();
  const request = readRequest({ model: "m", input: "hello", stream: true, store: false, ...structuredClone(options.request) }, losses);
  // Arguments stream unless a test wants them repaired, so that what it sees is what came.
  const quirks = { ...CHAT_QUIRKS, repairArguments: false, ...options.quirks };
  const tools = lowerTools(request, CHAT_CAPABILITIES, losses);
  const unseal: Unseal = () => ({ state: "foreign" });
  // Written for its losses alone: no upstream takes it.
  chatSpeaker.writeRequest({
    request,
    model: "m",
    stream: true,
    tools,
    capabilities: CHAT_CAPABILITIES,
    quirks,
    owner: "upstream",
    unseal,
    losses,
  });
  const counts = new Map<string, number>();
  const ids = (prefix: string): string => {
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    return `${prefix}_${count}`;
  };
  const writer = new ResponsesWriter();
  let sse = "";
  const assembler = new Assembler({
    responseId: "resp_1",
    createdAt: CREATED_AT,
    ids,
    echo: request.echo,
    reasoningStyle: request.reasoning?.summary ? "summary" : "text",
    refusalsAsText: options.refusalsAsText ?? false,
    seal: (state) => `sealed ${JSON.stringify(state)}`,
    emit: (event: Event) => {
      sse += writer.event(event);
    },
  });
  const raise = createRaise(tools.aliases, {
    holdCustom: options.holdCustom ?? false,
    onCut: () => assembler.cutShort(),
    ...(quirks.repairArguments ? { schemaOf: (name) => tools.tools.find((tool) => tool.name === name)?.parameters } : {}),
    onRepair: (repair) => losses.add("lowered", `repair.${repair}`, "A call was put right."),
  });
  const raised: Piece[] = [];
  assembler.start();
  const failure = read(ids, quirks, (pieces) => {
    for (const piece of pieces) {
      if (piece.kind === "fault") return piece.fault;
      raise.push(piece, raised);
      for (const one of raised.splice(0)) assembler.push(one);
    }
    return null;
  });
  if (failure === null) {
    raise.finish(raised);
    for (const piece of raised) assembler.push(piece);
    const { text, reasoning, calls } = assembler.said;
    assembler.end(CREATED_AT + 1, estimateUsage(100, text + reasoning + calls, reasoning, 4));
  } else assembler.fail(failure);
  const events = sse
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => parseJson(line.slice(6)))
    .filter(isObject);
  const response = events.at(-1)?.["response"];
  return { sse, events, response: isObject(response) ? response : {}, losses: losses.list() };
}

/** The bytes of a text, cut at these places (bytes from the start; out of range or repeated ones do nothing). */
export function cutAt(text: string, places: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text);
  const sorted = [...new Set(places)].filter((place) => place > 0 && place < bytes.length).toSorted((left, right) => left - right);
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length));
}
