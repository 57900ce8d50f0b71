// What a JSON Schema expects of a value, as far as that is certain: types, and the forms of objects and lists. Promises that a schema
// which leaves anything open counts as one that takes anything.
import type { Json, JsonObject } from "../kit/json.ts";
import { asList, asObject, asString, isObject } from "../kit/json.ts";

/** One way in which a value may be right: a schema without references and choices. */
export interface Form {
  types: ReadonlySet<string>;
  schema: JsonObject;
}

/** All ways in which a value may be right; null = anything may be. */
export type Expected = readonly Form[] | null;

/** References and choices within choices beyond this depth are not followed. */
const DEEPEST = 8;

/** What a schema expects; `root` is the schema that its references point into. */
export function expectedOf(schema: Json | undefined, root: JsonObject, depth = 0): Expected {
  if (!isObject(schema) || depth > DEEPEST) return null;
  const target = asString(schema["$ref"]);
  if (target !== undefined) return expectedOf(pointedTo(target, root), root, depth + 1);
  const types = ownTypes(schema);
  if (types !== null) return [{ types, schema }];
  const all = asList(schema["allOf"]);
  const choices = all.length === 1 ? all : [...asList(schema["anyOf"]), ...asList(schema["oneOf"])];
  if (choices.length === 0) return null;
  const forms: Form[] = [];
  for (const choice of choices) {
    const some = expectedOf(choice, root, depth + 1);
    if (some === null) return null;
    forms.push(...some);
  }
  return forms;
}

/** Whether a value of some type is expected. */
export function expects(expected: Expected, type: string): boolean {
  return expected === null || expected.some(({ types }) => types.has(type));
}

/** Whether a value that is no object and no list is right. */
export function accepts(expected: Expected, value: string | number | boolean | null): boolean {
  if (expected === null) return true;
  return expected.some(({ types, schema }) => {
    const fits =
      typeof value === "number" ? types.has("number") || (types.has("integer") && Number.isInteger(value)) : types.has(typeOf(value));
    const { enum: words, const: only } = schema;
    return fits && (!Array.isArray(words) || words.includes(value)) && (only === undefined || only === value);
  });
}

/** The only form of an object or a list that is expected; undefined where there are several, or none. */
export function onlyForm(expected: Expected, type: "object" | "array"): JsonObject | undefined {
  const forms = expected?.filter(({ types }) => types.has(type)) ?? [];
  return forms.length === 1 ? forms[0]?.schema : undefined;
}

function ownTypes(schema: JsonObject): Set<string> | null {
  const { type, enum: words, const: only } = schema;
  if (typeof type === "string") return new Set([type]);
  if (Array.isArray(type)) return new Set(type.filter((one) => typeof one === "string"));
  if (only !== undefined) return new Set([typeOf(only)]);
  return Array.isArray(words) ? new Set(words.map(typeOf)) : null;
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** What a reference within the schema points to. */
function pointedTo(target: string, root: JsonObject): Json | undefined {
  if (target === "#") return root;
  if (!target.startsWith("#/")) return undefined;
  let at: Json | undefined = root;
  for (const step of target.slice(2).split("/")) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    const owner: JsonObject | undefined = asObject(at);
    at = owner !== undefined && Object.hasOwn(owner, name) ? owner[name] : undefined;
  }
  return at;
}
