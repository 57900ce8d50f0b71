// Tool calls in every vendor's spelling: each call once, whole, under one id, its name before its arguments.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/kit/json.ts";
import { chunk, lines, readStream, readWhole, reply } from "./replies.ts";

const DONE = chunk({}, "tool_calls");
const FINISH = "finish stop";

/** A delta of calls; `arguments` stands in each entry as given. */
function delta(...entries: JsonObject[]): JsonObject {
  return chunk({ tool_calls: entries });
}

function entry(index: number | undefined, id: string | null | undefined, name: string | null | undefined, args: unknown): JsonObject {
  const body: JsonObject = { ...(name === undefined ? {} : { name }), ...(args === undefined ? {} : { arguments: args as string }) };
  return { ...(index === undefined ? {} : { index }), ...(id === undefined ? {} : { id }), type: "function", function: body };
}

const ONE = ["call 0 call_a get", 'args 0 {"x":1}', "end 0", FINISH];
const TWO = ["call 0 call_a get", 'args 0 {"x":1}', "end 0", "call 1 call_b put", 'args 1 {"y":2}', "end 1", FINISH];

describe("one call", () => {
  test.each<[string, JsonObject[]]>([
    [
      "name first, then pieces",
      [delta(entry(0, "call_a", "get", "")), delta(entry(0, undefined, undefined, '{"x"')), delta(entry(0, undefined, undefined, ":1}"))],
    ],
    ["name with the first piece", [delta(entry(0, "call_a", "get", "{")), delta({ index: 0, function: { arguments: '"x":1}' } })]],
    ["whole", [delta(entry(0, "call_a", "get", '{"x":1}'))]],
    ["whole, arguments as an object", [delta(entry(0, "call_a", "get", { x: 1 }))]],
    ["whole, without a type or an index", [delta({ id: "call_a", function: { name: "get", arguments: '{"x":1}' } })]],
    [
      "with the role, and content null",
      [
        chunk({ role: "assistant", content: null, refusal: null, tool_calls: [entry(0, "call_a", "get", "")] }),
        delta(entry(0, undefined, undefined, '{"x":1}')),
      ],
    ],
    [
      "continued by an empty id",
      [delta(entry(0, "call_a", "get", '{"x"')), delta(entry(0, "", undefined, ":1}")), delta(entry(0, "", undefined, ""))],
    ],
    ["continued by null id and name", [delta(entry(0, "call_a", "get", '{"x"')), delta(entry(0, null, null, ":1}"))]],
    ["continued by an empty name", [delta(entry(0, "call_a", "get", '{"x"')), delta(entry(0, "call_a", "", ":1}"))]],
    ["continued by the same id and name", [delta(entry(0, "call_a", "get", '{"x"')), delta(entry(0, "call_a", "get", ":1}"))]],
    ["continued without index or id", [delta(entry(undefined, "call_a", "get", '{"x"')), delta({ function: { arguments: ":1}" } })]],
    [
      "continued by its id alone",
      [delta(entry(undefined, "call_a", "get", '{"x"')), delta({ id: "call_a", function: { arguments: ":1}" } })],
    ],
    ["followed by an empty piece", [delta(entry(0, "call_a", "get", '{"x":1}')), delta(entry(0, undefined, undefined, ""))]],
    ["followed by itself once more", [delta(entry(0, "call_a", "get", '{"x":1}')), delta(entry(0, "call_a", "get", '{"x":1}'))]],
    ["id before name", [delta(entry(0, "call_a", undefined, undefined)), delta(entry(0, undefined, "get", '{"x":1}'))]],
    ["arguments before name", [delta(entry(0, "call_a", undefined, '{"x"')), delta(entry(0, undefined, "get", ":1}"))]],
    [
      "after an empty entry",
      [delta({ index: 0, id: null, function: { name: null, arguments: null } }), delta(entry(0, "call_a", "get", '{"x":1}'))],
    ],
    ["as a custom tool's call", [delta({ index: 0, id: "call_a", type: "custom", custom: { name: "get", input: '{"x":1}' } })]],
    [
      "in the legacy field, beside null calls",
      [
        chunk({ content: null, tool_calls: null, function_call: { name: "get", arguments: '{"x"' } }),
        chunk({ function_call: { arguments: ":1}" } }),
      ],
    ],
  ])("%s", (_name, chunks) => {
    const expected = JSON.stringify(chunks).includes("function_call") ? ONE.map((line) => line.replace("call_a", "call_minted0")) : ONE;
    expect(lines(readStream([...chunks, DONE]))).toEqual(expected);
  });

  test("in the finish chunk", () => {
    expect(lines(readStream([chunk({ tool_calls: [entry(0, "call_a", "get", '{"x":1}')] }, "tool_calls")]))).toEqual(ONE);
  });

  test("without arguments is whole", () => {
    expect(lines(readStream([delta(entry(0, "call_a", "get", "")), DONE]))).toEqual(["call 0 call_a get", "end 0", FINISH]);
    expect(lines(readStream([delta(entry(0, "call_a", "get", undefined)), DONE]))).toEqual(["call 0 call_a get", "end 0", FINISH]);
  });

  test("after text ends the text, and the other way round", () => {
    expect(
      lines(readStream([chunk({ content: "Let me see" }), delta(entry(0, "call_a", "get", "{}")), chunk({ content: "ok" }), DONE])),
    ).toEqual(["text Let me see", "call 0 call_a get", "args 0 {}", "text ok", "end 0", FINISH]);
  });

  test("that nobody names is a bad reply, not a silence", () => {
    const unnamed = readStream([chunk({ content: "Hi" }), delta(entry(0, "call_a", "", '{"x":1}')), DONE]);
    expect(lines(unnamed).slice(0, 2)).toEqual(["text Hi", "fault bad_reply The upstream called a tool without naming it."]);
    expect(lines(readStream([chunk({ content: "Hi" }), delta(entry(0, "", "", "")), DONE]))).toEqual(["text Hi", FINISH]);
  });
});

