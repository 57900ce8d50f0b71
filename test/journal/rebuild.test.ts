// What was told is what is read: every byte, however bodies are cut into chunks, repeat each other or grow.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { attempt, begin, end, nextId, open, read, record, recordsOf, scratch, tell } from "./turns.ts";

test("a turn and its four records are read back as they were told", async () => {
  using directory = scratch();
  const journal = await open(directory.path);
  const id = nextId();
  begin(journal, id, { request: { ...record("POST /v1/responses", "ask", [["x-a", "1"]]), encoding: "zstd" } });
  attempt(journal, id, { number: 0, status: 503, fault: "overloaded", detail: "busy", reply: null });
  attempt(journal, id, {
    number: 1,
    request: record("POST /up", "up ask"),
    reply: record("200", [Buffer.from("up "), Buffer.from("reply")]),
  });
  const losses = [{ kind: "dropped", feature: "tool.web_search", detail: "no web search" }] as const;
  end(journal, id, { reply: record("200", "reply", [["content-type", "text/event-stream"]]), losses });
  await journal.close();

  const turn = read(directory.path, (query) => query.list({ limit: 1 })[0]);
  expect(turn).toEqual({
    seq: 1,
    id,
    at: 1_764_000_000_000,
    state: "done",
    dialect: "responses",
    session: "s-1",
    client: "codex",
    durationMs: 12,
    firstTokenMs: 3,
    model: "m",
    provider: "local",
    targetModel: "target-model",
    responseId: `resp_of_${id}`,
    status: 200,
    fault: null,
    detail: null,
    usage: { input: 10, output: 5, cached: 2, cacheWrite: 0, reasoning: 1, estimated: false },
    losses,
  });
  const records = recordsOf(directory.path, id);
  expect(records.clientRequest).toMatchObject({ start: "POST /v1/responses", headers: [["x-a", "1"]], encoding: "zstd", redactions: 0 });
  expect(String(records.clientRequest?.body)).toBe("ask");
  expect(records.attempts).toMatchObject([
    { number: 0, status: 503, fault: "overloaded", detail: "busy", reply: null },
    { number: 1, status: 200, headersMs: 1.5, firstByteMs: 2.5, durationMs: 10, provider: "local", model: "target-model" },
  ]);
  expect(String(records.attempts[1]?.request?.body)).toBe("up ask");
  expect(String(records.attempts[1]?.reply?.body)).toBe("up reply");
  expect(String(records.clientReply?.body)).toBe("reply");
  expect(records.clientReply?.headers).toEqual([["content-type", "text/event-stream"]]);
});

test("any bytes, in any chunks, of any size come back exactly", async () => {
  using directory = scratch();
  const journal = await open(directory.path);
  // A few bytes repeated make large bodies of every kind at little cost; the factor crosses all the sizes that are treated apart.
  const body = fc
    .tuple(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }), fc.constantFrom(1, 2, 300, 3000))
    .map(([chunks, times]) => Array.from({ length: times }, () => chunks).flat());
  const turns: { id: string; bodies: Buffer[] }[] = [];
  const sample = fc.sample(fc.tuple(body, body, body, body), { numRuns: 60, seed: 7 });
  for (const [ask, upAsk, upReply, reply] of sample) {
    const id = tell(journal, {
      start: { request: record("POST /v1/responses", ask) },
      attempt: { request: record("POST /up", upAsk), reply: record("200", upReply) },
      end: { reply: record("200", reply) },
    });
    turns.push({ id, bodies: [ask, upAsk, upReply, reply].map((chunks) => Buffer.concat(chunks)) });
  }
  await journal.close();
  expect(journal.counts()).toMatchObject({ shedBodies: 0, shedRows: 0, trouble: null });
  for (const { id, bodies } of turns) {
    const { clientRequest, clientReply, attempts } = recordsOf(directory.path, id);
    const stored = [clientRequest, attempts[0]?.request, attempts[0]?.reply, clientReply].map((one) => one?.body);
    expect(stored.map((one, index) => one?.equals(bodies[index] ?? Buffer.alloc(0)))).toEqual([true, true, true, true]);
  }
});

test("a history that grows and is edited comes back exactly, each time it was sent", async () => {
  using directory = scratch();
  let journal = await open(directory.path);
  const random = seeded(11);
  let history = prose(random, 300_000);
  const sent: { id: string; body: Buffer }[] = [];
  for (let turn = 0; turn < 25; turn += 1) {
    const at = Math.floor(random() * history.length);
    history = turn % 5 === 4 ? history.slice(0, at) + prose(random, 500) + history.slice(at) : history + prose(random, 3000);
    const body = Buffer.from(`{"input":"${history}","tools":[]}`);
    sent.push({ id: tell(journal, { start: { request: record("POST /v1/responses", body) } }), body });
    // Another process finds the slices of the one before on disk.
    if (turn === 12) {
      await journal.close();
      journal = await open(directory.path);
    }
  }
  await journal.close();
  for (const { id, body } of sent) expect(recordsOf(directory.path, id).clientRequest?.body?.equals(body)).toBe(true);
  // 25 requests of some 350 KB; all but what is new in each is stored once. Text of random words packs to about a third.
  expect(storedBytes(directory.path)).toBeLessThan(300_000);
});

/** Numbers in [0, 1), the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

function prose(random: () => number, length: number): string {
  let text = "";
  while (text.length < length) text += `${Math.floor(random() * 5000).toString(36)} `;
  return text;
}

function storedBytes(dataDir: string): number {
  const database = new DatabaseSync(join(dataDir, "log.db"), { readOnly: true });
  const total = database.prepare("SELECT sum(length(data)) AS total FROM blocks").get()?.["total"];
  database.close();
  return Number(total);
}
