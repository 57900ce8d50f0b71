// A page of a list of items in the API's form.
import type { Placed } from "./chain.ts";
import type { PageAnswer, Paging } from "./message.ts";

/** The page of a list that is given oldest first; `read` gives the JSON of an item. */
export function pageOf<Entry extends Placed>(list: readonly Entry[], paging: Paging, read: (entry: Entry) => string): PageAnswer {
  const ordered = paging.order === "desc" ? list.toReversed() : list;
  const at = paging.after === null ? -1 : ordered.findIndex(({ item }) => item === paging.after);
  if (at === -1 && paging.after !== null) return { found: false, missing: "after" };
  const page = ordered.slice(at + 1, at + 1 + paging.limit);
  return {
    found: true,
    bytes: writeList(
      page.map(({ item }) => item),
      page.map(read),
      ordered.length > at + 1 + paging.limit,
    ),
  };
}

/** A list object, as JSON. */
export function writeList(ids: readonly string[], items: readonly string[], hasMore: boolean): Uint8Array<ArrayBuffer> {
  const id = (at: number): string => JSON.stringify(ids.at(at) ?? null);
  const text = `{"object":"list","data":[${items.join(",")}],"first_id":${id(0)},"last_id":${id(-1)},"has_more":${hasMore}}`;
  return new TextEncoder().encode(text);
}
