// The lesser parts of a chat reply: list content, log probabilities and annotations, read into hub shapes.
import type { Json, JsonObject } from "../../kit/json.ts";
import { asList, asNumber, asObject, asString, isObject } from "../../kit/json.ts";

/** A stretch of list content. */
export interface ContentStretch {
  kind: "text" | "reasoning";
  text: string;
}

/** List content as text and reasoning (Mistral: `thinking` parts whose text is a list again; others: `reasoning` with a summary). */
export function contentParts(content: readonly Json[]): ContentStretch[] {
  const out: ContentStretch[] = [];
  for (const part of content) {
    if (!isObject(part)) continue;
    const type = part["type"];
    if (type === "text" || type === "output_text") out.push({ kind: "text", text: asString(part["text"]) ?? "" });
    else if (type === "thinking") out.push({ kind: "reasoning", text: texts(part["thinking"]) });
    else if (type === "reasoning") out.push({ kind: "reasoning", text: asString(part["text"]) ?? texts(part["summary"]) });
  }
  return out.filter((stretch) => stretch.text !== "");
}

function texts(value: unknown): string {
  if (typeof value === "string") return value;
  return asList(value)
    .map((one) => (isObject(one) ? (asString(one["text"]) ?? "") : ""))
    .join("");
}

/** `choices[].logprobs` in Responses form; empty where there are none. */
export function readLogprobs(value: unknown): JsonObject[] {
  return asList(asObject(value)?.["content"])
    .filter(isObject)
    .map((entry) => ({ ...logprob(entry), top_logprobs: asList(entry["top_logprobs"]).filter(isObject).map(logprob) }));
}

function logprob(entry: JsonObject): JsonObject {
  return { token: asString(entry["token"]) ?? "", bytes: asList(entry["bytes"]), logprob: asNumber(entry["logprob"]) ?? 0 };
}

/** An annotation in Responses form (chat nests what Responses has flat); undefined for types that Responses lacks. */
export function readAnnotation(value: Json): JsonObject | undefined {
  if (!isObject(value) || value["type"] !== "url_citation") return undefined;
  const cited = asObject(value["url_citation"]) ?? value;
  return {
    type: "url_citation",
    url: asString(cited["url"]) ?? "",
    title: asString(cited["title"]) ?? "",
    start_index: asNumber(cited["start_index"]) ?? 0,
    end_index: asNumber(cited["end_index"]) ?? 0,
  };
}

/** More sources than this no answer names. */
const MOST_SOURCES = 100;

/** What Perplexity names beside an answer, in fields of its own: `search_results`, or the bare `citations`. As annotations of the whole text. */
export function readSources(body: JsonObject): JsonObject[] {
  const results = asList(body["search_results"]).filter(isObject);
  const sources = results.length > 0 ? results : asList(body["citations"]).flatMap((url) => (typeof url === "string" ? [{ url }] : []));
  return sources.slice(0, MOST_SOURCES).flatMap((source) => {
    const annotation = readAnnotation({ type: "url_citation", ...source });
    return annotation === undefined ? [] : [annotation];
  });
}
