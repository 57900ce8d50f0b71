// A hub request for tests that care only for its tools and items.
import type { HubRequest } from "../../src/hub/request.ts";

/** A request that asks for nothing in particular. */
export function requestOf(given: Partial<HubRequest>): HubRequest {
  return {
    model: "m",
    instructions: null,
    input: [],
    tools: [],
    tool_choice: "auto",
    parallel_tool_calls: true,
    stream: true,
    reasoning: null,
    text: { format: { type: "text" }, verbosity: null },
    max_output_tokens: null,
    temperature: null,
    top_p: null,
    top_logprobs: null,
    frequency_penalty: null,
    presence_penalty: null,
    stop: null,
    seed: null,
    include: [],
    prompt_cache_key: null,
    safety_identifier: null,
    user: null,
    echo: {},
    ...given,
  };
}
