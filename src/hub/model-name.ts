// What a model's name tells about it, for the servers that tell nothing else. Promises to read only words that name a
// family's vision line: a wrong yes costs the whole conversation (the image stays in it), a wrong no one declared loss.

/** The words, as published on Hugging Face and in Ollama's library (2026-11): Qwen3-VL, qwen2.5vl, Llama-3.2-Vision, GLM-4.5V. */
const VISION = /llava|vision|pixtral|moondream|minicpm-?v|multimodal|internvl|(^|[^a-z])vl([^a-z]|$)|glm-?\d(\.\d)?v/i;

/** Whether a model takes images, as far as its name says so. */
export function namesVision(model: string): boolean {
  return VISION.test(model);
}
