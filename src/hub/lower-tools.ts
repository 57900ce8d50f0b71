// Lowering of tools: every tool that the model may call becomes a plain function under a name that the target takes.
// Promises a stable order, and a declared loss for all that is emulated or left out.
import type { JsonObject } from "../kit/json.ts";
import type { AliasTable } from "./alias.ts";
import { createAliases, isDefaultNamespace } from "./alias.ts";
import { BUILT_IN_FUNCTION } from "./built-in.ts";
import type { Capabilities } from "./capability.ts";
import type { CallableTool } from "./collect-tools.ts";
import { collectTools } from "./collect-tools.ts";
import type { ToolGrammars } from "./grammar/check-inputs.ts";
import { grammarsOf } from "./grammar/check-inputs.ts";
import { patternFor, translatePattern } from "./grammar/constrain.ts";
import { GrammarProblem } from "./grammar/expression.ts";
import { toolGrammar } from "./grammar/tool-grammar.ts";
import type { CustomTool } from "./item.ts";
import type { LossList } from "./loss.ts";
import type { LoweredChoice } from "./lower-choice.ts";
import { lowerChoice } from "./lower-choice.ts";
import type { ReadPattern } from "./lower-schema.ts";
import { keepRules } from "./lower-flavour.ts";
import { lowerParameters } from "./lower-schema.ts";
import type { HubRequest } from "./request.ts";

export type { LoweredChoice } from "./lower-choice.ts";

/** A plain function as the target gets it. `strict` is the client's word; null = not given. */
export interface LoweredFunction {
  name: string;
  description: string;
  parameters: JsonObject;
  strict: boolean | null;
}

/** All that a speaker needs to offer tools, and to recognise the calls that come back. */
export interface LoweredTools {
  tools: LoweredFunction[];
  choice: LoweredChoice;
  aliases: AliasTable;
  /** What the inputs of custom tools must look like, by tool. */
  grammars: ToolGrammars;
}

/** The field in which a lowered custom tool takes its text. */
export const CUSTOM_INPUT = "input";

const NAMESPACE_DESCRIPTION_LENGTH = 2000;

/** Lowers the tools of a request (its own, those of `additional_tools` and those that searches found) and its tool choice. */
export function lowerTools(request: HubRequest, capabilities: Capabilities, losses: LossList): LoweredTools {
  const aliases = createAliases(capabilities.toolNameLength);
  const callable = collectTools(request, losses);
  for (const { origin } of callable) aliases.declare(origin);
  const grammars = grammarsOf(callable);
  if (!capabilities.tools) {
    if (callable.length > 0) losses.add("dropped", "tools", "The model takes no tools: none was offered to it.");
    return { tools: [], choice: "auto", aliases, grammars };
  }
  const chosen = lowerChoice(request, callable, aliases, capabilities, losses);
  return { tools: writeTools(chosen.tools, aliases, capabilities, losses), choice: chosen.choice, aliases, grammars };
}

function writeTools(tools: readonly CallableTool[], aliases: AliasTable, capabilities: Capabilities, losses: LossList): LoweredFunction[] {
  const described = new Set<string>();
  return tools.map((callable) => {
    const lowered = writeTool(callable, aliases.nameOf(callable.origin), capabilities, losses);
    const { namespace } = callable.origin;
    if (namespace === undefined) return lowered;
    if (!isDefaultNamespace(namespace))
      losses.add("lowered", "tool.namespace", "Namespaced tools were offered as functions named NAMESPACE__NAME.");
    const about = described.has(namespace) ? "" : boundDescription(callable.namespaceDescription ?? "", losses);
    described.add(namespace);
    return about === "" ? lowered : { ...lowered, description: `${about}\n\n${lowered.description}`.trim() };
  });
}

function boundDescription(description: string, losses: LossList): string {
  if (description.length <= NAMESPACE_DESCRIPTION_LENGTH) return description;
  losses.add("lowered", "tool.namespace.description", `A namespace's description was cut to ${NAMESPACE_DESCRIPTION_LENGTH} characters.`);
  return `${description.slice(0, NAMESPACE_DESCRIPTION_LENGTH).toWellFormed()}…`;
}

