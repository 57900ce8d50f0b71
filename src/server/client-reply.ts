// A reply on its way to a client: the gateway's port, over Node's response. Promises that nothing is sent twice or after the end,
// that whoever waits for the client's departure is told once, and that a client which is still sending when we refuse it can read why.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Headers } from "../contract.ts";
import type { ReplyPort } from "../gateway/port.ts";
import { frameChunk, LARGEST_COPY_BYTES } from "./frame-chunk.ts";

/** Milliseconds for which we go on reading what a refused client sends: closing at once would reset the connection and lose our answer. */
export const LINGER_MS = 2000;

/** What a reply asks of its connection. */
export interface ReplyOwner {
  /** Whether the connection closes after this reply. */
  closesAfterReply(): boolean;
  /** Nothing more that comes on the connection will be answered. */
  isFinished(): void;
}

/** One reply. `waiting`: nothing sent; `open`: headers sent; `over`: ended or broken off by us; `gone`: the client left before. */
export class ClientReply implements ReplyPort {
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #owner: ReplyOwner;
  readonly #id: string;
  readonly #goneListeners: (() => void)[] = [];
  readonly #drainListeners: (() => void)[] = [];
  #blocked = false;
  #state: "waiting" | "open" | "over" | "gone" = "waiting";
  #wrote = false;
  /** Set where the body is not read: the reply is then held until it is whole. */
  #held: { status: number; headers: Headers; chunks: Uint8Array[] } | undefined;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, owner: ReplyOwner, id: string) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#owner = owner;
    this.#id = id;
  }

  /** Whether headers were given, or nobody is left to give them to. */
  get started(): boolean {
    return this.#state !== "waiting";
  }

  /** Whether this reply has the socket now: of pipelined ones, only the first. */
  get isNext(): boolean {
    return this.#outgoing.socket !== null;
  }

  /** Whether the request's body will be left unread: the connection then cannot carry another request. Said before `start`. */
  bodyUnread(unread: boolean): void {
    this.#held = unread ? { status: 0, headers: {}, chunks: [] } : undefined;
  }

  start(status: number, headers: Headers): void {
    if (this.#state !== "waiting") return;
    const all: Headers = { ...headers, "x-request-id": headers["x-request-id"] ?? this.#id };
    if (this.#held !== undefined) {
      this.#held.status = status;
      this.#held.headers = all;
    } else {
      if (this.#owner.closesAfterReply()) all["connection"] = "close";
      this.#outgoing.writeHead(status, all);
      // Headers travel with the first bytes where those come at once, and alone where they do not.
      process.nextTick(() => this.#flushHeaders());
    }
    this.#state = "open";
  }

  write(bytes: Uint8Array): boolean {
    if (this.#state !== "open" || bytes.length === 0) return true;
    if (this.#held !== undefined) return this.#held.chunks.push(bytes) > 0;
    this.#blocked = !this.#send(bytes);
    return !this.#blocked;
  }

  end(): void {
    if (this.#state === "waiting") return this.destroy();
    if (this.#state !== "open") return;
    this.#state = "over";
    if (this.#held === undefined) this.#outgoing.end();
    else this.#endHeld(this.#held.status, this.#held.headers, Buffer.concat(this.#held.chunks));
  }

  destroy(): void {
    if (this.#state === "gone" || this.#state === "over") return;
    this.#state = "over";
    // What was written goes out first: in dialects without an error terminal it says why. Node holds it back until the next tick.
    process.nextTick(() => this.#incoming.socket.destroySoon());
  }

  onDrain(listener: () => void): void {
    // Node tells of what a reply wrote while another had the socket; the connection of the rest.
    if (this.#drainListeners.length === 0) this.#outgoing.on("drain", () => this.drained());
    this.#drainListeners.push(listener);
  }

  /** The socket has taken all that it was given. */
  drained(): void {
    if (!this.#blocked || this.#state !== "open") return;
    this.#blocked = false;
    for (const listener of this.#drainListeners) listener();
  }

  onGone(listener: () => void): void {
    if (this.#state === "gone") listener();
    else this.#goneListeners.push(listener);
  }

  /** The connection is closed. */
  leave(): void {
    if (this.#state === "over" || this.#state === "gone") return;
    this.#state = "gone";
    for (const listener of this.#goneListeners) listener();
  }

  /** Sends something that changes nothing, so that a client that is gone for good answers it with a reset. False = it cannot be asked. */
  probe(): boolean {
    if (this.#state === "waiting") {
      if (this.#incoming.httpVersionMinor === 0) return false;
      // Any number of these may come before a reply (RFC 9110, 15.2).
      this.#outgoing.writeContinue();
    } else if (this.#outgoing.chunkedEncoding) {
      // The size of the next chunk may begin with zeros (RFC 9112, 7.1).
      this.#outgoing.socket?.write("0");
    }
    return true;
  }

  /** False = the client is slow. Whatever is written in one tick goes out together. */
  #send(bytes: Uint8Array): boolean {
    const outgoing = this.#outgoing;
    const { socket } = outgoing;
    const first = !this.#wrote;
    this.#wrote = true;
    // Node's own way also serves a reply that waits behind another, until what it holds of that is out.
    const ours = bytes.length <= LARGEST_COPY_BYTES && socket?.writable === true && outgoing.chunkedEncoding;
    if (!ours || outgoing.writableLength !== socket.writableLength) return outgoing.write(bytes);
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(uncorkSoon, socket);
    }
    if (first) outgoing.flushHeaders();
    return socket.write(frameChunk(bytes));
  }

  #flushHeaders(): void {
    if (this.#state === "open" && !this.#wrote) this.#outgoing.flushHeaders();
  }

  /** The whole reply, and our FIN; then what the client still sends is read over for a while. */
  #endHeld(status: number, headers: Headers, body: Buffer): void {
    const { socket } = this.#incoming;
    this.#owner.isFinished();
    this.#outgoing.writeHead(status, { ...headers, "content-length": String(body.length), connection: "close" });
    if (!this.isNext || this.#incoming.complete || socket.destroyed || socket.readableEnded) {
      this.#outgoing.end(body);
      return;
    }
    if (body.length > 0) this.#outgoing.write(body);
    else this.#outgoing.flushHeaders();
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("end", () => socket.destroy());
    socket.once("close", () => clearTimeout(timer));
    this.#incoming.resume();
  }
}

/** After the promises that run now: the end of a reply often follows its last bytes by a few of them, and can go out with these. */
function uncorkSoon(socket: Socket): void {
  queueMicrotask(() => process.nextTick(uncork, socket));
}

function uncork(socket: Socket): void {
  socket.uncork();
}
