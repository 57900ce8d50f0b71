// The reply of a turn, begun: who is told what, in which form, and whose seal its reasoning gets.
import type { Headers } from "../contract.ts";
import type { Profile } from "../dialects/responses/profile.ts";
import type { LossList } from "../hub/loss.ts";
import type { HubRequest } from "../hub/request.ts";
import type { IdSource } from "../kit/ids.ts";
import type { JsonObject } from "../kit/json.ts";
import type { KeyRing } from "./key-ring.ts";
import type { ReplyPort, SocketRequest } from "./port.ts";
import { Reply } from "./reply.ts";
import type { Target } from "./target.ts";

/** What a reply must know of its turn. */
export interface ReplyFrame {
  turn: string;
  /** The same for all replies of a turn: a client that polls knows it by the first. */
  responseId: string;
  port: ReplyPort;
  socket: SocketRequest | undefined;
  profile: Profile;
  losses: LossList;
  ids: IdSource;
  keyRing: KeyRing;
  /** Seconds of silence before a sign of life. */
  heartbeatS: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** What was sealed in the course of the turn, by its seal. */
  states: Map<string, JsonObject>;
  /** The target that answers now. */
  target: () => Target | null;
  /** The client is slow: hold back. */
  onPause: () => void;
}

/** Opens the reply to a request; null = to one that could not even be read. */
export function openReply(frame: ReplyFrame, request: HubRequest | null): Reply {
  return new Reply({
    port: frame.port,
    socket: frame.socket,
    stream: request?.stream ?? false,
    heartbeatS: frame.heartbeatS,
    headers: () => turnHeaders(frame),
    onPause: frame.onPause,
    assemble: {
      responseId: frame.responseId,
      createdAt: Math.floor(frame.at / 1000),
      ids: frame.ids,
      echo: request?.echo ?? {},
      reasoningStyle: request?.reasoning?.summary ? "summary" : "text",
      refusalsAsText: frame.profile.refusalsAsText,
      seal: (state) => sealState(frame, state),
    },
  });
}

/** What every reply of a turn says of it. */
export function turnHeaders({ losses, turn }: ReplyFrame): Headers {
  const loss = losses.header();
  return { "x-request-id": turn, "x-waystation-turn": turn, ...(loss === "" ? {} : { "x-waystation-loss": loss }) };
}

function sealState({ keyRing, states, target }: ReplyFrame, state: JsonObject): string | null {
  const owner = target();
  if (owner === null) return null;
  const { id, provider } = owner.provider;
  const seal = keyRing.seal({ owner: id, dialect: provider.dialect, model: owner.model, kind: "reasoning", data: state });
  states.set(seal, state);
  return seal;
}
