// Any order of pieces that readers can give, and any moment of the end: the grammar holds, and nothing is lost.
import fc from "fast-check";
import { expect, test } from "vitest";
import { fault } from "../../src/hub/fault.ts";
import type { Piece } from "../../src/hub/piece.ts";
import { asList, asObject, asString, type JsonObject } from "../../src/kit/json.ts";
import { begin, ESTIMATE } from "./assembled.ts";
import { args, call, ended, finish, state } from "./pieces.ts";

interface Op {
  kind: string;
  which: number;
  value: string;
  flag: boolean;
}

const op: fc.Arbitrary<Op> = fc.record({
  kind: fc.constantFrom(
    "text",
    "text",
    "reasoning",
    "state",
    "call",
    "call",
    "args",
    "args",
    "ended",
    "usage",
    "finish",
    "fault",
    "refusal",
    "annotation",
    "heartbeat",
  ),
  which: fc.nat(20),
  value: fc.constantFrom("", " ", "\n", "a", "bc", '{"x":', "1}", "é😀", "\ud83d"),
  flag: fc.boolean(),
});

/** Pieces as a reader may give them: arguments and ends only of calls that are open, each key once. */
function interpret(ops: readonly Op[]): (Piece | "heartbeat")[] {
  const open: number[] = [];
  let keys = 0;
  return ops.flatMap(({ kind, which, value, flag }): (Piece | "heartbeat")[] => {
    const key = open[which % Math.max(1, open.length)];
    if (kind === "text")
      return [
        { kind, text: value, ...(flag && value === "a" ? { logprobs: [{ token: "a", bytes: [97], logprob: 0, top_logprobs: [] }] } : {}) },
      ];
    if (kind === "reasoning" || kind === "refusal") return value === "" ? [] : [{ kind, text: value }];
    if (kind === "state") return [state(value)];
    if (kind === "annotation") return [{ kind, annotation: { type: "url_citation", url: value, title: "", start_index: 0, end_index: 0 } }];
    if (kind === "usage") return [{ kind, usage: { ...ESTIMATE, input: which } }];
    if (kind === "finish") return [finish(flag ? "stop" : which % 2 === 0 ? "length" : "content_filter")];
    if (kind === "fault") return [{ kind, fault: fault("server", "told in the reply") }];
    if (kind === "heartbeat") return ["heartbeat"];
    if (kind === "call") {
      open.push(keys);
      return [call(keys++, (["function", "custom", "tool_search"] as const)[which % 3])];
    }
    if (key === undefined) return [];
    if (kind === "args") return [args(key, value)];
    open.splice(open.indexOf(key), 1);
    return [ended(key, flag)];
  });
}

type Spoken = "text" | "reasoning" | "refusal";

/** All that the items of a type say in a field of their parts. */
function joined(output: readonly JsonObject[], type: string, field: string): string {
  const parts = output.filter((item) => item["type"] === type).flatMap((item) => [...asList(item["content"]), ...asList(item["summary"])]);
  return parts.map((part) => asString(asObject(part)?.[field]) ?? "").join("");
}

const dense = (value: string): string => value.replace(/\s/g, "");

test("any order of pieces gives a valid stream in which nothing is lost and no cut call is completed", () => {
  fc.assert(
    fc.property(
      fc.array(op, { maxLength: 30 }),
      fc.boolean(),
      fc.constantFrom("summary" as const, "text" as const),
      (ops, fails, reasoningStyle) => {
        const given = interpret(ops);
        const { assembler, finish: now } = begin({ reasoningStyle });
        assembler.start();
        for (const piece of given) {
          if (piece === "heartbeat") assembler.heartbeat();
          else assembler.push(piece);
        }
        if (fails) assembler.fail(fault("cut", "torn"));
        else assembler.end(1_700_000_001, ESTIMATE);
        const { violations, output, response } = now();
        // Arguments that are no JSON are the model's own words where nobody says that they were cut.
        expect(violations.filter(({ rule }) => rule !== "input.json")).toEqual([]);

        const pieces = given.filter((piece): piece is Piece => piece !== "heartbeat");
        const intact = pieces.flatMap((piece) => (piece.kind === "call_end" && piece.intact ? [`call_${piece.key}`] : []));
        const completed = output
          .filter((item) => "call_id" in item && item["status"] === "completed")
          .map((item) => asString(item["call_id"]));
        expect(completed.filter((id) => !intact.includes(id ?? ""))).toEqual([]);
        expect(response["status"] === "completed").toBe(!fails && response["incomplete_details"] === null);
        if (fails) return;

        const said = (kind: Spoken): string => pieces.map((piece) => (piece.kind === kind ? piece.text : "")).join("");
        expect(dense(joined(output, "message", "text"))).toBe(dense(said("text")));
        expect(joined(output, "message", "refusal")).toBe(said("refusal"));
        expect(joined(output, "reasoning", "text")).toBe(said("reasoning"));
        expect(output.filter((item) => "encrypted_content" in item).length).toBe(pieces.filter((piece) => piece.kind === "state").length);
        for (const [key, item] of output.filter((one) => "call_id" in one).entries()) {
          const words = pieces.map((piece) => (piece.kind === "args" && piece.key === key ? piece.text : "")).join("");
          if (item["type"] === "custom_tool_call") expect(item["input"]).toBe(words);
          if (item["type"] === "function_call") expect([words, words || "{}"]).toContain(item["arguments"]);
          expect(item["call_id"]).toBe(`call_${key}`);
        }
        const counted = pieces.findLast((piece) => piece.kind === "usage");
        expect(response["usage"]).toMatchObject({ input_tokens: (counted ?? { usage: ESTIMATE }).usage.input });
        if (response["status"] === "completed") expect(output.some((item) => item["status"] === "incomplete")).toBe(false);
      },
    ),
    { numRuns: Number(process.env["WAYSTATION_RUNS"] ?? 500) },
  );
});
