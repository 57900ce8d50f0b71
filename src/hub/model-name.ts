// What a model's name tells about it, for the servers that tell nothing else. Promises to read only words that name a family; of
// its vision line: a wrong yes costs the whole conversation (the image stays in it), a wrong no one declared loss.
import type { EffortStyle } from "./capability.ts";

/** The words, as published on Hugging Face and in Ollama's library (2026-11): Qwen3-VL, qwen2.5vl, Llama-3.2-Vision, GLM-4.5V. */
const VISION = /llava|vision|pixtral|moondream|minicpm-?v|multimodal|internvl|(^|[^a-z])vl([^a-z]|$)|glm-?\d(\.\d)?v/i;

/** Whether a model takes images, as far as its name says so. */
export function namesVision(model: string): boolean {
  return VISION.test(model);
}

/** How a family's effort is written and which words it takes. */
export interface NamedEffort {
  reasoningEffort: EffortStyle;
  efforts: readonly string[];
}

/** Qwen 3.8 and later take a word in their template, and refuse to be switched off. */
const TEMPLATE_WORD = /qwen-?(3\.[89]|[4-9])/i;
/** Hybrid models whose templates have a switch: Qwen 3 (not its lines that only think, or never do), GLM from 4.5, DeepSeek from 3.1, Kimi from K2.5. */
const TEMPLATE_SWITCH = /qwen-?3(?!.*(thinking|instruct|coder))|glm-?(4\.[5-9]|5)|deepseek-v?(3\.[1-9]|4)|kimi-k2\.[5-9]/i;

/**
 * The effort of a model on a server that renders its own chat template (llama.cpp, vLLM, SGLang), by the model's name: as published
 * in the templates on Hugging Face (2026-11) and vLLM's documentation "Reasoning Outputs".
 */
export function templateEffort(model: string): NamedEffort {
  if (TEMPLATE_WORD.test(model)) return { reasoningEffort: "template_effort", efforts: ["low", "medium", "xhigh"] };
  if (TEMPLATE_SWITCH.test(model)) return { reasoningEffort: "template_switch", efforts: ["none", "medium"] };
  return { reasoningEffort: "reasoning_effort", efforts: ["low", "medium", "high"] };
}
