// The demo finds the shell among the tools that real agent CLIs send, as captured in the corpus.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findShell } from "../../providers/demo/shell-tool.ts";
import { asList, asObject, isObject, parseJson } from "../../src/contract.ts";
import type { JsonObject } from "../../src/contract.ts";
import { corpus } from "../support/corpus.ts";

const folder = corpus === undefined ? undefined : join(corpus, "captures/clients");
const captures = folder === undefined ? [] : readdirSync(folder).filter((file) => file.endsWith(".json"));

/** The functions of a request in any dialect: `{function}`, `{name, parameters}`, `{name, input_schema}`, `{functionDeclarations}`. */
function functionsOf(exchange: unknown): JsonObject[] {
  const tools = asList(asObject(asObject(exchange)?.["body"])?.["tools"]).filter((one) => isObject(one));
  return tools.flatMap((tool) => {
    const declared = asList(tool["functionDeclarations"]).filter((one) => isObject(one));
    const all = declared.length > 0 ? declared : [asObject(tool["function"]) ?? tool];
    return all.map((one) => ({
      ...one,
      parameters: one["parameters"] ?? one["input_schema"] ?? one["parametersJsonSchema"],
    }));
  });
}

test.skipIf(captures.length === 0).each(captures.length === 0 ? ["(no corpus)"] : captures)("%s", (file) => {
  const exchanges = asList(parseJson(readFileSync(join(folder ?? "", file), "utf8")));
  const functions = exchanges.map(functionsOf).find((offered) => offered.length > 0) ?? [];
  if (functions.length === 0) return;
  expect(findShell(functions)?.name).toMatch(/bash|command|shell/i);
});
