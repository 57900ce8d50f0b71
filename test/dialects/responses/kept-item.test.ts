// Items as they are kept: a history that comes from the store says to a model what the one that was sent said, and a client that lists
// items sees what the API shows.
import { describe, expect, test } from "vitest";
import { inputList, itemPrefix, keepItem, referenceOf } from "../../../src/dialects/responses/kept-item.ts";
import { readInput } from "../../../src/dialects/responses/read-items.ts";
import { viewItem } from "../../../src/dialects/responses/view-item.ts";
import type { Item } from "../../../src/hub/item.ts";
import { LossList } from "../../../src/hub/loss.ts";
import { asList, isObject, type Json, type JsonObject } from "../../../src/kit/json.ts";
import { everyItem } from "./every-item.ts";

const FURTHER: JsonObject[] = [
  { role: "assistant", content: "plain words" },
  { role: "assistant", content: [{ type: "input_text", text: "of an odd client" }] },
  { type: "message", role: "user", content: [{ type: "output_text", text: "of another" }] },
  { type: "compaction_summary", encrypted_content: "blob" },
  { type: "reasoning", id: "rs_2", summary: [] },
  { type: "local_shell_call", id: "lsh_1", call_id: "c9", action: { type: "exec", command: ["ls"], env: {} }, status: "completed" },
  { type: "local_shell_call_output", id: "c9", output: "a" },
];

/** Hub items without what only lists show: ids that were added, statuses that say nothing. */
function plain(items: Json): JsonObject[] {
  return readInput(items, new LossList()).map((item: Item) => {
    // A hub item is JSON.
    const { id: _id, status: _status, wire, ...rest } = item as unknown as JsonObject;
    if (!isObject(wire)) return rest;
    const { id: _wireId, status: _wireStatus, ...more } = wire;
    return { ...rest, wire: more };
  });
}

describe("kept items", () => {
  const items = [...asList(everyItem()["input"]), ...FURTHER].filter(isObject);

  test.each(items.map((item) => [String(item["type"] ?? "message"), item] as const))("%s reads back as what was sent", (_, item) => {
    const kept = keepItem(structuredClone(item));
    expect(plain([structuredClone(kept)])).toEqual(plain([structuredClone(item)]));
    expect(kept).toMatchObject({ type: item["type"] === "compaction_summary" ? "compaction" : (item["type"] ?? "message") });
    // Kept once more, it is the same.
    expect(keepItem(structuredClone(kept ?? {}))).toEqual(kept);
  });

  test("a string is a message of the user", () => {
    expect(inputList("hi").map(keepItem)).toEqual([
      { type: "message", status: "completed", role: "user", content: [{ type: "input_text", text: "hi" }] },
    ]);
  });

  test("a wish for compaction is no part of a history", () => {
    expect(keepItem({ type: "compaction_trigger" })).toBeNull();
  });

  test("ids begin as the service's do, whatever a client calls its types", () => {
    expect(["reasoning", "function_call_output", "shell_call", "constructor"].map((type) => itemPrefix({ type }))).toEqual([
      "rs",
      "fco",
      "sh",
      "item",
    ]);
  });

  test("a reference is told from an item", () => {
    const given: [JsonObject, string | undefined][] = [
      [{ type: "item_reference", id: "a" }, "a"],
      [{ type: null, id: "b" }, "b"],
      [{ id: "c" }, "c"],
      [{ id: "d", role: "user", content: "x" }, undefined],
      [{ type: "reasoning", id: "e" }, undefined],
    ];
    for (const [item, id] of given) expect(referenceOf(item)).toBe(id);
  });
});

describe("listed items", () => {
  const cases: [string, JsonObject, JsonObject][] = [
    ["reasoning.encrypted_content", { type: "reasoning", summary: [], encrypted_content: "x" }, { type: "reasoning", summary: [] }],
    [
      "message.input_image.image_url",
      { type: "message", content: [{ type: "input_image", image_url: "data:x", detail: "auto" }] },
      { type: "message", content: [{ type: "input_image", image_url: null, detail: "auto" }] },
    ],
    [
      "message.output_text.logprobs",
      { type: "message", content: [{ type: "output_text", text: "a", logprobs: [{ token: "a" }] }] },
      { type: "message", content: [{ type: "output_text", text: "a", logprobs: [] }] },
    ],
    ["file_search_call.results", { type: "file_search_call", results: [1] }, { type: "file_search_call", results: null }],
    ["code_interpreter_call.outputs", { type: "code_interpreter_call", outputs: [1] }, { type: "code_interpreter_call", outputs: null }],
    [
      "computer_call_output.output.image_url",
      { type: "computer_call_output", output: { type: "computer_screenshot", image_url: "data:x" } },
      { type: "computer_call_output", output: { type: "computer_screenshot", image_url: null } },
    ],
    [
      "web_search_call.action.sources",
      { type: "web_search_call", action: { query: "q", sources: [1] } },
      { type: "web_search_call", action: { query: "q" } },
    ],
  ];

  test.each(cases)("%s is there only where it was asked for", (word, item, without) => {
    expect(JSON.parse(viewItem(JSON.stringify(item), new Set()))).toEqual(without);
    expect(JSON.parse(viewItem(JSON.stringify(item), new Set([word])))).toEqual(item);
  });

  test.each(cases)("%s is left out however the item begins", (_word, { type, ...rest }, without) => {
    for (const item of [
      { id: "x_1", type, ...rest },
      { id: 'x"1', type, ...rest },
      { ...rest, id: "x_1", type },
    ]) {
      const { id } = item;
      expect(JSON.parse(viewItem(JSON.stringify(item), new Set()))).toEqual({ id, ...without });
    }
  });

  test("a compaction is nothing without its blob", () => {
    const text = JSON.stringify({ type: "compaction", encrypted_content: "x" });
    expect(viewItem(text, new Set())).toBe(text);
  });
});
