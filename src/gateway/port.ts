// The seam between an HTTP server and a turn: what a turn gets, and where it writes. Promises that the gateway needs no
// HTTP framework and that a test can drive a turn without a socket.
import type { Dialect, Headers } from "../contract.ts";
import type { JsonObject } from "../kit/json.ts";
import type { SocketMemory } from "./state/socket-memory.ts";

/** What a request that came as a message of a WebSocket has beside its bytes. */
export interface SocketRequest {
  /** The message, parsed, without the fields that concern the connection alone. The turn uses it up. */
  body: JsonObject;
  /** The lane that the client gave it; every event repeats it. */
  streamId: string | null;
  /** False: the request is only got ready for those that continue it, and no model is asked. */
  generate: boolean;
  /** What the connection remembers of its responses. */
  memory: SocketMemory;
}

/** One client request, decoded but not yet parsed. */
export interface TurnRequest {
  dialect: Dialect;
  /** Whose request it is, for what is kept of it: the hash of the client's key, or "anonymous". */
  owner: string;
  /** `POST`, or `MESSAGE` on a WebSocket. */
  method: string;
  /** Path with query, as it came. */
  path: string;
  /** Names in lower case; repeated ones joined by `, `. */
  headers: Headers;
  /** As on the wire, for the log: name (lower case) and value in order. */
  rawHeaders: readonly (readonly [string, string])[];
  /** The body after content decoding. */
  body: Uint8Array;
  /** The content-encoding that the body had. */
  encoding?: string;
  /** Milliseconds since the epoch, and on the monotonic clock (`performance.now()`). */
  at: number;
  startedAt: number;
  /** Its reply is then a stream of messages, one a line, and what cannot begin is refused by an error message. */
  socket?: SocketRequest;
}

/** Where the reply of a turn goes. After the client has gone every call is a no-op. */
export interface ReplyPort {
  /** Sends status line and headers, once. */
  start(status: number, headers: Headers): void;
  /** Sends bytes; false = the client is slow: hold back until `onDrain`. */
  write(bytes: Uint8Array): boolean;
  /** Ends the body; what was written arrives first. */
  end(): void;
  /** Breaks the connection off. */
  destroy(): void;
  /** Called each time the client has taken what was held back. */
  onDrain(listener: () => void): void;
  /** Called once when the client is gone before `end`; at once if it already is. */
  onGone(listener: () => void): void;
}
