// A log for the commands that read it: one turn with all that a turn can have, one that failed, one still open.
import type { logs } from "../../src/cli/logs.ts";
import { attempt, begin, end, nextId, open, record, tell } from "../journal/turns.ts";

/** What the client of the good turn sent. */
export const REQUEST = {
  model: "gpt-oss",
  instructions: "Be brief.",
  input: [
    { type: "message", role: "developer", content: [{ type: "input_text", text: "You may run tools." }] },
    { role: "user", content: "list \u001b]0;owned\u0007the files" },
    { type: "reasoning", summary: [{ type: "summary_text", text: "I should list." }], encrypted_content: "ws1.abc" },
    { type: "function_call", name: "shell", arguments: '{"command":["ls"]}', call_id: "call_1" },
    { type: "function_call_output", call_id: "call_1", output: `a.txt\n${"long line of output\n".repeat(200)}z.txt` },
    { type: "web_search_call", id: "ws_1", status: "completed" },
  ],
  tools: [
    { type: "function", name: "shell" },
    { type: "namespace", name: "mcp", tools: [{ type: "function", name: "read" }] },
  ],
};
const item = { type: "message", role: "assistant", content: [{ type: "output_text", text: "There are two files." }] };
/** What it got. */
export const REPLY = [
  'event: response.output_item.added\ndata: {"type":"response.output_item.added","output_index":0,"item":{"type":"message","role":"assistant","content":[]}}\n\n',
  `event: response.output_item.done\ndata: ${JSON.stringify({ type: "response.output_item.done", output_index: 0, item })}\n\n`,
  `event: response.completed\ndata: ${JSON.stringify({ type: "response.completed", response: { status: "completed", output: [item] } })}\n\n`,
].join("");

export const good = nextId();
export const bad = nextId();
export const busy = nextId();

/** Writes the log. */
export async function writeLog(dataDir: string): Promise<void> {
  const journal = await open(dataDir);
  begin(journal, good, { client: "codex_cli_rs/0.169.0 (Debian)", request: record("POST /v1/responses", JSON.stringify(REQUEST)) });
  attempt(journal, good, {
    number: 0,
    status: 503,
    fault: "overloaded",
    detail: "try later",
    request: record("POST /up", "first ask"),
    reply: record("503", "no"),
  });
  attempt(journal, good, {
    number: 1,
    request: record("POST /up", "second ask"),
    reply: record("200", new Uint8Array([0xff, 0x00, 0x1b])),
  });
  const losses = [{ kind: "dropped", feature: "tool.web_search", detail: "The target cannot search." }] as const;
  end(journal, good, { model: "gpt-oss", losses, reply: record("200", REPLY), durationMs: 1234.5 });
  tell(journal, {
    id: bad,
    end: { state: "failed", fault: "timeout", detail: "llama\nstopped \u001b[31mtalking", status: 504, usage: null, model: "other\u202e" },
  });
  begin(journal, busy);
  await journal.flush();
  await journal.close();
}

/** What a command did. */
export interface Ran {
  code: number;
  out: string;
  bytes: Buffer;
  error: string;
}

/** Runs a command over a log. */
export async function run(command: typeof logs, args: string[], dataDir: string): Promise<Ran> {
  const out: Buffer[] = [];
  let error = "";
  const context = {
    dataDir,
    out: (text: string | Uint8Array) => void out.push(Buffer.from(text)),
    error: (text: string) => void (error += text),
  };
  const code = await command(args, context);
  const bytes = Buffer.concat(out);
  return { code, out: bytes.toString(), bytes, error };
}
