// The closed lists and bounds of the Responses wire, as data. Promises that every value comes from the API's own
// description (OpenAPI 2.3.0, the types of openai-node 7.57), and that nothing here is a choice of ours.

/** `include`: extra output that a client may ask for. */
export const INCLUDES = [
  "file_search_call.results",
  "web_search_call.results",
  "web_search_call.action.sources",
  "message.input_image.image_url",
  "computer_call_output.output.image_url",
  "code_interpreter_call.outputs",
  "reasoning.encrypted_content",
  "message.output_text.logprobs",
] as const;

/** `role` of a message. */
export const ROLES = ["user", "assistant", "system", "developer"] as const;

/** `status` of an item that has one of ours; hosted items know more. */
export const ITEM_STATUSES = ["in_progress", "completed", "incomplete", "failed"] as const;

/** `reasoning.effort`, in rising order. */
export const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;

/** `reasoning.summary`. */
export const SUMMARIES = ["auto", "concise", "detailed"] as const;

/** `reasoning.context`: which earlier reasoning the model is to see. */
export const REASONING_CONTEXTS = ["auto", "current_turn", "all_turns"] as const;

/** `reasoning.mode`. */
export const REASONING_MODES = ["standard", "pro"] as const;

/** `text.verbosity`. */
export const VERBOSITIES = ["low", "medium", "high"] as const;

/** `text.format.type`. */
export const FORMATS = ["text", "json_object", "json_schema"] as const;

/** `truncation`. */
export const TRUNCATIONS = ["auto", "disabled"] as const;

/** `service_tier`. */
export const SERVICE_TIERS = ["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"] as const;

/** `prompt_cache_retention`; the hyphenated form is what older SDKs type. */
export const CACHE_RETENTIONS = ["in_memory", "in-memory", "24h"] as const;

/** `detail` of an image. */
export const IMAGE_DETAILS = ["auto", "low", "high", "original"] as const;

/** `format.syntax` of a custom tool's grammar. */
export const GRAMMARS = ["lark", "regex"] as const;

/** `tool_choice` where it is a word. */
export const CHOICE_WORDS = ["none", "auto", "required"] as const;

/** `tool_choice.type` where it names a tool that the service runs, by its type alone. */
export const HOSTED_CHOICES = [
  "file_search",
  "web_search",
  "web_search_2025_08_26",
  "web_search_preview",
  "web_search_preview_2025_03_11",
  "computer",
  "computer_use",
  "computer_use_preview",
  "image_generation",
  "code_interpreter",
  "mcp",
  "apply_patch",
  "shell",
  "local_shell",
  "tool_search",
  "programmatic_tool_calling",
] as const;

/** A tool's name and the name of an output format. */
export const NAME_PATTERN = /^[a-zA-Z0-9_-]+$/;

/** Bounds of the request, in characters, entries or the field's own unit. */
export const BOUNDS = {
  /** Characters of a string `input`, and of a tool's textual output. */
  text: 10_485_760,
  /** Characters of an image's URL and of a compaction's blob (20 MiB). */
  blob: 20_971_520,
  toolName: 128,
  formatName: 64,
  safetyIdentifier: 128,
  /** Characters of `prompt_cache_key`, which only the compact route bounds. */
  cacheKey: 64,
  metadataPairs: 16,
  metadataKey: 64,
  metadataValue: 512,
  minOutputTokens: 16,
  topLogprobs: 20,
  minCompactThreshold: 1000,
  /** Entries of a page of a list, and items that a conversation takes at once. */
  page: 100,
  newItems: 20,
} as const;
