// Refusals of what needs stored responses or templates. Promises the service's own status, code and param, and a sentence
// that says that this gateway keeps nothing yet and what to send instead.
import { fault, FaultError } from "../../hub/fault.ts";
import type { JsonObject } from "../../kit/json.ts";
import { optionalBoolean, optionalObject, optionalString } from "./check.ts";
import { refuse, unsupported, wrongType } from "./refuse.ts";

const NOT_KEPT = "This version of Waystation keeps no responses; send the whole conversation as input instead.";

/** Throws where the request leans on something that would have to be stored. */
export function refuseStored(body: JsonObject): void {
  const previous = optionalString(body, "previous_response_id", null);
  const conversation = body["conversation"] ?? undefined;
  if (previous !== undefined && conversation !== undefined) {
    const both = "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of them.";
    throw refuse("previous_response_id", "mutually_exclusive_parameters", both);
  }
  if (previous !== undefined) {
    throw refuse(
      "previous_response_id",
      "previous_response_not_found",
      `Previous response with id '${previous.slice(0, 64)}' not found. ${NOT_KEPT}`,
    );
  }
  if (conversation !== undefined) {
    if (typeof conversation !== "string" && optionalObject(body, "conversation", null) === undefined) {
      throw wrongType("conversation", "one of a string or object", conversation);
    }
    throw unsupported("conversation", NOT_KEPT);
  }
  if (optionalObject(body, "prompt", null) !== undefined) {
    throw unsupported("prompt", "This version of Waystation keeps no prompt templates; send instructions and input instead.");
  }
  if (optionalBoolean(body, "background", null) === true) {
    throw unsupported("background", "This version of Waystation runs no responses in the background; leave it out, or stream instead.");
  }
}

/** The refusal of an item that is only named by its id: the service's 404. */
export function refuseReference(id: string): FaultError {
  const message =
    `Item with id '${id.slice(0, 64)}' not found. Items are not persisted when \`store\` is set to false. ` +
    "This version of Waystation keeps no items; set `store` to false in the client, so that it sends them whole.";
  return new FaultError(fault("not_found", message, { param: "input" }));
}
