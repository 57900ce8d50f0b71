// A look at JSON bytes before they are parsed: how deep, how many values. Promises one pass, no copy, and no verdict on the
// syntax: what is not JSON is left to the parser. Ten megabytes of `[{},{},...]` cost a parser half a gigabyte of heap, and
// what is nested too deep cannot be cloned to a worker.

/** Bounds of a document. */
export interface JsonLimits {
  /** Deepest nesting of arrays and objects; a scalar alone has depth 0. */
  depth: number;
  /** Values in all: objects, arrays, strings, numbers, literals. Keys are not counted. */
  nodes: number;
}

/** What the guard found; `at` is the offset of the byte that passed the limit. */
export type JsonVerdict = { ok: true } | { ok: false; what: "depth" | "nodes"; at: number };

/** What we take from a client. */
export const JSON_LIMITS: JsonLimits = { depth: 128, nodes: 1_000_000 };

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** `Z`: digits, signs, blanks and colons all come before the brackets. */
const LAST_BEFORE_BRACKETS = 0x5a;
/** `{` and `}`; `[` and `]` are the same without this one bit, and nothing else outside a string is. */
const OPEN = 0x7b;
const CLOSE = 0x7d;
const BRACKET_BIT = 0x20;

/** Bytes of a string that are looked at one by one: keys and type words end here. */
const NEAR = 8;
/** Then words of four bytes, so many; beyond that `indexOf` pays, which is the fastest but costs as much as this to call. */
const FAR_WORDS = 64;

/** The bytes, and the same in words of four; the first word begins at byte `lead`. */
interface Scan {
  bytes: Buffer;
  words: Int32Array;
  lead: number;
}

/** Whether JSON (UTF-8 bytes) stays within bounds. Exact for valid documents; never reads past the end of others. */
export function guardJson(json: Uint8Array, limits: JsonLimits = JSON_LIMITS): JsonVerdict {
  const scan = openScan(json);
  const { bytes } = scan;
  // Every document has one value at its root; each list or object that is not empty adds one, and each comma one more.
  let nodes = 1;
  let depth = 0;
  if (nodes > limits.nodes) return { ok: false, what: "nodes", at: 0 };
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      at = endOfString(scan, at + 1);
    } else if (byte === COMMA) {
      if (++nodes > limits.nodes) return { ok: false, what: "nodes", at };
    } else if (byte > LAST_BEFORE_BRACKETS) {
      const bracket = byte | BRACKET_BIT;
      if (bracket === CLOSE) {
        depth--;
      } else if (bracket === OPEN) {
        if (++depth > limits.depth) return { ok: false, what: "depth", at };
        if (!closesAtOnce(bytes, at + 1) && ++nodes > limits.nodes) return { ok: false, what: "nodes", at };
      }
    }
  }
  return { ok: true };
}

function openScan(json: Uint8Array): Scan {
  const lead = (4 - (json.byteOffset % 4)) % 4;
  const count = Math.max(0, Math.floor((json.byteLength - lead) / 4));
  return {
    bytes: Buffer.from(json.buffer, json.byteOffset, json.byteLength),
    words: count === 0 ? new Int32Array(0) : new Int32Array(json.buffer, json.byteOffset + lead, count),
    lead,
  };
}

/** The offset of the quote that ends a string whose first byte is at `start`; the length where it never ends. */
function endOfString(scan: Scan, start: number): number {
  const { bytes } = scan;
  let at = start;
  for (;;) {
    const near = Math.min(at + NEAR, bytes.length);
    while (at < near) {
      const byte = bytes[at];
      if (byte === QUOTE) return at;
      at += byte === BACKSLASH ? 2 : 1;
    }
    const quote = nextQuote(scan, at);
    // A quote belongs to the string where an odd number of backslashes stands before it. What `at` points at is not escaped.
    let slash = quote;
    while (slash > at && bytes[slash - 1] === BACKSLASH) slash--;
    if ((quote - slash) % 2 === 0) return quote;
    at = quote + 1;
  }
}

/** The offset of the next quote at or after `start`, escaped or not; the length where there is none. */
function nextQuote({ bytes, words, lead }: Scan, start: number): number {
  let at = start;
  while (((at - lead) & 3) !== 0 && at < bytes.length) {
    if (bytes[at] === QUOTE) return at;
    at++;
  }
  let index = (at - lead) >> 2;
  const far = Math.min(index + FAR_WORDS, words.length);
  while (index < far && !holdsQuote(words[index] ?? 0)) index++;
  at = Math.min(lead + (index << 2), bytes.length);
  if (index < far) {
    while (bytes[at] !== QUOTE) at++;
    return at;
  }
  const found = bytes.indexOf(QUOTE, at);
  return found === -1 ? bytes.length : found;
}

/** Whether one of a word's four bytes is a quote: its difference from four quotes then holds a zero byte. */
function holdsQuote(word: number): boolean {
  const difference = word ^ 0x22222222;
  return ((difference - 0x01010101) & ~difference & 0x80808080) !== 0;
}

/** Whether a list or object whose first byte inside is at `start` is empty. */
function closesAtOnce(bytes: Buffer, start: number): boolean {
  let at = start;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return ((bytes[at] ?? 0) | BRACKET_BIT) === CLOSE;
}
