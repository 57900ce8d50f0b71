// Typed readings of one field of a body. Promises: null and absent are the same; a wrong shape throws a FaultError that
// names the field; nothing is copied.
import { isObject } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { missing, outOfBounds, pathOf, tooLong, wrongType, wrongValue } from "./refuse.ts";
import type { Place } from "./refuse.ts";

/** A string, or undefined where it is not given. */
export function optionalString(object: JsonObject, name: string, place: Place | null, limit = Infinity): string | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrongType(pathOf(place, name), "a string", value);
  if (value.length > limit) throw tooLong(pathOf(place, name), limit, value.length);
  return value;
}

/** A string that must be given. */
export function requiredString(object: JsonObject, name: string, place: Place | null, limit = Infinity): string {
  const value = optionalString(object, name, place, limit);
  if (value === undefined) throw missing(pathOf(place, name));
  return value;
}

/** One of the words that the API knows, or undefined where it is not given. */
export function optionalWord<Word extends string>(
  object: JsonObject,
  name: string,
  place: Place | null,
  words: readonly Word[],
): Word | undefined {
  const value = optionalString(object, name, place);
  if (value === undefined) return undefined;
  const word = words.find((known) => known === value);
  if (word === undefined) throw wrongValue(pathOf(place, name), value, words);
  return word;
}

/** A boolean, or undefined where it is not given. */
export function optionalBoolean(object: JsonObject, name: string, place: Place | null): boolean | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw wrongType(pathOf(place, name), "a boolean", value);
  return value;
}

/** A whole number within bounds (both included), or undefined where it is not given. */
export function optionalInteger(
  object: JsonObject,
  name: string,
  place: Place | null,
  low = -Infinity,
  high = Infinity,
): number | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) throw wrongType(pathOf(place, name), "an integer", value);
  if (value < low) throw outOfBounds(pathOf(place, name), "integer", "below_min", low, value);
  if (value > high) throw outOfBounds(pathOf(place, name), "integer", "above_max", high, value);
  return value;
}

/** A number within bounds (both included), or undefined where it is not given. */
export function optionalNumber(object: JsonObject, name: string, place: Place | null, low: number, high: number): number | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") throw wrongType(pathOf(place, name), "a decimal", value);
  if (value < low) throw outOfBounds(pathOf(place, name), "decimal", "below_min", low, value);
  if (value > high) throw outOfBounds(pathOf(place, name), "decimal", "above_max", high, value);
  return value;
}

/** An object, or undefined where it is not given. */
export function optionalObject(object: JsonObject, name: string, place: Place | null): JsonObject | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrongType(pathOf(place, name), "an object", value);
  return value;
}

/** A list, or undefined where it is not given; `expected` is what a wrong type is told (`an array of objects`). */
export function optionalList(object: JsonObject, name: string, place: Place | null, expected: string): Json[] | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw wrongType(pathOf(place, name), expected, value);
  return value;
}

/** An entry of a list, which must be an object. */
export function requiredEntry(value: Json | undefined, place: Place): JsonObject {
  if (!isObject(value)) throw wrongType(pathOf(place), "an object", value);
  return value;
}

/** The same object where no field is null, else a copy without those that are: in a request, null means absent. */
export function withoutNulls(object: JsonObject): JsonObject {
  for (const key in object) if (object[key] === null) return copyWithoutNulls(object);
  return object;
}

function copyWithoutNulls(object: JsonObject): JsonObject {
  const copy: JsonObject = {};
  for (const key in object) {
    const value = object[key];
    // As a key of JSON `__proto__` is data; assigned here it would change the copy's prototype.
    if (value !== null && value !== undefined && key !== "__proto__") copy[key] = value;
  }
  return copy;
}
