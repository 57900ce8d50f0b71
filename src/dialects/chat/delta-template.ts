// The fast lane of a chat stream: successive chunks differ only in one string, so that string can be cut out without
// parsing the chunk. Promises what JSON.parse would give: the text before the string is byte for byte that of a chunk
// that was parsed, so the string begins in the same place of the same structure, and likewise for what follows.
import type { JsonObject } from "../../kit/json.ts";
import { asObject, isObject, parseJson } from "../../kit/json.ts";

type Field = "content" | "reasoning_content" | "reasoning";

const FIELDS: readonly Field[] = ["content", "reasoning_content", "reasoning"];

// oxlint-disable-next-line no-control-regex -- JSON forbids exactly these inside strings.
const PLAIN = /^[^"\\\x00-\x1f]*$/;

/** Learns from a parsed chunk, then matches the next ones. */
export class DeltaTemplate {
  #before = "";
  #after = "";
  #field: Field = "content";

  /** The field of the delta that a match belongs to. */
  get field(): Field {
    return this.#field;
  }

  /** The string in which this chunk differs from the learned one; null where it differs in anything else. */
  match(data: string): string | null {
    const from = this.#before.length;
    const to = data.length - this.#after.length;
    // Comparing slices is three times as fast as startsWith and endsWith, which go character by character (measured, Node 26).
    if (from === 0 || to < from || data.slice(0, from) !== this.#before || data.slice(to) !== this.#after) return null;
    const raw = data.slice(from, to);
    if (PLAIN.test(raw)) return raw;
    if (!raw.includes("\\")) return null;
    const decoded = parseJson(`"${raw}"`);
    return typeof decoded === "string" ? decoded : null;
  }

  /** Remembers a chunk that says nothing but one piece of text; any other is not remembered. */
  learn(data: string, body: JsonObject): void {
    const found = this.#plain(body);
    if (found === undefined) return;
    const [field, text] = found;
    const mark = `"${field}":`;
    const at = data.indexOf(mark);
    if (at === -1 || data.indexOf(mark, at + mark.length) !== -1) return;
    const open = data.indexOf('"', at + mark.length);
    const written = JSON.stringify(text);
    if (!data.startsWith(written, open) || data.slice(at + mark.length, open).trim() !== "") return;
    this.#before = data.slice(0, open + 1);
    this.#after = data.slice(open + written.length - 1);
    this.#field = field;
  }

  /** The one text of a chunk whose every other field means nothing to the reader. */
  #plain(body: JsonObject): [Field, string] | undefined {
    const choices = body["choices"];
    const choice = Array.isArray(choices) && choices.length === 1 ? choices[0] : undefined;
    const nothing = (value: unknown): boolean => value === undefined || value === null;
    if (!isObject(choice) || !nothing(body["usage"]) || !nothing(body["error"]) || !nothing(body["x_groq"])) return undefined;
    if (!nothing(choice["finish_reason"]) || !nothing(choice["logprobs"]) || (choice["index"] ?? 0) !== 0) return undefined;
    const delta = asObject(choice["delta"]);
    if (delta === undefined) return undefined;
    let found: [Field, string] | undefined;
    for (const [key, value] of Object.entries(delta)) {
      // The reader takes empty strings and lists for nothing too (Ollama sends `content: ""` beside its reasoning).
      if (key === "role" || nothing(value) || value === "" || (Array.isArray(value) && value.length === 0)) continue;
      const field = FIELDS.find((one) => one === key);
      if (field === undefined || typeof value !== "string" || found !== undefined) return undefined;
      found = [field, value];
    }
    return found;
  }
}
