// The schema of `capabilities` and `quirks`: what a target can do and how its wire deviates, as a user may override it.
// Promises one key here for each field of the hub's types, in snake_case: leaving one out does not compile.
import { z } from "zod";
import type { Capabilities, Quirks } from "../hub/capability.ts";

/** `toolNameLength` -> `tool_name_length`: what stands in the file for a field of ours. */
type SnakeCase<T extends string> = T extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}`
  : T;
type ShapeOf<T> = { [K in keyof Required<T> & string as SnakeCase<K>]: z.ZodType<Exclude<T[K], undefined>> };

const capabilityShape = {
  tools: z.boolean().describe("Takes tools at all."),
  custom_tools: z.boolean().describe("Takes freeform (custom) tools natively; otherwise they are sent as functions with one string."),
  tool_pattern: z
    .enum(["json", "value", "either", "none"])
    .describe(
      "Holds calls to the pattern of a string in a tool's schema, so that a custom tool's grammar is enforced, and how it reads the pattern: on the text in the JSON (llama.cpp), on the value (llguidance), on either by the model's form of calls (xgrammar); none where it does not.",
    ),
  namespaces: z.boolean().describe("Takes namespaces of tools natively; otherwise their names are flattened and restored."),
  tool_search: z.boolean().describe("Takes the client-side tool search natively."),
  tool_choice: z.boolean().describe("Takes a tool_choice other than auto."),
  named_tool_choice: z.boolean().describe("Takes a tool_choice that names a function; otherwise that function alone is offered."),
  parallel_tool_calls: z.boolean().describe("Can be asked for one tool call at a time, or several."),
  tool_name_length: z.int().min(8).max(1024).describe("Longest tool name, in characters."),
  images: z.boolean().describe("Takes images in user messages."),
  files: z.boolean().describe("Takes files in user messages."),
  audio: z.boolean().describe("Takes sound in user messages."),
  tool_output_parts: z.boolean().describe("Takes images and other parts, not only text, as a tool's output."),
  json_schema: z
    .enum(["schema", "object", "prompt"])
    .describe("How an output format is asked for: by its schema, as any JSON object, or in words alone."),
  schema_rules: z
    .enum(["none", "moonshot"])
    .describe("By whose rules it checks JSON Schemas, beside those of JSON Schema itself: a schema that breaks them is rewritten."),
  refused_keywords: z
    .array(z.string().min(1))
    .describe("Keywords of JSON Schema for which it refuses a request: they are left out of schemas, as a loss."),
  system_messages: z
    .enum(["anywhere", "first", "none"])
    .describe("Takes system messages anywhere, one that comes first, or none: then its words lead the first user message."),
  format_with_tools: z.boolean().describe("Takes an output format beside tools; otherwise it is then asked for in words."),
  reasoning_effort: z
    .enum([
      "reasoning_effort",
      "reasoning_object",
      "thinking_type",
      "thinking_effort",
      "enable_thinking",
      "thinking_budget",
      "template_switch",
      "template_effort",
      "none",
    ])
    .describe(
      "How the wish for reasoning is written: reasoning_effort or reasoning.effort; thinking.type alone or with reasoning_effort; enable_thinking alone or with thinking_budget; a switch or a word in chat_template_kwargs; or not at all.",
    ),
  efforts: z
    .array(z.string().min(1))
    .describe("Effort words that it takes, in rising order; others are moved to the nearest. A mere switch is none and medium."),
  sampling: z.boolean().describe("Takes temperature, top_p and the penalties."),
  penalties: z.boolean().describe("Takes frequency_penalty and presence_penalty among them."),
  stop: z.boolean().describe("Takes stop sequences."),
  logprobs: z.boolean().describe("Takes log probabilities."),
  seed: z.boolean().describe("Takes a seed."),
  verbosity: z.boolean().describe("Takes verbosity."),
  context_window: z.int().min(1).describe("Tokens of prompt and reply together."),
  tokenizer: z
    .enum([
      "gpt-oss",
      "gpt-5",
      "gpt-4o",
      "gpt-4",
      "qwen3.5",
      "qwen",
      "llama-3.1",
      "llama-3",
      "deepseek",
      "glm",
      "mistral",
      "kimi",
      "claude",
      "gemini",
      "grok",
    ])
    .describe("The family of models by which its tokens are counted, where its name does not tell."),
} satisfies ShapeOf<Capabilities>;

/** Which reasoning goes back to the model that made it. */
export const reasoningKeepSchema = z.enum(["all", "turn", "none"]);

/** The sentence for it, wherever it can be set. */
export const KEEP_MEANS = "Which reasoning goes back: all, that of the current turn (after the last user message), or none.";

const quirkShape = {
  max_tokens_field: z.enum(["max_tokens", "max_completion_tokens"]).describe("The field for the longest reply."),
  stream_usage: z.boolean().describe("Ask for usage in streams by stream_options; false for servers that refuse the field."),
  prompt_cache_key: z.boolean().describe("Send prompt_cache_key on."),
  user_field: z.boolean().describe("Send user and safety_identifier on."),
  parallel_field: z.boolean().describe("parallel_tool_calls may be written."),
  strict_field: z.boolean().describe("strict may be written on functions."),
  reasoning_back: z
    .enum(["reasoning_content", "reasoning", "think", "none"])
    .describe("How reasoning that nobody signed is given back: in a field of that name, as `<think>` in the text, or not at all."),
  reasoning_fill: z
    .string()
    .describe("What that field says on assistant messages without reasoning, where the server insists on it. Not set: not written."),
  reasoning_keep: reasoningKeepSchema.describe(KEEP_MEANS),
  think_tags: z.boolean().describe("`<think>` at the head of the text is reasoning."),
  think_tag: z
    .enum(["think", "reasoning"])
    .describe("The name of those tags. With `reasoning`, each piece of the reasoning has a pair of its own."),
  think_opened: z.boolean().describe("The model's template opens the tag, so that a reply begins inside it and only closes it."),
  whole_arguments: z.boolean().describe("Refuses a history whose calls have arguments that are no JSON object: those are wrapped in one."),
  empty_content: z
    .enum(["text", "null"])
    .describe("What stands as the text of an assistant message that says nothing beside its calls: an empty text, or null."),
  repair_arguments: z
    .boolean()
    .describe("Makes calls whose arguments are nearly right: each is held until it is whole and repaired. False: arguments stream."),
  upstream_stream: z.enum(["as_client", "always", "never"]).describe("Ask the server to stream as the client does, always, or never."),
  user_after_tool: z
    .boolean()
    .describe("Takes a user message right after a tool's result; otherwise a word of the assistant is put between."),
  seed_field: z.enum(["seed", "random_seed"]).describe("The field for the seed."),
  call_id: z
    .enum(["any", "clean", "clean40", "mistral9"])
    .describe("Ids of calls that it takes: any, plain characters (at most 64 or 40), or exactly nine letters and digits."),
  extra_fields: z
    .record(z.string(), z.json())
    .describe("Further fields of every request, as they are, in place of those of its kind. What is written otherwise wins."),
} satisfies ShapeOf<Quirks>;

/** Capabilities as they stand in the file; all optional. */
export const capabilitySchema = z.strictObject(capabilityShape).partial();

/** Quirks as they stand in the file; all optional. */
export const quirkSchema = z.strictObject(quirkShape).partial();

/** The capabilities of the file under the hub's names. */
export function readCapabilities(given: z.output<typeof capabilitySchema> | undefined): Partial<Capabilities> {
  // By its `satisfies` the shape has exactly the hub's fields and types.
  return camelCase(given ?? {});
}

/** The quirks of the file under the hub's names. */
export function readQuirks(given: z.output<typeof quirkSchema> | undefined): Partial<Quirks> {
  return camelCase(given ?? {});
}

/** Capabilities or quirks of the hub's names, all or some, under the names that the file has. */
export function writeOverrides(given: Partial<Capabilities> | Partial<Quirks>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

function camelCase(given: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value]));
}
