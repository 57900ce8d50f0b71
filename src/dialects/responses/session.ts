// Which conversation a request belongs to, as far as its client tells. Promises a short printable string or null, for
// correlation only: nothing is ever granted by it.
import { asObject, asString } from "../../kit/json.ts";
import type { Json } from "../../kit/json.ts";

/**
 * Headers that name a conversation, the strongest first: our own; Codex (its sub-agents share `session-id`); Claude Code; OpenCode, whose
 * versions differ; and the underscored form that Pi and older Codex send.
 */
const SESSION_HEADERS = [
  "x-waystation-session",
  "session-id",
  "thread-id",
  "x-claude-code-session-id",
  "x-opencode-session",
  "x-session-id",
  "session_id",
] as const;

const LONGEST = 256;

/** The conversation's key: by header, else by what the body says of its session or prompt cache. At most 256 characters, none of them control. */
export function sessionOf(headers: Readonly<Record<string, string | undefined>>, body: Json | undefined): string | null {
  for (const name of SESSION_HEADERS) {
    const key = usable(headers[name]);
    if (key !== undefined) return key;
  }
  const request = asObject(body);
  const client = asObject(request?.["client_metadata"]);
  return (
    usable(client?.["session_id"]) ?? usable(request?.["prompt_cache_key"]) ?? usable(asObject(request?.["metadata"])?.["user_id"]) ?? null
  );
}

function usable(value: unknown): string | undefined {
  const key = asString(value)?.trim();
  // Control characters (C0, DEL, C1) and line separators would let a client forge lines where keys are printed.
  if (key === undefined || key === "" || key.length > LONGEST || /[\p{Cc}\u2028\u2029]/u.test(key)) return undefined;
  return key;
}
