// One WebSocket of the Responses API: messages in, turns in their lanes, messages out (contract 7). Promises that a lane does one turn at a
// time in the order in which they came, that every message is answered, and that a client which leaves ends its turns at once.
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Limits } from "../config/config.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { TurnRequest } from "../gateway/port.ts";
import { SocketMemory } from "../gateway/state/socket-memory.ts";
import type { MemoryTotal } from "../gateway/state/socket-memory.ts";
import { writeErrorMessage } from "../dialects/responses/framing.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import type { Upgraded } from "./connection.ts";
import { reportDefect } from "./defect.ts";
import { freeInflater } from "./deflate-memory.ts";
import type { RequestHead } from "./request-head.ts";
import { brokenMessage, frameHeaders, readFrame, steerRefusal } from "./socket-frame.ts";
import type { SocketFrame } from "./socket-frame.ts";
import { SocketLine } from "./socket-line.ts";
import { SocketReply } from "./socket-reply.ts";

/** What a session is made from. */
export interface SessionOptions {
  socket: WebSocket;
  /** What lies below it. */
  raw: Duplex;
  gateway: Gateway;
  /** What all sessions remember. */
  total: MemoryTotal;
  limits: Limits;
  /** Of the request that was upgraded. */
  head: RequestHead;
  target: string;
  owner: string;
}

interface Job {
  request: TurnRequest;
  /** Why it is no turn. */
  refusal: Fault | null;
}

const GOING_AWAY = 1001;
const PING_MS = 30_000;
/** Clients that do not read for a while are no dead ones. */
const MOST_UNANSWERED_PINGS = 3;
/** Milliseconds for the client to answer our close. */
const CLOSE_MS = 2000;
/** Messages of one connection that may wait for their turn. */
const LONGEST_QUEUE = 64;
const DEFAULT_LANE = "";
const NO_BYTES = new Uint8Array(0);
const MEBIBYTE = 1024 * 1024;

