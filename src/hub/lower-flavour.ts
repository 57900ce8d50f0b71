// JSON Schemas for servers that check them by rules of their own and refuse the whole request for one that breaks a rule. Promises a
// schema that says the same in what they take, or less, which is told; and the same object where nothing needs to change.
import type { Json, JsonObject } from "../kit/json.ts";
import { asList, asObject, asString, isObject } from "../kit/json.ts";
import type { Capabilities } from "./capability.ts";
import { mapSchemas } from "./lower-schema.ts";
import type { LossList } from "./loss.ts";

/** Beside a reference only words are taken; what else stands there is left out. */
const WORDS: ReadonlySet<string> = new Set(["$ref", "description", "title"]);
const HERE = "#/$defs/";
const OLDER = "#/definitions/";

/** A tool's parameters, or an output format's schema, as the target takes it. */
export function keepRules(schema: JsonObject, of: "tool" | "format", capabilities: Capabilities, losses: LossList): JsonObject {
  const { schemaRules, refusedKeywords } = capabilities;
  const kept = refusedKeywords.length === 0 ? schema : mapSchemas(schema, (one) => without(one, refusedKeywords, losses));
  if (schemaRules === "none") return kept;
  return of === "tool" ? moonshotParameters(kept, losses) : moonshotFormat(kept, losses);
}

function without(schema: JsonObject, keywords: readonly string[], losses: LossList): JsonObject {
  const found = keywords.filter((keyword) => schema[keyword] !== undefined);
  for (const keyword of found) losses.add("dropped", `schema.${keyword}`, `This provider takes no ${keyword} in schemas: it was left out.`);
  return found.length === 0 ? schema : Object.fromEntries(Object.entries(schema).filter(([keyword]) => !found.includes(keyword)));
}

/**
 * A tool's parameters by Moonshot's rules: references lead to `$defs` of the root and stand alone; beside `anyOf` stands no `type`, each
 * branch has its own; the root is an object with properties. The rules are those of its 400 "not a valid moonshot flavored json schema".
 */
function moonshotParameters(parameters: JsonObject, losses: LossList): JsonObject {
  const root = mergeRoot(openRoot(renameDefinitions(parameters)), losses);
  const defined = asObject(root["$defs"]) ?? {};
  return mapSchemas(root, (schema) => moonshotSchema(schema, defined, losses));
}

/** The same rules for an output format's schema, whose root need not be an object. */
function moonshotFormat(schema: JsonObject, losses: LossList): JsonObject {
  const renamed = renameDefinitions(schema);
  const defined = asObject(renamed["$defs"]) ?? {};
  return mapSchemas(renamed, (one) => moonshotSchema(one, defined, losses));
}

function moonshotSchema(schema: JsonObject, defined: JsonObject, losses: LossList): JsonObject {
  const reference = asString(schema["$ref"]);
  if (reference !== undefined) return moonshotReference(reference, schema, defined, losses);
  const branches = asList(schema["anyOf"]);
  const { type, ...rest } = schema;
  if (branches.length === 0 || type === undefined) return schema;
  return { ...rest, anyOf: branches.map((branch) => (isObject(branch) ? withType(branch, type) : branch)) };
}

function moonshotReference(reference: string, schema: JsonObject, defined: JsonObject, losses: LossList): JsonObject {
  const wanted = reference.startsWith(OLDER) ? HERE + reference.slice(OLDER.length) : reference;
  const name = wanted.slice(HERE.length).replaceAll("~1", "/").replaceAll("~0", "~");
  const { $ref, ...rest } = schema;
  if (!wanted.startsWith(HERE) || !Object.hasOwn(defined, name)) {
    losses.add(
      "lowered",
      "schema.$ref",
      `A reference in a schema, ${reference}, leads where this provider does not follow: it was left out.`,
    );
    return rest;
  }
  const extra = Object.keys(schema).filter((keyword) => !WORDS.has(keyword));
  if (extra.length > 0)
    losses.add("lowered", "schema.$ref", `This provider takes nothing beside a reference in a schema: ${extra.join(", ")} was left out.`);
  if (wanted === reference && extra.length === 0) return schema;
  return Object.fromEntries(Object.entries({ ...schema, $ref: wanted }).filter(([keyword]) => WORDS.has(keyword)));
}

/** A branch that says what its type is, or leads to what does, stays as it is. */
function withType(branch: JsonObject, type: Json): JsonObject {
  const says = ["type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"].some((keyword) => branch[keyword] !== undefined);
  return says ? branch : { type, ...branch };
}

function renameDefinitions(schema: JsonObject): JsonObject {
  const { definitions, ...rest } = schema;
  if (!isObject(definitions)) return schema;
  return { ...rest, $defs: { ...definitions, ...asObject(schema["$defs"]) } };
}

/** A root that is a mere reference becomes what it leads to. */
function openRoot(root: JsonObject): JsonObject {
  const { $ref, ...rest } = root;
  const name = asString($ref)?.replace(/^#\/(\$defs|definitions)\//, "") ?? "";
  const target = asObject(asObject(root["$defs"])?.[name]);
  return target === undefined ? root : { ...target, ...rest };
}

/** The root must be an object, and `anyOf` takes no type beside it: its branches become one, which demands what all of them demand. */
function mergeRoot(root: JsonObject, losses: LossList): JsonObject {
  const branches = asList(root["anyOf"] ?? root["oneOf"])
    .map(asObject)
    .filter((branch) => branch !== undefined);
  if (branches.length === 0) return root["type"] === "object" ? root : { ...root, type: "object", properties: root["properties"] ?? {} };
  losses.add(
    "lowered",
    "schema.anyOf",
    "The variants of a tool's parameters were offered to this provider as one, with the fields of all.",
  );
  const { anyOf, oneOf, ...rest } = root;
  const properties = Object.assign({}, ...branches.map((branch) => asObject(branch["properties"]) ?? {}), asObject(root["properties"]));
  const [first = [], ...others] = branches.map((branch) => asList(branch["required"]));
  const shared = first.filter((name) => others.every((names) => names.includes(name)));
  const required = [...new Set([...asList(root["required"]), ...shared])];
  return { ...rest, type: "object", properties, ...(required.length > 0 ? { required } : {}) };
}
