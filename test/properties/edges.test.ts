// The corners of a chat stream: thinking in tags, faults in the middle, counts that come early, parts beside the text.
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { JsonObject } from "../../src/kit/json.ts";
import { translateStream } from "../support/translate.ts";
import { validateSse } from "../support/validate-stream.ts";
import { saidIn } from "./said.ts";

const RUNS = { numRuns: Number(process.env["WAYSTATION_RUNS"] ?? 300) };
// Many runs on a busy machine take their time.
vi.setConfig({ testTimeout: 60_000 });

function chunk(delta: JsonObject, more: JsonObject = {}, finish: string | null = null): Buffer {
  return Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish, ...more }] })}\n\n`);
}
const raw = (body: JsonObject): Buffer => Buffer.from(`data: ${JSON.stringify(body)}\n\n`);
const FINISH = chunk({}, {}, "stop");
const DONE = Buffer.from("data: [DONE]\n\n");

/** A text in deltas of these sizes. */
function inPieces(text: string, sizes: readonly number[]): Buffer[] {
  const out: Buffer[] = [];
  let from = 0;
  for (const size of sizes) {
    if (from < text.length) out.push(chunk({ content: text.slice(from, from + size) }));
    from += size;
  }
  if (from < text.length) out.push(chunk({ content: text.slice(from) }));
  return out;
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 });
const thought = fc
  .string({ unit: fc.constantFrom("a", " ", "<", "/", "<think", "</thin", ">", "\n"), maxLength: 8 })
  .map((text) => `t${text}`);
const answer = fc.string({ unit: fc.constantFrom("b", " ", "<", "</think>", "<think>", "\n"), maxLength: 8 }).map((text) => `b${text}`);
const gap = fc.constantFrom("", "\n", "\n\n", " ");

describe("thinking in tags", () => {
  test("at the head of the text is reasoning, for any cut of its deltas", () => {
    fc.assert(
      fc.property(thought, answer, gap, gap, sizes, (inner, text, before, after, some) => {
        const translation = translateStream([...inPieces(`${before}<think>${inner}</think>${after}${text}`, some), FINISH, DONE]);
        expect(validateSse(translation.sse)).toEqual([]);
        expect(saidIn(translation.response)).toEqual([
          { kind: "reasoning", text: inner },
          { kind: "text", text },
        ]);
      }),
      RUNS,
    );
  });

  test("anywhere else is text", () => {
    fc.assert(
      fc.property(answer, sizes, (text, some) => {
        const translation = translateStream([...inPieces(text, some), FINISH, DONE]);
        expect(saidIn(translation.response)).toEqual([{ kind: "text", text }]);
      }),
      RUNS,
    );
  });

  test("that looks as if it began comes before what follows it", () => {
    const following: [JsonObject, { kind: string; text: string }][] = [
      [{ reasoning_content: "hm" }, { kind: "reasoning", text: "hm" }],
      [{ reasoning: "hm" }, { kind: "reasoning", text: "hm" }],
    ];
    for (const [delta, said] of following) {
      const { response } = translateStream([chunk({ content: "<" }), chunk(delta), FINISH, DONE]);
      expect(saidIn(response)).toEqual([{ kind: "text", text: "<" }, said]);
    }
    const { response } = translateStream([chunk({ content: "<" }), chunk({ refusal: "No." }), FINISH, DONE]);
    expect(saidIn(response)).toEqual([{ kind: "text", text: "<No." }]);
  });
});

describe("a stream that goes wrong", () => {
  test("by an error among its chunks is failed, whatever was said before", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("text", "reasoning", "call"), { maxLength: 4 }), fc.boolean(), (before, hasChoice) => {
        const said = before.map((kind, index) => {
          if (kind === "call") return chunk({ tool_calls: [{ index, id: `c${index}`, function: { name: "f", arguments: '{"a' } }] });
          return chunk({ [kind === "text" ? "content" : "reasoning"]: "a" });
        });
        const error = { code: 502, message: "provider went away" };
        const failing = hasChoice ? { error, choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }] } : { error };
        const translation = translateStream([...said, raw(failing), DONE]);
        expect(validateSse(translation.sse)).toEqual([]);
        expect(translation.response["status"]).toBe("failed");
        expect(translation.response["error"]).toMatchObject({ message: expect.stringContaining("provider went away") });
      }),
      RUNS,
    );
  });

  test("after counts that came early is cut off all the same", () => {
    const early = raw({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 0, total_tokens: 20 } });
    const translation = translateStream([early, chunk({ content: "half an ans" })]);
    expect(translation.response["status"]).toBe("failed");
  });

  test("by a last word in pieces of JSON is failed", () => {
    const translation = translateStream([chunk({ content: "a" }), Buffer.from('data: {"choices":[{"del\n\n')]);
    expect(validateSse(translation.sse)).toEqual([]);
    expect(translation.response["status"]).toBe("failed");
  });
});

describe("parts beside the text", () => {
  const logprobs = { content: [{ token: "a", bytes: [97], logprob: -0.5, top_logprobs: [] }] };
  const citation = { type: "url_citation", url_citation: { url: "https://a.example", title: "A", start_index: 0, end_index: 1 } };
  const call = (index: number): JsonObject => ({ index, id: `c${index}`, function: { name: "f", arguments: "{}" } });
  const deltas: fc.Arbitrary<[JsonObject, JsonObject]> = fc.constantFrom<[JsonObject, JsonObject]>(
    [{ content: "a" }, {}],
    [{ content: "a" }, { logprobs }],
    [{ content: "" }, { logprobs: { content: [] } }],
    [{ refusal: "No." }, {}],
    [{ content: "a", refusal: null, annotations: [citation] }, {}],
    [{ annotations: [citation] }, {}],
    [
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "t" }] },
          { type: "text", text: "a" },
        ],
      },
      {},
    ],
    [{ reasoning_details: [{ type: "reasoning.text", text: "t", signature: "s", index: 0 }] }, {}],
    [{ reasoning_details: [{ type: "reasoning.encrypted", data: "xyz", index: 1 }] }, {}],
    [{ content: "\n" }, {}],
    [{ tool_calls: [] }, {}],
    [{ content: " ", tool_calls: [] }, {}],
  );

  test("make a valid stream in any mixture", () => {
    fc.assert(
      fc.property(fc.array(deltas, { minLength: 1, maxLength: 8 }), fc.boolean(), (some, refusalsAsText) => {
        const chunks = some.map(([delta, more], index) => chunk("tool_calls" in delta ? { tool_calls: [call(index)] } : delta, more));
        expect(validateSse(translateStream([...chunks, FINISH, DONE], { refusalsAsText }).sse)).toEqual([]);
        expect(validateSse(translateStream(chunks, { request: { reasoning: { summary: "auto" } } }).sse)).toEqual([]);
      }),
      RUNS,
    );
  });
});
