// Server-sent events, from bytes to frames. Promises the same frames however the bytes are cut (also inside a UTF-8
// character or a CRLF), linear time, a bound on one frame, and that a last frame without its blank line is not lost.
import { StringDecoder } from "node:string_decoder";

/** Called for each frame that has data; `event` is null where the frame names none. Comments, `id` and `retry` are skipped, an `error:` line is a frame named so. */
export type OnFrame = (data: string, event: string | null) => void;

/** Longest frame that is read, in characters: beyond it the stream is hostile or broken. */
export const MAX_FRAME = 16 * 1024 * 1024;

/** Reads one stream. `push` bytes as they come, then `end`; both return false once a frame is over the bound. */
export class SseReader {
  readonly #decoder = new StringDecoder("utf8");
  readonly #onFrame: OnFrame;
  readonly #maxFrame: number;
  #rest: string[] = [];
  #restLength = 0;
  #data: string | null = null;
  #event: string | null = null;
  #first = true;
  #skipNewline = false;

  constructor(onFrame: OnFrame, maxFrame = MAX_FRAME) {
    this.#onFrame = onFrame;
    this.#maxFrame = maxFrame;
  }

  /** Takes the next bytes of the stream. */
  push(bytes: Uint8Array): boolean {
    return this.#text(this.#decoder.write(bytes));
  }

  /** Takes the end of the stream: what stands there without a line end counts as ended. */
  end(): boolean {
    const fits = this.#text(this.#decoder.end());
    if (this.#restLength > 0) this.#line(this.#takeRest(""));
    this.#dispatch();
    return fits;
  }

  #text(decoded: string): boolean {
    let text = decoded;
    if (this.#first && text.length > 0) {
      this.#first = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    if (this.#skipNewline && text.length > 0) {
      this.#skipNewline = false;
      if (text.charCodeAt(0) === 0x0a) text = text.slice(1);
    }
    if (text.includes("\r")) {
      // A CR at the end of a chunk ends its line now; the LF that may follow in the next chunk belongs to it.
      this.#skipNewline = text.endsWith("\r");
      text = text.replace(/\r\n?/g, "\n");
    }
    let from = 0;
    for (let to = text.indexOf("\n"); to !== -1; to = text.indexOf("\n", from)) {
      if (this.#restLength > 0) this.#line(this.#takeRest(text.slice(from, to)));
      else if (from === to) this.#dispatch();
      // The line that nearly all are, without a string of its own.
      else if (this.#data === null && text.startsWith("data: ", from)) this.#data = text.slice(from + 6, to);
      else this.#line(text.slice(from, to));
      from = to + 1;
    }
    if (from < text.length) {
      this.#rest.push(from === 0 ? text : text.slice(from));
      this.#restLength += text.length - from;
    }
    return this.#restLength + (this.#data?.length ?? 0) <= this.#maxFrame;
  }

  #takeRest(tail: string): string {
    this.#rest.push(tail);
    const line = this.#rest.join("");
    this.#rest = [];
    this.#restLength = 0;
    return line;
  }

  #line(line: string): void {
    if (line === "") return this.#dispatch();
    if (line.startsWith("data:")) {
      const value = line.slice(line.charCodeAt(5) === 0x20 ? 6 : 5);
      this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    } else if (line.startsWith("event:")) {
      this.#event = line.slice(line.charCodeAt(6) === 0x20 ? 7 : 6);
    } else if (line === "data") {
      this.#data = this.#data === null ? "" : `${this.#data}\n`;
    } else if (line.startsWith("error:")) {
      // No field of the standard: llama.cpp's builds of 2025 report a failure in mid-stream so (verified in reports on b5966).
      this.#data = line.slice(line.charCodeAt(6) === 0x20 ? 7 : 6);
      this.#event = "error";
    }
  }

  #dispatch(): void {
    const data = this.#data;
    const event = this.#event;
    this.#data = null;
    this.#event = null;
    if (data !== null) this.#onFrame(data, event);
  }
}
