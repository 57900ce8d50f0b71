// A small conversation with a tool, as a client sends it and as chat has it: what the tests of the wire are made of.
import type { JsonObject } from "../../src/kit/json.ts";
import { sealed } from "../support/chat-body.ts";

const PIXEL = "data:image/png;base64,iVBORw0KGgo=";
/** A function of the client's. */
export const SHELL = {
  type: "function",
  name: "shell",
  description: "Runs a command.",
  strict: true,
  parameters: { type: "object", properties: { cmd: { type: "string" } }, required: ["cmd"], additionalProperties: false },
};
/** A format that the client asks for. */
export const FORMAT = {
  type: "json_schema",
  name: "answer",
  strict: true,
  schema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"], additionalProperties: false },
};

/** A user's word, as a Responses item. */
export const user = (text: string): JsonObject => ({ type: "message", role: "user", content: [{ type: "input_text", text }] });
/** A model's. */
export const assistant = (text: string): JsonObject => ({ type: "message", role: "assistant", content: [{ type: "output_text", text }] });
/** A call of the function. */
export const call = (call_id: string): JsonObject => ({ type: "function_call", call_id, name: "shell", arguments: '{"cmd":"ls"}' });
/** Its result. */
export const result = (call_id: string): JsonObject => ({ type: "function_call_output", call_id, output: "a.txt" });
/** A thought with what its provider sealed in it. */
export const thought = (owner: string, data: JsonObject): JsonObject => ({
  type: "reasoning",
  id: "rs_1",
  summary: [],
  encrypted_content: sealed(owner, data),
});

/** A question, a thought with a call, its result, and another question with an image. */
export const talk = (owner: string, data: JsonObject, callId = "call_1"): JsonObject[] => [
  user("What is here?"),
  thought(owner, data),
  call(callId),
  result(callId),
  assistant("One file."),
  {
    type: "message",
    role: "user",
    content: [
      { type: "input_text", text: "And this?" },
      { type: "input_image", image_url: PIXEL },
    ],
  },
];

/** The function as chat has it. */
export const FUNCTION = { name: "shell", description: "Runs a command.", parameters: SHELL.parameters };
/** The first message of `talk`. */
export const QUESTION = { role: "user", content: "What is here?" };
/** The last. */
export const SEEN = {
  role: "user",
  content: [
    { type: "text", text: "And this?" },
    { type: "image_url", image_url: { url: PIXEL } },
  ],
};
/** The message with the call, by its id upstream. */
export const called = (id: string, more: JsonObject = {}): JsonObject => ({
  role: "assistant",
  content: "",
  tool_calls: [{ id, type: "function", function: { name: "shell", arguments: '{"cmd":"ls"}' } }],
  ...more,
});
/** The message with its result. */
export const answered = (id: string): JsonObject => ({ role: "tool", tool_call_id: id, content: "a.txt" });

/** Settings beside the input. */
export const REQUEST = { instructions: "Be brief.", tools: [SHELL], reasoning: { effort: "high" }, stream: true, max_output_tokens: 500 };
/** The system message that comes of them. */
export const SYSTEM = { role: "system", content: "Be brief." };
