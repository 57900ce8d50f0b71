// A hand-over: what a model must know to pick up the work of a conversation that it no longer sees. Its fields are
// what a summarising model is asked for and what the extract fills. Promises: pure, and no reading of it throws.
import { isObject, type Json, type JsonObject } from "../../kit/json.ts";
import { looseName } from "../loose-name.ts";

/** The state of a piece of work, in short texts. The names are those of the JSON that a model is asked for. */
export interface HandOver {
  /** What the user wants, with the first and the newest request. */
  task: string;
  /** What the user demanded or forbade, in the user's own words. */
  constraints: string[];
  /** What was chosen and why. */
  decisions: string[];
  /** One file each: `path: what was last done to it`. */
  files: string[];
  /** Commands that ran, with how they ended. */
  commands: string[];
  /** Calls that still wait for their output: `name(call id): arguments`. */
  open_calls: string[];
  /** The latest plan, one step each: `[state] step`. */
  plan: string[];
  /** What failed and was not mended since. */
  failures: string[];
  /** What was said last and what was about to be done. */
  next: string;
}

/** The names of the fields that are lists. */
export type HandOverList = Exclude<keyof HandOver, "task" | "next">;

/** The names of all fields, in the order of the text. */
export const handOverFields = [
  "task",
  "constraints",
  "decisions",
  "files",
  "commands",
  "open_calls",
  "plan",
  "failures",
  "next",
] as const satisfies (keyof HandOver)[];

const descriptions: Record<keyof HandOver, string> = {
  task: "What the user wants done: the first request and the newest one, complete, with every number, name and path.",
  constraints: "Everything the user demanded, forbade or prefers, word for word, in the user's language.",
  decisions: "What was decided so far, each with its reason.",
  files: "Every file that was read, made or changed: `path: what was done to it and what matters in it`.",
  commands: "Commands that ran and matter later, each with how it ended.",
  open_calls: "Tool calls that have no output yet: name, call id, arguments.",
  plan: "The steps of the plan, each with its state: `[done] step`, `[now] step`, `[to do] step`.",
  failures: "What failed and is not mended yet: failing tests, errors with their exact text, ways that did not work.",
  next: "What to do next, in order, so exact that another model can go on at once.",
};

const text = (description: string): JsonObject => ({ type: "string", description });
const list = (description: string): JsonObject => ({ type: "array", items: { type: "string" }, description });

/** The JSON Schema of a hand-over: every field required and none besides, as strict output formats want it. */
export const handOverSchema: JsonObject = {
  type: "object",
  properties: Object.fromEntries(
    handOverFields.map((name) => [name, name === "task" || name === "next" ? text(descriptions[name]) : list(descriptions[name])]),
  ),
  required: [...handOverFields],
  additionalProperties: false,
};

/** A hand-over that says nothing. */
export function emptyHandOver(): HandOver {
  return {
    task: "",
    constraints: [],
    decisions: [],
    files: [],
    commands: [],
    open_calls: [],
    plan: [],
    failures: [],
    next: "",
  };
}

/** A value as one text: what is not a string is written as `name: value` pairs or JSON. */
function entryOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value.trim();
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== "");
  return fields.map(([name, field]) => `${name}: ${typeof field === "string" ? field : JSON.stringify(field)}`).join("; ");
}

/** The entries of a list, or of a text or object where a list was asked for. */
function entriesOf(value: Json | undefined): string[] {
  if (typeof value === "string") {
    return value
      .split("\n")
      .map((line) => line.replace(/^\s*[-*]\s+/, "").trim())
      .filter((line) => line !== "");
  }
  if (Array.isArray(value)) return value.map(entryOf).filter((entry) => entry !== "");
  if (!isObject(value)) return [entryOf(value)].filter((entry) => entry !== "");
  return Object.entries(value)
    .map(([name, entry]) => `${name}: ${entryOf(entry)}`)
    .filter((entry) => !entry.endsWith(": "));
}

function fill(value: JsonObject): HandOver {
  const byName = new Map(Object.entries(value).map(([name, field]) => [looseName(name), field]));
  const handOver = emptyHandOver();
  for (const name of handOverFields) {
    const field = byName.get(looseName(name));
    if (name !== "task" && name !== "next") handOver[name] = entriesOf(field);
    else handOver[name] = Array.isArray(field) ? entriesOf(field).join("\n") : entryOf(field);
  }
  return handOver;
}

/** Whether a hand-over says nothing at all. */
export function isEmpty(handOver: HandOver): boolean {
  return handOverFields.every((name) => handOver[name].length === 0);
}

/**
 * What a model answered to {@link handOverSchema}, as parsed JSON. Missing fields are empty, mistyped ones are read as
 * text, other spellings of the names and one object around the whole are looked through; undefined where nothing is in it.
 */
export function readHandOver(json: unknown): HandOver | undefined {
  if (!isObject(json)) return undefined;
  const handOver = fill(json);
  if (!isEmpty(handOver)) return handOver;
  const [only, ...others] = Object.values(json);
  if (others.length > 0 || !isObject(only)) return undefined;
  const inner = fill(only);
  return isEmpty(inner) ? undefined : inner;
}
