// The client's side of a turn: pieces become a stream or one body, written to the port. Promises that headers go out once,
// that a stream which has begun always gets its terminal event, and that the body ends right after it.
import type { Headers } from "../contract.ts";
import { ByteLog } from "../kit/byte-log.ts";
import { messageFraming, SSE, writeErrorMessage } from "../dialects/responses/framing.ts";
import { ResponsesWriter } from "../dialects/responses/write-reply.ts";
import type { AssembleOptions, LastItem } from "../hub/assemble.ts";
import { Assembler } from "../hub/assemble.ts";
import type { Event } from "../hub/event.ts";
import type { Fault } from "../hub/fault.ts";
import type { Piece } from "../hub/piece.ts";
import type { ResponseSnapshot } from "../hub/response.ts";
import type { Usage } from "../hub/usage.ts";
import { errorReply } from "./error-reply.ts";
import type { ReplyPort, SocketRequest } from "./port.ts";

/** What a reply needs. */
export interface ReplyOptions {
  port: ReplyPort;
  stream: boolean;
  /** The reply goes out as messages of a WebSocket. */
  socket?: SocketRequest | undefined;
  assemble: Omit<AssembleOptions, "emit">;
  heartbeatS: number;
  /** Headers that every reply of this turn carries, asked for when they are sent. */
  headers: () => Headers;
  /** The client is slow: hold back. */
  onPause: () => void;
}

/** What was sent, for the log. */
export interface SentReply {
  status: number;
  headers: Headers;
  body: ByteLog;
}

const STREAM_HEADERS: Headers = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
};
/** What the log says of messages, which have no headers. */
const MESSAGE_HEADERS: Headers = { "content-type": "application/x-ndjson" };

/** One reply. */
export class Reply {
  readonly assembler: Assembler;
  readonly #options: ReplyOptions;
  readonly #writer: ResponsesWriter;
  readonly sent: SentReply = { status: 0, headers: {}, body: new ByteLog() };
  #text = "";
  #committed = false;
  #over = false;
  #isQueued = false;
  #isEstimated = false;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: ReplyOptions) {
    this.#options = options;
    this.#writer = new ResponsesWriter(options.socket === undefined ? SSE : messageFraming(options.socket.streamId));
    const emit = options.stream
      ? (event: Event): void => {
          this.#text += this.#writer.event(event);
        }
      : (): void => {};
    this.assembler = new Assembler({ ...options.assemble, emit });
  }

  /** Whether the client has its headers: from then on a failure is an event. */
  get committed(): boolean {
    return this.#committed;
  }

  /** Whether the client has been told more than that its response runs: what failed from then on can no longer be tried again. */
  get hasSpoken(): boolean {
    return this.#committed && (!this.#isQueued || this.assembler.hasOutput);
  }

  /** Begins a background response: it is queued. Nothing is sent before `commit`. */
  queue(): ResponseSnapshot {
    this.#isQueued = true;
    return this.assembler.queue();
  }

  /** Sends the headers and the first events of a stream; nothing for a client that did not ask to stream. */
  commit(): void {
    if (!this.#options.stream || this.#over) return;
    this.#begin();
    this.#flush();
  }

  /** Takes the pieces of one network chunk and writes what they give in one piece. */
  push(pieces: readonly Piece[]): void {
    if (pieces.length === 0 || this.#over) return;
    if (this.#options.stream) this.#begin();
    for (const piece of pieces) this.assembler.push(piece);
    this.#flush();
  }

  /** Ends the reply as the model ended it. `now` is in seconds; `usage` stands in where the upstream gave none. */
  end(now: number, usage: Usage): ResponseSnapshot {
    return this.deliver(this.conclude(now, usage));
  }

  /** The end that `deliver` will tell, and until then nobody knows of; `last` makes one more item at its end. */
  conclude(now: number, usage: Usage, last: LastItem | null = null): ResponseSnapshot {
    if (this.#options.stream && !this.#over) this.#begin();
    this.#isEstimated = (this.assembler.usage ?? usage).estimated;
    return this.assembler.conclude(now, usage, last);
  }

  /** A response as the client is told of it. */
  written(response: ResponseSnapshot): string {
    return this.#writer.whole(response);
  }

  /** Tells an end. */
  deliver(response: ResponseSnapshot): ResponseSnapshot {
    if (this.#over) return response;
    this.assembler.deliver(response);
    if (!this.#options.stream) {
      this.#text = this.#writer.whole(response);
      this.#start(200, {
        "content-type": "application/json",
        ...(this.#isEstimated ? { "x-waystation-usage": "estimated", "x-waystation-usage-method": "bytes" } : {}),
      });
    }
    this.#close();
    return response;
  }

  /** Ends the reply with a fault: an HTTP error where the client has no headers yet, else the terminal event. */
  fail(failure: Fault): void {
    if (this.#over) return;
    if (this.#committed) {
      this.assembler.fail(failure);
      return this.#close();
    }
    const { socket } = this.#options;
    const { status, headers, body } = errorReply(failure);
    const { "content-type": _, ...told } = headers;
    this.#text = socket === undefined ? body : writeErrorMessage(failure, socket.streamId, told);
    this.#start(status, headers);
    this.#close();
  }

  /** The client is gone: nothing more is written. */
  drop(): void {
    clearTimeout(this.#heartbeat);
  }

  /** Commits without a write of its own: the pieces that caused it go out in the same one. */
  #begin(): void {
    if (this.#committed) return;
    this.#committed = true;
    this.#start(200, this.#options.socket === undefined ? STREAM_HEADERS : MESSAGE_HEADERS);
    this.assembler.start();
    this.#heartbeat = setTimeout(() => this.#beat(), this.#options.heartbeatS * 1000);
  }

  #start(status: number, headers: Headers): void {
    const all = { ...headers, ...this.#options.headers() };
    this.sent.status = status;
    this.sent.headers = all;
    this.#options.port.start(status, all);
  }

  #beat(): void {
    this.assembler.heartbeat();
    this.#flush();
  }

  #flush(): void {
    if (this.#text === "") return;
    const bytes = this.sent.body.write(this.#text);
    this.#text = "";
    this.#heartbeat?.refresh();
    if (!this.#options.port.write(bytes)) this.#options.onPause();
  }

  #close(): void {
    this.#over = true;
    clearTimeout(this.#heartbeat);
    this.#heartbeat = undefined;
    this.#flush();
    this.#options.port.end();
  }
}
