// Calls of lowered functions, raised: the client gets the kind of call that its tool demands, whatever the cut of the stream.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ToolOrigin } from "../../src/hub/alias.ts";
import { createAliases } from "../../src/hub/alias.ts";
import type { Piece } from "../../src/hub/piece.ts";
import { createRaise } from "../../src/hub/raise-calls.ts";
import { cutsOf } from "../support/cut-text.ts";

const DECLARED: ToolOrigin[] = [
  { call: "function", name: "exec_command" },
  { call: "custom", name: "apply_patch" },
  { call: "custom", name: "exec", namespace: "functions" },
  { call: "function", name: "spawn_agent", namespace: "multi_agent_v1" },
  { call: "custom", name: "run", namespace: "scripts" },
  { call: "tool_search", name: "tool_search" },
];

interface Raised {
  /** The call piece without key and id. */
  call: object | undefined;
  args: string;
  intact: boolean | undefined;
  cut: string[];
  parts: string[];
}

function raiseAll(pieces: readonly Piece[], holdCustom = false): { out: Piece[]; cut: string[] } {
  const aliases = createAliases(64);
  for (const origin of DECLARED) aliases.declare(origin);
  const cut: string[] = [];
  const raising = createRaise(aliases, { holdCustom, onCut: (name) => cut.push(name) });
  const out: Piece[] = [];
  for (const piece of pieces) raising.push(piece, out);
  raising.finish(out);
  return { out, cut };
}

function callPieces(key: number, name: string, parts: readonly string[], intact: boolean): Piece[] {
  const args = parts.map((text): Piece => ({ kind: "args", key, text }));
  return [{ kind: "call", key, call_id: `call_${key}`, name, call: "function" }, ...args, { kind: "call_end", key, intact }];
}

function collect(key: number, out: readonly Piece[], cut: string[] = []): Raised {
  const raised: Raised = { call: undefined, args: "", intact: undefined, cut, parts: [] };
  for (const piece of out) {
    if (!("key" in piece) || piece.key !== key) continue;
    if (piece.kind === "call") {
      const { kind: _kind, key: _key, call_id: _id, ...call } = piece;
      raised.call = call;
    } else if (piece.kind === "args") raised.parts.push(piece.text);
    else raised.intact = piece.intact;
  }
  raised.args = raised.parts.join("");
  return raised;
}

function raise(name: string, parts: readonly string[], intact = true, holdCustom = false): Raised {
  const { out, cut } = raiseAll(callPieces(0, name, parts, intact), holdCustom);
  return collect(0, out, cut);
}

describe("the call that the client gets", () => {
  test.each([
    ["exec_command", { call: "function", name: "exec_command" }],
    ["apply_patch", { call: "custom", name: "apply_patch" }],
    ["exec", { call: "custom", name: "exec", namespace: "functions" }],
    ["multi_agent_v1__spawn_agent", { call: "function", name: "spawn_agent", namespace: "multi_agent_v1" }],
    ["scripts__run", { call: "custom", name: "run", namespace: "scripts" }],
    ["tool_search", { call: "tool_search", name: "tool_search" }],
    // Spellings that models slip into.
    ["functions.exec_command", { call: "function", name: "exec_command" }],
    ["multi_agent_v1.spawn_agent", { call: "function", name: "spawn_agent", namespace: "multi_agent_v1" }],
    ["spawn_agent", { call: "function", name: "spawn_agent", namespace: "multi_agent_v1" }],
    ["exec_command<|channel|>commentary", { call: "function", name: "exec_command" }],
    // Undeclared tools pass: the client answers that it has no such tool, and the model goes on.
    ["rm_everything", { call: "function", name: "rm_everything" }],
    ["other__spawn_agent", { call: "function", name: "other__spawn_agent" }],
    ["constructor", { call: "function", name: "constructor" }],
  ])("%s", (name, call) => {
    expect(raise(name, ['{"a":1}']).call).toEqual(call);
  });
});

