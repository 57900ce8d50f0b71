// The list of all keys for docs/config.md, written from the JSON Schema. Promises one line for each key that can be set.
import type { JsonObject } from "../../src/kit/json.ts";
import { asList, asObject, asString } from "../../src/kit/json.ts";

/** One key: its path, and its line of Markdown. */
export interface KeyLine {
  path: string;
  line: string;
}

/** All keys below a schema of an object; names that the user chooses stand as NAME. */
export function keyLines(schema: JsonObject, path = ""): KeyLine[] {
  const lines = Object.entries(asObject(schema["properties"]) ?? {}).flatMap(([key, value]) => {
    const below = path === "" ? key : `${path}.${key}`;
    const node = asObject(value) ?? {};
    return [{ path: below, line: `- \`${below}\` (${typeText(node)}): ${asString(node["description"]) ?? ""}` }, ...keyLines(node, below)];
  });
  const named = asObject(schema["additionalProperties"]);
  return named?.["properties"] === undefined ? lines : [...lines, ...keyLines(named, `${path}.NAME`)];
}

function typeText(node: JsonObject): string {
  // A number or a switch stands beside a reference to the environment.
  const type = asObject(asList(node["anyOf"])[0]) ?? node;
  const words = asList(type["enum"]);
  const names: Record<string, string> = {
    integer: "whole number",
    number: "number",
    boolean: "true or false",
    string: "text",
    array: "list",
  };
  const kind = words.length > 0 ? words.join(", ") : (names[asString(type["type"]) ?? ""] ?? "map");
  const fallback = node["default"];
  const shown = fallback === undefined || asObject(fallback) !== undefined ? "" : `, default \`${JSON.stringify(fallback)}\``;
  return kind + bounds(type) + shown;
}

function bounds(type: JsonObject): string {
  const { minimum, exclusiveMinimum, maximum } = type;
  const low = minimum === undefined ? (exclusiveMinimum === undefined ? "" : `above ${exclusiveMinimum}`) : `from ${minimum}`;
  const high = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? "" : `to ${maximum}`;
  const both = [low, high].filter((text) => text !== "").join(" ");
  return both === "" ? "" : ` ${both}`;
}
