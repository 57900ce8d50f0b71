// Arguments that a model wrote nearly right: what has one possible reading is put right, everything else stays to the letter.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { repairArguments } from "../../src/hub/repair-arguments.ts";
import { parseJson, type Json, type JsonObject } from "../../src/kit/json.ts";

const SCHEMA: JsonObject = {
  type: "object",
  properties: {
    path: { type: "string" },
    line_count: { type: "integer" },
    ratio: { type: "number" },
    force: { type: "boolean" },
    level: { enum: [1, 2, 3] },
    either: { type: ["integer", "string"] },
    maybe: { anyOf: [{ type: "integer" }, { type: "null" }] },
    tags: { type: "array", items: { type: "integer" } },
    range: { type: "object", properties: { from: { type: "integer" }, toLine: { type: "integer" } }, additionalProperties: false },
    tree: { $ref: "#/$defs/node" },
    anything: {},
    map: { type: "object", additionalProperties: { type: "integer" } },
  },
  $defs: { node: { type: "object", properties: { value: { type: "integer" }, next: { $ref: "#/$defs/node" } } } },
};

const repair = (text: string, finished = true): { text: string; repairs: string[] } => repairArguments(text, SCHEMA, finished);

describe("is put right:", () => {
  test.each([
    ['{"line_count": 3.0}', '{"line_count": 3}', ["integer"]],
    ['{"line_count":-2e1,"maybe":4.00}', '{"line_count":-20,"maybe":4}', ["integer", "integer"]],
    ['{"line_count":"3"}', '{"line_count":3}', ["number"]],
    ['{"line_count":" 3.0 "}', '{"line_count":3}', ["number"]],
    ['{"ratio":"0.50"}', '{"ratio":0.50}', ["number"]],
    ['{"line_count":"12345678901234567890"}', '{"line_count":12345678901234567890}', ["number"]],
    ['{"force":"true"}', '{"force":true}', ["boolean"]],
    ['{"force":"False"}', '{"force":false}', ["boolean"]],
    ['{"level":"2"}', '{"level":2}', ["number"]],
    ['{"maybe":"7"}', '{"maybe":7}', ["number"]],
    ['{"tags":"[1, 2]"}', '{"tags":[1, 2]}', ["encoded"]],
    ['{"tags":"[\\"1\\"]"}', '{"tags":[1]}', ["encoded", "number"]],
    ['{"range":"{\\"from\\":1}"}', '{"range":{"from":1}}', ["encoded"]],
    ['{"tags":[1.0,"2",3]}', '{"tags":[1,2,3]}', ["integer", "number"]],
    ['{"lineCount":3}', '{"line_count":3}', ["property_name"]],
    ['{"Path":"a","range":{"to_line":"5"}}', '{"path":"a","range":{"toLine":5}}', ["property_name", "property_name", "number"]],
    ['{"tree":{"value":"1","next":{"value":2.0}}}', '{"tree":{"value":1,"next":{"value":2}}}', ["number", "integer"]],
    ['{"map":{"a":"1"}}', '{"map":{"a":1}}', ["number"]],
    ['"{\\"path\\":\\"a\\"}"', '{"path":"a"}', ["encoded"]],
    ['```json\n{"path":"a"}\n```', '{"path":"a"}', ["fenced"]],
    ['```{"path":"a"}```', '{"path":"a"}', ["fenced"]],
    ['{"path":"a"', '{"path":"a"}', ["unclosed"]],
    ['{"range":{"from":"1"}\n', '{"range":{"from":1}}', ["unclosed", "number"]],
  ])("%j", (text, repaired, repairs) => {
    expect(repair(text)).toEqual({ text: repaired, repairs });
  });
});

describe("stays as it is:", () => {
  test.each([
    '{"path": 3.0, "line_count": 3}',
    '{"line_count":3.5}',
    '{"line_count":"3.5"}',
    '{"line_count":"three"}',
    '{"line_count":"0x10"}',
    '{"line_count":1e300}',
    '{"ratio":3.0}',
    '{"ratio":"1e999"}',
    '{"force":"yes"}',
    '{"force":1}',
    '{"level":"4"}',
    '{"either":"3"}',
    '{"maybe":"null"}',
    '{"tags":"1,2"}',
    '{"tags":"{\\"a\\":1}"}',
    '{"path":"[1]"}',
    '{"anything":"3","other":"4"}',
    '{"line_count":1,"lineCount":2}',
    '{"lineCount":1,"LineCount":2}',
    '{"map":{"A":1,"a":2}}',
    '{"lines":3}',
    "[1]",
    "7",
    '"text"',
    '"[1]"',
    "",
    "not JSON",
    '{"path":"a',
    '{"path":"a",',
    '{"path":',
    '{"range":{"from":1',
    '{"path":"a"}}',
    "```\nnot JSON\n```",
    "```",
  ])("%j", (text) => {
    expect(repair(text)).toEqual({ text, repairs: [] });
  });

  test("what was cut", () => {
    expect(repair('{"path":"a"', false)).toEqual({ text: '{"path":"a"', repairs: [] });
  });

  test("a name that may be another member", () => {
    const properties = { fileName: { type: "string" } };
    const text = '{"file_name":"a"}';
    for (const more of [{ additionalProperties: true }, { patternProperties: { ".": {} } }, { allOf: [{ properties: { file_name: {} } }] }])
      expect(repairArguments(text, { type: "object", properties, ...more }, true).repairs).toEqual([]);
    const twins = { type: "object", properties: { fileName: {}, filename: {} } };
    expect(repairArguments(text, twins, true).repairs).toEqual([]);
  });

  test("anything, under a schema that leaves it open or points nowhere", () => {
    for (const schema of [
      {},
      { $ref: "#" },
      { $ref: "#/none" },
      { anyOf: [{ type: "integer" }, {}] },
      { properties: { a: { $ref: "https://a" } } },
    ])
      expect(repairArguments('{"a":"3","b":3.0}', schema, true)).toEqual({ text: '{"a":"3","b":3.0}', repairs: [] });
  });
});

