// Every request that a real client was seen to send is accepted, or refused for the reason that the contract gives. The golden
// file tells the shape of each, never its text.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRequest } from "../../../src/dialects/responses/read-request.ts";
import { FaultError } from "../../../src/hub/fault.ts";
import type { Item, Tool } from "../../../src/hub/item.ts";
import { LossList } from "../../../src/hub/loss.ts";
import { asList, asObject, asString, parseJson } from "../../../src/kit/json.ts";
import type { Json } from "../../../src/kit/json.ts";
import { corpus } from "../../support/corpus.ts";
import { asBody, misshapen } from "./hub-shape.ts";

interface Capture {
  name: string;
  body: Json;
}

/** Bodies of Codex's create calls, one file each. */
function codexCaptures(folder: string): Capture[] {
  const files = readdirSync(folder).filter((file) => /\.POST_.*responses\.json$/.test(file));
  return files.map((file) => ({
    name: `codex ${file.replace(/\.POST.*/, "")}`,
    body: asObject(parseJson(readFileSync(join(folder, file), "utf8")))?.["body"] ?? null,
  }));
}

/** Bodies of other clients' create calls, several in a file. */
function clientCaptures(folder: string): Capture[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) =>
      asList(parseJson(readFileSync(join(folder, file), "utf8")))
        .map(asObject)
        .filter((call) => asString(call?.["path"])?.endsWith("/responses") === true && call?.["method"] === "POST")
        .map((call, index) => ({ name: `${file.replace(".json", "")} ${index}`, body: call?.["body"] ?? null })),
    );
}

const captures =
  corpus === undefined ? [] : [...codexCaptures(join(corpus, "captures/codex")), ...clientCaptures(join(corpus, "captures/clients"))];

/** Words with their counts where they repeat: `a, b x3`. */
function counted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => (count === 1 ? word : `${word} x${count}`)).join(", ");
}

function shapeOfItem(item: Item): string {
  switch (item.type) {
    case "message":
      return `${item.role}(${counted(item.content.map((part) => part.type))})`;
    case "function_call_output":
    case "custom_tool_call_output":
      return `${item.type}(${typeof item.output === "string" ? "string" : counted(item.output.map((part) => part.type))})`;
    case "additional_tools":
    case "tool_search_output":
      return `${item.type}(${counted(item.tools.map(shapeOfTool))})`;
    default:
      return item.type;
  }
}

function shapeOfTool(tool: Tool): string {
  if (tool.type === "hosted") return `hosted ${tool.wire.type}`;
  return tool.type === "namespace" ? `namespace(${counted(tool.tools.map((inner) => inner.type))})` : tool.type;
}

/** What the reader makes of a capture, in a few lines. */
function summary({ name, body }: Capture): string {
  const losses = new LossList();
  try {
    const request = readRequest(structuredClone(body), losses);
    const lines = [
      `input: ${request.input.map(shapeOfItem).join(", ")}`,
      `tools: ${counted(request.tools.map(shapeOfTool))}`,
      `asks: ${JSON.stringify({ reasoning: request.reasoning, format: request.text.format.type, verbosity: request.text.verbosity, stream: request.stream })}`,
      `losses: ${losses.header()}`,
    ];
    return `${name}\n${lines.map((line) => `  ${line.trimEnd()}\n`).join("")}`;
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return `${name}\n  refused: ${error.fault.status} ${error.fault.code} ${error.fault.param}\n`;
  }
}

describe.skipIf(corpus === undefined)("captures of real clients", () => {
  test("are read as the golden file tells", async () => {
    expect(captures.length).toBeGreaterThan(60);
    await expect(captures.map(summary).join("\n")).toMatchFileSnapshot("./golden/captures.txt");
  });

  test("are refused only where they need what is stored", () => {
    const refused = captures.filter((capture) => summary(capture).includes("refused"));
    for (const { body } of refused) {
      const request = asObject(body);
      const types = asList(request?.["input"]).map((item) => asObject(item)?.["type"]);
      expect(types.includes("item_reference") || request?.["previous_response_id"] !== undefined).toBe(true);
    }
  });

  test("come out in hub shape, and reading what was read changes nothing", () => {
    for (const capture of captures.filter((each) => !summary(each).includes("refused"))) {
      // A trigger and a rule for compaction are wishes, and no part of what is read again.
      const { echo: _first, compaction: _wish, ...first } = readRequest(structuredClone(capture.body), new LossList());
      expect(misshapen({ ...first, echo: {} })).toEqual([]);
      const { echo: _second, ...second } = readRequest(asBody({ ...first, echo: {} }), new LossList());
      expect(second, capture.name).toEqual(first);
    }
  });
});
