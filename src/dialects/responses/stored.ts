// What a request wants of stored state: what it leans on, and whether it is to be kept itself. Promises the service's own status, code
// and param for each refusal, and a sentence of what to send instead where nothing is kept.
import { fault, FaultError } from "../../hub/fault.ts";
import { isObject } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { optionalBoolean, optionalObject, optionalString, requiredString } from "./check.ts";
import { referenceOf } from "./kept-item.ts";
import { field, refuse, unsupported, wrongType } from "./refuse.ts";

/** The wishes of one request. */
export interface StateWish {
  /** Keep the response, so that it can be retrieved and continued. */
  store: boolean;
  background: boolean;
  /** The response that the request continues. */
  previous: string | null;
  /** The conversation that it continues. */
  conversation: string | null;
  /** Ids of kept items that the input names. */
  references: readonly string[];
}

/** What was found for a request. Its items are parsed anew for it, and become the hub's. */
export interface StoredContext {
  wish: StateWish;
  /** Whether the gateway keeps responses at all. */
  keeps: boolean;
  /** Items that go before the input, oldest first, in wire form. */
  history: Json[];
  /** The items that the input names. */
  references: ReadonlyMap<string, JsonObject>;
}

const NOT_KEPT = "This gateway keeps no responses; send the whole conversation as input instead.";
const LONGEST_SHOWN = 64;

/** Reads the wishes. Throws a FaultError where they contradict each other or are of the wrong type. */
export function readStateWish(body: JsonObject): StateWish {
  const previous = optionalString(body, "previous_response_id", null) ?? null;
  const conversation = readConversation(body);
  if (previous !== null && conversation !== null) {
    const both = "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of them.";
    throw refuse("previous_response_id", "mutually_exclusive_parameters", both);
  }
  if (optionalObject(body, "prompt", null) !== undefined) {
    throw unsupported("prompt", "Waystation keeps no prompt templates; send instructions and input instead.");
  }
  const { input } = body;
  return {
    previous,
    conversation,
    store: optionalBoolean(body, "store", null) ?? true,
    background: optionalBoolean(body, "background", null) ?? false,
    references: Array.isArray(input) ? input.map(referenceOf).filter((id) => id !== undefined) : [],
  };
}

function readConversation(body: JsonObject): string | null {
  const given = body["conversation"] ?? null;
  if (given === null || typeof given === "string") return given;
  if (!isObject(given)) throw wrongType("conversation", "one of a string or object", given);
  return requiredString(given, "id", field(null, "conversation"));
}

/** Throws where a request leans on something that is stored, for a gateway that stores nothing. */
export function refuseStored(wish: StateWish): void {
  if (wish.previous !== null) throw missingResponse(wish.previous, NOT_KEPT);
  if (wish.conversation !== null) throw unsupported("conversation", NOT_KEPT);
  if (wish.background) throw unsupported("background", "This gateway keeps no responses; leave it out, or stream instead.");
}

/** The response to be continued is not there (contract 5.1). */
export function missingResponse(id: string, advice = ""): FaultError {
  const message = `Previous response with id '${id.slice(0, LONGEST_SHOWN)}' not found.`;
  return refuse("previous_response_id", "previous_response_not_found", advice === "" ? message : `${message} ${advice}`);
}

/** The response to be continued has not ended. */
export function unfinishedResponse(id: string): FaultError {
  const message = `Previous response with id '${id.slice(0, LONGEST_SHOWN)}' is still in progress; wait until it is complete.`;
  return refuse("previous_response_id", null, message);
}

/** The conversation to be continued is not there. */
export function missingConversation(id: string): FaultError {
  return new FaultError(fault("not_found", `Conversation with id '${id.slice(0, LONGEST_SHOWN)}' not found.`, { param: "conversation" }));
}

/** Somebody else is adding to the conversation. */
export function lockedConversation(): FaultError {
  const message = "Another process is currently operating on this conversation. Please retry in a few seconds.";
  return new FaultError(fault("invalid_request", message, { status: 409, code: "conversation_locked", param: "conversation" }));
}

/** An item that is only named by its id is not there: the service's 404. */
export function missingItem(id: string, advice = ""): FaultError {
  const message =
    `Item with id '${id.slice(0, LONGEST_SHOWN)}' not found. Items are not persisted when \`store\` is set to false. ` +
    "Try again with `store` set to true, or remove this item from your input.";
  return new FaultError(fault("not_found", advice === "" ? message : `${message} ${advice}`, { param: "input" }));
}
