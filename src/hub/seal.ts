// Seals: opaque vendor state in our envelope, as types and as one law. Promises: a seal goes back only to the owner that
// made it; anyone else gets the readable part or nothing. How it is encrypted is the key ring's business (gateway).
import type { JsonObject } from "../kit/json.ts";

/** What a seal holds. */
export type SealKind = "reasoning" | "compaction";

/** The content of a seal. `owner` is the id of the provider whose state this is. */
export interface SealContent {
  owner: string;
  dialect: string;
  model: string;
  kind: SealKind;
  data: JsonObject;
}

/** Makes a seal: `ws1.` + base64url. */
export type Seal = (content: SealContent) => string;

/** What became of a blob that a client sent back. */
export type Opened = { state: "ours"; content: SealContent } | { state: "foreign" } | { state: "broken" };

/** Opens a blob: `foreign` = not our envelope at all, `broken` = ours, but tampered with or under a lost key. */
export type Unseal = (blob: string, kind: SealKind) => Opened;

/** The start of every seal of ours; the digit is the version of the envelope. */
export const SEAL_PREFIX = "ws1.";
