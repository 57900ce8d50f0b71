// What a chat costs in tokens beyond its text, by family of models: a table of measured and documented facts (docs/tokens.md has the
// errors). Promises data alone; a model of no family is estimated by its bytes.
import type { TokenFamily } from "../../hub/token-family.ts";

/**
 * The vocabularies at hand: OpenAI's two, and the two that are built on cl100k and differ from it only in East Asian text (Llama 3), or
 * also in taking each digit by itself (Qwen). On Latin text both were compared with the models' own: equal to the token.
 */
export type VocabularyName = "o200k" | "cl100k" | "cl100k-asian" | "cl100k-digits";

/** One family's costs, in tokens. */
export interface FamilyCosts {
  readonly vocabulary: VocabularyName;
  /** Whether the vocabulary is the family's own; where it is a neighbour's, the count is a guess. */
  readonly own: boolean;
  /** Tokens of its own vocabulary for one of that. */
  readonly scale: number;
  /** What each request has: the start, the answer's header, a system text of the template's own. */
  readonly request: number;
  readonly message: number;
  /** The same for a system message, where that goes into a text of the template's own. */
  readonly systemMessage?: number;
  /** How tools are shown, what introduces them, and what frames each. */
  readonly form: "typescript" | "json";
  readonly tools: number;
  readonly tool: number;
  /** What frames a call and its result, beyond those two messages. */
  readonly call: number;
  /** What frames the schema of an output format, where the model is shown it; null where it is only held to it. */
  readonly format: number | null;
}

const GPT: FamilyCosts = {
  vocabulary: "o200k",
  own: true,
  scale: 1,
  request: 3,
  message: 4,
  form: "typescript",
  tools: 16,
  tool: 0,
  call: 11,
  format: 4,
};

const JSON_TOOLS: FamilyCosts = {
  vocabulary: "cl100k-asian",
  own: true,
  scale: 1,
  request: 3,
  message: 5,
  form: "json",
  tools: 74,
  tool: 4,
  call: 15,
  format: null,
};

/** Costs by family. The numbers are fitted to recordings that state their usage, and agree with the published templates where there are. */
export const FAMILIES: Readonly<Record<TokenFamily, FamilyCosts>> = {
  "gpt-oss": { ...GPT, format: null, request: 62, message: 5, tool: 15, call: 32 },
  "gpt-5": { ...GPT, request: 2, tools: 92 },
  "gpt-4o": GPT,
  "gpt-4": { ...GPT, vocabulary: "cl100k", call: 1 },
  qwen: { ...JSON_TOOLS, vocabulary: "cl100k-digits" },
  "qwen3.5": { ...JSON_TOOLS, vocabulary: "cl100k-digits", request: 5, tools: 215, tool: -9, call: 20 },
  "llama-3.1": { ...JSON_TOOLS, request: 30, systemMessage: 0, tools: 80 },
  "llama-3": { ...JSON_TOOLS, request: 5, tools: 80 },
  deepseek: { ...JSON_TOOLS, own: false, request: 3, message: 1, tools: 225, tool: -9, call: 40 },
  glm: { ...JSON_TOOLS, own: false, request: 4, message: 1, tools: 97, tool: -5 },
  mistral: { ...GPT, own: false, format: null, request: 1, message: 3, form: "json", tools: 8, call: 12 },
  kimi: { ...JSON_TOOLS, own: false, request: 4, message: 4, form: "typescript", tools: 26, call: 20 },
  claude: { ...GPT, own: false, format: null, scale: 1.2, request: 7, message: 0, form: "json", tools: 480, call: 42 },
  gemini: { ...GPT, own: false, format: null, request: 0, message: 0, tools: 0, call: 4 },
  grok: { ...GPT, own: false, format: null, scale: 0.96, request: 8, message: 1, form: "json", tools: 190, call: 20 },
};

/** Which names are of which family; the first that fits, so the narrower stand before the wider. */
const NAMES: readonly (readonly [RegExp, TokenFamily])[] = [
  [/gpt-oss/, "gpt-oss"],
  // Made of Qwen and Llama, with their vocabularies.
  [/distill-qwen/, "qwen"],
  [/distill-llama/, "llama-3.1"],
  [/gpt-?[5-9]/, "gpt-5"],
  [/gpt-4o|gpt-4\.[1-9]|chatgpt|(^|[/-])o[1-9]([-:]|$)/, "gpt-4o"],
  [/gpt-?(4|3\.?5)/, "gpt-4"],
  [/qwen-?3[.-][5-9]|qwen-?3-(coder|next)|qwen-?[4-9]/, "qwen3.5"],
  [/qwen|qwq/, "qwen"],
  [/llama-?3[.-][1-9]/, "llama-3.1"],
  [/llama-?3/, "llama-3"],
  [/deepseek/, "deepseek"],
  [/(^|[/-])glm/, "glm"],
  [/mistral|mixtral|ministral|magistral|devstral|codestral|pixtral|voxtral/, "mistral"],
  [/kimi/, "kimi"],
  [/claude/, "claude"],
  [/gemini/, "gemini"],
  [/grok/, "grok"],
];

/** The family of a model's name; undefined = none that we know. */
export function familyOf(model: string): TokenFamily | undefined {
  const name = model.toLowerCase();
  return NAMES.find(([pattern]) => pattern.test(name))?.[1];
}

/** What a count by a family is called where an estimate is named: with `~` where the vocabulary is a neighbour's, so that it is a guess. */
export function methodOf(family: TokenFamily): string {
  const { vocabulary, own } = FAMILIES[family];
  return `tokenizer:${vocabulary}${own ? "" : "~"}`;
}
