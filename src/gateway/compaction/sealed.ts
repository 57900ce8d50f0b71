// What a compaction's blob holds, sealed and opened again. Promises that one which we did not make, or that was tampered with, is
// refused in the service's words: leaving it out would leave out the conversation.
import type { HandOver } from "../../hub/compaction/hand-over.ts";
import { readHandOver } from "../../hub/compaction/hand-over.ts";
import { fault, FaultError } from "../../hub/fault.ts";
import type { CompactionItem, Item } from "../../hub/item.ts";
import type { Seal, Unseal } from "../../hub/seal.ts";
import type { JsonObject } from "../../kit/json.ts";
import { asList } from "../../kit/json.ts";

/** The content of a blob. */
export interface Compaction {
  handOver: HandOver;
  /** Items that go before the hand-over, and after it, as they were. */
  before: readonly Item[];
  after: readonly Item[];
  /** It stands for all that was said before it; else the client keeps its messages, and sends them before it. */
  isWhole: boolean;
}

/** Any provider may read what we wrote ourselves, so its owner is none of them. */
const OWNER = "waystation";
const SHOWN = 4;

/** Seals it. `model` is the name that the client asked for. */
export function sealCompaction({ handOver, before, after, isWhole }: Compaction, model: string, seal: Seal): string {
  // Hand-overs and items are plain JSON; their interfaces lack the index signature that JsonObject wants.
  const data = { version: 1, hand_over: handOver, before, after, whole: isWhole } as unknown as JsonObject;
  return seal({ owner: OWNER, dialect: "responses", model, kind: "compaction", data });
}

/** Opens it. Throws a FaultError: 400 `invalid_encrypted_content`, as recorded of the service (openai/codex issue 8145). */
export function openCompaction({ encrypted_content: blob }: CompactionItem, unseal: Unseal): Compaction {
  const opened = unseal(blob, "compaction");
  if (opened.state !== "ours") throw unreadable(blob, "Encrypted content could not be decrypted or parsed.");
  const { owner, data } = opened.content;
  // A provider's own blob goes back to that provider alone, which takes a dialect that carries it.
  if (owner !== OWNER) throw unreadable(blob, "It was made by another provider.");
  const handOver = readHandOver(data["hand_over"]);
  if (data["version"] !== 1 || handOver === undefined) throw unreadable(blob, "It was made by another version of Waystation.");
  // What was sealed with these names were items.
  const items = (name: string): Item[] => asList(data[name]) as unknown as Item[];
  return { handOver, before: items("before"), after: items("after"), isWhole: data["whole"] === true };
}

function unreadable(blob: string, reason: string): FaultError {
  const shown = blob.length <= 2 * SHOWN ? blob : `${blob.slice(0, SHOWN)}...${blob.slice(-SHOWN)}`;
  const message = `The encrypted content ${shown} could not be verified. Reason: ${reason}`;
  return new FaultError(fault("invalid_request", message, { code: "invalid_encrypted_content" }));
}
