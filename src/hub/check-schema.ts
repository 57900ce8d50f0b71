// Whether a value fits a JSON Schema of the client's, and in words what is wrong with it. Promises no throw, that the schema is not
// changed, and few short sentences. How long it takes is the schema's doing: whoever calls sets a limit.
import type { OutputUnit } from "@cfworker/json-schema";
import { Validator } from "@cfworker/json-schema";
import type { Json, JsonObject } from "../kit/json.ts";

/** `fits`; or what is wrong, as `path: sentence`; or that the schema itself cannot be used, and why. */
export type SchemaVerdict = { state: "fits" } | { state: "fails"; problems: string[] } | { state: "unusable"; why: string };

const MOST_PROBLEMS = 5;
const SENTENCE_LENGTH = 300;

/** Keywords that only say that something below them fails. */
const CONTAINERS: ReadonlySet<string> = new Set(
  "properties patternProperties additionalProperties items prefixItems additionalItems allOf $ref $recursiveRef unevaluatedProperties unevaluatedItems dependentSchemas dependencies if then else".split(
    " ",
  ),
);
/** Keywords of which the failing branches say nothing that helps. */
const CHOICES: ReadonlySet<string> = new Set(["anyOf", "oneOf", "not", "contains"]);

/** Checks a value. Schemas without `$schema` count as draft 2020-12. */
export function checkSchema(value: Json, schema: JsonObject): SchemaVerdict {
  try {
    // The validator leaves its marks in the schema that it is given.
    const { valid, errors } = new Validator(structuredClone(schema), "2020-12", false).validate(value);
    return valid ? { state: "fits" } : { state: "fails", problems: describe(errors) };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
    return { state: "unusable", why: why.slice(0, SENTENCE_LENGTH) };
  }
}

function describe(errors: readonly OutputUnit[]): string[] {
  const choices = errors.filter(({ keyword }) => CHOICES.has(keyword)).map(({ keywordLocation }) => `${keywordLocation}/`);
  const telling = errors.filter(
    ({ keyword, keywordLocation }) => !CONTAINERS.has(keyword) && !choices.some((choice) => keywordLocation.startsWith(choice)),
  );
  const told = (telling.length > 0 ? telling : errors).map(describeOne);
  return [...new Set(told)].slice(0, MOST_PROBLEMS);
}

function describeOne({ keyword, instanceLocation, error }: OutputUnit): string {
  const sentence = keyword === "false" ? "Nothing of this name is allowed here." : error.replace(/^Instance /, "The value ");
  const short = sentence.length > SENTENCE_LENGTH ? `${sentence.slice(0, SENTENCE_LENGTH).toWellFormed()}...` : sentence;
  return `${pathOf(instanceLocation)}: ${short}`;
}

/** `#/items/0/id` as `items[0].id`; the root has a name of its own. */
function pathOf(pointer: string): string {
  const steps = pointer.split("/").slice(1);
  if (steps.length === 0) return "the whole value";
  return steps
    .map((step) => decode(step).replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : path === "" ? step : `${path}.${step}`), "")
    .slice(0, SENTENCE_LENGTH);
}

function decode(step: string): string {
  try {
    return decodeURI(step);
  } catch {
    return step;
  }
}
