// The families of models by how they turn a chat into tokens. Promises names alone; what each costs stands with the counter.

/** Every family that can be counted. A model whose name tells none of them is estimated by its bytes. */
export type TokenFamily =
  | "gpt-oss"
  | "gpt-5"
  | "gpt-4o"
  | "gpt-4"
  | "qwen3.5"
  | "qwen"
  | "llama-3.1"
  | "llama-3"
  | "deepseek"
  | "glm"
  | "mistral"
  | "kimi"
  | "claude"
  | "gemini"
  | "grok";