/** A session. */
export class SocketSession implements Upgraded {
  readonly #options: SessionOptions;
  readonly #line: SocketLine;
  readonly #memory: SocketMemory;
  readonly #openedAt = performance.now();
  /** Lanes in which a turn runs, and what waits in each. */
  readonly #lanes = new Map<string, Job[]>();
  readonly #replies = new Set<SocketReply>();
  #queued = { count: 0, bytes: 0 };
  /** When it last had something to do. */
  #busyAt = this.#openedAt;
  #pingedAt = this.#openedAt;
  #unanswered = 0;
  /** Why it closes as soon as nothing runs. */
  #leaving: string | null = null;
  #closedAt: number | null = null;
  #isGone = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { socket, raw } = options;
    this.#memory = new SocketMemory(options.total);
    this.#line = new SocketLine(socket, raw, () => {
      socket.resume();
      for (const reply of this.#replies) reply.drained();
    });
    // binaryType is left as it is: every message comes as one Buffer.
    socket.on("message", (data, isBinary) => {
      this.#take(data as Buffer, isBinary);
      // Each message has an answer: who reads none is not listened to either, or the answers would pile up.
      if (this.#line.isFull) socket.pause();
    });
    socket.on("pong", () => (this.#unanswered = 0));
    // What is wrong with such a message is told to the client by the close code that ws sends, and to nobody else.
    socket.on("error", (error: NodeJS.ErrnoException) => this.#broken(error));
    const gone = (): void => this.#gone();
    socket.on("close", gone);
    // The first word of a departure: ws itself waits for the other side's last.
    for (const event of ["end", "finish", "close"]) raw.once(event, gone);
  }

  /** Closes in good order: at once where nothing runs, else after it. */
  leave(): void {
    this.#leaveFor("the server is shutting down");
  }

  /** Looks at the clock (monotonic, milliseconds). */
  tick(now: number): void {
    const { socket, limits } = this.#options;
    if (this.#line.stalledFor(now) > limits.client_stall_s * 1000) return socket.terminate();
    if (this.#closedAt !== null) return now - this.#closedAt > CLOSE_MS ? socket.terminate() : undefined;
    if (now - this.#openedAt > limits.socket_s * 1000) this.#expire();
    else if (this.#lanes.size === 0 && now - this.#busyAt > limits.socket_idle_s * 1000) this.#leaveFor("idle for too long");
    else if (now - this.#pingedAt > PING_MS) this.#ping(now);
  }

  #ping(now: number): void {
    // Where we do not listen we hear no pong; that client's clock is the one of stalls.
    if (this.#options.socket.isPaused) return;
    if (this.#unanswered >= MOST_UNANSWERED_PINGS) return this.#options.socket.terminate();
    this.#pingedAt = now;
    this.#unanswered++;
    this.#options.socket.ping();
  }

  #take(bytes: Buffer, isBinary: boolean): void {
    freeInflater(this.#options.socket);
    this.#unanswered = 0;
    if (this.#isGone || this.#closedAt !== null) return;
    const startedAt = performance.now();
    const frame = readFrame(bytes, isBinary);
    if (frame.kind === "steer") return void this.#line.write(Buffer.from(`${steerRefusal(frame.body)}\n`));
    const request = this.#request(frame, bytes, startedAt);
    const lane = frame.streamId ?? DEFAULT_LANE;
    const refusal = this.#overload(lane, bytes.length, startedAt);
    if (refusal !== null) return void this.#answer({ request, refusal });
    this.#enqueue(lane, { request, refusal: frame.kind === "bad" ? frame.fault : null });
  }

  /** A message that ws could not take: the log has it, without its bytes. */
  #broken(error: NodeJS.ErrnoException): void {
    const broken = brokenMessage(error, this.#options.limits);
    if (broken === undefined) return;
    this.#options.gateway.unanswered(this.#request({ kind: "bad", streamId: null, fault: broken }, NO_BYTES, performance.now()), broken);
  }

  #request(frame: Exclude<SocketFrame, { kind: "steer" }>, bytes: Uint8Array, startedAt: number): TurnRequest {
    const { head, owner, target } = this.#options;
    const create = frame.kind === "create" ? frame : { body: {}, generate: true };
    return {
      dialect: "responses",
      owner,
      method: "MESSAGE",
      path: target,
      headers: frameHeaders(head.headers, create.body),
      rawHeaders: head.pairs,
      body: bytes,
      at: Date.now(),
      startedAt,
      socket: { body: create.body, streamId: frame.streamId, generate: create.generate, memory: this.#memory },
    };
  }

  /** Why a message cannot even wait; null where it can. */
  #overload(lane: string, size: number, now: number): Fault | null {
    const { limits } = this.#options;
    if (now - this.#openedAt > limits.socket_s * 1000) return limitReached(limits);
    const isNew = !this.#lanes.has(lane);
    if (isNew && this.#lanes.size >= limits.socket_lanes) {
      return fault("rate_limit", `No more than ${limits.socket_lanes} streams may run at a time on one connection.`, { retryAfter: 1 });
    }
    const { count, bytes } = this.#queued;
    if (isNew || (count < LONGEST_QUEUE && (count === 0 || bytes + size <= limits.body_mb * MEBIBYTE))) return null;
    return fault("rate_limit", "Too many messages wait for their turn on this connection.", { retryAfter: 1 });
  }

  #enqueue(lane: string, job: Job): void {
    const waiting = this.#lanes.get(lane);
    if (waiting === undefined) return void this.#work(lane, job);
    waiting.push(job);
    this.#queued.count++;
    this.#queued.bytes += job.request.body.length;
  }

  async #work(lane: string, first: Job): Promise<void> {
    const waiting: Job[] = [];
    this.#lanes.set(lane, waiting);
    for (let job: Job | undefined = first; job !== undefined && !this.#isGone; job = waiting.shift()) {
      if (job !== first) {
        this.#queued.count--;
        this.#queued.bytes -= job.request.body.length;
      }
      await this.#answer(job);
    }
    this.#lanes.delete(lane);
    this.#busyAt = performance.now();
    if (this.#leaving !== null) this.#leaveFor(this.#leaving);
  }

  /** Runs a turn, or refuses it. Never rejects. */
  async #answer({ request, refusal }: Job): Promise<void> {
    const { gateway, socket } = this.#options;
    const reply = new SocketReply(this.#line, () => socket.terminate());
    this.#replies.add(reply);
    try {
      if (refusal === null) await gateway.turn(request, reply);
      else await gateway.refuse(request, refusal, reply);
    } catch (error) {
      const failure = reportDefect(error, `${request.method} ${request.path}`);
      if (!reply.isOver) reply.write(Buffer.from(writeErrorMessage(failure, request.socket?.streamId ?? null)));
    } finally {
      this.#replies.delete(reply);
    }
  }

  #expire(): void {
    if (this.#leaving !== null) return;
    if (this.#lanes.size === 0) this.#line.write(Buffer.from(writeErrorMessage(limitReached(this.#options.limits), null)));
    this.#leaveFor("the connection is too old");
  }

  #leaveFor(reason: string): void {
    this.#leaving = reason;
    if (this.#lanes.size > 0 || this.#closedAt !== null) return;
    this.#closedAt = performance.now();
    this.#options.socket.close(GOING_AWAY, reason);
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const reply of this.#replies) reply.leave();
    this.#memory.close();
  }
}

function limitReached(limits: Limits): Fault {
  const minutes = Math.round(limits.socket_s / 6) / 10;
  const message = `Responses websocket connection limit reached (${minutes} minutes). Create a new websocket connection to continue.`;
  return fault("invalid_request", message, { code: "websocket_connection_limit_reached" });
}
