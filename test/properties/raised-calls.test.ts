// Calls of lowered tools come back as what the client declared, however their arguments are cut and mixed, and a call that
// was cut short is never called whole.
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { asList, asString, isObject, type JsonObject } from "../../src/kit/json.ts";
import { translateStream, type TranslateOptions, type Translation } from "../support/translate.ts";
import { validateSse } from "../support/validate-stream.ts";
import { saidIn } from "./said.ts";

const RUNS = { numRuns: Number(process.env["WAYSTATION_RUNS"] ?? 300) };
// Many runs on a busy machine take their time.
vi.setConfig({ testTimeout: 60_000 });

const TOOLS: JsonObject[] = [
  { type: "function", name: "shell", parameters: { type: "object", properties: {} } },
  { type: "custom", name: "apply_patch", format: { type: "grammar", syntax: "lark", definition: "start: /.+/" } },
  {
    type: "namespace",
    name: "mcp__notes",
    tools: [
      { type: "function", name: "add", parameters: { type: "object", properties: {} } },
      { type: "custom", name: "write" },
    ],
  },
  { type: "tool_search", execution: "client", parameters: { type: "object", properties: {} } },
];
const OPTIONS: TranslateOptions = { request: { tools: TOOLS } };

/** A call as the client must get it, and as the model makes it. */
interface Call {
  upstream: string;
  args: string;
  expected: { kind: string; name: string; text: string };
}

const text = fc.string({
  unit: fc.constantFrom("a", "*", " ", "\n", '"', "\\", "é", "😀", "\u2028", "{", "}", "input", "\\u00e9", "`"),
  maxLength: 12,
});
const object = fc.dictionary(fc.constantFrom("a", "query", "é"), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 });
/** JSON with or without white space, as models write it. */
const written = (value: unknown, isWide: boolean): string => JSON.stringify(value, null, isWide ? 1 : 0);

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(fc.constantFrom("shell", "mcp__notes__add", "undeclared"), object, fc.boolean()).map(([upstream, value, isWide]) => {
    const args = written(value, isWide);
    return { upstream, args, expected: { kind: "call", name: upstream.replace("mcp__notes__", ""), text: args } };
  }),
  fc.tuple(fc.constantFrom("apply_patch", "mcp__notes__write"), text, fc.boolean()).map(([upstream, input, isWide]) => ({
    upstream,
    args: written({ input }, isWide),
    expected: { kind: "custom", name: upstream.replace("mcp__notes__", ""), text: input },
  })),
  object.map((value) => ({
    upstream: "tool_search",
    args: written(value, false),
    expected: { kind: "tool_search_call", name: "", text: JSON.stringify(value) },
  })),
);
const plan = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 4 }),
  /** Sizes of the pieces of arguments, and whose piece comes next. */
  steps: fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 7 })), { maxLength: 40 }),
});

function chunk(delta: JsonObject, finish: string | null = null): Buffer {
  return Buffer.from(
    `data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
  );
}

/** The chunks of calls whose arguments come mixed. With `cuts`, a call's arguments end that many characters early. */
function stream(
  calls: readonly Call[],
  steps: readonly (readonly [number, number])[],
  finish: string,
  cuts: readonly number[] = [],
): Buffer[] {
  const left = calls.map(({ args }, index) => args.slice(0, args.length - (cuts[index] ?? 0)));
  const begin = calls.map(({ upstream }, index) =>
    chunk({ tool_calls: [{ index, id: `call_${index}`, type: "function", function: { name: upstream, arguments: "" } }] }),
  );
  const more = [...steps, ...calls.map((_, index): [number, number] => [index, Number.POSITIVE_INFINITY])].flatMap(([turn, size]) => {
    const index = turn % calls.length;
    const piece = left[index]?.slice(0, size) ?? "";
    left[index] = left[index]?.slice(size) ?? "";
    return piece === "" ? [] : [chunk({ tool_calls: [{ index, function: { arguments: piece } }] })];
  });
  return [...begin, ...more, chunk({}, finish), Buffer.from("data: [DONE]\n\n")];
}

function expectedOf(calls: readonly Call[]): unknown[] {
  return calls.map(({ expected: { kind, name, text: content } }) =>
    kind === "tool_search_call" ? { kind, text: content } : { kind, name, text: content },
  );
}

function outputOf(translation: Translation): JsonObject[] {
  return asList(translation.response["output"]).filter(isObject);
}

describe("calls of lowered tools", () => {
  test("come back in order as the client declared them, for any mixture of their deltas", () => {
    fc.assert(
      fc.property(plan, fc.boolean(), ({ calls, steps }, holdCustom) => {
        const translation = translateStream(stream(calls, steps, "tool_calls"), { ...OPTIONS, holdCustom });
        expect(validateSse(translation.sse)).toEqual([]);
        expect(saidIn(translation.response)).toEqual(expectedOf(calls));
        expect(translation.response["status"]).toBe("completed");
        for (const [index, item] of outputOf(translation).entries()) {
          const name = calls[index]?.upstream ?? "";
          expect(item["namespace"]).toBe(name.startsWith("mcp__notes__") ? "mcp__notes" : undefined);
          expect(item["call_id"]).toBe(`call_${index}`);
        }
      }),
      RUNS,
    );
  });

  test("that were cut short are never completed, nor sent to a client that would run them", () => {
    fc.assert(
      fc.property(
        plan,
        fc.array(fc.nat(6), { minLength: 4, maxLength: 4 }),
        fc.constantFrom("length", "tool_calls", "stop"),
        fc.boolean(),
        ({ calls, steps }, wanted, finish, holdCustom) => {
          const cuts = calls.map(({ args, expected }, index) => {
            const cut = Math.min(wanted[index] ?? 0, args.length - 1);
            // A string that has its end is whole, although the object around it is not.
            return cut > 0 && expected.kind === "custom" ? Math.max(cut, args.length - args.lastIndexOf('"')) : cut;
          });
          fc.pre(cuts.some((cut) => cut > 0));
          const translation = translateStream(stream(calls, steps, finish, cuts), { ...OPTIONS, holdCustom });
          expect(validateSse(translation.sse)).toEqual([]);
          const output = outputOf(translation);
          const isCut = (item: JsonObject): boolean => cuts.some((cut, index) => cut > 0 && item["call_id"] === `call_${index}`);
          for (const torso of output.filter(isCut)) {
            expect(torso["status"]).toBe("incomplete");
            if (holdCustom) expect(torso["type"]).not.toBe("custom_tool_call");
          }
          expect(translation.response["status"]).toBe("incomplete");
          const isWhole = (_: Call, index: number): boolean => cuts[index] === 0;
          expect(saidIn({ output: output.filter((item) => !isCut(item)) })).toEqual(expectedOf(calls.filter(isWhole)));
        },
      ),
      RUNS,
    );
  });

  test("stream a custom tool's input as it is decoded", () => {
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 20 }), (input, sizes) => {
        const one: Call = {
          upstream: "apply_patch",
          args: JSON.stringify({ input }),
          expected: { kind: "custom", name: "apply_patch", text: input },
        };
        const { events } = translateStream(
          stream(
            [one],
            sizes.map((size): [number, number] => [0, size]),
            "tool_calls",
          ),
          OPTIONS,
        );
        const deltas = events
          .filter((event) => event["type"] === "response.custom_tool_call_input.delta")
          .map((event) => asString(event["delta"]));
        expect(deltas.join("")).toBe(input);
      }),
      RUNS,
    );
  });
});
