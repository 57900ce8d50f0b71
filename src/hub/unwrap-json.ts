// The JSON value in an answer that should be JSON alone, but stands in a fence or among prose. Promises linear time, and that of
// several values none is chosen.
import type { Json } from "../kit/json.ts";
import { parseJson } from "../kit/json.ts";
import { JsonEnd } from "../kit/json-end.ts";
import { insideFence } from "./fence.ts";

/** A value and its text, which is the whole answer where nothing stands around it. */
export interface UnwrappedJson {
  text: string;
  value: Json;
}

/** Characters that are read at once. */
const BLOCK = 1024;
/** What may be read in all before the search is given up: so many times the text, and some more. */
const MOST_PASSES = 4;
const MOST_MORE = 64 * BLOCK;

/** The one JSON value of an answer; among prose only an object or a list counts. Undefined where there is none, or more than one. */
export function unwrapJson(answer: string): UnwrappedJson | undefined {
  const text = answer.trim();
  return asWhole(answer) ?? asWhole(insideFence(text)?.trim()) ?? asWhole(onlyValue(text));
}

function asWhole(text: string | undefined): UnwrappedJson | undefined {
  const value = text === undefined ? undefined : parseJson(text);
  return text === undefined || value === undefined ? undefined : { text, value };
}

function onlyValue(text: string): string | undefined {
  let found: string | undefined;
  let left = MOST_PASSES * text.length + MOST_MORE;
  for (let at = nextBracket(text, 0); at !== -1 && left > 0;) {
    const scan = new JsonEnd();
    let read = at;
    for (; scan.state === "open" && read < text.length; read += BLOCK) scan.feed(text.slice(read, read + BLOCK));
    left -= read - at;
    if (scan.state !== "complete") {
      at = nextBracket(text, at + 1);
      continue;
    }
    if (found !== undefined) return undefined;
    const end = Math.min(read, text.length) - scan.rest.length;
    found = text.slice(at, end);
    at = nextBracket(text, end);
  }
  return left > 0 ? found : undefined;
}

function nextBracket(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "{" || character === "[") return at;
  }
  return -1;
}
