// An upstream that does what a test tells it, in the tick in which it is told.
import type { Headers } from "../../src/contract.ts";
import { chatSpeaker } from "../../src/dialects/chat/index.ts";
import type { Limits } from "../../src/config/config.ts";
import { Attempt, type AttemptOptions } from "../../src/gateway/attempt.ts";
import type { AttemptOutcome } from "../../src/gateway/attempt-outcome.ts";
import type { Upstream, UpstreamListener, UpstreamRequest } from "../../src/gateway/upstream.ts";
import { CHAT_QUIRKS } from "../../src/hub/capability.ts";
import type { Fault } from "../../src/hub/fault.ts";
import type { Piece } from "../../src/hub/piece.ts";
import { target } from "./fake-target.ts";

export const LIMITS: Limits = {
  commit_s: 10,
  retries: 2,
  retry_wait_s: 2,
  connect_s: 10,
  first_byte_s: 60,
  idle_s: 30,
  client_stall_s: 60,
  client_request_s: 120,
  drain_s: 30,
  heartbeat_s: 10,
  body_mb: 1,
  stream_mb: 4,
  socket_s: 3600,
  socket_idle_s: 900,
  socket_lanes: 4,
};

/** One call that the fake got, to be answered by hand. */
export interface FakeCall {
  request: UpstreamRequest;
  headers(status?: number, headers?: Headers): void;
  data(text: string | Uint8Array): void;
  end(): void;
  fail(failure: Fault): void;
  /** What was done to it: pause, resume, abort. */
  done: string[];
}

/** An upstream, and the calls that it got. */
export function fakeUpstream(): { upstream: Upstream; calls: FakeCall[] } {
  const calls: FakeCall[] = [];
  const upstream: Upstream = {
    call: (request: UpstreamRequest, listener: UpstreamListener) => {
      const done: string[] = [];
      const isOpen = (): boolean => !done.includes("abort");
      calls.push({
        request,
        done,
        headers: (status = 200, headers = { "content-type": "text/event-stream" }) => {
          if (isOpen()) listener.onHeaders(status, headers);
        },
        data: (text) => {
          if (isOpen()) listener.onData(Buffer.from(text));
        },
        end: () => {
          if (isOpen()) listener.onEnd();
        },
        fail: (failure) => {
          if (isOpen()) listener.onFault(failure);
        },
      });
      return { pause: () => void done.push("pause"), resume: () => void done.push("resume"), abort: () => void done.push("abort") };
    },
    close: () => Promise.resolve(),
  };
  return { upstream, calls };
}

/** A running attempt with its call; `pieces` are those handed on, `batches` how many at a time. */
export interface Running {
  attempt: Attempt;
  call: FakeCall;
  pieces: Piece[];
  batches: number[];
  outcome: () => Promise<AttemptOutcome>;
}

export function startAttempt(options: Partial<Pick<AttemptOptions, "stream" | "limits" | "onPieces" | "speaker">> = {}): Running {
  const { upstream, calls } = fakeUpstream();
  const pieces: Piece[] = [];
  const batches: number[] = [];
  let count = 0;
  const attempt = new Attempt({
    target: target({}),
    request: { url: "http://acme.example:1234/v1/chat/completions", headers: {}, body: Buffer.from("{}") },
    stream: true,
    speaker: chatSpeaker,
    read: { quirks: CHAT_QUIRKS, ids: (prefix) => `${prefix}_${count++}`, logprobs: false },
    limits: LIMITS,
    upstream,
    onPieces: (some) => {
      batches.push(some.length);
      pieces.push(...some);
    },
    ...options,
  });
  const call = calls[0];
  if (call === undefined) throw new Error("the attempt made no call");
  return { attempt, call, pieces, batches, outcome: () => attempt.outcome };
}
