// Sample values for a JSON Schema: the least that satisfies it. Promises to end for any schema, and to fill only what is required.
import { asList, asNumber, asObject, asString } from "../../src/contract.ts";
import type { Json, JsonObject } from "../../src/contract.ts";

/** Deeper values are left empty. */
const DEEPEST = 8;

/** An object with every required property. */
export function sampleArguments(schema: unknown): JsonObject {
  return asObject(sampleOf({ type: "object", ...asObject(schema) }, "")) ?? {};
}

/** The first type that a schema names which is not null; undefined where it names none. */
export function typeOf(schema: unknown): string | undefined {
  const type = asObject(schema)?.["type"];
  return asString(Array.isArray(type) ? type.find((one) => one !== "null") : type);
}

/** A value for a schema; `name` is the property's, from which texts and numbers take their meaning. */
export function sampleOf(schema: unknown, name: string, depth = 0): Json {
  const given = asObject(schema) ?? {};
  const fixed = given["const"] ?? given["default"] ?? asList(given["enum"])[0];
  if (fixed !== undefined) return fixed;
  if (asList(given["type"]).includes("null")) return null;
  const variant = [...asList(given["anyOf"]), ...asList(given["oneOf"]), ...asList(given["allOf"])][0];
  if (variant !== undefined && depth < DEEPEST) return sampleOf(variant, name, depth + 1);
  switch (typeOf(given)) {
    case "string":
      return /dir|path|cwd/i.test(name) ? "." : "a demo of this tool";
    case "integer":
    case "number":
      return asNumber(given["minimum"]) ?? (/timeout|_ms$/i.test(name) ? 10_000 : 1);
    case "boolean":
      return false;
    case "array": {
      const least = Math.min(asNumber(given["minItems"]) ?? 0, 3);
      return depth < DEEPEST ? Array.from({ length: least }, () => sampleOf(given["items"], name, depth + 1)) : [];
    }
    case "object":
      return sampleObject(given, depth);
    default:
      return given["properties"] === undefined ? null : sampleObject(given, depth);
  }
}

function sampleObject(schema: JsonObject, depth: number): JsonObject {
  const properties = asObject(schema["properties"]) ?? {};
  const required = asList(schema["required"]).filter((name) => typeof name === "string");
  if (depth >= DEEPEST) return {};
  return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name], name, depth + 1)]));
}
