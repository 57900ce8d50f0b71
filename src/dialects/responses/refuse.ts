// Refusals of a request's fields in OpenAI's own words: message, `param` and `code` as the service gives them. Promises
// that a path is written out only when something is refused, and that no message repeats a long value.
import { fault, FaultError } from "../../hub/fault.ts";
import { isObject } from "../../kit/json.ts";

/** Where in the body a reader stands: a chain upwards, so that a reading without an error costs no text. */
export interface Place {
  readonly parent: Place | null;
  readonly name: string;
  /** The position within the list `name`; -1 where `name` is no list. */
  readonly index: number;
}

/** The place of a field. */
export function field(parent: Place | null, name: string): Place {
  return { parent, name, index: -1 };
}

/** The place of an entry of a list. */
export function entry(parent: Place | null, name: string, index: number): Place {
  return { parent, name, index };
}

/** A place in OpenAI's syntax (`input[3].content[0].type`); `name` is a field of the place. */
export function pathOf(place: Place | null, name?: string): string {
  const steps: string[] = name === undefined ? [] : [name];
  for (let at = place; at !== null; at = at.parent) steps.push(at.index < 0 ? at.name : `${at.name}[${at.index}]`);
  return steps.toReversed().join(".");
}

/** A 400 about one field. */
export function refuse(param: string | null, code: string | null, message: string): FaultError {
  return new FaultError(fault("invalid_request", message, { param, code }));
}

/** A field that must be there is not. */
export function missing(param: string): FaultError {
  return refuse(param, "missing_required_parameter", `Missing required parameter: '${param}'.`);
}

/** A field of the wrong JSON type; `expected` with its article (`a string`, `an array of objects`). */
export function wrongType(param: string, expected: string, value: unknown): FaultError {
  return refuse(param, "invalid_type", `Invalid type for '${param}': expected ${expected}, but got ${kindOf(value)} instead.`);
}

/** A body that is no object at all. */
export function wrongBody(value: unknown): FaultError {
  return refuse(null, "invalid_type", `Invalid type for the request body: expected an object, but got ${kindOf(value)} instead.`);
}

/** A word that is not among those the API knows. */
export function wrongValue(param: string, value: string, supported: readonly string[]): FaultError {
  const known = `Supported values are: ${enumerate(supported.map((word) => `'${word}'`))}.`;
  return refuse(param, "invalid_value", `Invalid value: '${shorten(value)}'. ${known}`);
}

/** A string that breaks the pattern of its field. */
export function wrongPattern(param: string, pattern: RegExp): FaultError {
  const rule = `Expected a string that matches the pattern '${pattern.source}'.`;
  return refuse(param, "invalid_value", `Invalid '${param}': string does not match pattern. ${rule}`);
}

/** A number out of bounds; `kind` is OpenAI's word for the field's type. */
export function outOfBounds(
  param: string,
  kind: "integer" | "decimal",
  side: "below_min" | "above_max",
  bound: number,
  value: number,
): FaultError {
  const words = side === "below_min" ? "below minimum" : "above maximum";
  const sign = side === "below_min" ? ">=" : "<=";
  return refuse(
    param,
    `${kind}_${side}_value`,
    `Invalid '${param}': ${kind} ${words} value. Expected a value ${sign} ${bound}, but got ${value} instead.`,
  );
}

/** A string longer than its field allows. */
export function tooLong(param: string, limit: number, length: number): FaultError {
  const detail = `Expected a string with maximum length ${limit}, but got a string with length ${length} instead.`;
  return refuse(param, "string_above_max_length", `Invalid '${param}': string too long. ${detail}`);
}

/** An empty string where the field needs one. */
export function emptyString(param: string): FaultError {
  const detail = "Expected a string with minimum length 1, but got an empty string instead.";
  return refuse(param, "empty_string", `Invalid '${param}': empty string. ${detail}`);
}

/** An empty list where the field needs an entry. */
export function emptyArray(param: string): FaultError {
  const detail = "Expected an array with minimum length 1, but got an empty array instead.";
  return refuse(param, "empty_array", `Invalid '${param}': empty array. ${detail}`);
}

/** An object with more properties than its field allows. */
export function tooManyProperties(param: string, limit: number, count: number): FaultError {
  const detail = `Expected an object with at most ${limit} properties, but got an object with ${count} properties instead.`;
  return refuse(param, "object_above_max_properties", `Invalid '${param}': too many properties. ${detail}`);
}

/** A list with more entries than its field allows. */
export function tooManyEntries(param: string, limit: number, count: number): FaultError {
  const detail = `Expected an array with maximum length ${limit}, but got an array with length ${count} instead.`;
  return refuse(param, "array_above_max_length", `Invalid '${param}': array too long. ${detail}`);
}

/** A field that the API does not have. */
export function unknownParameter(name: string): FaultError {
  const param = shorten(name);
  return refuse(param, "unknown_parameter", `Unknown parameter: '${param}'.`);
}

/** A feature of the API that this program does not have; `advice` is a sentence that says so and what to do. */
export function unsupported(param: string, advice: string): FaultError {
  return refuse(param, "unsupported_parameter", `Unsupported parameter: '${param}'. ${advice}`);
}

/** What a value is, with its article, in OpenAI's words. */
function kindOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return "a string";
    case "boolean":
      return "a boolean";
    case "number":
      return Number.isInteger(value) ? "an integer" : "a decimal";
    default:
      if (Array.isArray(value)) return "an array";
      return isObject(value) ? "an object" : "null";
  }
}

function enumerate(words: readonly string[]): string {
  if (words.length < 3) return words.join(" and ");
  return `${words.slice(0, -1).join(", ")}, and ${words.at(-1)}`;
}

function shorten(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}
