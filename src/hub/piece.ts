// Pieces: the small things that a speaker's reader yields, the verbs of a reply. Promises that a reader need not know
// the Responses grammar: it says what came, in the order in which it came, and the assembler makes events of it.
import type { JsonObject } from "../kit/json.ts";
import type { BuiltInName } from "./built-in.ts";
import type { Fault } from "./fault.ts";
import type { Usage } from "./usage.ts";

/** Why a model stopped. */
export type FinishReason = "stop" | "length" | "content_filter";

/** Which kind of call the client must get; `function` unless a lowered tool is raised. */
export type CallKind = "function" | "custom" | "tool_search" | BuiltInName;

export type Piece =
  /** Text of the answer. `logprobs` are in Responses form. */
  | { kind: "text"; text: string; logprobs?: JsonObject[] }
  | { kind: "refusal"; text: string }
  | { kind: "annotation"; annotation: JsonObject }
  /** Readable reasoning, raw or a summary: what the client gets to see is decided by what it asked for. */
  | { kind: "reasoning"; text: string }
  /** Opaque state of the reasoning before it: sealed into its item, which it ends. Without such it is an item of its own. */
  | { kind: "state"; state: JsonObject }
  /** A call begins. `key` is the reader's own name for it, unique within the reply. */
  | { kind: "call"; key: number; call_id: string; name: string; call: CallKind; namespace?: string }
  /** More of a call's arguments (JSON text), or of a custom call's input (plain text). */
  | { kind: "args"; key: number; text: string }
  /** A call is whole; nothing more will come for it. `intact: false` = it was cut short. */
  | { kind: "call_end"; key: number; intact: boolean }
  | { kind: "usage"; usage: Usage }
  | { kind: "finish"; reason: FinishReason }
  | { kind: "fault"; fault: Fault };
