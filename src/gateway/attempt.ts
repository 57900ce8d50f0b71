// One upstream call within a turn: sends a body, reads the reply into pieces, and keeps its record. Promises exactly one
// outcome, whatever the upstream does: silence, error status, a page of HTML, a torso, or more than it should say.
import type { ReadOptions, ReplyReader, Speaker } from "../dialects/dialect.ts";
import type { Limits } from "../config/config.ts";
import type { Headers } from "../contract.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import type { Piece } from "../hub/piece.ts";
import { ByteLog } from "../kit/byte-log.ts";
import { parseJson } from "../kit/json.ts";
import type { AttemptOutcome } from "./attempt-outcome.ts";
import { encodedWords, hostOf, isEncoded, redirected, silent, tooLarge, unreadable } from "./attempt-faults.ts";
import { formOf, notJson } from "./reply-form.ts";
import { retryAfterOf } from "./retry.ts";
import type { Upstream, UpstreamCall, UpstreamListener, UpstreamRequest } from "./upstream.ts";
import { callTransport } from "./upstream.ts";
import type { Target } from "./target.ts";
import { IdleTimer } from "./idle-timer.ts";

/** What an attempt needs. */
export interface AttemptOptions {
  target: Target;
  request: UpstreamRequest;
  /** Whether the upstream was asked to stream. */
  stream: boolean;
  speaker: Speaker;
  read: ReadOptions;
  limits: Limits;
  upstream: Upstream;
  /** Takes the pieces of one network chunk; called while the attempt lasts, never with a fault among them. */
  onPieces: (pieces: Piece[]) => void;
}

/** The largest error body that is read, and the time left to an upstream that goes on after its last word. */
const MIB = 1024 * 1024;
const MAX_ERROR_BYTES = MIB;
const LINGER_MS = 2000;
/** The time left to an upstream that has said why the model stopped, for its usage and its end, which some servers forget. */
const AFTERWORD_MS = 5000;

