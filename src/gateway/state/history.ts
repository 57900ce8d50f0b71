// What a request leans on, fetched from the store. Promises the contract's refusal for each thing that is not there.
import { missingConversation, missingItem, missingResponse, unfinishedResponse } from "../../dialects/responses/stored.ts";
import type { StateWish, StoredContext } from "../../dialects/responses/stored.ts";
import { asList, asObject, parseJson } from "../../kit/json.ts";
import type { StateStore } from "./store.ts";

/** Whether a request leans on anything. */
export function leansOnState({ previous, conversation, references }: StateWish): boolean {
  return previous !== null || conversation !== null || references.length > 0;
}

/** Fetches it. Rejects with a FaultError. */
export async function fetchHistory(store: StateStore, owner: string, wish: StateWish): Promise<StoredContext> {
  const { previous, conversation, references } = wish;
  const answer = await store.ask("history", { owner, previous, conversation, references: [...new Set(references)] });
  if (answer.found) {
    const items = Object.entries(answer.references).map(([id, text]) => [id, asObject(parseJson(text)) ?? {}] as const);
    return { wish, keeps: true, history: asList(parseJson(answer.items)), references: new Map(items) };
  }
  switch (answer.missing) {
    case "previous":
      throw missingResponse(previous ?? "");
    case "unfinished":
      throw unfinishedResponse(previous ?? "");
    case "conversation":
      throw missingConversation(conversation ?? "");
    case "item":
      throw missingItem(answer.id);
  }
}
