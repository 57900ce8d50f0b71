// The fast lane: whatever it gives is what JSON.parse would give, and it gives something for the chunks that matter.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeltaTemplate } from "../../../src/dialects/chat/delta-template.ts";
import { isObject, parseJson, type Json, type JsonObject } from "../../../src/kit/json.ts";
import { chunk } from "./replies.ts";

/** The text of a field, as parsing the chunk gives it; undefined where the chunk is no JSON. */
function parsed(data: string, field: string): Json | undefined {
  const body = parseJson(data);
  const choices = isObject(body) ? body["choices"] : undefined;
  const choice = Array.isArray(choices) ? choices[0] : undefined;
  const delta = isObject(choice) ? choice["delta"] : undefined;
  return isObject(delta) ? delta[field] : undefined;
}

function learnt(data: string): DeltaTemplate {
  const template = new DeltaTemplate();
  const body = parseJson(data);
  if (isObject(body)) template.learn(data, body);
  return template;
}

/** What a template that learnt the first chunk gives for the second. */
function match(first: JsonObject, second: JsonObject): string | null {
  return learnt(JSON.stringify(first)).match(JSON.stringify(second));
}

describe("it matches", () => {
  test.each<[string, JsonObject]>([
    ["text", { content: "x" }],
    ["text with the role", { role: "assistant", content: "x" }],
    ["text beside nulls", { content: "x", refusal: null, reasoning_content: null, tool_calls: null }],
    ["text beside empty lists and strings", { content: "x", reasoning: "", tool_calls: [] }],
    ["reasoning_content", { reasoning_content: "x", content: null }],
    ["reasoning beside empty content", { role: "assistant", content: "", reasoning: "x" }],
  ])("%s", (_name, delta) => {
    const other = JSON.parse(JSON.stringify(delta).replace('"x"', '"yes"')) as JsonObject; // the same delta with another text
    expect(match(chunk(delta), chunk(other))).toBe("yes");
  });

  test("a text with escapes, quotes and other planes", () => {
    for (const text of ['say "hi"', "back\\slash", "line\nend", "\u0001", "é😀", "\ud83d", "\u2028"]) {
      expect(match(chunk({ content: "a" }), chunk({ content: text }))).toBe(text);
    }
  });

  test("no text that JSON forbids", () => {
    const data = JSON.stringify(chunk({ content: "mark" }));
    for (const raw of ["\n", "\t", "\u0000", 'a"b', "a\\", "\\x", '","content":"'])
      expect(learnt(data).match(data.replace("mark", () => raw))).toBeNull();
  });

  test("after a chunk that it could not learn from", () => {
    const template = learnt(JSON.stringify(chunk({ content: "a" })));
    const odd = JSON.stringify(chunk({ content: "b" }, null, { usage: { prompt_tokens: 1 } }));
    expect(template.match(odd)).toBeNull();
    template.learn(odd, JSON.parse(odd) as JsonObject); // what JSON.stringify wrote of an object is one
    expect(template.match(JSON.stringify(chunk({ content: "c" })))).toBe("c");
  });
});

describe("it does not learn from", () => {
  test.each<[string, JsonObject]>([
    ["a finish", chunk({ content: "a" }, "stop")],
    ["usage", chunk({ content: "a" }, null, { usage: { prompt_tokens: 1 } })],
    ["an error", chunk({ content: "a" }, null, { error: { message: "x" } })],
    ["Groq's field", chunk({ content: "a" }, null, { x_groq: { id: "r" } })],
    ["two texts", chunk({ content: "a", reasoning: "b" })],
    ["a call", chunk({ content: "a", tool_calls: [{ index: 0 }] })],
    ["details", chunk({ reasoning: "a", reasoning_details: [{ type: "reasoning.text" }] })],
    ["a refusal", chunk({ content: "a", refusal: "b" })],
    ["list content", chunk({ content: [{ type: "text", text: "a" }] })],
    ["an empty text", chunk({ content: "" })],
    ["another choice", { choices: [{ index: 1, delta: { content: "a" } }] }],
    [
      "two choices",
      {
        choices: [
          { index: 0, delta: { content: "a" } },
          { index: 1, delta: {} },
        ],
      },
    ],
    ["log probabilities", { choices: [{ index: 0, delta: { content: "a" }, logprobs: { content: [] } }] }],
    ["no delta", { choices: [{ index: 0, text: "a" }] }],
    ["the field's name in another place", chunk({ content: "a" }, null, { filter: { content: "a" } })],
  ])("%s", (_name, first) => {
    const data = JSON.stringify(first);
    expect(learnt(data).match(data)).toBeNull();
  });
});

