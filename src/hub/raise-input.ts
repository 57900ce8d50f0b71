// The input of a custom tool, out of the arguments of the function that stood for it. Promises the same text for any cut of
// the arguments, as early as it is certain, and something sensible for all that models write there instead of `{"input": ...}`.
import { JsonEnd } from "../kit/json-end.ts";
import type { JsonObject } from "../kit/json.ts";
import { asString, isObject, parseJson } from "../kit/json.ts";
import { StringField } from "../kit/partial-json.ts";
import { FENCE, insideFence } from "./fence.ts";
import { CUSTOM_INPUT } from "./lower-tools.ts";

/** The end of a custom call. */
export interface RaisedInput {
  /** What is still to be added to the input. */
  text: string;
  /** Whether the input is whole. */
  intact: boolean;
}

/** Reads one call's arguments. */
export interface InputReader {
  /** Takes more of the arguments and gives what they add to the input. */
  feed(text: string): string;
  /** Ends the arguments; `intact` is what the upstream's own words say of the call. */
  end(intact: boolean): RaisedInput;
}

/** A reader for one call. */
export function createInputReader(): InputReader {
  const field = new StringField(CUSTOM_INPUT);
  let held = "";
  /** The first characters that are no white space. */
  let start = "";
  let mode: "undecided" | "object" | "raw" | "held" = "undecided";

  function decide(text: string): void {
    held += text;
    // A string is JSON only if it is all there is, a fence is a wrapper only if there is JSON in it: both show at the end.
    start = (start + text).trimStart().slice(0, FENCE.length);
    if (start.startsWith("{")) mode = "object";
    else if (start.startsWith('"') || start === FENCE) mode = "held";
    else if (!FENCE.startsWith(start)) mode = "raw";
  }

  function feedObject(text: string): string {
    const decoded = field.feed(text);
    if (field.place !== "seeking") {
      held = "";
      return decoded;
    }
    // No JSON after all: text that happens to begin with a brace.
    if (field.state === "broken") mode = "raw";
    return "";
  }

  return {
    feed(text) {
      let fresh = text;
      if (mode === "undecided") {
        decide(text);
        if (mode === "undecided") return "";
        fresh = held;
        held = "";
      }
      if (mode === "held") {
        held += fresh;
        return "";
      }
      if (mode === "object") {
        if (field.place === "seeking") held += fresh;
        const decoded = feedObject(fresh);
        if (mode === "object") return decoded;
        const raw = held;
        held = "";
        return raw;
      }
      return fresh;
    },
    end(intact) {
      if (field.place === "inside") return { text: field.finish(), intact: false };
      if (field.place === "closed") return { text: field.finish(), intact: intact || field.state === "complete" };
      return mode === "raw" ? { text: "", intact } : resolve(held, intact, mode === "object" && field.state === "open");
    },
  };
}

/** The input in arguments of which nothing was certain before their end. */
function resolve(text: string, intact: boolean, cut: boolean): RaisedInput {
  if (text.trim() === "") return { text: "", intact };
  if (cut) return { text, intact: false };
  const wrapped = inputOf(parseJson(insideFence(text) ?? ""));
  if (wrapped !== undefined) return { text: wrapped, intact };
  const value = parseJson(text);
  if (typeof value === "string") return { text: inputOf(parseJson(value)) ?? value, intact };
  if (isObject(value)) return { text: inputUnderAnyName(value) ?? text, intact };
  const isCutString = text.trimStart().startsWith('"') && new JsonEnd().feed(text) === "open";
  return { text, intact: intact && !isCutString };
}

function inputOf(value: unknown): string | undefined {
  return isObject(value) ? asString(value[CUSTOM_INPUT]) : undefined;
}

/** An input that is no string as its JSON; a lone string under another name (`patch`, `code`); nothing as the empty input. */
function inputUnderAnyName(value: JsonObject): string | undefined {
  const input = value[CUSTOM_INPUT];
  if (input !== undefined) return typeof input === "string" ? input : JSON.stringify(input);
  const values = Object.values(value);
  return values.length === 0 ? "" : values.length === 1 ? asString(values[0]) : undefined;
}
