// The two halves of a dialect as interfaces. Promises that both are pure and synchronous: bytes and objects in, pieces
// and text out; no network, clock, randomness or framework.
import type { Capabilities, Quirks } from "../hub/capability.ts";
import type { Fault } from "../hub/fault.ts";
import type { LossList } from "../hub/loss.ts";
import type { Piece } from "../hub/piece.ts";
import type { HubRequest } from "../hub/request.ts";
import type { Unseal } from "../hub/seal.ts";
import type { LoweredTools } from "../hub/lower-tools.ts";
import type { IdSource } from "../kit/ids.ts";
import type { Json, JsonObject } from "../kit/json.ts";

/** Reads one streamed reply. Pieces are appended to `out`. */
export interface ReplyReader {
  /** Takes the next bytes. */
  push(bytes: Uint8Array, out: Piece[]): void;
  /** Takes the end of the body; a reply that is not whole gives a fault. */
  end(out: Piece[]): void;
  /** The reply has said its last word: nothing that could still come matters. */
  readonly done: boolean;
}

/** What a reader may need. */
export interface ReadOptions {
  quirks: Quirks;
  ids: IdSource;
  /** Whether log probabilities are to be shown; those that nobody asked for are not. */
  logprobs: boolean;
}

/** A request made ready for one target. */
export interface WritePlan {
  request: HubRequest;
  /** The target's own name for the model. */
  model: string;
  /** Whether upstream is asked to stream. */
  stream: boolean;
  tools: LoweredTools;
  capabilities: Capabilities;
  quirks: Quirks;
  /** The provider's id, who alone gets its seals back. */
  owner: string;
  unseal: Unseal;
  losses: LossList;
}

/** The client half of a dialect: we ask, the upstream answers. */
export interface Speaker {
  /** The body to send. */
  writeRequest(plan: WritePlan): JsonObject;
  /** A reader for one streamed reply. */
  createReader(options: ReadOptions): ReplyReader;
  /** The pieces of a whole reply. */
  readWhole(body: Json, options: ReadOptions): Piece[];
  /** What an error reply means, in any vendor's words. `retryAfter` is in seconds, from the headers. */
  readFault(status: number, text: string, retryAfter: number | undefined): Fault;
  /** Whether the calls of a reply are refused when this state of its reasoning does not come back with them. */
  bindsCalls(state: JsonObject): boolean;
}
