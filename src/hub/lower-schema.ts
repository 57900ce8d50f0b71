// JSON Schemas of tools, as servers accept them. Promises that a schema which needs no change is passed on as the same object.
import type { Json, JsonObject } from "../kit/json.ts";
import { isObject } from "../kit/json.ts";

/** Keywords whose value maps names to schemas: a property may itself be called `encrypted`. */
const NAMED_SCHEMAS: ReadonlySet<string> = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
/** Keywords whose value is data, not a schema. */
const DATA: ReadonlySet<string> = new Set(["enum", "const", "default", "example", "examples"]);

/** Gives a string's `pattern` as the target reads it; undefined where it is left out. */
export type ReadPattern = (pattern: string) => string | undefined;

/**
 * A tool's parameters: always an object with properties, without the keyword `encrypted` that Codex puts on some
 * properties (`collaboration.spawn_agent.message`) and that strict servers refuse.
 */
export function lowerParameters(parameters: JsonObject | null | undefined, readPattern: ReadPattern = (pattern) => pattern): JsonObject {
  if (parameters === undefined || parameters === null || Object.keys(parameters).length === 0) return { type: "object", properties: {} };
  const plain = plainSchema(parameters, readPattern);
  return plain["type"] === "object" && plain["properties"] === undefined ? { ...plain, properties: {} } : plain;
}

function plainSchema(schema: JsonObject, readPattern: ReadPattern): JsonObject {
  return mapFields(schema, (keyword, value) => {
    if (keyword === "encrypted" && typeof value === "boolean") return undefined;
    if (keyword === "pattern" && typeof value === "string") return readPattern(value);
    if (DATA.has(keyword)) return value;
    if (NAMED_SCHEMAS.has(keyword) && isObject(value)) return mapFields(value, (_name, inner) => plainValue(inner, readPattern));
    return plainValue(value, readPattern);
  });
}

/** Replaces a schema and all within it, the outer before the inner; data and names of properties stay as they are. */
export function mapSchemas(schema: JsonObject, replace: (schema: JsonObject) => JsonObject): JsonObject {
  const inner = (value: Json | undefined): Json | undefined => {
    if (Array.isArray(value)) {
      const mapped = value.map((one) => inner(one) ?? null);
      return mapped.every((one, index) => one === value[index]) ? value : mapped;
    }
    return isObject(value) ? mapSchemas(value, replace) : value;
  };
  return mapFields(replace(schema), (keyword, value) => {
    if (DATA.has(keyword)) return value;
    if (NAMED_SCHEMAS.has(keyword) && isObject(value)) return mapFields(value, (_name, one) => inner(one));
    return inner(value);
  });
}

function plainValue(value: Json | undefined, readPattern: ReadPattern): Json | undefined {
  if (Array.isArray(value)) {
    const plain = value.map((inner) => plainValue(inner, readPattern) ?? null);
    return plain.every((inner, index) => inner === value[index]) ? value : plain;
  }
  return isObject(value) ? plainSchema(value, readPattern) : value;
}

/** The object with each value replaced, and without those replaced by undefined; the same object where nothing changes. */
function mapFields(fields: JsonObject, replace: (name: string, value: Json | undefined) => Json | undefined): JsonObject {
  let changed = false;
  const entries: [string, Json][] = [];
  for (const [name, value] of Object.entries(fields)) {
    const replaced = replace(name, value);
    changed ||= replaced !== value;
    if (replaced !== undefined) entries.push([name, replaced]);
  }
  return changed ? Object.fromEntries(entries) : fields;
}
