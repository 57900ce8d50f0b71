// The text of one string inside JSON that is still arriving. Promises the same text for any cut (inside an escape, inside a
// surrogate pair), in linear time and without a throw.
import type { JsonState } from "./json-end.ts";
import { JsonEnd } from "./json-end.ts";

/** Decodes the string under one key of a top-level object while the object still arrives; of a repeated key, the first. */
export class StringField {
  readonly #scan: JsonEnd;
  #key = "";
  #place: "seeking" | "inside" | "closed" = "seeking";
  #fresh = "";

  /** `key` is the name of the field. */
  constructor(key: string) {
    this.#scan = new JsonEnd({
      open: (depth, isKey) => {
        if (depth !== 1 || this.#place !== "seeking") return false;
        if (isKey) {
          this.#key = "";
          return true;
        }
        if (this.#key !== key) return false;
        this.#place = "inside";
        return true;
      },
      text: (decoded) => {
        if (this.#place === "inside") this.#fresh += decoded;
        else this.#key += decoded;
      },
      close: (isKey) => {
        if (!isKey) this.#place = "closed";
      },
    });
  }

  /** Before, inside or behind the string. */
  get place(): "seeking" | "inside" | "closed" {
    return this.#place;
  }

  /** How far the object around it has come. */
  get state(): JsonState {
    return this.#scan.state;
  }

  /** Takes the next piece of JSON and gives what it adds to the string. Half a surrogate pair waits for its other half. */
  feed(text: string): string {
    this.#scan.feed(text);
    const waits = this.#place === "inside" && isHighSurrogate(this.#fresh.charCodeAt(this.#fresh.length - 1));
    const ready = waits ? this.#fresh.slice(0, -1) : this.#fresh;
    this.#fresh = waits ? this.#fresh.slice(-1) : "";
    return ready;
  }

  /** Half a surrogate pair that will never be whole. */
  finish(): string {
    const left = this.#fresh;
    this.#fresh = "";
    return left;
  }
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
