// The state of one turn: what it leans on, and whether and when it is written down. Promises that a response whose client is told of its
// end is on disk before, or the client is told that it is not.
import { readStateWish } from "../../dialects/responses/stored.ts";
import type { StateWish, StoredContext } from "../../dialects/responses/stored.ts";
import { asList, asString, isObject } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import type { Headers } from "../../contract.ts";
import type { Fault } from "../../hub/fault.ts";
import type { OutputItem } from "../../hub/item.ts";
import type { ReplyPort, TurnRequest } from "../port.ts";
import { BackgroundStream } from "./background-stream.ts";
import { fetchHistory, leansOnState } from "./history.ts";
import type { Locks } from "./locks.ts";
import type { Runs } from "./runs.ts";
import { serveEvents } from "./serve-events.ts";
import { SocketThread } from "./socket-thread.ts";
import type { StateStore } from "./store.ts";

/** What all turns share of state. */
export interface StateServices {
  store: StateStore;
  locks: Locks;
  runs: Runs;
}

/** A background response in the making. */
export interface Background {
  /** Where its reply goes. */
  port: ReplyPort;
  /** Writes it down as queued, and tells the client. Rejects with a FaultError; then nothing was told. */
  begin(queued: string, headers: Headers): Promise<void>;
}

/** The port of a background response whose events nobody asked for. */
const NOWHERE: ReplyPort = {
  start: () => undefined,
  write: () => true,
  end: () => undefined,
  destroy: () => undefined,
  onDrain: () => undefined,
  onGone: () => undefined,
};

/** The state of a turn. */
export class TurnState {
  readonly #services: StateServices;
  readonly #request: TurnRequest;
  #wish: StateWish | null = null;
  #include: string[] = [];
  #streamed = false;
  #isWritten = false;
  #isRefused = false;
  #unlock: (() => void) | null = null;
  /** What the connection has of it, where the request came by one that remembers. */
  #thread: SocketThread | null = null;
  /** The background response that this turn runs. */
  #run: string | null = null;

  constructor(services: StateServices, request: TurnRequest) {
    this.#services = services;
    this.#request = request;
  }

  /** Reads what the request wants of state, and fetches what it leans on; undefined where nothing is kept. Throws a FaultError. */
  open(body: Json): StoredContext | undefined | Promise<StoredContext> {
    const { store, locks } = this.#services;
    const { socket, dialect } = this.#request;
    // Other dialects have no such thing, or mean something else by its names.
    if ((!store.keeps && socket === undefined) || !isObject(body) || dialect !== "responses") return undefined;
    const wish = readStateWish(body);
    if (socket !== undefined) this.#thread = new SocketThread(socket.memory, wish);
    if (!store.keeps) return this.#thread === null ? undefined : this.#noted(body, this.#thread.bare());
    this.#wish = wish;
    this.#streamed = body["stream"] === true;
    this.#include = asList(body["include"])
      .map(asString)
      .filter((word) => word !== undefined);
    if (wish.conversation !== null) this.#unlock = locks.take(this.#request.owner, wish.conversation);
    // A model is not asked for what is known to be lost: where the disk refused before, it is tried first.
    const context =
      this.isKept && store.counts().trouble !== null ? store.ask("probe", null).then(() => this.#gather(wish)) : this.#gather(wish);
    return context instanceof Promise ? context.then((found) => this.#noted(body, found)) : this.#noted(body, context);
  }

  /** Whether the response must be written down before its end is told. */
  get isKept(): boolean {
    const wish = this.#wish;
    return wish !== null && !this.#isRefused && (wish.store || wish.background || wish.conversation !== null);
  }

  /** Whether a failure is written down too: where the client knows of the response. */
  keepsFailure(isCommitted: boolean): boolean {
    return this.isKept && (this.#isWritten || (isCommitted && this.#wish?.store === true));
  }

  get isBackground(): boolean {
    return this.#wish?.background === true;
  }

  /** Writes a Response object (wire form) down. Rejects with a FaultError; then nothing more of this turn is written. */
  async save(id: string, response: string): Promise<void> {
    const wish = this.#wish;
    if (wish === null) return;
    const thread = this.#thread;
    // The store does not know what only the connection remembers.
    const body = this.#isWritten ? null : thread?.isRemembered ? thread.wholeInput() : ownBytes(this.#request.body);
    const { store, background, conversation } = wish;
    const previous = thread?.isRemembered ? null : wish.previous;
    const ask = { owner: this.#request.owner, id, now: Date.now(), body, previous, conversation, response, store, background };
    const streamed = background && this.#streamed;
    try {
      const size = response.length + (body?.length ?? 0);
      await this.#services.store.ask("save", { ...ask, streamed, include: this.#include }, size);
      this.#isWritten = true;
    } catch (error) {
      this.#isRefused = true;
      throw error;
    }
  }

  /** The turn gave a response: where nothing else keeps it, the connection that it came by does. */
  remember(id: string, output: readonly OutputItem[]): void {
    if (!this.isKept) this.#thread?.keep(id, output);
  }

  /** The turn failed: its connection forgets what it continued. */
  fail(): void {
    this.#thread?.fail();
  }

  /** Makes room for a background response; `stop` ends it. */
  enqueue(id: string, client: ReplyPort, stop: (failure: Fault) => void): Background {
    const { store, runs } = this.#services;
    const { owner } = this.#request;
    const stream = this.#streamed ? new BackgroundStream(store, id, stop) : null;
    return {
      port: stream ?? NOWHERE,
      begin: async (queued, headers) => {
        await this.save(id, queued);
        this.#run = id;
        runs.begin(id, { stop, stream });
        if (stream === null) sendWhole(client, queued, headers);
        else void serveEvents({ store, owner, id, from: 0, stream, port: client, headers });
        // A poll that still reads `queued` is no harm; a disk that refuses is met at the end.
        store.ask("begin", { id }).catch(() => undefined);
      },
    };
  }

  /** The turn is over; its run is when its last event is kept, so that no reader comes between. */
  close(): void {
    this.#unlock?.();
    this.#thread?.close();
    const run = this.#run;
    if (run === null) return;
    const { runs } = this.#services;
    void (runs.find(run)?.stream?.settled ?? Promise.resolve()).then(() => runs.end(run));
  }

  /** What a request leans on: what its connection remembers, and for the rest the store. */
  #gather(wish: StateWish): StoredContext | Promise<StoredContext> {
    const { store } = this.#services;
    const { owner } = this.#request;
    const thread = this.#thread;
    if (!thread?.isRemembered) return leansOnState(wish) ? fetchHistory(store, owner, wish) : bare(wish);
    const history = thread.recall();
    const rest = { ...wish, previous: null };
    if (!leansOnState(rest)) return { ...bare(wish), history };
    return fetchHistory(store, owner, rest).then(({ references }) => ({ ...bare(wish), history, references }));
  }

  #noted(body: JsonObject, context: StoredContext): StoredContext {
    // What only the store will have needs no note: it gets the request's own bytes.
    if (!this.isKept || this.#thread?.isRemembered) this.#thread?.note(body["input"], context);
    return context;
  }
}

/** The context of a request that leans on nothing. */
function bare(wish: StateWish): StoredContext {
  return { wish, keeps: true, history: [], references: new Map() };
}

function sendWhole(port: ReplyPort, body: string, headers: Headers): void {
  port.start(200, { "content-type": "application/json", ...headers });
  port.write(Buffer.from(body));
  port.end();
}

/** Bytes in a buffer of their own: handing over a view would copy all that lies around it. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