const FIELDS = ["content", "reasoning_content", "reasoning"] as const;
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('"', "\\", "}", "{", ":", ",", "content", '"content":"', "\\u00e9", "\n", "é", "😀", "\ud83d", "/"),
    maxLength: 10,
  }),
);
/** Other ways to write the same string. */
const spelling = fc.constantFrom<(json: string) => string>(
  (json) => json,
  (json) => json.replace(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`),
  (json) => json.replaceAll("/", "\\/"),
);
const extra = fc.dictionary(
  fc.constantFrom("id", "object", "p", "usage", "error", "x_groq", "content", "filter"),
  fc.oneof(fc.constant(null), fc.jsonValue({ maxDepth: 2 })),
  { maxKeys: 3 },
);
const side = fc.dictionary(
  fc.constantFrom("role", "refusal", "tool_calls", "content", "reasoning", "reasoning_content", "audio"),
  fc.oneof(fc.constant(null), fc.constant(""), fc.constant([]), fc.string()),
  { maxKeys: 3 },
);
const written = fc.record({
  field: fc.constantFrom(...FIELDS),
  text,
  spelling,
  extra,
  side,
  fieldFirst: fc.boolean(),
  extraFirst: fc.boolean(),
  spaced: fc.boolean(),
});

type Written = typeof written extends fc.Arbitrary<infer T> ? T : never;

function write({ field, text: words, spelling: spell, extra: more, side: beside, fieldFirst, extraFirst, spaced }: Written): string {
  const mark = "\u0000mark";
  const { [field]: _, ...others } = beside;
  const delta = fieldFirst ? { [field]: mark, ...others } : { ...others, [field]: mark };
  const choices = [{ index: 0, delta, finish_reason: null }];
  const body = extraFirst ? { ...more, choices } : { choices, ...more };
  return JSON.stringify(body, null, spaced ? 1 : 0).replace(JSON.stringify(mark), () => spell(JSON.stringify(words)));
}

test("whatever matches is what JSON.parse gives, for any order of keys, spelling and company", () => {
  fc.assert(
    fc.property(written, fc.array(fc.tuple(text, fc.option(written)), { maxLength: 4 }), (first, more) => {
      const template = learnt(write(first));
      for (const [words, other] of more) {
        const data = write(other ?? { ...first, text: words });
        const fast = template.match(data);
        if (fast !== null) expect(fast).toBe(parsed(data, template.field));
        const body = parseJson(data);
        if (isObject(body)) template.learn(data, body);
      }
    }),
    { numRuns: 1000 },
  );
});

test("no splice of a chunk is taken for what it is not", () => {
  fc.assert(
    fc.property(
      written,
      fc.nat(300),
      fc.nat(30),
      fc.constantFrom('"', "\\", '","x":"', '"}', "\\u12", "\u0007", "\n", ""),
      (first, at, length, splice) => {
        const data = write(first);
        const place = at % (data.length + 1);
        const spliced = data.slice(0, place) + splice + data.slice(place + length);
        const template = learnt(data);
        const fast = template.match(spliced);
        if (fast !== null) expect(fast).toBe(parsed(spliced, template.field));
      },
    ),
    { numRuns: 1000 },
  );
});
