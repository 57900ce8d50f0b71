// Pieces through the assembler and the writer, as a client gets them, with fixed ids and a fixed clock.
import { Assembler, type AssembleOptions } from "../../src/hub/assemble.ts";
import type { Fault } from "../../src/hub/fault.ts";
import type { Piece } from "../../src/hub/piece.ts";
import type { Usage } from "../../src/hub/usage.ts";
import { LossList } from "../../src/hub/loss.ts";
import { readRequest } from "../../src/dialects/responses/read-request.ts";
import { ResponsesWriter } from "../../src/dialects/responses/write-reply.ts";
import { isObject, parseJson, type JsonObject } from "../../src/kit/json.ts";
import { validateSse, type Violation } from "../support/validate-stream.ts";

/** A reply as it was sent. */
export interface Assembled {
  sse: string;
  events: JsonObject[];
  /** The type of each event, without `response.`; runs of one type count once. */
  types: string[];
  /** The response of the last event. */
  response: JsonObject;
  output: JsonObject[];
  violations: Violation[];
  assembler: Assembler;
}

/** What stands in where the upstream gave no usage. */
export const ESTIMATE: Usage = { input: 7, output: 3, cached: 0, cacheWrite: 0, reasoning: 0, estimated: true };

const ECHO = readRequest({ model: "m", input: "hello", stream: true }, new LossList()).echo;

/** A reply in the making; `finish` reads what was sent so far. */
export function begin(options: Partial<AssembleOptions> = {}): { assembler: Assembler; finish: () => Assembled } {
  const writer = new ResponsesWriter();
  const counts = new Map<string, number>();
  let sse = "";
  const assembler = new Assembler({
    responseId: "resp_1",
    createdAt: 1_700_000_000,
    ids: (prefix) => {
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      return `${prefix}_${count}`;
    },
    echo: ECHO,
    reasoningStyle: "text",
    refusalsAsText: false,
    seal: (state) => `sealed ${JSON.stringify(state)}`,
    emit: (event) => {
      sse += writer.event(event);
    },
    ...options,
  });
  return { assembler, finish: () => read(sse, assembler) };
}

/** The reply that these pieces give, ended by `end`, or by a fault. */
export function assemble(pieces: readonly Piece[], options: Partial<AssembleOptions> = {}, failure?: Fault): Assembled {
  const { assembler, finish } = begin(options);
  assembler.start();
  for (const piece of pieces) assembler.push(piece);
  if (failure === undefined) assembler.end(1_700_000_001, ESTIMATE);
  else assembler.fail(failure);
  return finish();
}

function read(sse: string, assembler: Assembler): Assembled {
  const events = sse
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => parseJson(line.slice(6)))
    .filter(isObject);
  const types = events.map((event) => String(event["type"]).replace("response.", ""));
  const last = events.at(-1)?.["response"];
  const response = isObject(last) ? last : {};
  const output = Array.isArray(response["output"]) ? response["output"].filter(isObject) : [];
  return {
    sse,
    events,
    types: types.filter((type, at) => type !== types[at - 1]),
    response,
    output,
    violations: validateSse(sse),
    assembler,
  };
}
