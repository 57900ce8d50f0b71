// Raising of calls, between a reader and the assembler: a call of a lowered function becomes the call that the client's tool
// demands. Promises that a call of an undeclared tool passes as it is, that calls whose pieces interleave are kept apart, and
// that a call is only called intact when its arguments are whole.
import type { JsonObject } from "../kit/json.ts";
import { JsonEnd } from "../kit/json-end.ts";
import type { Place } from "./in-order.ts";
import { InOrder } from "./in-order.ts";
import type { AliasTable, ToolOrigin } from "./alias.ts";
import type { InputCheck } from "./grammar/check-inputs.ts";
import type { Piece } from "./piece.ts";
import { createInputReader } from "./raise-input.ts";
import type { ArgumentRepair } from "./repair-arguments.ts";
import { repairArguments } from "./repair-arguments.ts";

/** What may be put right in a call: its arguments, or another spelling of its tool's name. */
export type CallRepair = ArgumentRepair | "tool_name";

/** How calls are raised. */
export interface RaiseOptions {
  /** Hold a custom call until it is whole, and drop one that was cut: for clients that run incomplete calls. */
  holdCustom: boolean;
  /** Told the client's name of each call that was dropped because it was cut. */
  onCut?: (name: string) => void;
  /** Gives the check of a custom tool's inputs, where there is one. */
  checkOf?: (origin: ToolOrigin) => InputCheck | undefined;
  /** The schema by which a tool's arguments are repaired, by its upstream name; undefined = they pass as they come. */
  schemaOf?: (name: string) => JsonObject | undefined;
  /** Told of each repair. */
  onRepair?: (repair: CallRepair) => void;
}

/** Takes a reader's pieces and appends what the assembler gets to `out`. */
export interface Raise {
  push(piece: Piece, out: Piece[]): void;
  /** Ends the reply: calls that the reader left open count as cut. */
  finish(out: Piece[]): void;
}

interface OpenCall {
  args(text: string, out: Piece[]): void;
  end(intact: boolean, out: Piece[]): void;
}

type CallPiece = Extract<Piece, { kind: "call" }>;

/** A raise for one reply. */
export function createRaise(aliases: AliasTable, options: RaiseOptions): Raise {
  const calls = new Map<number, OpenCall>();
  const order = new InOrder();
  const raise = (piece: Piece, out: Piece[]): void => {
    switch (piece.kind) {
      case "call": {
        const origin = aliases.originOf(piece.name);
        const name = origin === undefined ? piece.name : aliases.nameOf(origin);
        if (name !== piece.name) options.onRepair?.("tool_name");
        const raised = origin === undefined ? piece : { ...piece, ...origin };
        calls.set(piece.key, openCall(raised, options.schemaOf?.(name), options, order, out));
        return;
      }
      case "args": {
        const call = calls.get(piece.key);
        if (call === undefined) out.push(piece);
        else call.args(piece.text, out);
        return;
      }
      case "call_end": {
        const call = calls.get(piece.key);
        calls.delete(piece.key);
        if (call === undefined) out.push(piece);
        else call.end(piece.intact, out);
        return;
      }
      case "text":
      case "refusal":
      case "annotation":
      case "reasoning":
      case "state":
      case "usage":
      case "finish":
      case "fault":
        out.push(piece);
    }
  };
  const through = (step: (ready: Piece[]) => void, out: Piece[]): void => {
    const ready: Piece[] = order.idle ? out : [];
    step(ready);
    if (ready !== out) order.push(ready, out);
    order.release(out);
  };
  return {
    push: (piece, out) => through((ready) => raise(piece, ready), out),
    finish: (out) => {
      for (const call of calls.values()) through((ready) => call.end(false, ready), out);
      calls.clear();
    },
  };
}

