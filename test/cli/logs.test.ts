// `logs` as its user meets it: over a log that a journal wrote.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { UsageError } from "../../src/cli/command-line.ts";
import { logs } from "../../src/cli/logs.ts";
import { begin, end, nextId, open, scratch, tell } from "../journal/turns.ts";
import type { Ran } from "./logged-turns.ts";
import { bad, busy, good, run, writeLog } from "./logged-turns.ts";

const directory = scratch();
beforeAll(() => writeLog(directory.path));
afterAll(() => directory[Symbol.dispose]());

const list = (args: string[], dataDir = directory.path): Promise<Ran> => run(logs, args, dataDir);

test("is a table of turns, the newest last, one line each", async () => {
  const { code, out, error } = await list([]);
  expect([code, error]).toEqual([0, ""]);
  const [heading, first, second, third, rest] = out.split("\n");
  expect(heading?.split(/ +/)).toEqual(["time", "turn", "state", "client", "model", "status", "in", "out", "cached", "ms", "fault"]);
  expect(first).toMatch(
    new RegExp(
      `^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d  ${good}  done  +codex_cli_rs/0.169.0  gpt-oss -> local/target-model  +200  10    5       2  1235$`,
    ),
  );
  expect(second).toMatch(new RegExp(`${bad}  failed .*504 .*timeout: llama stopped talking$`));
  expect(third).toMatch(new RegExp(`${busy}  open`));
  expect(rest).toBe("");
  expect(out).not.toMatch(/(?!\n)\p{Cc}|\p{Bidi_Control}/u);
});

test("shows only what is asked for", async () => {
  const ids = async (...args: string[]): Promise<string[]> => (await list(args)).out.match(/turn_\w+/g) ?? [];
  expect(await ids("--state", "failed")).toEqual([bad]);
  expect(await ids("--state", "done")).toEqual([good]);
  expect(await ids("-n", "1")).toEqual([busy]);
  expect(await ids("--before", busy, "--limit", "1")).toEqual([bad]);
  expect(await ids("--model", "gpt-oss")).toEqual([good]);
  expect(await ids("--model", "target-model")).toEqual([good, bad]);
  expect(await ids("--session", "nobody")).toEqual([]);
  expect((await ids("--session=s-1")).length).toBe(3);
});

test("--json is one object a line, with everything that is known", async () => {
  const { out } = await list(["--json"]);
  const turns = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(turns.map((turn) => turn["id"])).toEqual([good, bad, busy]);
  expect(turns[0]).toMatchObject({ state: "done", durationMs: 1234.5, usage: { input: 10 }, losses: [{ feature: "tool.web_search" }] });
  expect(turns[1]).toMatchObject({ detail: "llama\nstopped \u001b[31mtalking", model: "other\u202e", usage: null });
});

test("--follow shows turns as they end, also one that was open", async () => {
  using live = scratch();
  const journal = await open(live.path);
  const id = nextId();
  begin(journal, id);
  await journal.flush();
  const stop = new AbortController();
  let out = "";
  const context = {
    dataDir: live.path,
    out: (text: string | Uint8Array) => void (out += text),
    error: () => undefined,
    signal: stop.signal,
  };
  const running = logs(["-f", "--json"], context);
  await vi.waitFor(() => expect(out).toContain('"open"'));
  end(journal, id);
  const later = tell(journal);
  await vi.waitFor(() => expect(out.match(/"done"/g)).toHaveLength(2), 5000);
  expect([...out.matchAll(/"id":"(\w+)"/g)].map((match) => match[1])).toEqual([id, id, later]);
  stop.abort();
  expect(await running).toBe(0);
  await journal.close();
});

test("without a log is a sentence and exit code 1", async () => {
  const { code, error } = await list([], "/nowhere/at/all");
  expect(code).toBe(1);
  expect(error).toBe("waystation: there is no log at /nowhere/at/all/log.db: it is made when the gateway runs\n");
});

test.each([
  [["--stat", "x"], /logs has no option --stat; did you mean "--state"\?/],
  [["--state", "broken"], /--state is one of open, done, incomplete, failed/],
  [["--limit", "many"], /--limit must be a whole number from 1 to/],
  [["--limit"], /--limit needs a value; write --limit 20/],
  [["--json=yes"], /--json takes no value/],
  [["turn_1"], /to see one turn write: show turn_1/],
  [["--before", "nobody"], /there is no turn nobody in the log/],
])("%j is a usage error", async (args, message) => {
  await expect(list(args)).rejects.toThrow(message);
  await expect(list(args)).rejects.toBeInstanceOf(UsageError);
});