describe("several calls", () => {
  test.each<[string, JsonObject[]]>([
    [
      "one after the other",
      [
        delta(entry(0, "call_a", "get", "")),
        delta(entry(0, undefined, undefined, '{"x":1}')),
        delta(entry(1, "call_b", "put", "")),
        delta(entry(1, undefined, undefined, '{"y":2}')),
      ],
    ],
    ["in one delta", [delta(entry(0, "call_a", "get", '{"x":1}'), entry(1, "call_b", "put", '{"y":2}'))]],
    ["all with index 0", [delta(entry(0, "call_a", "get", '{"x":1}')), delta(entry(0, "call_b", "put", '{"y":2}'))]],
    ["without an index", [delta(entry(undefined, "call_a", "get", '{"x":1}'), entry(undefined, "call_b", "put", '{"y":2}'))]],
    ["counted from one", [delta(entry(1, "call_a", "get", '{"x":1}')), delta(entry(2, "call_b", "put", '{"y":2}'))]],
  ])("%s", (_name, chunks) => {
    expect(lines(readStream([...chunks, DONE]))).toEqual(TWO);
  });

  test("with index 0 and pieces are told apart by id", () => {
    const chunks = [
      delta(entry(0, "call_a", "get", "{")),
      delta(entry(0, undefined, undefined, '"x":1}')),
      delta(entry(0, "call_b", "put", "{")),
      delta(entry(0, undefined, undefined, '"y":2}')),
    ];
    expect(lines(readStream([...chunks, DONE]))).toEqual(TWO);
  });

  test("without any id are told apart by name, and get ids of ours", () => {
    for (const id of [undefined, "", null]) {
      const [first, second] = [delta(entry(undefined, id, "get", '{"x":1}')), delta(entry(undefined, id, "get", '{"x":2}'))];
      expect(lines(readStream([first, second, DONE]))).toEqual([
        "call 0 call_minted0 get",
        'args 0 {"x":1}',
        "end 0",
        "call 1 call_minted1 get",
        'args 1 {"x":2}',
        "end 1",
        FINISH,
      ]);
    }
  });

  test("interleaved keep their own arguments", () => {
    const chunks = [
      delta(entry(0, "call_a", "get", ""), entry(1, "call_b", "put", "")),
      delta(entry(1, undefined, undefined, '{"y"')),
      delta(entry(0, undefined, undefined, '{"x":1}')),
      delta(entry(1, undefined, undefined, ":2}")),
    ];
    expect(lines(readStream([...chunks, DONE]))).toEqual([
      "call 0 call_a get",
      "call 1 call_b put",
      'args 1 {"y"',
      'args 0 {"x":1}',
      "args 1 :2}",
      "end 0",
      "end 1",
      FINISH,
    ]);
  });

  test("under one id get two", () => {
    expect(
      lines(readStream([delta(entry(0, "same", "get", "{}"), entry(1, "same", "get", "{}")), DONE])).filter((line) =>
        line.startsWith("call"),
      ),
    ).toEqual(["call 0 same get", "call 1 call_minted0 get"]);
  });
});

