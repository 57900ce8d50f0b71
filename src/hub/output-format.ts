// The output format of a request: which one holds, and how a target can be asked for it. Promises one answer for whoever asks.
import type { Capabilities } from "./capability.ts";
import type { TextFormat } from "./item.ts";
import type { HubRequest } from "./request.ts";

/** The format that holds at the end of the input: a later `configuration_update` wins. */
export function askedFormat(request: HubRequest): TextFormat {
  let format = request.text.format;
  for (const item of request.input) if (item.type === "configuration_update" && item.text?.format) format = item.text.format;
  return format;
}

/** How a target can be asked for a format: some take none beside tools. */
export function formatStyle(capabilities: Capabilities, offersTools: boolean): Capabilities["jsonSchema"] {
  return capabilities.formatWithTools || !offersTools ? capabilities.jsonSchema : "prompt";
}