/** A schema, a value that fits it, and one that means the same but is written wrong. */
interface Sample {
  schema: JsonObject;
  right: Json;
  wrong: Json;
}

const scalar: fc.Arbitrary<Sample> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }).map((value) => ({ schema: { type: "string" }, right: value, wrong: value })),
  fc
    .integer()
    .chain((value) => fc.constantFrom<Json>(value, String(value)).map((wrong) => ({ schema: { type: "integer" }, right: value, wrong }))),
  fc
    .boolean()
    .chain((value) => fc.constantFrom<Json>(value, String(value)).map((wrong) => ({ schema: { type: "boolean" }, right: value, wrong }))),
  fc.json({ maxDepth: 2 }).map((text) => ({ schema: {}, right: parseJson(text) ?? null, wrong: parseJson(text) ?? null })),
);
const name = fc.constantFrom("a", "file_name", "lineCount", "é", "__proto__", "x-y");

function nested(depth: number): fc.Arbitrary<Sample> {
  if (depth === 0) return scalar;
  const inner = nested(depth - 1);
  const list = fc.tuple(inner, fc.nat(3), fc.boolean()).map(([one, length, encoded]): Sample => {
    const right = Array.from({ length }, () => one.right);
    const wrong = Array.from({ length }, () => one.wrong);
    return { schema: { type: "array", items: one.schema }, right, wrong: encoded ? JSON.stringify(wrong) : wrong };
  });
  return fc.oneof(scalar, list, objectOf(inner, true));
}

function objectOf(inner: fc.Arbitrary<Sample>, mayEncode: boolean): fc.Arbitrary<Sample> {
  return fc
    .tuple(fc.uniqueArray(fc.tuple(name, inner), { selector: ([key]) => key }), fc.boolean(), fc.boolean())
    .map(([members, encoded, respelt]) => {
      const pick = (take: (sample: Sample) => Json): JsonObject => Object.fromEntries(members.map(([key, sample]) => [key, take(sample)]));
      const spell = (key: string): string => (respelt && key === "file_name" ? "fileName" : key);
      const wrong = Object.fromEntries(members.map(([key, sample]) => [spell(key), sample.wrong]));
      return {
        schema: { type: "object", properties: pick((sample) => sample.schema), additionalProperties: false },
        right: pick((sample) => sample.right),
        wrong: encoded && mayEncode ? JSON.stringify(wrong) : wrong,
      };
    });
}
const sample = objectOf(nested(2), false);
const write = (value: Json, indent: number): string => JSON.stringify(value, null, indent);

describe("for any schema", () => {
  test("arguments that fit it stay to the letter", () => {
    fc.assert(
      fc.property(sample, fc.nat(2), fc.boolean(), ({ schema, right }, indent, finished) => {
        const text = write(right, indent);
        expect(repairArguments(text, schema, finished)).toEqual({ text, repairs: [] });
      }),
    );
  });

  test("arguments that are written wrong come out as they were meant, and a second repair finds nothing", () => {
    fc.assert(
      fc.property(
        sample,
        fc.nat(2),
        fc.constantFrom("plain", "fenced", "encoded", "unclosed"),
        ({ schema, right, wrong }, indent, form) => {
          const text = write(wrong, indent);
          const forms = { plain: text, fenced: `\`\`\`json\n${text}\n\`\`\``, encoded: JSON.stringify(text), unclosed: text.slice(0, -1) };
          const repaired = repairArguments(forms[form], schema, true);
          expect(parseJson(repaired.text)).toEqual(parseJson(write(right, 0)));
          expect(repairArguments(repaired.text, schema, true)).toEqual({ text: repaired.text, repairs: [] });
        },
      ),
    );
  });

  test("no text makes it throw, and what it makes of one is an object", () => {
    const text = fc.oneof(fc.string({ unit: fc.constantFrom(...'{}[]":,\\ \n`3.0eatrufls'.split("")) }), fc.json());
    fc.assert(
      fc.property(sample, text, fc.boolean(), ({ schema }, written, finished) => {
        const repaired = repairArguments(written, schema, finished);
        if (repaired.repairs.length === 0) expect(repaired.text).toBe(written);
        else expect(parseJson(repaired.text)).toBeTypeOf("object");
      }),
      { numRuns: 500 },
    );
  });

  test("deep and large arguments end", () => {
    const deep = `{"tree":${'{"next":'.repeat(100_000)}{}${"}".repeat(100_000)}}`;
    expect(repair(deep)).toEqual({ text: deep, repairs: [] });
    const wide = `{"tags":[${"1.0,".repeat(100_000)}1]}`;
    expect(repair(wide).repairs).toHaveLength(100_000);
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`Line_Count${index}`, index])));
    expect(repair(many).repairs).toEqual([]);
  });
});
