// The conversation's key as each client tells it.
import { expect, test } from "vitest";
import { sessionOf } from "../../../src/dialects/responses/session.ts";
import type { Json } from "../../../src/kit/json.ts";

test.each<readonly [string, Record<string, string>, Json | undefined, string | null]>([
  ["our own header before all", { "x-waystation-session": "mine", "session-id": "s" }, { prompt_cache_key: "k" }, "mine"],
  ["Codex: one for all its sub-agents", { "session-id": "s", "thread-id": "t" }, { prompt_cache_key: "guardian:s" }, "s"],
  ["Codex: a thread where that is all", { "thread-id": "t" }, {}, "t"],
  ["Codex over a socket", {}, { client_metadata: { session_id: "s", thread_id: "t" }, prompt_cache_key: "k" }, "s"],
  ["Claude Code", { "x-claude-code-session-id": "c" }, {}, "c"],
  ["OpenCode", { "x-session-affinity": "ses_1", "x-session-id": "ses_1" }, { prompt_cache_key: "ses_1" }, "ses_1"],
  ["Pi", { session_id: "p" }, { prompt_cache_key: "p" }, "p"],
  ["Copilot: by its prompt cache", {}, { prompt_cache_key: "a3b9" }, "a3b9"],
  ["a user's id in metadata", {}, { metadata: { user_id: "u" } }, "u"],
  ["nobody says", {}, {}, null],
  ["no body", {}, undefined, null],
  ["a body that is no object", {}, [1], null],
  ["a key of the wrong type", {}, { prompt_cache_key: 5 }, null],
  ["a key that is too long is no key", { "session-id": "x".repeat(257) }, { prompt_cache_key: "k" }, "k"],
  ["a key that forges lines is no key", {}, { prompt_cache_key: "a\nb" }, null],
  ["a key that steers a terminal is no key", {}, { prompt_cache_key: "a\u009b31m" }, null],
  ["a blank key is no key", { "session-id": "  " }, {}, null],
])("%s", (_, headers, body, expected) => {
  expect(sessionOf(headers, body)).toBe(expected);
});
