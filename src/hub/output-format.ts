// The output format of a request: which one holds, how a target can be asked for it, and what the reply of a target that is asked in
// words alone is held to. Promises one answer for whoever asks.
import type { JsonObject } from "../kit/json.ts";
import type { Capabilities } from "./capability.ts";
import type { TextFormat } from "./item.ts";
import type { HubRequest } from "./request.ts";

/** The format that holds at the end of the input: a later `configuration_update` wins. */
export function askedFormat(request: HubRequest): TextFormat {
  let format = request.text.format;
  for (const item of request.input) if (item.type === "configuration_update" && item.text?.format) format = item.text.format;
  return format;
}

/** Whether a request asks for log probabilities: how many of them says `top_logprobs`, which alone shows none. */
export function asksLogprobs(request: HubRequest): boolean {
  return request.include.includes("message.output_text.logprobs");
}

/** How a target can be asked for a format: some take none beside tools. */
export function formatStyle(capabilities: Capabilities, offersTools: boolean): Capabilities["jsonSchema"] {
  return capabilities.formatWithTools || !offersTools ? capabilities.jsonSchema : "prompt";
}

/** The schema that a reply must be checked against, because nothing holds the target to it; null where something does, or there is none. */
export function uncheckedSchema(format: TextFormat, style: Capabilities["jsonSchema"]): JsonObject | null {
  if (format.type === "json_schema") return style === "schema" ? null : format.schema;
  return format.type === "json_object" && style === "prompt" ? { type: "object" } : null;
}
