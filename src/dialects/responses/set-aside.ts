// Fields that a request may carry and that no target of ours takes. Promises that each is checked as far as the API tells its shape,
// and declared as a loss wherever leaving it out changes anything for the client.
import type { LossList } from "../../hub/loss.ts";
import type { JsonObject } from "../../kit/json.ts";
import { optionalBoolean, optionalInteger, optionalObject, optionalWord } from "./check.ts";
import { featureWord } from "./opaque.ts";
import { field, unknownParameter, wrongValue } from "./refuse.ts";
import { CACHE_RETENTIONS, SERVICE_TIERS, TRUNCATIONS } from "./wire.ts";

/** What the request says besides, where the Response object repeats it. */
export interface SetAside {
  truncation: string;
  prompt_cache_retention: string | null;
  max_tool_calls: number | null;
}

/** Fields that are read elsewhere: by readRequest, by the refusals of stored state, or below. */
const KNOWN: ReadonlySet<string> = new Set(
  [
    "model input instructions tools tool_choice parallel_tool_calls stream reasoning text max_output_tokens temperature top_p",
    "top_logprobs frequency_penalty presence_penalty stop seed include metadata prompt_cache_key safety_identifier user",
    "previous_response_id conversation prompt background store stream_options context_management max_tool_calls truncation",
    "service_tier prompt_cache_retention prompt_cache_options moderation access_programs image personality client_metadata",
    "type generate stream_id",
  ].flatMap((line) => line.split(" ")),
);

/** Fields of an object's shape (or of none that we know) that are never sent on, with the sentence of their loss. */
const OBJECTS: readonly (readonly [string, string])[] = [
  ["prompt_cache_options", "Cache options are the service's own and are not sent on."],
  ["moderation", "Moderation is the service's own and is not done here."],
  ["access_programs", "Access programs are the service's own and are not sent on."],
  ["image", "Image compression is the service's own and is not sent on."],
  ["client_metadata", "Notes of the client about itself and its machine stay in this gateway's log."],
];

/** Checks the fields that are not carried; records their losses. `strict` refuses a field that nobody knows, `keeps` is of a store. */
export function readSetAside(body: JsonObject, losses: LossList, { strict, keeps }: { strict: boolean; keeps: boolean }): SetAside {
  const drop = (name: string, detail: string): void => losses.add("dropped", name, detail);
  if (!keeps && optionalBoolean(body, "store", null) === true)
    drop("store", "This gateway keeps no responses; the reply says store: false.");
  const streaming = optionalObject(body, "stream_options", null);
  const obfuscates = streaming === undefined ? undefined : optionalBoolean(streaming, "include_obfuscation", field(null, "stream_options"));
  if (obfuscates === true) drop("stream_options", "Deltas carry no obfuscation.");
  const calls = optionalInteger(body, "max_tool_calls", null, 0) ?? null;
  const truncation = optionalWord(body, "truncation", null, TRUNCATIONS) ?? "disabled";
  const tier = optionalWord(body, "service_tier", null, SERVICE_TIERS) ?? "auto";
  if (tier !== "auto" && tier !== "default") drop("service_tier", "Service tiers are the service's own and are not sent on.");
  const retention = optionalWord(body, "prompt_cache_retention", null, CACHE_RETENTIONS) ?? null;
  if (retention !== null) drop("prompt_cache_retention", "How long a prompt is cached is up to the model's server.");
  for (const [name, detail] of OBJECTS) if (optionalObject(body, name, null) !== undefined) drop(name, detail);
  if ((body["personality"] ?? null) !== null) drop("personality", "Personalities are the service's own and are not sent on.");
  readSocketFields(body, losses);
  readUnknown(body, losses, strict);
  return { truncation, prompt_cache_retention: retention, max_tool_calls: calls };
}

/** Fields that belong to the WebSocket form of a request: `type` says nothing new, the others have no meaning over HTTP. */
function readSocketFields(body: JsonObject, losses: LossList): void {
  const type = body["type"];
  if (typeof type === "string" && type !== "response.create") throw wrongValue("type", type, ["response.create"]);
  for (const name of ["generate", "stream_id"]) {
    if ((body[name] ?? null) !== null) losses.add("dropped", name, `The field ${name} has a meaning over WebSocket only.`);
  }
}

function readUnknown(body: JsonObject, losses: LossList, strict: boolean): void {
  for (const name of Object.keys(body)) {
    if (KNOWN.has(name)) continue;
    const word = featureWord(name);
    if (strict) throw unknownParameter(name);
    losses.add("dropped", word, `The Responses API has no field ${word} that we know of; it is not sent on.`);
  }
}