describe("a call that is cut", () => {
  test("by the length is said to be, unless it is whole", () => {
    const length = chunk({}, "length");
    expect(lines(readStream([delta(entry(0, "call_a", "get", '{"x')), length]))).toEqual([
      "call 0 call_a get",
      'args 0 {"x',
      "end 0 cut",
      "finish length",
    ]);
    expect(lines(readStream([delta(entry(0, "call_a", "get", '{"x":1}')), length]))).toEqual([...ONE.slice(0, 3), "finish length"]);
    expect(lines(readStream([delta(entry(0, "call_a", "get", "")), length]))).toEqual(["call 0 call_a get", "end 0 cut", "finish length"]);
  });

  test("by the end of the stream is said to be", () => {
    expect(lines(readStream([delta(entry(0, "call_a", "get", '{"x'))], { done: false }))).toEqual([
      "call 0 call_a get",
      'args 0 {"x',
      "end 0 cut",
      "fault cut The upstream's stream ended before the reply was complete.",
    ]);
  });

  test("is cut in a whole reply too", () => {
    expect(lines(readWhole(reply({ content: "", tool_calls: [entry(undefined, "call_a", "get", '{"x')] }, "length")))).toEqual([
      "call 0 call_a get",
      'args 0 {"x',
      "end 0 cut",
      "finish length",
    ]);
  });
});

describe("in a whole reply", () => {
  test.each<[string, JsonObject, string | null]>([
    ["content null", { content: null, tool_calls: [entry(undefined, "call_a", "get", '{"x":1}')] }, "tool_calls"],
    [
      "content empty, finish empty",
      { content: "", tool_calls: [entry(0, "call_a", "get", '{"x":1}')], function_call: { name: "", arguments: "" } },
      "",
    ],
    ["no content, no finish", { tool_calls: [{ id: "call_a", function: { name: "get", arguments: { x: 1 } } }] }, null],
    ["a forced tool", { tool_calls: [entry(undefined, "call_a", "get", '{"x":1}')] }, "stop"],
  ])("%s", (_name, message, finish) => {
    expect(lines(readWhole(reply({ role: "assistant", ...message }, finish)))).toEqual(ONE);
  });

  test("null or empty calls are none, and so is a zero-filled legacy call", () => {
    for (const tool_calls of [null, []])
      expect(lines(readWhole(reply({ content: "Hi", tool_calls, function_call: { name: "", arguments: "" }, audio: {} })))).toEqual([
        "text Hi",
        FINISH,
      ]);
  });
});

describe("an id that clients could not take", () => {
  test("is carried in another form", () => {
    const id = lines(readStream([delta(entry(0, "functions.get:0", "get", "{}")), DONE]))[0]?.split(" ")[2] ?? "";
    expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});

test("any split of any calls gives the calls", () => {
  const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify({ value }));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(json, fc.array(fc.nat(40), { maxLength: 4 })), { minLength: 1, maxLength: 4 }),
      fc.constantFrom("length", "tool_calls"),
      (calls, finish) => {
        const deltas = calls.flatMap(([args, places], index) => {
          const cuts = [0, ...places.map((place) => Math.min(place, args.length)).toSorted((one, other) => one - other), args.length];
          return cuts
            .slice(1)
            .map((to, at) =>
              delta(
                at === 0
                  ? entry(index, `call_${index}`, "get", args.slice(0, to))
                  : { index, function: { arguments: args.slice(cuts[at], to) } },
              ),
            );
        });
        const said = lines(readStream([...deltas, chunk({}, finish)]));
        expect(said.filter((line) => line.startsWith("args")).map((line) => line.slice(7))).toEqual(calls.map(([args]) => args));
        expect(said.filter((line) => line.startsWith("end"))).toEqual(calls.map((_, index) => `end ${index}`));
      },
    ),
  );
});
