// Stored responses as a server offers them. Promises the contract's status, code and words for whatever is not there or cannot be, and
// that an owner sees nothing of another's.
import type { PageQuery, ResponseQuery } from "../../dialects/responses/read-query.ts";
import { refuse } from "../../dialects/responses/refuse.ts";
import { FaultError, fault } from "../../hub/fault.ts";
import type { ReplyPort } from "../port.ts";
import type { PageAnswer, StoredResponse } from "./message.ts";
import { serveEvents } from "./serve-events.ts";
import type { StateServices } from "./turn-state.ts";

/** What can be asked of stored responses. Everything rejects with a FaultError where it cannot be. */
export interface ResponseFace {
  /** The Response object, as JSON. */
  read(owner: string, id: string, include: readonly string[]): Promise<string>;
  /** Its events from a number on, to the port. Resolves when nothing more will be written. */
  stream(owner: string, id: string, wanted: NonNullable<ResponseQuery["stream"]>, port: ReplyPort): Promise<void>;
  /** Deletes it; the words that say so, as JSON. */
  remove(owner: string, id: string): Promise<string>;
  /** Ends a background response; the Response object, as JSON. */
  cancel(owner: string, id: string): Promise<string>;
  inputItems(owner: string, id: string, page: PageQuery, include: readonly string[]): Promise<Uint8Array>;
}

/** Makes the face. */
export function createResponseFace({ store, runs }: StateServices): ResponseFace {
  const find = async (owner: string, id: string, include: readonly string[] = []): Promise<StoredResponse> => {
    const found = await store.ask("response", { owner, id, include });
    if (found === null) throw noResponse(id);
    return found;
  };
  return {
    read: async (owner, id, include) => (await find(owner, id, include)).text,
    stream: async (owner, id, { after }, port) => {
      const { background } = await find(owner, id);
      const from = after === null ? 0 : after + 1;
      const { state } = await store.ask("events", { owner, id, from });
      if (state === "none") {
        const why = background ? "background=true and stream=true" : "background=true";
        throw refuse("stream", null, `This response cannot be streamed because it was not created with ${why}.`);
      }
      if (state === "forgotten") throw refuse("stream", null, "Response can no longer be streamed: its events are kept for ten minutes.");
      const stream = runs.find(id)?.stream ?? undefined;
      await serveEvents({ store, owner, id, from, stream, port, headers: {} });
    },
    remove: async (owner, id) => {
      const outcome = await store.ask("remove", { owner, id, now: Date.now() });
      if (outcome === "none") throw noResponse(id);
      if (outcome === "running") throw refuse(null, null, "Cannot delete an in-flight response.");
      return JSON.stringify({ id, object: "response", deleted: true });
    },
    cancel: async (owner, id) => {
      const before = await find(owner, id);
      const run = runs.find(id);
      if (run !== undefined && before.background) {
        run.stop(fault("cancelled", "The response was cancelled."));
        await run.over;
      }
      const after = await find(owner, id);
      if (after.status !== "cancelled") throw refuse(null, null, whyNotCancelled(after));
      return after.text;
    },
    inputItems: async (owner, id, page, include) =>
      bytesOf(await store.ask("inputItems", { owner, id, paging: page, include }), noResponse(id), page),
  };
}

/** The page itself, as JSON. Throws `none` where there is no such list, a 400 where `after` is not in it. */
export function bytesOf(answer: PageAnswer, none: FaultError, page: PageQuery | null): Uint8Array {
  if (answer.found) return answer.bytes;
  if (answer.missing === "list") throw none;
  throw refuse("after", "invalid_value", `Invalid 'after': there is no item with id '${(page?.after ?? "").slice(0, 64)}' in this list.`);
}

function noResponse(id: string): FaultError {
  return new FaultError(fault("not_found", `Response with id '${id.slice(0, 64)}' not found.`));
}

function whyNotCancelled({ status, background }: StoredResponse): string {
  if (!background) return "Cannot cancel a synchronous response.";
  if (status === "failed") return "Cannot cancel a failed response.";
  return status === "incomplete" ? "Cannot cancel an incomplete response." : "Cannot cancel a completed response.";
}
