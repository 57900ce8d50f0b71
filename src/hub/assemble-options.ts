// What the assembler of a reply is given, and what it tells of sizes. Types only.
import type { IdSource } from "../kit/ids.ts";
import type { JsonObject } from "../kit/json.ts";
import type { Event } from "./event.ts";
import type { OutputItem } from "./item.ts";
import type { ResponseEcho } from "./request.ts";

/** What one reply needs to know before its first piece. */
export interface AssembleOptions {
  responseId: string;
  /** Seconds since the epoch. */
  createdAt: number;
  ids: IdSource;
  echo: ResponseEcho;
  /** Whether readable reasoning goes out as a summary or as raw text. */
  reasoningStyle: "summary" | "text";
  /** A refusal goes out as plain text: some clients drop refusal parts. */
  refusalsAsText: boolean;
  /** Seals the state of a reasoning item for the provider that made it; null = nothing to seal. */
  seal: (state: JsonObject) => string | null;
  emit: (event: Event) => void;
}

/** Makes the item that ends an output, of the items before it. */
export type LastItem = (output: readonly OutputItem[]) => OutputItem;

/** Sizes of what was said, in characters, for estimates. */
export interface SaidLength {
  text: number;
  reasoning: number;
  calls: number;
}
