// Schemas for servers with rules of their own: what breaks a rule is rewritten, what keeps them all is the same object.
import { describe, expect, test } from "vitest";
import type { Capabilities } from "../../src/hub/capability.ts";
import { CHAT_CAPABILITIES } from "../../src/hub/capability.ts";
import { LossList } from "../../src/hub/loss.ts";
import { keepRules } from "../../src/hub/lower-flavour.ts";
import { lowerTools } from "../../src/hub/lower-tools.ts";
import type { JsonObject } from "../../src/kit/json.ts";
import { chatBody } from "../support/chat-body.ts";
import { requestOf } from "./request-of.ts";

const MOONSHOT: Capabilities = { ...CHAT_CAPABILITIES, schemaRules: "moonshot" };

function rewrite(parameters: JsonObject): { schema: JsonObject; losses: string } {
  const losses = new LossList();
  return { schema: keepRules(parameters, "tool", MOONSHOT, losses), losses: losses.header() };
}

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: "object", properties, ...more });

describe("by Moonshot's rules", () => {
  test("a type beside anyOf moves into the branches that have none, at any depth", () => {
    const choice = {
      type: ["string", "array"],
      description: "A skill.",
      anyOf: [{ type: "string" }, { minLength: 1 }, { $ref: "#/$defs/s" }],
    };
    const { schema, losses } = rewrite(
      object({ a: { type: "array", items: object({ skill: choice }) } }, { $defs: { s: { type: "string" } } }),
    );
    const moved = {
      description: "A skill.",
      anyOf: [{ type: "string" }, { type: ["string", "array"], minLength: 1 }, { $ref: "#/$defs/s" }],
    };
    expect(schema["properties"]).toEqual({ a: { type: "array", items: object({ skill: moved }) } });
    expect(losses).toBe("");
  });

  test("variants of the root become one object, which is told", () => {
    const variants = [
      { type: "object", properties: { name: { type: "string" }, url: { type: "string" } }, required: ["name", "url"] },
      { properties: { name: { type: "string" }, text: { type: "string" } }, required: ["name", "text"] },
    ];
    const { schema, losses } = rewrite({ type: "object", anyOf: variants });
    expect(schema).toEqual(object({ name: { type: "string" }, url: { type: "string" }, text: { type: "string" } }, { required: ["name"] }));
    expect(losses).toBe("lowered schema.anyOf");
  });

  test("references lead to $defs, and stand alone but for words", () => {
    const id = { $ref: "#/definitions/id", type: "string", minLength: 1, description: "Its id." };
    const { schema, losses } = rewrite(object({ id }, { definitions: { id: { type: "string" } } }));
    expect(schema).toEqual(object({ id: { $ref: "#/$defs/id", description: "Its id." } }, { $defs: { id: { type: "string" } } }));
    expect(losses).toBe("lowered schema.$ref");
  });

  test("references that lead elsewhere are left out, which is told", () => {
    const { schema, losses } = rewrite(object({ a: { type: "string" }, b: { $ref: "#/properties/a", description: "As a." } }));
    expect(schema).toEqual(object({ a: { type: "string" }, b: { description: "As a." } }));
    expect(losses).toBe("lowered schema.$ref");
  });

  test.each<[string, JsonObject, JsonObject]>([
    ["without a type", { properties: { a: {} } }, object({ a: {} })],
    ["that is a reference", { $ref: "#/$defs/p", $defs: { p: object({ a: {} }) } }, object({ a: {} }, { $defs: { p: object({ a: {} }) } })],
  ])("a root %s is an object", (_, given, expected) => {
    expect(rewrite(given).schema).toEqual(expected);
  });

  test("what keeps the rules, and what only looks as if it broke them, is the same object", () => {
    const schema = object({ $ref: { type: "string" }, anyOf: { type: "string", enum: ["a"], default: { type: "x", anyOf: [{}] } } });
    const losses = new LossList();
    expect(keepRules(schema, "tool", MOONSHOT, losses)).toBe(schema);
    expect(keepRules(schema, "format", MOONSHOT, losses)).toBe(schema);
    expect(losses.header()).toBe("");
  });

  test("tools and output formats are written, for its own models wherever they run, and for nobody else", () => {
    const bad = object({ a: { type: "string", anyOf: [{ minLength: 1 }, { enum: ["x"] }] } });
    const good = object({ a: { anyOf: [{ type: "string", minLength: 1 }, { enum: ["x"] }] } });
    const request: JsonObject = {
      input: "hi",
      tools: [{ type: "function", name: "f", parameters: bad, strict: false }],
      text: { format: { type: "json_schema", name: "x", schema: bad } },
    };
    for (const [id, model, expected] of [
      ["moonshot", "kimi-k3", good],
      ["openrouter", "moonshotai/kimi-k3", good],
      ["openrouter", "openai/gpt-oss-120b", bad],
    ] as const) {
      const { body } = chatBody(id, model, request);
      expect(body).toMatchObject({
        tools: [{ function: { parameters: expected } }],
        response_format: { json_schema: { schema: expected } },
      });
    }
    const { tools } = lowerTools(
      requestOf({ tools: [{ type: "function", name: "f", parameters: bad }] }),
      CHAT_CAPABILITIES,
      new LossList(),
    );
    expect(tools[0]?.parameters).toEqual(bad);
  });
});

test("keywords that are refused are left out of schemas, each told once, and names of properties are none", () => {
  const parameters = object({ minItems: { type: "array", minItems: 1, maxItems: 9, items: { type: "string", minLength: 1 } } });
  const { body, losses } = chatBody("xai", "grok-4.5", {
    input: "hi",
    tools: [{ type: "function", name: "f", parameters, strict: false }],
  });
  const kept = object({ minItems: { type: "array", items: { type: "string" } } });
  expect(body).toMatchObject({ tools: [{ function: { parameters: kept } }] });
  expect(JSON.stringify(body)).not.toMatch(/maxItems|minLength/);
  expect(losses).toEqual(["dropped schema.minItems", "dropped schema.maxItems", "dropped schema.minLength"]);
});
