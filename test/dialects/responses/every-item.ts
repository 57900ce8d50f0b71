// A create body that holds every item, part, tool and field that the reader knows, for tests that bend it. Promises a fresh
// body at each call, because a reader consumes what it reads.
import type { JsonObject } from "../../../src/kit/json.ts";

/** A body with one of everything. */
export function everyItem(): JsonObject {
  return {
    model: "m",
    instructions: "be kind",
    input: [
      { role: "user", content: "plain" },
      {
        type: "additional_tools",
        role: "developer",
        tools: [{ type: "namespace", name: "late", tools: [{ type: "function", name: "g" }] }],
      },
      {
        type: "message",
        id: "msg_1",
        role: "user",
        content: [
          { type: "input_text", text: "see" },
          { type: "input_image", image_url: "data:image/png;base64,AA==", detail: "high" },
          { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" },
          { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
          { type: "input_video", video: 1 },
        ],
      },
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }], content: null, encrypted_content: "seal" },
      {
        type: "message",
        id: "msg_2",
        role: "assistant",
        status: "completed",
        phase: "commentary",
        content: [
          { type: "output_text", text: "ok" },
          { type: "refusal", refusal: "no" },
        ],
      },
      { type: "function_call", id: "fc_1", call_id: "c1", name: "f", namespace: "n", arguments: "{}", status: "completed" },
      { type: "function_call_output", call_id: "c1", output: [{ type: "input_text", text: "done" }] },
      { type: "custom_tool_call", call_id: "c2", name: "patch", input: "***" },
      { type: "custom_tool_call_output", call_id: "c2", output: "fine" },
      { type: "tool_search_call", call_id: "c3", execution: "client", arguments: { query: "q" } },
      { type: "tool_search_output", call_id: "c3", execution: "client", tools: [{ type: "function", name: "found", defer_loading: true }] },
      {
        type: "agent_message",
        author: "/root",
        recipient: "/root/a",
        content: [
          { type: "input_text", text: "do " },
          { type: "encrypted_content", encrypted_content: "this" },
        ],
      },
      { type: "compaction", id: "cmp_1", encrypted_content: "blob" },
      { type: "configuration_update", reasoning: { effort: "high" }, text: { format: { type: "json_object" } } },
      { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } },
      { type: "shell_call", call_id: "c4", action: { commands: ["ls"] } },
    ],
    tools: [
      { type: "function", name: "f", description: "does", parameters: { type: "object", properties: {} }, strict: false },
      { type: "custom", name: "patch", format: { type: "grammar", syntax: "lark", definition: "start: /x/" } },
      {
        type: "namespace",
        name: "n",
        description: "many",
        tools: [
          { type: "function", name: "f" },
          { type: "custom", name: "free" },
        ],
      },
      { type: "tool_search", execution: "client", description: "finds", parameters: { type: "object" } },
      { type: "web_search", external_web_access: false },
    ],
    tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] },
    parallel_tool_calls: false,
    stream: true,
    reasoning: { effort: "low", summary: "auto", context: "all_turns" },
    text: { verbosity: "low", format: { type: "json_schema", name: "n", schema: { type: "object" }, strict: true } },
    max_output_tokens: 100,
    temperature: 0.5,
    top_p: 0.9,
    top_logprobs: 2,
    frequency_penalty: 0.1,
    presence_penalty: -0.1,
    stop: ["END"],
    seed: 7,
    include: ["reasoning.encrypted_content"],
    metadata: { run: "1" },
    prompt_cache_key: "key",
    safety_identifier: "user-1",
    user: "u",
    store: true,
    stream_options: { include_obfuscation: true },
    context_management: [{ type: "compaction", compact_threshold: 5000 }],
    truncation: "auto",
    service_tier: "priority",
    prompt_cache_retention: "24h",
    client_metadata: { thread_id: "t" },
    max_tool_calls: 3,
  };
}
