// The contract of what is asked and how it is sampled: model, input, stream, include, sampling.
import type { Row } from "./row.ts";
import { user, input, quirks, capabilities, message } from "./row.ts";

/** The rows. */
export const INPUT_ROWS: Row[] = [
  ["model", "translated", {}, { sent: { model: "upstream-model" }, reply: { model: "m" } }],
  ["model, unknown", "refused", { model: "x" }, { error: { param: "model", code: "model_not_found" } }],
  ["input, a string", "translated", { input: "Hi" }, { sent: message("Hi") }],
  [
    "input, items",
    "translated",
    input(user("Hi"), { role: "assistant", content: "Ho" }, user("?")),
    { sent: { messages: [{}, { role: "assistant", content: "Ho" }, {}] } },
  ],
  [
    "instructions",
    "translated",
    { instructions: "Be brief." },
    { sent: message("Be brief.", "system"), reply: { instructions: "Be brief." } },
  ],
  [
    "previous_response_id",
    "refused",
    { previous_response_id: "resp_1" },
    { error: { param: "previous_response_id", code: "previous_response_not_found" } },
  ],
  [
    "conversation and previous_response_id",
    "refused",
    { previous_response_id: "resp_1", conversation: "conv_1" },
    { error: { code: "mutually_exclusive_parameters" } },
  ],
  ["conversation", "refused", { conversation: "conv_1" }, { error: { param: "conversation", code: "unsupported_parameter" } }],
  ["store", "dropped", { store: true }, { unsent: ["store"], reply: { store: false }, losses: ["dropped store"] }],
  ["store, not wanted", "echoed", { store: false }, { unsent: ["store"], reply: { store: false } }],
  ["background", "refused", { background: true }, { error: { param: "background", code: "unsupported_parameter" } }],
  ["background, not wanted", "echoed", { background: false }, { unsent: ["background"], reply: { background: false } }],
  ["stream", "emulated", { stream: false }, { sent: { stream: false }, reply: { status: "completed" } }],
  [
    "stream_options",
    "emulated",
    { stream: true, stream_options: { include_obfuscation: false } },
    { sent: { stream_options: { include_usage: true } } },
  ],
  [
    "stream_options, obfuscation",
    "dropped",
    { stream: true, stream_options: { include_obfuscation: true } },
    { losses: ["dropped stream_options"] },
  ],
  [
    "stream_options, no boolean",
    "refused",
    { stream_options: { include_obfuscation: 1 } },
    { error: { param: "stream_options.include_obfuscation", code: "invalid_type" } },
  ],
  [
    "include",
    "emulated",
    { include: ["reasoning.encrypted_content", "message.input_image.image_url", "web_search_call.action.sources"] },
    {},
  ],
  ["include, log probabilities", "translated", { include: ["message.output_text.logprobs"] }, { sent: { logprobs: true } }],
  ["include, unknown", "refused", { include: ["nothing"] }, { error: { param: "include[0]", code: "invalid_value" } }],
  ["max_output_tokens", "translated", { max_output_tokens: 99 }, { sent: { max_tokens: 99 }, reply: { max_output_tokens: 99 } }],
  [
    "max_output_tokens, by the target's name",
    "translated",
    { max_output_tokens: 99 },
    { sent: { max_completion_tokens: 99 }, provider: quirks({ max_tokens_field: "max_completion_tokens" }) },
  ],
  [
    "max_output_tokens, too few",
    "refused",
    { max_output_tokens: 15 },
    { error: { param: "max_output_tokens", code: "integer_below_min_value" } },
  ],
  ["temperature", "translated", { temperature: 0 }, { sent: { temperature: 0 }, reply: { temperature: 0 } }],
  [
    "temperature, a model without it",
    "dropped",
    { temperature: 0 },
    { unsent: ["temperature"], losses: ["dropped temperature"], provider: capabilities({ sampling: false }) },
  ],
  [
    "temperature, too low",
    "refused",
    { temperature: -1 },
    {
      error: {
        param: "temperature",
        code: "decimal_below_min_value",
        message: "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 instead.",
      },
    },
  ],
  ["top_p", "translated", { top_p: 0.5 }, { sent: { top_p: 0.5 }, reply: { top_p: 0.5 } }],
  [
    "top_logprobs, included",
    "translated",
    { top_logprobs: 2, include: ["message.output_text.logprobs"] },
    { sent: { logprobs: true, top_logprobs: 2 }, reply: { top_logprobs: 2 } },
  ],
  ["top_logprobs, not included", "echoed", { top_logprobs: 2 }, { unsent: ["logprobs", "top_logprobs"], reply: { top_logprobs: 2 } }],
  [
    "log probabilities, a target without them",
    "dropped",
    { include: ["message.output_text.logprobs"] },
    { unsent: ["logprobs"], losses: ["dropped logprobs"], provider: capabilities({ logprobs: false }) },
  ],
  [
    "frequency_penalty, presence_penalty",
    "translated",
    { frequency_penalty: 1, presence_penalty: -1 },
    { sent: { frequency_penalty: 1, presence_penalty: -1 }, reply: { frequency_penalty: 1, presence_penalty: -1 } },
  ],
  [
    "penalties, not given",
    "echoed",
    {},
    { unsent: ["frequency_penalty", "presence_penalty"], reply: { frequency_penalty: 0, presence_penalty: 0 } },
  ],
];
