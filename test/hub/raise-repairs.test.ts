// Calls that are held for repair: whole, in their place, and the same however their arguments were cut.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAliases } from "../../src/hub/alias.ts";
import type { Piece } from "../../src/hub/piece.ts";
import { createRaise } from "../../src/hub/raise-calls.ts";
import type { JsonObject } from "../../src/kit/json.ts";
import { cutsOf } from "../support/cut-text.ts";
import { args, ended, text } from "./pieces.ts";

const SCHEMA: JsonObject = { type: "object", properties: { count: { type: "integer" } } };

function begin(key: number, name: string): Piece {
  return { kind: "call", key, call_id: `call_${key}`, name, call: "function" };
}

function raise(pieces: readonly Piece[]): { out: Piece[]; repairs: string[] } {
  const aliases = createAliases(64);
  for (const name of ["count_lines", "other"]) aliases.declare({ call: "function", name });
  aliases.declare({ call: "custom", name: "apply_patch" });
  aliases.declare({ call: "tool_search", name: "tool_search" });
  const repairs: string[] = [];
  const raising = createRaise(aliases, {
    holdCustom: false,
    schemaOf: (name) => (name === "other" ? undefined : SCHEMA),
    onRepair: (repair) => repairs.push(repair),
  });
  const out: Piece[] = [];
  for (const piece of pieces) raising.push(piece, out);
  raising.finish(out);
  return { out, repairs };
}

describe("a held call", () => {
  test("comes whole, repaired, with its own deltas' sum", () => {
    const { out, repairs } = raise([begin(0, "count_lines"), args(0, '{"count":'), args(0, '"3"'), args(0, "}"), ended(0)]);
    expect(out).toEqual([begin(0, "count_lines"), args(0, '{"count":3}'), ended(0)]);
    expect(repairs).toEqual(["number"]);
  });

  test("keeps its place before what came after it began", () => {
    const pieces = [
      begin(0, "count_lines"),
      args(0, '{"co'),
      text("after"),
      begin(1, "other"),
      args(1, "{}"),
      ended(1),
      args(0, 'unt":1}'),
      ended(0),
    ];
    expect(raise(pieces).out).toEqual([
      begin(0, "count_lines"),
      args(0, '{"count":1}'),
      ended(0),
      text("after"),
      begin(1, "other"),
      args(1, "{}"),
      ended(1),
    ]);
  });

  test("that was cut is not completed", () => {
    const torso = [begin(0, "count_lines"), args(0, '{"count":"3"'), ended(0, false)];
    expect(raise(torso)).toEqual({ out: torso, repairs: [] });
    expect(raise(torso.slice(0, -1)).out).toEqual(torso);
  });

  test("that the model left open at its end is closed", () => {
    expect(raise([begin(0, "count_lines"), args(0, '{"count":3'), ended(0)])).toEqual({
      out: [begin(0, "count_lines"), args(0, '{"count":3}'), ended(0)],
      repairs: ["unclosed"],
    });
  });

  test("without arguments has none", () => {
    expect(raise([begin(0, "count_lines"), ended(0)]).out).toEqual([begin(0, "count_lines"), args(0, "{}"), ended(0)]);
    expect(raise([begin(0, "count_lines"), args(0, " "), ended(0, false)]).out.at(-1)).toEqual(ended(0, false));
  });
});

test("a call without a schema streams as it comes", () => {
  const pieces = [begin(0, "other"), args(0, '{"count":'), args(0, '"3"}'), ended(0)];
  expect(raise(pieces)).toEqual({ out: pieces, repairs: [] });
});

test("a search is repaired too", () => {
  const { out, repairs } = raise([begin(0, "tool_search"), args(0, '```json\n{"count":1.0}\n```'), ended(0)]);
  expect(out.slice(1)).toEqual([args(0, '{"count":1}'), ended(0)]);
  expect(repairs).toEqual(["fenced", "integer"]);
});

describe("another spelling of a name is counted", () => {
  test.each(["countLines", "Count-Lines", "functions.count_lines", "count_lines<|channel|>json"])("%s", (name) => {
    const { out, repairs } = raise([begin(0, name), args(0, "{}"), ended(0)]);
    expect(out[0]).toMatchObject({ name: "count_lines" });
    expect(repairs).toEqual(["tool_name"]);
  });

  test.each(["apply_patch", "count_lines", "unknown", "count_line"])("%s is none", (name) => {
    expect(raise([begin(0, name), args(0, "{}"), ended(0)]).repairs).toEqual([]);
  });

  test("nor is one that two tools might mean", () => {
    const aliases = createAliases(64);
    for (const name of ["read_file", "readFile"]) aliases.declare({ call: "function", name });
    expect(aliases.originOf("ReadFile")).toBeUndefined();
    expect(aliases.originOf("readFile")).toMatchObject({ name: "readFile" });
  });
});

test("whatever the cut and the interleaving, the same calls come in the order in which they began", () => {
  const written = fc.constantFrom('{"count":"3"}', '{"count":3.0}', '{"count":3', '{"count":3}', "not JSON", '{"Count":3}', "");
  const call = fc
    .tuple(fc.constantFrom("count_lines", "other"), written)
    .chain(([name, text_]) => fc.tuple(fc.constant({ name, text: text_ }), cutsOf(text_)));
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(3)), (calls, turns) => {
      const queues = calls.map(([, parts], key): Piece[] => [...parts.map((part) => args(key, part)), ended(key)]);
      const begun = calls.map(([{ name }], key) => begin(key, name));
      const mixed = [...begun];
      for (const turn of turns) mixed.push(...(queues[turn % queues.length]?.splice(0, 1) ?? []));
      mixed.push(...queues.flat());
      const { out } = raise(mixed);
      expect(out.filter((piece) => piece.kind === "call")).toEqual(begun);
      for (const [key, [{ name, text: whole }]] of calls.entries()) {
        const alone = raise([begin(key, name), args(key, whole), ended(key)]).out;
        const own = out.filter((piece) => "key" in piece && piece.key === key);
        const said = (pieces: readonly Piece[]): string => pieces.map((piece) => (piece.kind === "args" ? piece.text : "")).join("");
        expect(said(own)).toBe(said(alone));
        expect(own.at(-1)).toEqual(alone.at(-1));
      }
    }),
  );
});
