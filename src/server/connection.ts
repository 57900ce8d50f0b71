// One client connection: the replies that are live on it, and what happens to them when the client stalls, sends its FIN or goes.
// Promises that a client which only stopped sending keeps its stream, and that one which left is noticed within milliseconds.
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Fault } from "../hub/fault.ts";
import type { ClientReply, ReplyOwner } from "./client-reply.ts";

/**
 * Milliseconds between probes after a FIN, which both a half-closed and a departed client send. The first makes a departed client's
 * system answer with a reset, the next finds it; later ones are for long round trips.
 */
const PROBE_PAUSES_MS = [0, 10, 50, 250, 1000];

/** What all connections of a server share. */
export interface ServerState {
  /** The server is shutting down: connections close after the reply that they carry. */
  draining: boolean;
  /** Called when no reply is live on any connection. */
  onQuiet: () => void;
}

/** What carries messages on a connection that was upgraded. */
export interface Upgraded {
  /** Closes in good order: at once where nothing runs, else after it. */
  leave(): void;
}

/** A connection from accept to close. */
export class Connection implements ReplyOwner {
  readonly #socket: Socket;
  readonly #state: ServerState;
  readonly #replies = new Set<ClientReply>();
  #upgraded: Upgraded | undefined;
  #failBody: ((reason: Fault) => void) | undefined;
  #broken = false;
  #finished = false;
  #probing: NodeJS.Timeout | undefined;

  constructor(socket: Socket, state: ServerState) {
    this.#socket = socket;
    this.#state = state;
    socket.on("end", () => this.#probe(0));
    socket.on("drain", () => this.#next()?.drained());
  }

  get live(): boolean {
    return this.#replies.size > 0 || this.#upgraded !== undefined;
  }

  closesAfterReply(): boolean {
    return this.#state.draining;
  }

  isFinished(): void {
    this.#finished = true;
  }

  /** Whether a request that comes now will be answered. */
  get takesRequests(): boolean {
    return !this.#finished;
  }

  /** From here on the connection carries messages: it is live until it is closed, and what stalls is not our business. */
  upgrade(upgraded: Upgraded): void {
    this.#upgraded = upgraded;
    if (this.#state.draining) upgraded.leave();
  }

  /** A reply begins to wait for its turn on this connection. */
  add(reply: ClientReply): void {
    this.#replies.add(reply);
  }

  /** A reply is on the wire, or given up. */
  remove(reply: ClientReply): void {
    this.#replies.delete(reply);
    if (this.#state.draining) this.closeIfIdle();
    this.#state.onQuiet();
  }

  /** A body is being read (or no more): what breaks the connection's framing breaks that body. */
  readingBody(fail: ((reason: Fault) => void) | undefined): void {
    this.#failBody = fail;
  }

  /** The client broke HTTP's framing. True = it did so in a body, whose reply tells of it; what it sends from then on means nothing. */
  broke(reason: Fault): boolean {
    if (this.#failBody !== undefined) {
      this.#broken = true;
      this.#failBody(reason);
    }
    return this.#broken;
  }

  /** Nothing moved for as long as a client may stall. With bytes pending it does not read; with no reply live it is idle. */
  stalled(): void {
    if (this.#upgraded !== undefined) return;
    if (!this.live || this.#socket.writableLength > 0) this.#socket.destroy();
  }

  /** Closes where no reply is live. */
  closeIfIdle(): void {
    this.#upgraded?.leave();
    if (!this.live) this.#socket.destroySoon();
  }

  /** Breaks the connection off. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** The socket is closed. */
  closed(): void {
    clearTimeout(this.#probing);
    for (const reply of this.#replies) reply.leave();
    this.#replies.clear();
    this.#upgraded = undefined;
    this.#state.onQuiet();
  }

  /** The reply that has the socket now. */
  #next(): ClientReply | undefined {
    for (const reply of this.#replies) if (reply.isNext) return reply;
    return undefined;
  }

  #probe(count: number): void {
    const pause = PROBE_PAUSES_MS[count];
    if (pause === undefined || !this.live || this.#upgraded !== undefined) return;
    this.#probing = setTimeout(() => {
      if (this.#next()?.probe() === false) this.#socket.destroy();
      this.#probe(count + 1);
    }, pause);
  }
}

/** The connections of a server. */
export class Connections {
  readonly state: ServerState = { draining: false, onQuiet: () => this.#tellQuiet() };
  readonly #open = new Map<Duplex, Connection>();
  readonly #waiting: (() => void)[] = [];

  /** Takes a new socket into its care. */
  accept(socket: Socket): void {
    const connection = new Connection(socket, this.state);
    this.#open.set(socket, connection);
    socket.once("close", () => {
      this.#open.delete(socket);
      connection.closed();
    });
  }

  /** The connection of a socket; undefined once it is closed. */
  of(socket: Duplex): Connection | undefined {
    return this.#open.get(socket);
  }

  /** Resolves when no reply is live. */
  quiet(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#tellQuiet();
    return promise;
  }

  /** Closes the connections on which no reply is live. */
  closeIdle(): void {
    for (const connection of this.#open.values()) connection.closeIfIdle();
  }

  /** Breaks off all connections, also those that HTTP knows nothing of any more. */
  destroyAll(): void {
    for (const connection of this.#open.values()) connection.destroy();
  }

  #tellQuiet(): void {
    if (this.#waiting.length === 0) return;
    for (const connection of this.#open.values()) if (connection.live) return;
    for (const tell of this.#waiting.splice(0)) tell();
  }
}