function openCall(piece: CallPiece, schema: JsonObject | undefined, options: RaiseOptions, order: InOrder, out: Piece[]): OpenCall {
  switch (piece.call) {
    case "function":
      return schema === undefined ? openFunction(piece, out) : openRepaired(piece, schema, options, order.hold());
    case "custom":
      return openCustom(piece, options, options.holdCustom ? order.hold() : null, out);
    case "tool_search":
    case "local_shell":
    case "shell":
    case "apply_patch":
      return openSearch(piece, schema, options, out);
  }
}

/** Whether arguments are whole: a JSON value that is closed is, whatever the finish reason says; one that is open is not. */
function isIntact(scan: JsonEnd, empty: boolean, intact: boolean): boolean {
  const state = scan.finish();
  if (state === "complete") return true;
  return intact && (empty || state === "broken");
}

/** Arguments pass as they are, save that none at all are `{}`. */
function openFunction(piece: CallPiece, out: Piece[]): OpenCall {
  const { key } = piece;
  const scan = new JsonEnd();
  let blank: string | undefined = "";
  out.push(piece);
  return {
    args(text, later) {
      scan.feed(text);
      let ready = text;
      if (blank !== undefined) {
        blank += text;
        if (text.trim() === "") return;
        ready = blank;
        blank = undefined;
      }
      if (ready !== "") later.push({ kind: "args", key, text: ready });
    },
    end(intact, later) {
      if (blank !== undefined) later.push({ kind: "args", key, text: "{}" });
      later.push({ kind: "call_end", key, intact: isIntact(scan, blank !== undefined, intact) });
    },
  };
}

/** The call is held until its arguments are whole, for they may need repair and the client's deltas must add up to them. */
function openRepaired(piece: CallPiece, schema: JsonObject, options: RaiseOptions, place: Place): OpenCall {
  let collected = "";
  return {
    args(text) {
      collected += text;
    },
    end(intact) {
      place.settle([piece, ...endOfCall(piece.key, collected, intact, schema, options)]);
    },
  };
}

/** Arguments are collected: the client gets them as an object. */
function openSearch(piece: CallPiece, schema: JsonObject | undefined, options: RaiseOptions, out: Piece[]): OpenCall {
  let collected = "";
  out.push(piece);
  return {
    args(text) {
      collected += text;
    },
    end(intact, later) {
      for (const last of endOfCall(piece.key, collected, intact, schema, options)) later.push(last);
    },
  };
}

/** The arguments of a call that came whole, repaired where there is a schema to do it by, and its end. */
function endOfCall(key: number, args: string, intact: boolean, schema: JsonObject | undefined, options: RaiseOptions): Piece[] {
  const empty = args.trim() === "";
  const given = empty ? "{}" : args;
  const { text, repairs } = schema === undefined ? { text: given, repairs: [] } : repairArguments(given, schema, intact);
  for (const repair of repairs) options.onRepair?.(repair);
  const scan = new JsonEnd();
  if (!empty) scan.feed(text);
  return [
    { kind: "args", key, text },
    { kind: "call_end", key, intact: isIntact(scan, empty, intact) },
  ];
}

/** The input is decoded as it comes, or held until it is whole; what has gone out already can only be checked, not mended. */
function openCustom(piece: CallPiece, options: RaiseOptions, place: Place | null, out: Piece[]): OpenCall {
  const { key } = piece;
  const input = createInputReader();
  const check = options.checkOf?.(piece);
  let whole = "";
  const say = (text: string, later: Piece[]): void => {
    if (place !== null || check !== undefined) whole += text;
    if (place === null && text !== "") later.push({ kind: "args", key, text });
  };
  if (place === null) out.push(piece);
  return {
    args(text, later) {
      say(input.feed(text), later);
    },
    end(intact, later) {
      const last = input.end(intact);
      say(last.text, later);
      const end: Piece = { kind: "call_end", key, intact: last.intact };
      const checked = (last.intact && check?.(whole, place !== null)) || whole;
      if (place === null) return void later.push(end);
      if (last.intact) place.settle([piece, { kind: "args", key, text: checked }, end]);
      else place.settle([]);
      if (!last.intact) options.onCut?.(piece.name);
    },
  };
}
