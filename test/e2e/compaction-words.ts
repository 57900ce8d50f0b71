// Words for the tests of compaction: a long session of an agent, models that sum it up well or badly, and what a reply holds.
import { expect } from "vitest";
import { handOverFields } from "../../src/hub/compaction/hand-over.ts";
import { asList, asObject, asString, isObject, parseJson, type Json, type JsonObject } from "../../src/kit/json.ts";
import { stream, whole } from "../support/chat-frames.ts";
import type { UpstreamExchange } from "../support/fault-upstream.ts";

/** What the user of the session said. */
export const DEMAND = "Never touch src/legacy.ts, and keep port 4917.";
/** A hand-over as a good model gives it. */
export const GOOD: JsonObject = {
  ...Object.fromEntries(handOverFields.map((name): [string, Json] => [name, []])),
  task: "Make the tests of the parser pass.",
  constraints: [DEMAND],
  files: ["src/parser.ts: reads numbers now"],
  next: "Run the tests of the parser once more: MARK-OF-THE-MODEL.",
};

/** A session with calls and long outputs, about 12 kB for each round. */
export function session(rounds = 2): JsonObject[] {
  const items: JsonObject[] = [
    { type: "message", role: "developer", content: "You are an agent for code." },
    { type: "message", role: "user", content: [{ type: "input_text", text: `Make the parser work. ${DEMAND}` }] },
  ];
  for (let round = 0; round < rounds; round++) {
    const call_id = `call_${round}`;
    items.push(
      { type: "function_call", call_id, name: "shell", arguments: JSON.stringify({ command: `npm test -- round-${round}` }) },
      { type: "function_call_output", call_id, output: `FAIL test/parser-${round}.test.ts\n${`line of output ${round}\n`.repeat(600)}` },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: `Round ${round} is done.` }] },
    );
  }
  return items;
}

/** Answers in the form that was asked for. */
export const say =
  (words: string | JsonObject) =>
  (exchange: UpstreamExchange): void => {
    const text = typeof words === "string" ? words : JSON.stringify(words);
    if (exchange.request.json["stream"] !== true) return exchange.answer(200, whole(text));
    exchange.send(stream(text));
    exchange.end();
  };

/** The text of all messages that a model was given. */
export function promptOf(exchange: UpstreamExchange | undefined): string {
  return asList(exchange?.request.json["messages"])
    .filter(isObject)
    .map((message) => `${asString(message["role"])}: ${asString(message["content"]) ?? JSON.stringify(message["content"] ?? message)}`)
    .join("\n");
}

/** The one compaction of an output. */
export function compactionOf(output: Json | undefined): JsonObject & { id: string; encrypted_content: string } {
  const found = asList(output).filter((item) => asObject(item)?.["type"] === "compaction");
  expect(found).toHaveLength(1);
  const item = asObject(found[0]) ?? {};
  expect(Object.keys(item).toSorted()).toEqual(["encrypted_content", "id", "type"]);
  expect(item["id"]).toMatch(/^cmp_[A-Za-z0-9_-]{1,60}$/);
  // Checked above and by the next line.
  expect(item["encrypted_content"]).toMatch(/^ws1\.[A-Za-z0-9_-]+$/);
  return item as JsonObject & { id: string; encrypted_content: string };
}

/** A user's message. */
export const user = (text: string): JsonObject => ({ type: "message", role: "user", content: [{ type: "input_text", text }] });

/** The body of a reply as JSON. */
export const json = (text: string): JsonObject => asObject(parseJson(text)) ?? {};
