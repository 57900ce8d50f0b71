// Capabilities and quirks: what a target can do, and how its wire deviates, as data. Promises that lowering and writing
// are keyed by these alone, never by a vendor's name or by the route.
import type { JsonObject } from "../kit/json.ts";
import type { TokenFamily } from "./token-family.ts";

/** What a target can do. Declared by its provider, overridable per provider and model in the configuration. */
export interface Capabilities {
  /** Takes tools at all. */
  tools: boolean;
  /** Takes freeform (custom) tools natively. */
  customTools: boolean;
  /**
   * Holds calls to the `pattern` of a string in a function's schema, so that a custom tool's grammar can be enforced, and how the
   * pattern is read: the string's text as it stands in the JSON, its value, or either, by the model's form of calls; or not at all.
   */
  toolPattern: "json" | "value" | "either" | "none";
  /** Takes namespaces of tools natively. */
  namespaces: boolean;
  /** Takes the client-side `tool_search` natively. */
  toolSearch: boolean;
  /** Takes `tool_choice` other than auto. */
  toolChoice: boolean;
  /** Takes a `tool_choice` that names a function; where it does not, that function alone is offered and a call demanded. */
  namedToolChoice: boolean;
  /** Can be asked for one call at a time, or several. */
  parallelToolCalls: boolean;
  /** Longest tool name, in characters. */
  toolNameLength: number;
  /** Takes images in user messages. */
  images: boolean;
  /** Takes files in user messages. */
  files: boolean;
  /** Takes sound in user messages. */
  audio: boolean;
  /** Takes parts, not only text, as a tool's output. */
  toolOutputParts: boolean;
  /** How an output format is asked for. */
  jsonSchema: "schema" | "object" | "prompt";
  /** By whose rules it checks JSON Schemas, beside those of JSON Schema itself. */
  schemaRules: "none" | "moonshot";
  /** Keywords of JSON Schema for which it refuses a request: they are left out of schemas. */
  refusedKeywords: readonly string[];
  /** Takes system messages anywhere, one that must come first, or none: then its words lead the first user message. */
  systemMessages: "anywhere" | "first" | "none";
  /** Takes an output format beside tools; where it does not, the format is asked for in words while tools are offered. */
  formatWithTools: boolean;
  /** How a wish for reasoning effort is written. */
  reasoningEffort: EffortStyle;
  /** Effort words that it takes, in rising order; others are moved to the nearest. A mere switch is `none` and `medium`. */
  efforts: readonly string[];
  /** Takes sampling parameters (temperature, top_p and the penalties). */
  sampling: boolean;
  /** Takes `frequency_penalty` and `presence_penalty` among them. */
  penalties: boolean;
  /** Takes stop sequences. */
  stop: boolean;
  /** Takes log probabilities. */
  logprobs: boolean;
  /** Takes a seed. */
  seed: boolean;
  /** Takes `verbosity`. */
  verbosity: boolean;
  /** Tokens of prompt and reply together; undefined where nobody knows. */
  contextWindow?: number;
  /** The family by which its tokens are counted; undefined = as its name tells. */
  tokenizer?: TokenFamily;
}

/**
 * How a wish for reasoning effort is written: a word in `reasoning_effort` or `reasoning.effort`; `thinking.type` as a switch,
 * alone or with a word in `reasoning_effort`; the switch `enable_thinking`, alone or with a `thinking_budget`; a switch or a word
 * for the chat template in `chat_template_kwargs`; or not at all.
 */
export type EffortStyle =
  | "reasoning_effort"
  | "reasoning_object"
  | "thinking_type"
  | "thinking_effort"
  | "enable_thinking"
  | "thinking_budget"
  | "template_switch"
  | "template_effort"
  | "none";

