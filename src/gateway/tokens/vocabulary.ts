// Text into a number of tokens, by a vocabulary that is loaded when it is first needed (some 50 MB each, so only in the counting
// thread). Promises linear time: the package's merge is quadratic in an unbroken run, so that long runs are cut first.
import type { VocabularyName } from "./family.ts";

/** Counts the tokens of a text; text that looks like a special token is text. */
export type CountText = (text: string) => number;

/** Characters of one kind (space or not) after which a run is cut. Real words are shorter; a cut costs at most a token or two. */
const LONGEST_RUN = 120;

/** Chinese, Japanese and Korean, where cl100k needs twice what the models built on it need: their own additions lie here. */
const EAST_ASIAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+/gu;
const TWO_DIGITS = /\d{2,}/g;

const AS_TEXT = { disallowedSpecial: new Set<string>() };

/** Loads a vocabulary. */
export async function loadVocabulary(name: VocabularyName): Promise<CountText> {
  const o200k = async (): Promise<CountText> => inRuns((await import("gpt-tokenizer/encoding/o200k_base")).countTokens);
  const cl100k = async (): Promise<CountText> => inRuns((await import("gpt-tokenizer/encoding/cl100k_base")).countTokens);
  switch (name) {
    case "o200k":
      return o200k();
    case "cl100k":
      return cl100k();
    case "cl100k-asian":
      return joined(await cl100k(), o200k, () => 0);
    case "cl100k-digits":
      return joined(await cl100k(), o200k, singleDigits);
  }
}

type Encode = (text: string, options: typeof AS_TEXT) => number;

function inRuns(encode: Encode): CountText {
  return (text) => cutRuns(text).reduce((sum, part) => sum + encode(part, AS_TEXT), 0);
}

/** `extra` = tokens beyond those of the first vocabulary; East Asian text goes to the other, which has the longer words of these scripts. */
async function joined(western: CountText, eastern: () => Promise<CountText>, extra: CountText): Promise<CountText> {
  const other = await eastern();
  return (text) => {
    let asian = 0;
    const rest = text.replace(EAST_ASIAN, (run) => {
      asian += other(run);
      return "";
    });
    return western(rest) + asian + extra(rest);
  };
}

/** Where each digit is a token of its own: cl100k takes up to three at once. */
function singleDigits(text: string): number {
  let extra = 0;
  for (const [digits] of text.matchAll(TWO_DIGITS)) extra += digits.length - Math.ceil(digits.length / 3);
  return extra;
}

/** The text in parts none of which has a longer run of one kind; never between the halves of a character. */
function cutRuns(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let run = 0;
  let wasSpace = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isSpace = code <= 32;
    run = isSpace === wasSpace ? run + 1 : 1;
    wasSpace = isSpace;
    if (run < LONGEST_RUN || isLowHalf(text.charCodeAt(at + 1))) continue;
    parts.push(text.slice(start, at + 1));
    start = at + 1;
    run = 0;
  }
  parts.push(text.slice(start));
  return parts;
}

function isLowHalf(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
