// What the counting thread is asked and says. Promises that every question with a number gets an answer with that number.
import type { TokenFamily } from "../../hub/token-family.ts";

/** A question: the tokens of a chat-completions body (its JSON, in a buffer of its own) for a family. */
export interface CountQuestion {
  number: number;
  family: TokenFamily;
  body: Uint8Array;
}

/** The answer; null where it could not be counted. */
export interface CountAnswer {
  number: number;
  tokens: number | null;
}
