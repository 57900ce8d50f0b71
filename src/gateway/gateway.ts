// The gateway as an HTTP server sees it: turns in, replies out by a port, and what its small routes tell. Types only.
import type { Headers } from "../contract.ts";
import type { Fault } from "../hub/fault.ts";
import type { JsonObject } from "../kit/json.ts";
import type { ServerCounts } from "./counters.ts";
import type { ReplyPort, TurnRequest } from "./port.ts";
import type { ConversationFace } from "./state/conversation-face.ts";
import type { ResponseFace } from "./state/response-face.ts";

/** What a server may ask of the gateway. */
export interface Gateway {
  /** Runs a turn to its end; the reply goes to the port. Resolves when nothing more will be written. */
  turn(request: TurnRequest, port: ReplyPort): Promise<void>;
  /** Compacts a conversation (`POST /v1/responses/compact`); as `turn` otherwise. */
  compact(request: TurnRequest, port: ReplyPort): Promise<void>;
  /** Answers a request that cannot become a turn with the fault, and writes it to the log. */
  refuse(request: TurnRequest, fault: Fault, port: ReplyPort): Promise<void>;
  /** Writes a request to the log that nobody can be answered any more. */
  unanswered(request: TurnRequest, fault: Fault): void;
  /** The model list as it goes on the wire, and its strong ETag (with its quotes). */
  models(headers: Headers): Promise<{ etag: string; body: string }>;
  /** One entry of the list; undefined where there is none of that name. */
  model(id: string): Promise<JsonObject | undefined>;
  /** Stored responses. */
  readonly responses: ResponseFace;
  readonly conversations: ConversationFace;
  /** About how many tokens a request's input has, as the API's answer and its headers. Rejects with a FaultError. */
  countInput(request: TurnRequest): Promise<{ body: string; headers: Headers }>;
  /** Whether turns are taken. */
  ready(): boolean;
  /** Counters in Prometheus' text form. */
  metrics(server: ServerCounts): string;
  /** From here on new turns are refused. */
  drain(): void;
  /** Resolves when no turn is running. */
  idle(): Promise<void>;
  /** Ends all running turns, each stream with its terminal event. */
  abortAll(): void;
}
