// The API's own client-run tools over a chat upstream: offered as functions, called back in their own form, given back in the history.
import { expect, test } from "vitest";
import { chatSpeaker } from "../../src/dialects/chat/index.ts";
import { readRequest } from "../../src/dialects/responses/read-request.ts";
import { CHAT_CAPABILITIES, CHAT_QUIRKS } from "../../src/hub/capability.ts";
import { LossList } from "../../src/hub/loss.ts";
import { lowerTools } from "../../src/hub/lower-tools.ts";
import { repairItems } from "../../src/hub/repair.ts";
import type { JsonObject } from "../../src/kit/json.ts";
import { translateWhole } from "../support/translate.ts";
import { validateSse } from "../support/validate-stream.ts";

const TOOLS = [{ type: "local_shell" }, { type: "shell", environment: { type: "local" } }, { type: "apply_patch" }];

function sent(body: JsonObject): JsonObject {
  const losses = new LossList();
  const request = readRequest({ model: "m", input: "go", ...structuredClone(body) }, losses);
  request.input = repairItems(request.input, losses);
  const tools = lowerTools(request, CHAT_CAPABILITIES, losses);
  const plan = { request, model: "up", stream: false, tools, capabilities: CHAT_CAPABILITIES, quirks: CHAT_QUIRKS, owner: "p", losses };
  return chatSpeaker.writeRequest({ ...plan, unseal: () => ({ state: "foreign" }) });
}

function reply(name: string, args: unknown): JsonObject {
  const call = { id: "call_1", type: "function", function: { name, arguments: JSON.stringify(args) } };
  return { choices: [{ index: 0, finish_reason: "tool_calls", message: { role: "assistant", content: null, tool_calls: [call] } }] };
}

test("each is offered as a function with its own parameters", () => {
  expect(sent({ tools: TOOLS })["tools"]).toMatchObject([
    { function: { name: "local_shell", parameters: { required: ["command"] } } },
    { function: { name: "shell", parameters: { required: ["commands"] } } },
    { function: { name: "apply_patch", parameters: { required: ["type", "path"] } } },
  ]);
});

test("a shell that wants the service's container is not offered", () => {
  expect(sent({ tools: [{ type: "shell", environment: { type: "container_auto" } }] })["tools"]).toBeUndefined();
});

test.each([
  [
    "local_shell",
    { command: ["ls", "-l"], working_directory: "/w" },
    "local_shell_call",
    { action: { type: "exec", command: ["ls", "-l"], env: {}, working_directory: "/w" } },
  ],
  ["local_shell", { command: "ls -l" }, "local_shell_call", { action: { type: "exec", command: ["bash", "-lc", "ls -l"], env: {} } }],
  [
    "shell",
    { commands: ["ls", "pwd"], timeout_ms: 5 },
    "shell_call",
    { action: { commands: ["ls", "pwd"], timeout_ms: 5, max_output_length: null } },
  ],
  [
    "apply_patch",
    { type: "update_file", path: "a.txt", diff: "@@\n-a\n+b" },
    "apply_patch_call",
    { operation: { type: "update_file", path: "a.txt", diff: "@@\n-a\n+b" } },
  ],
  ["apply_patch", { type: "delete_file", path: "a.txt" }, "apply_patch_call", { operation: { type: "delete_file", path: "a.txt" } }],
])("a call of %s with %j comes back as %s", (name, args, type, item) => {
  const { sse, response } = translateWhole(reply(name, args), { request: { tools: TOOLS } });
  expect(validateSse(sse)).toEqual([]);
  expect(response["output"]).toMatchObject([{ type, status: "completed", call_id: "call_1", ...item }]);
});

test("calls and outputs of the history read as calls of the functions and their results", () => {
  const input = [
    { role: "user", content: "go" },
    { type: "local_shell_call", id: "lsh_1", call_id: "c1", status: "completed", action: { type: "exec", command: ["ls"], env: {} } },
    { type: "local_shell_call_output", id: "c1", output: "a.txt" },
    { type: "shell_call", call_id: "c2", status: "completed", action: { commands: ["ls", "false"], timeout_ms: null } },
    {
      type: "shell_call_output",
      call_id: "c2",
      output: [
        { stdout: "a.txt", stderr: "", outcome: { type: "exit", exit_code: 0 } },
        { stdout: "", stderr: "no", outcome: { type: "exit", exit_code: 1 } },
      ],
    },
    { type: "apply_patch_call", call_id: "c3", status: "completed", operation: { type: "create_file", path: "b", diff: "+x" } },
    { type: "apply_patch_call_output", call_id: "c3", status: "failed", output: null },
    { type: "apply_patch_call", call_id: "c4", status: "completed", operation: { type: "delete_file", path: "b" } },
  ];
  const messages = sent({ input, tools: TOOLS })["messages"];
  expect(messages).toMatchObject([
    { role: "user" },
    { role: "assistant", tool_calls: [{ id: "c1", function: { name: "local_shell", arguments: '{"command":["ls"]}' } }] },
    { role: "tool", tool_call_id: "c1", content: "a.txt" },
    { role: "assistant", tool_calls: [{ id: "c2", function: { name: "shell", arguments: '{"commands":["ls","false"]}' } }] },
    { role: "tool", tool_call_id: "c2", content: "(exit code 0)\na.txt\n\n(exit code 1)\nstderr:\nno" },
    {
      role: "assistant",
      tool_calls: [{ id: "c3", function: { name: "apply_patch", arguments: '{"type":"create_file","path":"b","diff":"+x"}' } }],
    },
    { role: "tool", tool_call_id: "c3", content: "Failed." },
    { role: "assistant", tool_calls: [{ id: "c4" }] },
    { role: "tool", tool_call_id: "c4", content: expect.stringContaining("no result") },
  ]);
});
