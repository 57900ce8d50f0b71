// What the schema found wrong, as problems with a place in the file. Promises a way out in every sentence, and no values in
// it except words that can only be names.
import type { z } from "zod";
import type { Located, Path, Tree } from "./document.ts";
import type { Problem } from "./problem.ts";
import { fileSchema } from "./schema.ts";
import { suggest } from "./suggest.ts";

type Issue = z.core.$ZodIssue;

/** One issue of the schema as problems: one for each unknown key, else one. `tree` is what was checked. */
export function explainIssue(issue: Issue, tree: Tree, located: Located): Problem[] {
  const path = issue.path;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      at: located.keyAt([...path, key]),
      message: `unknown key "${key}"${path.length === 0 ? "" : ` in ${pathText(path)}`}; ${suggest(key, keysAt(path), "known keys")}`,
    }));
  }
  const name = path.length === 0 ? "the file" : pathText(path);
  if (issue.code === "invalid_key") {
    return [{ at: located.keyAt(path), message: `${name}: ${issue.issues[0]?.message ?? "this name cannot be used; choose another"}` }];
  }
  if (issue.code === "invalid_type" && valueAt(tree, path) === undefined) {
    const parent = path.slice(0, -1);
    return [{ at: located.keyAt(parent), message: `${pathText(parent)} has no "${String(path.at(-1))}"; add it` }];
  }
  return [{ at: located.valueAt(path), message: sentence(issue, name, valueAt(tree, path)) }];
}

function sentence(issue: Issue, name: string, value: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return `${name} must be ${TYPES[issue.expected] ?? issue.expected}, not ${typeText(value)}; ${typeAdvice(issue.expected, value)}`;
    case "invalid_value":
      return `${name} must be one of ${issue.values.map(String).join(", ")}; ${
        typeof value === "string" ? suggest(value, issue.values.map(String), "allowed") : "write one of them"
      }`;
    case "too_small":
      if (issue.origin === "string") return `${name} is empty; write something, or remove the key`;
      return `${name} must be ${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}; write a larger number`;
    case "too_big":
      return `${name} must be at most ${issue.maximum}; write a smaller number`;
    case "custom":
      return `${name}: ${issue.message}`;
    default:
      return `${name} is not valid; see docs/config.md`;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map of keys",
  record: "a map of names",
  array: "a list",
};

function typeText(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number") return Number.isInteger(value) ? "a whole number" : "a fraction";
  return typeof value === "object" ? "a map" : typeof value === "string" ? "text" : "true or false";
}

function typeAdvice(expected: string, value: unknown): string {
  switch (expected) {
    case "string":
      return typeof value === "object" ? "write one value" : "put it in quotes";
    case "number":
    case "int":
      return typeof value === "string"
        ? "write it without quotes or unit"
        : expected === "int"
          ? "write it without a fraction"
          : "write a number";
    case "boolean":
      return "write true or false, without quotes";
    case "array":
      return "write it in [ ], or as lines that begin with -";
    default:
      return "write keys below it, indented, each with a colon";
  }
}

/** `models.smart.fallback[0]`; names that are not plain words stand in quotes. */
export function pathText(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      const text = String(step);
      const shown = /^[\w-]+$/.test(text) ? text : JSON.stringify(text);
      return index === 0 ? shown : `.${shown}`;
    })
    .join("");
}

function valueAt(tree: Tree, path: Path): unknown {
  let value: unknown = tree;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    // Own properties of a tree are trees.
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** The keys that the schema knows at a path. */
function keysAt(path: Path): string[] {
  let schema: z.core.$ZodType = fileSchema;
  for (const step of path) schema = below(unwrap(schema), String(step));
  const inner = unwrap(schema);
  return hasShape(inner) ? Object.keys(inner._zod.def.shape) : [];
}

function below(schema: z.core.$ZodType, step: string): z.core.$ZodType {
  if (hasShape(schema)) return schema._zod.def.shape[step] ?? schema;
  return isRecord(schema) ? schema._zod.def.valueType : schema;
}

/** The schema within `optional`, `default` and `prefault`. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  for (let depth = 0; depth < 8 && "innerType" in inner._zod.def; depth++) {
    // Every wrapper of zod holds what it wraps under this name.
    inner = inner._zod.def.innerType as z.core.$ZodType;
  }
  return inner;
}

const hasShape = (schema: z.core.$ZodType): schema is z.core.$ZodObject => schema._zod.def.type === "object";
const isRecord = (schema: z.core.$ZodType): schema is z.core.$ZodRecord => schema._zod.def.type === "record";
