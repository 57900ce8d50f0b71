// Token counts of a chat reply, wherever the vendor puts them. Promises Responses' meaning: cached within input,
// reasoning within output.
import type { JsonObject } from "../../kit/json.ts";
import { asNumber, asObject } from "../../kit/json.ts";
import type { Usage } from "../../hub/usage.ts";

/** The usage in a chunk or whole reply; undefined where it says nothing yet (null counts, zeros in every chunk). */
export function readUsage(body: JsonObject): Usage | undefined {
  return countsOf(asObject(body["usage"])) ?? countsOf(asObject(asObject(body["x_groq"])?.["usage"]));
}

function countsOf(usage: JsonObject | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  const input = asNumber(usage["prompt_tokens"]);
  const total = asNumber(usage["total_tokens"]);
  let output = asNumber(usage["completion_tokens"]);
  // Databricks and Perplexity repeat usage in every chunk, with null or zero counts until the last.
  if (input === undefined || (output === undefined && !(input > 0))) return undefined;
  output ??= total !== undefined && total >= input ? total - input : 0;
  if (input === 0 && output === 0) return undefined;
  const inputDetails = asObject(usage["prompt_tokens_details"]);
  const reasoning =
    asNumber(asObject(usage["completion_tokens_details"])?.["reasoning_tokens"]) ?? asNumber(usage["reasoning_tokens"]) ?? 0;
  // xAI counts reasoning apart from completion (the total proves it); Responses counts it within the output.
  const apart = reasoning > output || (reasoning > 0 && total === input + output + reasoning);
  return {
    input,
    output: apart ? output + reasoning : output,
    cached:
      asNumber(inputDetails?.["cached_tokens"]) ?? asNumber(usage["prompt_cache_hit_tokens"]) ?? asNumber(usage["cached_tokens"]) ?? 0,
    cacheWrite: asNumber(inputDetails?.["cache_write_tokens"]) ?? 0,
    reasoning,
    estimated: false,
  };
}