function writeTool({ tool }: CallableTool, name: string, capabilities: Capabilities, losses: LossList): LoweredFunction {
  switch (tool.type) {
    case "function":
      return {
        name,
        description: tool.description ?? "",
        parameters: keepRules(lowerParameters(tool.parameters, patterns(capabilities, losses)), "tool", capabilities, losses),
        strict: tool.strict ?? null,
      };
    case "custom":
      losses.add("lowered", "tool.custom", `Freeform tools were offered as functions with one string, \`${CUSTOM_INPUT}\`.`);
      return {
        name,
        description: describeCustom(tool),
        parameters: customParameters(inputPattern(tool, capabilities, losses)),
        strict: true,
      };
    case "built_in":
      losses.add("lowered", `tool.${tool.tool}`, `The tool ${tool.tool} was offered as a function.`);
      return { name, ...BUILT_IN_FUNCTION[tool.tool], strict: null };
    case "tool_search":
      losses.add("lowered", "tool.tool_search", "The search among deferred tools was offered as a function.");
      return {
        name,
        description: tool.description ?? "Searches for further tools; those found can be called from then on.",
        parameters:
          tool.parameters === undefined || tool.parameters === null
            ? searchParameters()
            : keepRules(lowerParameters(tool.parameters), "tool", capabilities, losses),
        strict: null,
      };
  }
}

/**
 * The patterns of a function's own schema, for a target that does not read them as JSON Schema does: builds of llama.cpp before
 * September 2026 refuse the whole request for one without anchors or with \d (ggml-org/llama.cpp issues 26930 and 27580).
 */
function patterns({ toolPattern }: Capabilities, losses: LossList): ReadPattern | undefined {
  if (toolPattern !== "json") return undefined;
  return (pattern) => {
    const translated = translatePattern(pattern, toolPattern);
    if (!(translated instanceof GrammarProblem)) return translated ?? undefined;
    losses.add("dropped", "tool.parameters.pattern", `A pattern in a tool's parameters was left out. ${translated.message}`);
    return undefined;
  };
}

/** What the target is to hold the input to; undefined where it cannot, or any text will do. */
function inputPattern(tool: CustomTool, { toolPattern }: Capabilities, losses: LossList): string | undefined {
  if (toolPattern === "none" || tool.format?.type !== "grammar") return undefined;
  const pattern = patternFor(toolGrammar(tool.format.syntax, tool.format.definition), toolPattern);
  if (!(pattern instanceof GrammarProblem)) return pattern ?? undefined;
  const reason = `The grammar of ${tool.name} is not enforced, only asked for in words. ${pattern.message}`;
  losses.add("lowered", `tool.${tool.name}.grammar`, reason);
  return undefined;
}

function customParameters(pattern: string | undefined): JsonObject {
  const input = {
    type: "string",
    description: "The whole input of the tool, as plain text.",
    ...(pattern === undefined ? {} : { pattern }),
  };
  return { type: "object", properties: { [CUSTOM_INPUT]: input }, required: [CUSTOM_INPUT], additionalProperties: false };
}

function searchParameters(): JsonObject {
  return { type: "object", properties: { query: { type: "string" }, limit: { type: "integer" } }, required: ["query"] };
}

function describeCustom(tool: CustomTool): string {
  const call =
    `How to call it here: as a function whose only argument, the string \`${CUSTOM_INPUT}\`, holds the tool's whole input. ` +
    "Whatever is said above of freeform input or of JSON is about the text in that string: raw text, no JSON and no Markdown fence inside.";
  const parts = [tool.description ?? "", call];
  if (tool.format?.type === "grammar") {
    const { syntax, definition } = tool.format;
    parts.push(
      `The text in \`${CUSTOM_INPUT}\` must match this ${syntax === "regex" ? "regular expression" : `${syntax} grammar`}:\n${definition}`,
    );
  }
  return parts.join("\n\n").trim();
}
