// A client's side that writes down what it gets, in order.
import type { Headers } from "../../src/contract.ts";
import type { ReplyPort } from "../../src/gateway/port.ts";

/** What a client got. */
export interface FakePort extends ReplyPort {
  /** `start 200`, `write N`, `end`, `destroy`. */
  readonly calls: string[];
  readonly status: number;
  readonly headers: Headers;
  /** All bytes written, as text. */
  text(): string;
  /** Makes the client slow, or quick again. */
  slow(isSlow: boolean): void;
  drain(): void;
  leave(): void;
}

export function fakePort(): FakePort {
  const calls: string[] = [];
  const drains: (() => void)[] = [];
  const gone: (() => void)[] = [];
  const seen = { status: 0, headers: {} as Headers, text: "", isSlow: false };
  return {
    calls,
    get status() {
      return seen.status;
    },
    get headers() {
      return seen.headers;
    },
    start: (status, headers) => {
      calls.push(`start ${status}`);
      seen.status = status;
      seen.headers = headers;
    },
    write: (bytes) => {
      calls.push(`write ${bytes.length}`);
      seen.text += Buffer.from(bytes).toString();
      return !seen.isSlow;
    },
    end: () => void calls.push("end"),
    destroy: () => void calls.push("destroy"),
    onDrain: (listener) => void drains.push(listener),
    onGone: (listener) => void gone.push(listener),
    text: () => seen.text,
    slow: (isSlow) => {
      seen.isSlow = isSlow;
    },
    drain: () => {
      for (const listener of drains) listener();
    },
    leave: () => {
      for (const listener of gone) listener();
    },
  };
}
