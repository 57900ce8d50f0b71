// Clients by the headers that they were seen to send.
import { expect, test } from "vitest";
import { clientProfile } from "../../../src/dialects/responses/profile.ts";
import type { Profile } from "../../../src/dialects/responses/profile.ts";

test.each<readonly [Profile["id"], Record<string, string>]>([
  ["codex", { originator: "codex_exec", "user-agent": "codex_exec/0.169.0 (Debian 12.0.0; x86_64) dumb (codex_exec; 0.169.0)" }],
  ["codex", { "user-agent": "codex_cli_rs/0.160.0" }],
  ["codex", { originator: "mine", "user-agent": "mine/0.169.0", "x-codex-window-id": "t:0" }],
  ["agents", { "user-agent": "Agents/JavaScript 0.20.0", "x-stainless-lang": "js" }],
  ["ai-sdk", { "user-agent": "ai-sdk-openai/4.0.118 ai-sdk-provider-utils/5.0.81 node.js/24" }],
  ["ai-sdk", { "user-agent": "ai-sdk/openai/2.0.131 ai-sdk/provider-utils/3.0.40 runtime/node.js/24" }],
  ["ai-sdk", { "user-agent": "opencode/1.18.33 ai-sdk/provider-utils/4.0.40 runtime/bun/1.3.14" }],
  ["openai-sdk", { "user-agent": "OpenAI/JS 7.57.0", "x-stainless-lang": "js" }],
  ["openai-sdk", { "user-agent": "AsyncOpenAI/Python 2.1.0" }],
  ["openai-sdk", { "user-agent": "my tool", "x-stainless-lang": "python" }],
  ["other", { "user-agent": "curl/8.0" }],
  ["other", {}],
])("%s: %j", (id, headers) => {
  const profile = clientProfile(headers);
  expect(profile).toEqual({ id, refusalsAsText: id === "codex", runsIncompleteCalls: id === "codex", hidesStatus500: id === "codex" });
});
