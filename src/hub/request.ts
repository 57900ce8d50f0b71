// A request as the hub holds it: the Responses create body after validation, its items in hub shapes.
// Promises: every dialect's listener can make one, every speaker can write one; nothing in it depends on a target.
import type { JsonObject } from "../kit/json.ts";
import type { Item, TextFormat, Tool } from "./item.ts";

/** Which tool the model may or must use. */
export type ToolChoice =
  | "auto"
  | "none"
  | "required"
  | { type: "function"; name: string; namespace?: string }
  | { type: "custom"; name: string; namespace?: string }
  | { type: "allowed_tools"; mode: "auto" | "required"; tools: JsonObject[] }
  | { type: "hosted"; wire: JsonObject };

/** What the client asks of the model's reasoning. Effort is the client's word; a speaker maps it. */
export interface ReasoningRequest {
  effort?: string | null;
  summary?: string | null;
  context?: string | null;
}

/**
 * What the client asks of compaction: `now` (the reply is a compaction and nothing else), or within a turn whose input has more than
 * `threshold` tokens ("default" = the client left the number to us).
 */
export type CompactionWish = { when: "now" } | { when: "above"; threshold: number | "default" };

/** The whole of a turn's request. Names are the Responses API's; absent and null both mean "not given". */
export interface HubRequest {
  /** The name that the client asked for; the target's own name comes from the route. */
  model: string;
  instructions: string | null;
  input: Item[];
  tools: Tool[];
  tool_choice: ToolChoice;
  parallel_tool_calls: boolean;
  stream: boolean;
  reasoning: ReasoningRequest | null;
  text: { format: TextFormat; verbosity: string | null };
  max_output_tokens: number | null;
  temperature: number | null;
  top_p: number | null;
  top_logprobs: number | null;
  frequency_penalty: number | null;
  presence_penalty: number | null;
  stop: string[] | null;
  seed: number | null;
  include: string[];
  prompt_cache_key: string | null;
  safety_identifier: string | null;
  user: string | null;
  /** What the Response object echoes, in wire form: tools, tool_choice, metadata, store, truncation and the like. */
  echo: ResponseEcho;
  /** Absent: nothing is to be compacted. */
  compaction?: CompactionWish;
}

/** The part of a Response object that repeats the request, exactly as it will stand there. */
export type ResponseEcho = JsonObject;
