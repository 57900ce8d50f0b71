// Patterns in the schemas of lowered tools: a custom tool's grammar, and those of a function's own, as each kind of server reads them.
import { describe, expect, test } from "vitest";
import type { Capabilities } from "../../src/hub/capability.ts";
import { CHAT_CAPABILITIES } from "../../src/hub/capability.ts";
import type { CustomTool, Tool } from "../../src/hub/item.ts";
import { LossList } from "../../src/hub/loss.ts";
import { lowerTools } from "../../src/hub/lower-tools.ts";
import type { LoweredTools } from "../../src/hub/lower-tools.ts";
import { asObject, type JsonObject } from "../../src/kit/json.ts";
import { requestOf } from "./request-of.ts";

function lower(tools: Tool[], toolPattern: Capabilities["toolPattern"]): { tools: LoweredTools["tools"]; losses: string } {
  const losses = new LossList();
  return { tools: lowerTools(requestOf({ tools }), { ...CHAT_CAPABILITIES, toolPattern }, losses).tools, losses: losses.header() };
}

describe("a custom tool's grammar", () => {
  const tool = (definition: string): CustomTool => ({
    type: "custom",
    name: "sql",
    format: { type: "grammar", syntax: "regex", definition },
  });
  const patternOf = ({ tools }: { tools: LoweredTools["tools"] }): unknown =>
    asObject(asObject(tools[0]?.parameters["properties"])?.["input"])?.["pattern"];

  test.each([
    ["none", undefined],
    ["value", '^SELECT ["a-z]\\n$'],
    ["json", '^SELECT ([a-z]|\\\\")\\\\n$'],
    ["either", '^(SELECT ([a-z]|\\\\")\\\\n|SELECT ["a-z]\\n)$'],
  ] as const)("for a target that reads patterns as %s: %s", (toolPattern, expected) => {
    const lowered = lower([tool('SELECT [a-z"]\\n')], toolPattern);
    expect(patternOf(lowered)).toBe(expected);
    expect(lowered.tools[0]?.description).toContain("SELECT");
    expect(lowered.losses).toBe("lowered tool.custom");
  });

  test("that is not regular is asked for in words, which is told", () => {
    const lowered = lower([tool("(?=a).")], "json");
    expect(patternOf(lowered)).toBeUndefined();
    expect(lowered.losses).toBe("lowered tool.custom, lowered tool.sql.grammar");
  });
});

describe("the patterns of a function's own schema", () => {
  const id = (pattern: string): JsonObject => ({
    type: "object",
    properties: { pattern: { type: "array", items: { type: "string", pattern } } },
  });
  const lowered = (pattern: string, toolPattern: Capabilities["toolPattern"]): { pattern: unknown; losses: string } => {
    const { tools, losses } = lower([{ type: "function", name: "find", parameters: id(pattern) }], toolPattern);
    const property = asObject(asObject(tools[0]?.parameters["properties"])?.["pattern"]);
    return { pattern: asObject(property?.["items"])?.["pattern"], losses };
  };

  test.each([
    [String.raw`^\d{3}-\w$`, "^[0-9]{3}-[0-9A-Z_a-z]$"],
    ["^a|b$", "^(aANY|ANYb)$"],
    ["[ab]", "^ANY[ab]ANY$"],
    [".*", undefined],
  ])("%s becomes %s where they are read on the JSON's text", (pattern, expected) => {
    const any = String.raw`([^\x00-\x1f"\\]|\\["\\bfnrt]|\\u000[0-7BEFbef]|\\u001[0-9A-Fa-f])*`;
    expect(lowered(pattern, "json")).toEqual({ pattern: expected?.replaceAll("ANY", any), losses: "" });
  });

  test("one that cannot be said there is left out, which is told", () => {
    expect(lowered("^(?!x)", "json")).toEqual({ pattern: undefined, losses: "dropped tool.parameters.pattern" });
  });

  test.each(["none", "value", "either"] as const)("stay as they are where they are read as %s", (toolPattern) => {
    expect(lowered("^(?!x)", toolPattern)).toEqual({ pattern: "^(?!x)", losses: "" });
  });
});