/** A running attempt. */
export class Attempt implements UpstreamListener {
  readonly outcome: Promise<AttemptOutcome>;
  readonly #options: AttemptOptions;
  readonly #startedAt = performance.now();
  readonly #bytes = new ByteLog();
  readonly #timer: IdleTimer;
  readonly #settle: (outcome: AttemptOutcome) => void;
  readonly #call: UpstreamCall;
  readonly #result: Omit<AttemptOutcome, "durationMs" | "fault" | "chunks"> = {
    status: null,
    headers: {},
    headersMs: null,
    firstByteMs: null,
  };
  #isError = false;
  /** Its label says that it is a stream. */
  #isStream = false;
  /** A body that is no stream, as far as its beginning tells. */
  #isWhole = false;
  #over = false;
  /** The model has said why it stopped. */
  #finished = false;
  /** Runs while the upstream goes on after its last word. */
  #linger: NodeJS.Timeout | undefined;
  #reader: ReplyReader | null = null;
  #awaitsReading = false;
  /** Nothing more can come on the connection. */
  #bodyOver = false;
  #pieces: Piece[] = [];

  constructor(options: AttemptOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<AttemptOutcome>();
    this.outcome = promise;
    this.#settle = resolve;
    const { limits, target } = options;
    this.#timer = new IdleTimer(limits.first_byte_s * 1000, () => this.#guard(() => this.#silent()));
    const { transport } = target.provider.provider;
    this.#call = transport === undefined ? options.upstream.call(options.request, this) : callTransport(transport, options.request, this);
  }

  onHeaders(status: number, headers: Headers): void {
    this.#guard(() => this.#headers(status, headers));
  }

  onData(chunk: Uint8Array): void {
    // Of the chunks of one network read all but the first are only kept: they come by the dozen.
    if (this.#awaitsReading) this.#bytes.append(chunk);
    else this.#guard(() => this.#data(chunk));
  }

  onEnd(): void {
    this.#guard(() => this.#end());
  }

  onFault(failure: Fault): void {
    this.#guard(() => this.#broken(failure));
  }

  /** Breaks the call off and ends the attempt with this fault. */
  abort(failure: Fault): void {
    this.#call.abort();
    this.#finish(failure);
  }

  pause(): void {
    this.#timer.hold();
    this.#call.pause();
  }

  resume(): void {
    this.#timer.release();
    this.#call.resume();
  }

  /** A mistake of ours in reading a reply ends this attempt, and not the process. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.abort(unreadable(error));
    }
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt;
  }

  #silent(): void {
    if (!this.#finished)
      return this.abort(silent(hostOf(this.#options.request.url), this.#options.limits, this.#result.firstByteMs !== null));
    this.#call.abort();
    this.#end();
  }

  #headers(status: number, headers: Headers): void {
    if (this.#over) return;
    this.#result.status = status;
    this.#result.headers = headers;
    this.#result.headersMs = this.#elapsed();
    this.#timer.refresh();
    const encoding = headers["content-encoding"] ?? "";
    if (status >= 300 && status < 400) return this.abort(redirected(hostOf(this.#options.request.url), status));
    this.#isError = status >= 400;
    if (isEncoded(encoding)) this.#encoded(encoding);
    else this.#isStream = !this.#isError && /^text\/event-stream/i.test(headers["content-type"] ?? "");
  }

  /** Says what can be said of a body that is not read: of an error its status. */
  #encoded(encoding: string): void {
    const { status, headers } = this.#result;
    const words = encodedWords(encoding);
    if (!this.#isError) return this.abort(fault("bad_reply", words, { final: true }));
    this.abort(this.#options.speaker.readFault(status ?? 0, words, retryAfterOf(status ?? 0, headers, "", Date.now())));
  }

  /** Milliseconds for which the upstream may say nothing. */
  #silence(): number {
    const idle = this.#options.limits.idle_s * 1000;
    return this.#finished ? Math.min(idle, AFTERWORD_MS) : idle;
  }

  /** Reads a body as a stream where it begins so, or is labelled so and does not begin as JSON. */
  #findStream(): void {
    const parts = this.#bytes.parts();
    const form = formOf(parts, this.#isStream);
    this.#isWhole = form === "whole";
    if (form !== "stream") return;
    this.#reader = this.#options.speaker.createReader(this.#options.read);
    this.#readSoon();
  }

  /**
   * Reads when the whole network read has been taken. One read often holds several HTTP chunks: they are decoded together, and what they
   * give goes to the client in one write.
   */
  #readSoon(): void {
    if (this.#awaitsReading) return;
    this.#awaitsReading = true;
    queueMicrotask(() =>
      this.#guard(() => {
        this.#awaitsReading = false;
        this.#readUnread();
        this.#deliver();
      }),
    );
  }

  /** Reads what has come; the pieces that it gives wait to be handed on. */
  #readUnread(): void {
    const reader = this.#reader;
    if (reader === null || this.#over) return;
    const unread = this.#bytes.takeNew();
    if (unread.length > 0) reader.push(unread, this.#pieces);
    if (reader.done) this.#streamOver(reader);
  }

  /** Hands the waiting pieces on, up to a fault, which ends the attempt. */
  #deliver(): void {
    const pieces = this.#pieces;
    this.#pieces = [];
    if (this.#over || pieces.length === 0) return;
    const at = pieces.findIndex((piece) => piece.kind === "fault");
    const good = at === -1 ? pieces : pieces.slice(0, at);
    if (good.some((piece) => piece.kind === "finish")) {
      this.#finished = true;
      this.#timer.restart(this.#silence());
    }
    if (good.length > 0) this.#options.onPieces(good);
    const failed = pieces[at];
    if (failed?.kind === "fault") this.#release(failed.fault);
  }

  #data(chunk: Uint8Array): void {
    if (this.#over) return;
    this.#result.firstByteMs ??= this.#elapsed();
    this.#timer.restart(this.#silence());
    const limit = this.#isError ? MAX_ERROR_BYTES : this.#options.limits.body_mb * MIB;
    this.#bytes.append(chunk);
    if (this.#reader !== null) {
      if (this.#bytes.size > this.#options.limits.stream_mb * MIB) return this.#tooLarge(true);
      this.#readSoon();
    } else if (this.#bytes.size > limit) {
      if (!this.#isError) return this.#tooLarge(false);
      this.#call.abort();
      this.#end();
    } else if (!this.#isError && !this.#isWhole) {
      this.#findStream();
    }
  }

  /** Of a stream what was said so far stands, and a model that has finished loses nothing. */
  #tooLarge(isStream: boolean): void {
    if (!isStream) this.#bytes.clear();
    this.#call.abort();
    this.#broken(tooLarge(this.#options.limits, isStream));
  }

  /** The stream has said its last word: the rest is taken off the line, so that the connection can serve again. */
  #streamOver(reader: ReplyReader): void {
    if (this.#over) return;
    reader.end(this.#pieces);
    this.#deliver();
    this.#release(null);
  }

  #end(): void {
    this.#bodyOver = true;
    clearTimeout(this.#linger);
    if (this.#over) return;
    if (this.#reader !== null) {
      this.#readUnread();
      if (!this.#over) this.#reader.end(this.#pieces);
      this.#deliver();
      return this.#finish(null);
    }
    const text = Buffer.concat(this.#bytes.parts()).toString("utf8");
    const { status, headers } = this.#result;
    if (this.#isError)
      return this.#finish(this.#options.speaker.readFault(status ?? 0, text, retryAfterOf(status ?? 0, headers, text, Date.now())));
    const body = parseJson(text);
    if (body === undefined) return this.#finish(notJson(text, headers["content-type"], hostOf(this.#options.request.url)));
    this.#pieces = this.#options.speaker.readWhole(body, this.#options.read);
    this.#deliver();
    this.#finish(null);
  }

  /** The connection broke: what was read of the same network read is handed on first. */
  #broken(failure: Fault): void {
    this.#bodyOver = true;
    clearTimeout(this.#linger);
    this.#readUnread();
    this.#deliver();
    // What breaks off after the model has finished is no part of the reply.
    if (this.#finished) this.#end();
    else this.#finish(failure);
  }

  #release(failure: Fault | null): void {
    if (this.#over) return;
    if (!this.#bodyOver) {
      this.#linger = setTimeout(() => this.#call.abort(), LINGER_MS);
      this.#linger.unref();
    }
    this.#finish(failure);
  }

  #finish(failure: Fault | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer.stop();
    this.#settle({ ...this.#result, fault: failure, chunks: this.#bytes.parts(), durationMs: this.#elapsed() });
  }
}
