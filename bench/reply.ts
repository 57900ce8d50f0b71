// Reads HTTP/1.1 replies off a raw socket at the least cost, and judges them. Promises: a reply counts as whole only when its
// framing says so; a stream is right only with its terminal event; those read to the last token must hold every one in order.
import { isObject, parseJson, type Json } from "../src/kit/json.ts";
import type { LoadDialect } from "./plan.ts";

/** What a stream ends with when all went well. */
const MARKER: Readonly<Record<LoadDialect, Buffer>> = {
  chat: Buffer.from("data: [DONE]\n\n"),
  responses: Buffer.from("event: response.completed\n"),
};
/** The first token, and no other thing that a reply may hold. */
const FIRST = Buffer.from('"tok0 ');

/** How a reply is to be looked at. */
export interface ReplyWish {
  dialect: LoadDialect;
  stream: boolean;
  tokens: number;
  /** Read to the last token. */
  isSample: boolean;
  /** Hang up when this is seen. */
  hangUpAt?: Buffer;
  /** The last token, where the time from it to the end is wanted. */
  last?: Buffer;
}

/** What a piece of a reply brought: nothing new, its end, the moment to hang up, or nonsense. */
export type Progress = "more" | "whole" | "hang_up" | "broken";

type Framing =
  | { kind: "head" }
  | { kind: "length"; left: number }
  | { kind: "chunks"; left: number; line: string; isLast: boolean }
  | { kind: "until_close" };

/** One reply on its way. */
export class Reply {
  status = 0;
  /** `performance.now()` at the first token; of a whole reply, at its first byte. */
  firstAt: number | undefined;
  /** Of a stream whose last token was looked for: `performance.now()` at that, and at the terminal event. */
  lastAt: number | undefined;
  endedAt: number | undefined;
  keepAlive = true;
  hasBegun = false;
  readonly #wish: ReplyWish;
  #framing: Framing = { kind: "head" };
  #head = "";
  #isMarked = false;
  #body: Buffer[] = [];
  #last: Buffer = Buffer.alloc(0);

  constructor(wish: ReplyWish) {
    this.#wish = wish;
  }

  /** Takes bytes as they came. */
  read(bytes: Buffer): Progress {
    this.hasBegun = true;
    if (this.#framing.kind === "head") {
      const had = this.#head.length;
      this.#head += bytes.toString("latin1");
      const end = this.#head.indexOf("\r\n\r\n");
      if (end < 0) return "more";
      this.#readHead(this.#head.slice(0, end));
      bytes = bytes.subarray(end + 4 - had);
    }
    if (this.#framing.kind === "chunks") return this.#readChunks(bytes, this.#framing);
    if (bytes.length > 0 && this.#readBody(bytes)) return "hang_up";
    if (this.#framing.kind !== "length") return "more";
    this.#framing.left -= bytes.length;
    return this.#framing.left === 0 ? "whole" : this.#framing.left > 0 ? "more" : "broken";
  }

  /** Takes the end of the connection. */
  close(): Progress {
    return this.#framing.kind === "until_close" ? "whole" : "broken";
  }

  #readHead(head: string): void {
    const field = (name: string): string | undefined => new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim();
    this.status = Number(head.slice(9, 12));
    this.keepAlive = field("connection")?.toLowerCase() !== "close";
    const length = field("content-length");
    if (field("transfer-encoding")?.toLowerCase() === "chunked") this.#framing = { kind: "chunks", left: 0, line: "", isLast: false };
    else if (length !== undefined) this.#framing = { kind: "length", left: Number(length) };
    else this.#framing = { kind: "until_close" };
  }

  /** `left` counts the bytes of the chunk's data and its line end; 0 = a size line is next. */
  #readChunks(bytes: Buffer, framing: Framing & { kind: "chunks" }): Progress {
    for (let at = 0; at < bytes.length;) {
      if (framing.left > 0) {
        const end = Math.min(bytes.length, at + framing.left);
        const dataEnd = Math.min(end, at + framing.left - 2);
        if (dataEnd > at && this.#readBody(bytes.subarray(at, dataEnd))) return "hang_up";
        framing.left -= end - at;
        at = end;
        continue;
      }
      const lineEnd = bytes.indexOf(10, at);
      framing.line += bytes.toString("latin1", at, lineEnd < 0 ? bytes.length : lineEnd + 1);
      if (lineEnd < 0) return "more";
      at = lineEnd + 1;
      const line = framing.line;
      framing.line = "";
      // The last chunk is followed by an empty line; nobody is expected to send trailers.
      if (framing.isLast) return line === "\r\n" ? "whole" : "broken";
      const size = Number.parseInt(line, 16);
      if (!(size >= 0)) return "broken";
      framing.isLast = size === 0;
      framing.left = size === 0 ? 0 : size + 2;
    }
    return "more";
  }

  /** Looks at bytes of the body; true = hang up now. */
  #readBody(bytes: Buffer): boolean {
    const { stream, dialect, isSample, hangUpAt, last } = this.#wish;
    if (!stream || isSample || this.status !== 200) this.#body.push(bytes);
    if (this.firstAt === undefined && (!stream || bytes.includes(FIRST))) this.firstAt = performance.now();
    if (!stream) return false;
    if (last !== undefined && this.lastAt === undefined && bytes.includes(last)) this.lastAt = performance.now();
    const marker = MARKER[dialect];
    if (!this.#isMarked) {
      // A marker may lie across two reads.
      const seam = Buffer.concat([this.#last.subarray(-marker.length), bytes.subarray(0, marker.length)]);
      this.#isMarked = bytes.includes(marker) || seam.includes(marker);
      if (this.#isMarked) this.endedAt = performance.now();
    }
    this.#last = bytes;
    return hangUpAt !== undefined && bytes.includes(hangUpAt);
  }

  /** Of a stream: whether its terminal event came. */
  get isEnded(): boolean {
    return !this.#wish.stream || this.#isMarked;
  }

  /** The body so far, of whole replies and samples. */
  get text(): string {
    return Buffer.concat(this.#body).toString("utf8");
  }

  /** Whether a reply that was kept says exactly the expected tokens. */
  get isRight(): boolean {
    const expected = Array.from({ length: this.#wish.tokens }, (_, index) => `tok${index} `).join("");
    return (this.#wish.stream ? streamText(this.text, this.#wish.dialect) : wholeText(this.text, this.#wish.dialect)) === expected;
  }
}

function get(value: Json | undefined, ...path: (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)];
    return isObject(at) ? at[key] : undefined;
  }, value);
}

function streamText(sse: string, dialect: LoadDialect): string {
  let text = "";
  for (const line of sse.split("\n")) {
    const event = line.startsWith("data: {") ? parseJson(line.slice(6)) : undefined;
    const isDelta = dialect === "chat" || get(event, "type") === "response.output_text.delta";
    const delta = dialect === "chat" ? get(event, "choices", 0, "delta", "content") : get(event, "delta");
    if (isDelta && typeof delta === "string") text += delta;
  }
  return text;
}

function wholeText(body: string, dialect: LoadDialect): Json | undefined {
  const reply = parseJson(body);
  return dialect === "chat" ? get(reply, "choices", 0, "message", "content") : get(reply, "output", 0, "content", 0, "text");
}
