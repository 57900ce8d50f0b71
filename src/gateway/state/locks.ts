// Conversations that a turn is adding to. Promises one writer at a time for each.
import { lockedConversation } from "../../dialects/responses/stored.ts";

/** The conversations that are being written to. */
export class Locks {
  readonly #held = new Set<string>();

  /** Takes a conversation; what it returns gives it back. Throws a FaultError (409) where it is taken. */
  take(owner: string, conversation: string): () => void {
    const key = `${owner} ${conversation}`;
    this.check(owner, conversation);
    this.#held.add(key);
    return () => void this.#held.delete(key);
  }

  /** Throws a FaultError (409) where the conversation is taken. */
  check(owner: string, conversation: string): void {
    if (this.#held.has(`${owner} ${conversation}`)) throw lockedConversation();
  }
}
