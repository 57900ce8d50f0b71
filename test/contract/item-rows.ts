// The contract of items and parts of the input.
import type { Row } from "./row.ts";
import { LOOK, FUNCTION, JSON_SCHEMA, user, input, capabilities, PDF, message } from "./row.ts";

/** The rows. */
export const ITEM_ROWS: Row[] = [
  [
    "a message with a phase",
    "dropped",
    input(user("a"), { role: "assistant", content: "b", phase: "commentary" }, user("c")),
    { sent: { messages: [{}, { content: "b" }, {}] }, losses: ["dropped message.phase"] },
  ],
  [
    "a refusal",
    "translated",
    input(user("a"), { type: "message", role: "assistant", content: [{ type: "refusal", refusal: "No." }] }, user("c")),
    { sent: { messages: [{}, { role: "assistant", content: "No." }, {}] } },
  ],
  [
    "a developer's message",
    "translated",
    input({ role: "developer", content: "Be brief." }, user("a")),
    { sent: message("Be brief.", "system") },
  ],
  [
    "a configuration update of effort",
    "translated",
    { ...input(user("a"), { type: "configuration_update", reasoning: { effort: "low" } }, user("b")), reasoning: { effort: "high" } },
    { sent: { reasoning_effort: "low" } },
  ],
  [
    "a configuration update of the format",
    "translated",
    input({ type: "configuration_update", text: JSON_SCHEMA["text"] ?? null }, user("a")),
    { sent: { response_format: { type: "json_schema" } } },
  ],
  [
    "a configuration update of an unknown effort",
    "refused",
    input({ type: "configuration_update", reasoning: { effort: "x" } }),
    { error: { param: "input[0].reasoning.effort", code: "invalid_value" } },
  ],
  [
    "a message of an agent",
    "translated",
    input({ type: "agent_message", author: "/root", recipient: "/a", content: [{ type: "input_text", text: "Go." }] }),
    { sent: message("Message from /root to /a:\nGo.") },
  ],
  [
    "tools added in the input",
    "translated",
    input({ type: "additional_tools", role: "developer", tools: [LOOK] }, user("a")),
    { sent: { tools: [{ function: FUNCTION }] } },
  ],
  [
    "an image",
    "translated",
    input(user([{ type: "input_image", image_url: "data:image/png;base64,AA==", detail: "original" }])),
    {
      sent: message([{ type: "image_url", image_url: { url: "data:image/png;base64,AA==", detail: "high" } }]),
      losses: ["lowered input_image.detail"],
    },
  ],
  [
    "input_image, a detail that chat knows",
    "translated",
    input(user([{ type: "input_image", image_url: "data:image/png;base64,AA==", detail: "low" }])),
    { sent: message([{ type: "image_url", image_url: { url: "data:image/png;base64,AA==", detail: "low" } }]) },
  ],
  [
    "a file",
    "translated",
    input(user([{ type: "input_file", filename: "a.pdf", file_data: PDF }])),
    { sent: message([{ type: "file", file: { filename: "a.pdf", file_data: PDF } }]), provider: capabilities({ files: true }) },
  ],
  [
    "a file without a name",
    "translated",
    input(user([{ type: "input_file", file_data: PDF }])),
    { sent: message([{ type: "file", file: { filename: "file.pdf", file_data: PDF } }]), provider: capabilities({ files: true }) },
  ],
  [
    "a text file, a target without files",
    "emulated",
    input(user([{ type: "input_file", filename: "a.txt", file_data: "data:text/plain;base64,aGk=" }])),
    { sent: message("a.txt:\nhi"), losses: ["lowered input_file"] },
  ],
  [
    "a PDF, a target without files",
    "dropped",
    input(user([{ type: "input_file", filename: "a.pdf", file_data: PDF }])),
    { sent: message("[file omitted: this model takes no files]"), losses: ["dropped input_file"] },
  ],
  [
    "a file by its id",
    "dropped",
    input(user([{ type: "input_file", file_id: "file-1" }])),
    { losses: ["dropped input_file"], provider: capabilities({ files: true }) },
  ],
  [
    "sound",
    "translated",
    input(user([{ type: "input_audio", input_audio: { data: "AA==", format: "wav" } }])),
    { sent: message([{ type: "input_audio", input_audio: { data: "AA==", format: "wav" } }]), provider: capabilities({ audio: true }) },
  ],
  [
    "hosted history",
    "dropped",
    input({ type: "web_search_call", id: "ws_1", status: "completed" }, user("a")),
    { sent: message("a"), losses: ["dropped item.web_search_call"] },
  ],
  ["an item by reference", "refused", input({ type: "item_reference", id: "msg_1" }), { error: { status: 404, param: "input" } }],
];
