// How a chat template shows a tool to the model: as TypeScript (OpenAI, gpt-oss, Kimi) or as JSON (the rest). Promises a text of the
// right length, not the right text: it is only counted.
import type { Json, JsonObject } from "../../kit/json.ts";
import { asList, asObject, asString, isObject } from "../../kit/json.ts";

/** How deep a schema is followed; deeper parts are `any`. */
const DEEPEST = 12;

/** The function of a chat tool as a TypeScript type, description first. */
export function typescriptTool(tool: Json): string {
  const declared = isObject(tool) ? asObject(tool["function"]) : undefined;
  if (declared === undefined) return "";
  const name = asString(declared["name"]) ?? "";
  const parameters = asObject(declared["parameters"]);
  const body = parameters === undefined ? "" : properties(parameters, 0);
  return comment(declared) + (body === "" ? `type ${name} = () => any;` : `type ${name} = (_: {\n${body}\n}) => any;`);
}

/** The whole tool as Python's JSON, which templates print: a space after each comma and colon. */
export function jsonTool(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(jsonTool).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${jsonTool(inner)}`)
    .join(", ")}}`;
}

function comment(schema: JsonObject): string {
  const text = asString(schema["description"]);
  return text === undefined || text === "" ? "" : `// ${text}\n`;
}

function properties(schema: JsonObject, depth: number): string {
  const required = asList(schema["required"]);
  return Object.entries(asObject(schema["properties"]) ?? {})
    .map(([name, inner]) => {
      const described = asObject(inner) ?? {};
      return `${comment(described)}${name}${required.includes(name) ? "" : "?"}: ${typeText(described, depth)},`;
    })
    .join("\n");
}

function typeText(schema: JsonObject, depth: number): string {
  if (depth > DEEPEST) return "any";
  const choices = schema["enum"];
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  const options = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(options)) return options.map((option) => typeText(asObject(option) ?? {}, depth + 1)).join(" | ");
  const given = schema["type"];
  const type = Array.isArray(given) ? given.find((one) => one !== "null") : given;
  switch (type) {
    case "array":
      return `${typeText(asObject(schema["items"]) ?? {}, depth + 1)}[]`;
    case "object":
      return isObject(schema["properties"]) ? `{\n${properties(schema, depth + 1)}\n}` : "object";
    case "integer":
      return "number";
    default:
      return asString(type) ?? "any";
  }
}
