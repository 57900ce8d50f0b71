// Values against the schemas of clients: fits, or what is wrong in words that a model can act on.
import { describe, expect, test } from "vitest";
import { checkSchema } from "../../src/hub/check-schema.ts";
import type { JsonObject } from "../../src/kit/json.ts";

const SCHEMA: JsonObject = {
  type: "object",
  properties: {
    name: { type: "string" },
    count: { type: "integer", minimum: 1 },
    kind: { enum: ["a", "b"] },
    note: { anyOf: [{ type: "string" }, { type: "null" }] },
    items: { type: "array", items: { $ref: "#/$defs/item" } },
  },
  required: ["name"],
  additionalProperties: false,
  $defs: { item: { type: "object", properties: { id: { type: "integer" }, "a/b": { type: "string" } }, required: ["id"] } },
};

describe("a value", () => {
  test("that fits", () => {
    expect(checkSchema({ name: "x", note: null, items: [{ id: 1 }] }, SCHEMA)).toEqual({ state: "fits" });
  });

  test.each([
    [{ name: 3 }, ['name: The value type "number" is invalid. Expected "string".']],
    [{}, ['the whole value: The value does not have required property "name".']],
    [{ name: "x", more: 1 }, ["more: Nothing of this name is allowed here."]],
    [{ name: "x", kind: "c" }, ['kind: The value does not match any of ["a","b"].']],
    [{ name: "x", note: 3 }, ["note: The value does not match any subschemas."]],
    [{ name: "x", items: [{ id: 1 }, { id: "y" }] }, ['items[1].id: The value type "string" is invalid. Expected "integer".']],
    [{ name: "x", items: [{ id: 1, "a/b": 2 }] }, ['items[0].a/b: The value type "number" is invalid. Expected "string".']],
    [7, ['the whole value: The value type "number" is invalid. Expected "object".']],
  ])("%j does not fit", (value, problems) => {
    expect(checkSchema(value, SCHEMA)).toEqual({ state: "fails", problems });
  });

  test("with many faults is told a few of them, each once", () => {
    const verdict = checkSchema({ name: "x", items: Array.from({ length: 100 }, () => ({ id: "y".repeat(9999) })) }, SCHEMA);
    expect(verdict).toMatchObject({ state: "fails" });
    expect(verdict.state === "fails" && verdict.problems).toHaveLength(5);
  });
});

describe("a schema", () => {
  test.each([
    ["refers to nothing", { $ref: "#/$defs/absent" }, /absent/],
    ["refers to the network", { $ref: "https://example.com/schema.json" }, /example\.com/],
    ["refers to itself", { $ref: "#" }, /stack/],
    ["has a pattern that is none", { type: "string", pattern: "(" }, /regular expression/],
  ])("that %s is unusable", (_, schema, why) => {
    expect(checkSchema("a", schema)).toEqual({ state: "unusable", why: expect.stringMatching(why) });
  });

  test("is left as it was", () => {
    const schema = structuredClone(SCHEMA);
    checkSchema({ name: "x", items: [{ id: 1 }] }, schema);
    expect(schema).toEqual(SCHEMA);
  });
});