describe("the input of a custom tool", () => {
  test.each([
    ['{"input":"*** Begin Patch\\n+é\\n"}', "*** Begin Patch\n+é\n"],
    ['{"note":"x","input":"yes","more":{"input":"no"}}', "yes"],
    [' \n{ "input" : "yes" } ', "yes"],
    ['{"input":"no closing brace"', "no closing brace"],
    ['{"input":"closed"} and more', "closed"],
    // No JSON at all: the text is the input.
    ["*** Begin Patch\n+a", "*** Begin Patch\n+a"],
    ["const a = 1;", "const a = 1;"],
    ["{ const a = 1; }", "{ const a = 1; }"],
    ["{}; go()", "{}; go()"],
    ['"use strict"; go()', '"use strict"; go()'],
    ["`template`", "`template`"],
    ["```js\ngo()\n```", "```js\ngo()\n```"],
    // A string, a string in a string, a fence around JSON, another name for the field.
    ['"*** Begin\\nPatch"', "*** Begin\nPatch"],
    ['"{\\"input\\":\\"twice\\"}"', "twice"],
    ['```json\n{"input":"fenced"}\n```', "fenced"],
    ['{"patch":"other name"}', "other name"],
    ['{"a":"b","c":"d"}', '{"a":"b","c":"d"}'],
    ['{"input":{"cmd":"ls"}}', '{"cmd":"ls"}'],
    ['{"input":5}', "5"],
    ["{}", ""],
    ["", ""],
    [" ", ""],
  ])("%j", (json, input) => {
    for (const parts of [[json], json.split("")]) {
      expect(raise("apply_patch", parts)).toMatchObject({ args: input, intact: true });
      expect(raise("apply_patch", parts, true, true)).toMatchObject({ args: input, intact: true, cut: [] });
    }
  });

  test("it comes as it arrives", () => {
    expect(raise("apply_patch", ['{"inp', 'ut":"*** Be', "gin\\", "nPa", 'tch"', "}"]).parts).toEqual(["*** Be", "gin", "\nPa", "tch"]);
    expect(raise("apply_patch", ["*** Be", "gin"]).parts).toEqual(["*** Be", "gin"]);
  });
});

describe("a custom call cut short", () => {
  test.each(['{"input":"half a pat', '{"inp', "{", '{"input"', '{"input":', '"half a str', '{"note":"x"', '{"input":"x\\'])(
    "%j",
    (json) => {
      for (const parts of [[json], json.split("")]) {
        expect(raise("apply_patch", parts, true).intact).toBe(false);
        expect(raise("apply_patch", parts, false).intact).toBe(false);
        // Held, nothing of it is seen, but its name is told.
        expect(raise("apply_patch", parts, true, true)).toEqual({
          call: undefined,
          args: "",
          intact: undefined,
          parts: [],
          cut: ["apply_patch"],
        });
      }
    },
  );

  test("raw text is as whole as the upstream says", () => {
    expect(raise("apply_patch", ["*** Begin Pa"], false)).toMatchObject({ args: "*** Begin Pa", intact: false });
    expect(raise("apply_patch", ["*** Begin Pa"], false, true).cut).toEqual(["apply_patch"]);
    expect(raise("apply_patch", [""], false).intact).toBe(false);
  });

  test("what is closed is whole, although the reply was cut after it", () => {
    expect(raise("apply_patch", ['{"input":"all"}'], false)).toMatchObject({ args: "all", intact: true });
    expect(raise("apply_patch", ['{"input":"all"}'], false, true)).toMatchObject({ args: "all", intact: true, cut: [] });
  });
});

