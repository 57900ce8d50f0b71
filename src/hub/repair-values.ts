// Repair of values inside the text of a call's arguments by the schema of the tool: only where one reading is possible. Promises that
// every character that needs no repair stays, numbers of any size among them.
import type { JsonObject } from "../kit/json.ts";
import { asObject, asString, isObject, parseJson } from "../kit/json.ts";
import { endOfValue, entriesOf, membersOf, skipSpace } from "../kit/json-text.ts";
import type { MemberPlace } from "../kit/json-text.ts";
import type { Expected } from "./expected-types.ts";
import { accepts, expectedOf, expects, onlyForm } from "./expected-types.ts";
import { looseName } from "./loose-name.ts";

/** What was wrong with a value: `3.0` for an integer, text for a number, a boolean, an object or a list, another spelling of a name. */
export type ValueRepair = "integer" | "number" | "boolean" | "encoded" | "property_name";

/** Values deeper than this are left as they are. */
const DEEPEST = 32;

/** An object with more names that nobody declared than this was meant otherwise. */
const MOST_UNKNOWN = 16;

/** Keywords that may declare members elsewhere. */
const FURTHER = ["patternProperties", "allOf", "anyOf", "oneOf", "if", "dependentSchemas", "unevaluatedProperties", "propertyNames"];

interface Edit {
  from: number;
  to: number;
  text: string;
}

/** The text of a JSON object with its values repaired; `repairs` says how, once for each. */
export function repairValues(text: string, schema: JsonObject): { text: string; repairs: ValueRepair[] } {
  const repair = new ValueRepairer(text, schema);
  repair.value(skipSpace(text, 0), expectedOf(schema, schema), 0);
  return { text: repair.result(), repairs: repair.repairs };
}

class ValueRepairer {
  readonly repairs: ValueRepair[] = [];
  readonly #text: string;
  readonly #root: JsonObject;
  readonly #edits: Edit[] = [];

  constructor(text: string, root: JsonObject) {
    this.#text = text;
    this.#root = root;
  }

  /** The text with all edits, which were made in the order of the text. */
  result(): string {
    let done = 0;
    let out = "";
    for (const { from, to, text } of this.#edits) {
      out += this.#text.slice(done, from) + text;
      done = to;
    }
    return done === 0 ? this.#text : out + this.#text.slice(done);
  }

  value(from: number, expected: Expected, depth: number): void {
    if (expected === null || depth > DEEPEST) return;
    const first = this.#text.charAt(from);
    if (first === "{") this.#object(from, onlyForm(expected, "object"), depth);
    else if (first === "[") this.#list(from, onlyForm(expected, "array"), depth);
    else if (first === '"') this.#string(from, expected, depth);
    else if (first === "-" || (first >= "0" && first <= "9")) this.#number(from, expected);
  }

  #object(from: number, form: JsonObject | undefined, depth: number): void {
    if (form === undefined) return;
    const properties = asObject(form["properties"]) ?? {};
    const members = membersOf(this.#text, from);
    const names = this.#namesOf(members, form, properties);
    for (const [index, member] of members.entries()) {
      const name = names[index] ?? "";
      const written = JSON.stringify(name);
      if (this.#keyOf(member) !== name) this.#edit(member.keyFrom, member.keyTo, written, "property_name");
      const others = form["patternProperties"] === undefined ? form["additionalProperties"] : undefined;
      const schema = Object.hasOwn(properties, name) ? properties[name] : others;
      this.value(member.from, expectedOf(schema, this.#root), depth + 1);
    }
  }

  /** The names of an object's members, those in another spelling by the property that they mean. */
  #namesOf(members: readonly MemberPlace[], form: JsonObject, properties: JsonObject): string[] {
    const keys = members.map((member) => this.#keyOf(member));
    const unknown = keys.filter((key) => !Object.hasOwn(properties, key));
    if (unknown.length === 0 || unknown.length > MOST_UNKNOWN || takesMore(form)) return keys;
    const like = (key: string, others: readonly string[]): string[] => others.filter((other) => looseName(other) === looseName(key));
    return keys.map((key) => {
      if (Object.hasOwn(properties, key)) return key;
      const [meant, ...more] = like(key, Object.keys(properties));
      const isCertain = meant !== undefined && more.length === 0 && !keys.includes(meant) && like(key, unknown).length === 1;
      return isCertain ? meant : key;
    });
  }

  #keyOf({ keyFrom, keyTo }: MemberPlace): string {
    return asString(parseJson(this.#text.slice(keyFrom, keyTo))) ?? "";
  }

  #list(from: number, form: JsonObject | undefined, depth: number): void {
    const expected = expectedOf(form?.["items"], this.#root);
    if (expected === null || form?.["prefixItems"] !== undefined) return;
    for (const entry of entriesOf(this.#text, from)) this.value(entry, expected, depth + 1);
  }

  #number(from: number, expected: Expected): void {
    if (!expects(expected, "integer") || expects(expected, "number")) return;
    const to = endOfValue(this.#text, from);
    const whole = wholeNumber(this.#text.slice(from, to));
    if (whole !== undefined) this.#edit(from, to, whole, "integer");
  }

  #string(from: number, expected: Expected, depth: number): void {
    if (expects(expected, "string")) return;
    const to = endOfValue(this.#text, from);
    const said = (asString(parseJson(this.#text.slice(from, to))) ?? "").trim();
    if (/^(true|false)$/i.test(said)) {
      if (accepts(expected, said.toLowerCase() === "true")) this.#edit(from, to, said.toLowerCase(), "boolean");
    } else if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(said)) {
      const whole = expects(expected, "number") ? said : (wholeNumber(said) ?? said);
      if (Number.isFinite(Number(whole)) && accepts(expected, Number(whole))) this.#edit(from, to, whole, "number");
    } else if (said.startsWith("{") || said.startsWith("[")) this.#encoded(from, to, said, expected, depth);
  }

  /** A string that holds the object or list that should stand in its place. */
  #encoded(from: number, to: number, said: string, expected: Expected, depth: number): void {
    const value = parseJson(said);
    if (value === undefined || !expects(expected, Array.isArray(value) ? "array" : "object")) return;
    const inner = new ValueRepairer(said, this.#root);
    inner.value(0, expected, depth + 1);
    this.#edit(from, to, inner.result(), "encoded");
    this.repairs.push(...inner.repairs);
  }

  #edit(from: number, to: number, text: string, repair: ValueRepair): void {
    this.#edits.push({ from, to, text });
    this.repairs.push(repair);
  }
}

/** Whether an object may have members beside its properties: then a name in another spelling may be one of those. */
function takesMore(form: JsonObject): boolean {
  const { additionalProperties: more } = form;
  return more === true || isObject(more) || FURTHER.some((keyword) => form[keyword] !== undefined);
}

/** `3.0` and `3e0` as `3`; undefined for what is whole in its writing already, or is not whole, or too large to say exactly. */
function wholeNumber(source: string): string | undefined {
  const value = Number(source);
  return /[.eE]/.test(source) && Number.isSafeInteger(value) ? String(value) : undefined;
}
