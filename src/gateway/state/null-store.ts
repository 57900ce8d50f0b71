// The store of a gateway that keeps nothing. Promises that no file is made, and that every question is a fault with a sentence.
import { FaultError, fault } from "../../hub/fault.ts";
import type { StateStore } from "./store.ts";

const NOT_KEPT =
  "This gateway keeps no responses and conversations (state.store is false in its configuration); send the whole conversation as input of POST /v1/responses.";

/** Makes it. */
export function nullStore(): StateStore {
  return {
    keeps: false,
    interrupted: 0,
    ask: () => Promise.reject(new FaultError(fault("not_found", NOT_KEPT))),
    counts: () => ({ responses: 0, queuedBytes: 0, refused: 0, trouble: null }),
    close: () => Promise.resolve(),
  };
}
