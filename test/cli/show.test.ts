// `show` as its user meets it: over a log that a journal wrote.
import { afterAll, beforeAll, expect, test } from "vitest";
import { show } from "../../src/cli/show.ts";
import { open, scratch, tell } from "../journal/turns.ts";
import type { Ran } from "./logged-turns.ts";
import { busy, good, REPLY, REQUEST, run, writeLog } from "./logged-turns.ts";

const directory = scratch();
beforeAll(() => writeLog(directory.path));
afterAll(() => directory[Symbol.dispose]());

const print = (args: string[], dataDir = directory.path): Promise<Ran> => run(show, args, dataDir);

test("is a transcript: facts, attempts, losses, the conversation, the reply", async () => {
  const { code, out, error } = await print([good]);
  expect([code, error]).toEqual([0, ""]);
  expect(out).not.toContain("\u001b");
  expect(
    out
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, "TIME")
      .replaceAll(good, "TURN")
      .replace(/(long line of output\n)+/, "LONG\n"),
  ).toMatchInlineSnapshot(`
    "TURN  done  200
      at      TIME, responses, codex_cli_rs/0.169.0 (Debian), session s-1
      model   gpt-oss, answered by local/target-model
      reply   resp_of_TURN
      time    1.2 s in all, 3 ms to the first token
      tokens  10 in (2 cached), 5 out (1 reasoning)
      loss    dropped tool.web_search: The target cannot search.
      attempt 0: local/target-model 503, 2 ms to the head, 10 ms in all, overloaded: try later, http://127.0.0.1:8080/v1/chat/completions
      attempt 1: local/target-model 200, 2 ms to the head, 10 ms in all, http://127.0.0.1:8080/v1/chat/completions

    --- instructions ---
    Be brief.

    (tools: shell, mcp (read))

    --- developer ---
    You may run tools.

    --- user ---
    list the files

    --- reasoning (sealed) ---
    I should list.

    --- call shell call_1 ---
    {"command":["ls"]}

    --- result of shell call_1 ---
    a.txt
    LONG
    long line of o
    [... 2711 characters left out: --full shows them ...]
    line of output
    long line of output
    long line of output
    long line of output
    long line of output
    long line of output
    long line of output
    long line of output
    long line of output
    long line of output
    long line of output
    long line of output
    long line of output
    long line of output
    long line of output
    z.txt

    ([web_search_call] {"id":"ws_1","status":"completed"})

    === reply ===

    --- assistant ---
    There are two files.
    "
  `);
  expect((await print([good, "--full"])).out).toContain("long line of output\n".repeat(200));
});

test("finds a turn by its response, by a beginning, and the last one", async () => {
  expect((await print([`resp_of_${good}`])).out).toMatch(new RegExp(`^${good}  done  200\n`));
  expect((await print([`resp_of_${good.slice(0, -1)}`])).error).toMatch(/several turns begin with/);
  expect((await print(["last"])).out).toMatch(new RegExp(`^${busy}  open\n`));
  expect(await print(["turn_nope"])).toMatchObject({
    code: 1,
    out: "",
    error: expect.stringMatching(/there is no turn turn_nope in the log/),
  });
});

test("--record is one body, byte for byte; of the last attempt unless another is named", async () => {
  expect((await print([good, "--record", "upstream-reply"])).bytes).toEqual(Buffer.from([0xff, 0x00, 0x1b]));
  expect((await print([good, "--record", "upstream-request"])).out).toBe("second ask");
  expect((await print([good, "--record", "upstream-request", "--attempt", "0"])).out).toBe("first ask");
  expect((await print([good, "--record", "client-request"])).out).toBe(JSON.stringify(REQUEST));
  expect((await print([good, "--record", "client-reply"])).out).toBe(REPLY);
  expect(await print([good, "--record", "upstream-reply", "--attempt", "7"])).toMatchObject({
    code: 1,
    error: "waystation: this turn has no upstream-reply of attempt 7\n",
  });
});

test("--raw is every body after a line that names it", async () => {
  const { bytes } = await print([good, "--raw"]);
  const parts = [
    `--- client-request: POST /v1/responses, ${JSON.stringify(REQUEST).length} bytes\n${JSON.stringify(REQUEST)}\n`,
    "--- upstream-request of attempt 0: POST /up, 9 bytes\nfirst ask\n",
    "--- upstream-reply of attempt 0: 503, 2 bytes\nno\n",
    "--- upstream-request of attempt 1: POST /up, 10 bytes\nsecond ask\n",
    Buffer.concat([Buffer.from("--- upstream-reply of attempt 1: 200, 3 bytes\n"), Buffer.from([0xff, 0x00, 0x1b]), Buffer.from("\n")]),
    `--- client-reply: 200, ${REPLY.length} bytes\n${REPLY}`,
  ];
  expect(bytes).toEqual(Buffer.concat(parts.map((part) => Buffer.from(part))));
});

test("--json has the facts, the heads and the transcript", async () => {
  const { out } = await print([good, "--json"]);
  expect(JSON.parse(out)).toMatchObject({
    id: good,
    request: { start: "POST /v1/responses", redactions: 0 },
    attempts: [
      { number: 0, fault: "overloaded" },
      { number: 1, request: { start: "POST /up" } },
    ],
    transcript: {
      request: [{ kind: "message", role: "instructions", text: "Be brief." }, {}, {}, {}, {}, {}, {}, {}],
      reply: [{ role: "assistant" }],
    },
  });
});

test("says so where bodies were not kept", async () => {
  using bare = scratch();
  const journal = await open(bare.path, { capture: "metadata" });
  const id = tell(journal);
  await journal.close();
  expect((await print([id], bare.path)).out).toContain("request 29 bytes, not kept: log.capture is metadata\n");
  expect(await print([id, "--record", "client-request"], bare.path)).toMatchObject({
    code: 1,
    out: "",
    error: expect.stringMatching(/not kept/),
  });
});

test.each([
  [[], /show needs the id of a turn/],
  [["a", "b"], /"b" is one word too many/],
  [["a", "--record", "reply"], /--record is one of client-request, upstream-request/],
  [["a", "--rw"], /did you mean "--raw"/],
])("%j is a usage error", async (args, message) => {
  await expect(print(args)).rejects.toThrow(message);
});