describe("the arguments of a function", () => {
  test.each([
    [[], "{}", true],
    [["", " ", "\n"], "{}", true],
    [[" ", '{"a"', ":1}"], ' {"a":1}', true],
    [['{"a":1', "}\n"], '{"a":1}\n', true],
    [['{"a":1'], '{"a":1', false],
    // Nothing was cut here; the client tells the model what is wrong with it.
    [["not json"], "not json", true],
  ])("%j", (parts, args, intact) => {
    expect(raise("exec_command", parts)).toMatchObject({ args, intact });
  });

  test("no arguments are not whole where the reply was cut", () => {
    expect(raise("exec_command", [], false)).toMatchObject({ args: "{}", intact: false });
    expect(raise("exec_command", ['{"a":1}'], false).intact).toBe(true);
    expect(raise("exec_command", ["not json"], false).intact).toBe(false);
  });

  test("a search gets them in one piece", () => {
    expect(raise("tool_search", ['{"query":', '"x"}'])).toMatchObject({ parts: ['{"query":"x"}'], intact: true });
    expect(raise("tool_search", [])).toMatchObject({ parts: ["{}"], intact: true });
    expect(raise("tool_search", ['{"query":"x'])).toMatchObject({ intact: false });
  });
});

test("calls that the reader never ended are cut", () => {
  const [call, ...rest] = callPieces(0, "exec_command", ['{"a":'], true);
  const { out } = raiseAll([call, ...rest.slice(0, -1)].filter((piece) => piece !== undefined));
  expect(out.at(-1)).toEqual({ kind: "call_end", key: 0, intact: false });
});

test("everything else passes in its place", () => {
  const others: Piece[] = [
    { kind: "reasoning", text: "r" },
    { kind: "text", text: "t" },
    { kind: "finish", reason: "stop" },
    { kind: "args", key: 9, text: "of no call" },
    { kind: "call_end", key: 9, intact: true },
  ];
  expect(raiseAll(others).out).toEqual(others);
});

test("any arguments raise to the same in any cut and interleaving", () => {
  const inputs = fc.string({ unit: "binary", maxLength: 30 });
  const args = fc.oneof(
    inputs.map((input) => JSON.stringify({ input })),
    inputs.map((input) => JSON.stringify({ note: 1, input })),
    inputs.map((input) => JSON.stringify(input)),
    inputs,
    fc.tuple(inputs, fc.nat(40)).map(([input, length]) => JSON.stringify({ input }).slice(0, length)),
  );
  const name = fc.constantFrom("apply_patch", "exec_command", "tool_search", "multi_agent_v1__spawn_agent");
  const call = fc
    .tuple(name, args, fc.boolean())
    .chain(([alias, text, intact]) => fc.tuple(fc.constant({ alias, text, intact }), cutsOf(text)));
  fc.assert(
    fc.property(call, call, fc.boolean(), fc.array(fc.boolean()), ([one, onePieces], [two, twoPieces], hold, turns) => {
      const queues = [callPieces(0, one.alias, onePieces, one.intact), callPieces(1, two.alias, twoPieces, two.intact)];
      const mixed: Piece[] = [];
      for (const turn of turns) mixed.push(...(queues[turn ? 1 : 0]?.splice(0, 1) ?? []));
      mixed.push(...queues.flat());
      const { out } = raiseAll(mixed, hold);
      for (const [key, { alias, text, intact }] of [one, two].entries()) {
        const { parts: _parts, cut: _cut, ...whole } = raise(alias, [text], intact, hold);
        expect(collect(key, out)).toMatchObject(whole);
      }
    }),
    { numRuns: 500 },
  );
});

test("any input comes back as it was meant", () => {
  const inputs = fc.string({ unit: "binary", maxLength: 60 });
  const cases = inputs.chain((input) => fc.tuple(fc.constant(input), cutsOf(JSON.stringify({ input }))));
  fc.assert(
    fc.property(cases, ([input, pieces]) => {
      expect(raise("apply_patch", pieces)).toMatchObject({ args: input, intact: true });
    }),
    { numRuns: 300 },
  );
});
