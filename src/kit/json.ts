// JSON as a type, and the small readings of it that every floor needs. Promises no throw: a wrong shape reads as undefined.

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

/** A JSON object; fields that we do not know stay in it. */
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** Whether a value is a JSON object (no array, no null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses text; undefined where it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    // JSON.parse is typed `any`; what it returns is Json by definition.
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The value where it is a string, else undefined. */
export function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The value where it is a finite number, else undefined. */
export function asNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The value where it is an array, else an empty one. */
export function asList(value: unknown): Json[] {
  // What Array.isArray lets through comes from JSON.
  return Array.isArray(value) ? (value as Json[]) : [];
}

/** The value where it is an object, else undefined. */
export function asObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

/** The same record without the fields whose value is undefined, so that optional fields can be written in one literal. */
export function defined<T extends object>(
  fields: T,
): { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
} {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) out[key] = value;
  // The loop above does what the type says; TypeScript cannot follow it.
  return out as ReturnType<typeof defined<T>>;
}
