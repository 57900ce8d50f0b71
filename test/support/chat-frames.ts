// The frames of a chat-completions stream, and whole replies, as common servers send them: words for scripts of upstreams.
import type { Json, JsonObject } from "../../src/kit/json.ts";

/** One SSE frame with JSON data. */
export function frame(data: Json): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** A chunk with this delta. */
export function delta(more: JsonObject, finish: string | null = null): string {
  return frame({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "upstream-model",
    choices: [{ index: 0, delta: more, finish_reason: finish }],
  });
}

/** A chunk of text. */
export const text = (content: string): string => delta({ content });

/** The chunk that says why the model stopped. */
export const finish = (reason = "stop"): string => delta({}, reason);

/** The chunk with the usage. */
export const usage = (input = 100, output = 10): string =>
  frame({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    choices: [],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  });

/** The end marker. */
export const DONE = "data: [DONE]\n\n";

/** A whole stream that says this. */
export const stream = (content: string): string => text(content) + finish() + usage() + DONE;

/** A whole reply that says this. */
export function whole(content: string, more: JsonObject = {}): JsonObject {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "upstream-model",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
    ...more,
  };
}
