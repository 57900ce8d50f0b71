// Sources that stand beside an answer in fields of their own, as Perplexity names them.
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/kit/json.ts";
import { STOP, chunk, lines, readStream } from "./replies.ts";

describe("sources beside the text", () => {
  const last = (more: JsonObject): JsonObject[] => [chunk({ content: "Hi" }, null, more), { ...STOP, ...more }];
  const annotation = (url: string, title: string): string =>
    `annotation ${JSON.stringify({ type: "url_citation", url, title, start_index: 0, end_index: 0 })}`;

  test.each<[string, JsonObject, string[]]>([
    [
      "bare",
      { citations: ["https://a.example", "https://b.example"] },
      [annotation("https://a.example", ""), annotation("https://b.example", "")],
    ],
    [
      "with titles",
      { citations: ["https://a.example"], search_results: [{ title: "A", url: "https://a.example", date: null }] },
      [annotation("https://a.example", "A")],
    ],
    ["none", { citations: null, search_results: [] }, []],
  ])("%s, in every chunk, are told once, at the end", (_, more, expected) => {
    expect(lines(readStream(last(more)))).toEqual(["text Hi", ...expected, "finish stop"]);
  });
});