/** How a chat-completions wire deviates; each is a field because at least one server needs it. */
export interface Quirks {
  /** The field for the longest reply. */
  maxTokensField: "max_tokens" | "max_completion_tokens";
  /** Ask for usage in streams by `stream_options`. Servers that refuse the field set false. */
  streamUsage: boolean;
  /** Sends `prompt_cache_key` on. */
  promptCacheKey: boolean;
  /** Sends `user` / `safety_identifier` on. */
  userField: boolean;
  /** `parallel_tool_calls` may be written. */
  parallelField: boolean;
  /** `strict` may be written on functions. */
  strictField: boolean;
  /** The form in which an unsealed (foreign or unsigned) reasoning text is given back: a field, tags in the text, or not at all. */
  reasoningBack: "reasoning_content" | "reasoning" | "think" | "none";
  /**
   * What that field says on assistant messages that have no reasoning, where the server insists on the field: empty for some, a
   * space for others. Absent: nothing is written.
   */
  reasoningFill?: string;
  /** Which reasoning goes back: all, that of the current turn (after the last user message), or none. Signatures of calls always do. */
  reasoningKeep: "all" | "turn" | "none";
  /** `<think>` at the head of the text is reasoning. */
  thinkTags: boolean;
  /** The name of those tags; where it is another than `think`, each piece of the reasoning has a pair of its own. */
  thinkTag: "think" | "reasoning";
  /** The template opens the tag, so that a reply begins inside it and only closes it. */
  thinkOpened: boolean;
  /**
   * Refuses a history whose calls have arguments that are no JSON object: those are wrapped in one. vLLM, llama-server and Ollama
   * parse them, and one call that was cut short poisons the conversation there (vllm-project/vllm issues 43995 and 47761,
   * OpenHands/software-agent-sdk issue 2887).
   */
  wholeArguments: boolean;
  /** What stands as the text of an assistant message that says nothing beside its calls: an empty text, or null where that is refused. */
  emptyContent: "text" | "null";
  /**
   * Makes calls whose arguments are nearly right: each is held until it is whole, and repaired by the tool's schema where one reading is
   * possible. False for vendors that hold their models to the schema: there arguments stream.
   */
  repairArguments: boolean;
  /** Always ask upstream to stream, or never, whatever the client asked. */
  upstreamStream: "as_client" | "always" | "never";
  /** Takes a user message right after a tool's result; where it does not, a word of the assistant is put between. */
  userAfterTool: boolean;
  /** The field for the seed. */
  seedField: "seed" | "random_seed";
  /** Which ids of calls it takes: any, letters, digits, `_` and `-` only (at most 64 or 40), or exactly nine letters and digits. */
  callId: "any" | "clean" | "clean40" | "mistral9";
  /** Further fields of every request, as they are; what is written otherwise wins, and maps are merged. */
  extraFields?: JsonObject;
}

/** What we assume of a chat server that nobody has described: the common denominator of local servers. */
export const CHAT_CAPABILITIES: Capabilities = {
  tools: true,
  customTools: false,
  toolPattern: "none",
  namespaces: false,
  toolSearch: false,
  toolChoice: true,
  namedToolChoice: true,
  parallelToolCalls: true,
  toolNameLength: 64,
  images: true,
  files: false,
  audio: false,
  toolOutputParts: false,
  jsonSchema: "schema",
  schemaRules: "none",
  refusedKeywords: [],
  systemMessages: "first",
  formatWithTools: true,
  reasoningEffort: "reasoning_effort",
  efforts: ["low", "medium", "high"],
  sampling: true,
  penalties: true,
  stop: true,
  logprobs: true,
  seed: true,
  verbosity: false,
};

/** The wire that we assume of a chat server that nobody has described. */
export const CHAT_QUIRKS: Quirks = {
  maxTokensField: "max_tokens",
  streamUsage: true,
  promptCacheKey: false,
  userField: false,
  parallelField: true,
  strictField: false,
  reasoningBack: "none",
  reasoningKeep: "all",
  thinkTags: true,
  thinkTag: "think",
  thinkOpened: false,
  wholeArguments: true,
  emptyContent: "text",
  repairArguments: true,
  upstreamStream: "as_client",
  userAfterTool: true,
  seedField: "seed",
  callId: "any",
};
