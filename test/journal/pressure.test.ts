// Under pressure and trouble: what is given up, what is kept, and that it is all counted and told.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { attempt, begin, end, nextId, open, read, record, recordsOf, scratch, tell } from "./turns.ts";

const FAILING = new URL("failing-writer.ts", import.meta.url);
const KILOBYTE = Buffer.alloc(1024, "text ");

test("over the bound bodies are given up, then rows, and the caller notices nothing", async () => {
  using directory = scratch();
  const journal = await open(directory.path, { queueMb: 1, writer: FAILING });
  tell(journal, { start: { client: "hang" } });
  void journal.flush();
  const request = record("POST /v1/responses", KILOBYTE);
  for (let turn = 0; turn < 800; turn += 1) tell(journal, { start: { request } });
  const afterBodies = journal.counts();
  expect(afterBodies.turns).toBe(801);
  expect(afterBodies.shedBodies).toBeGreaterThan(0);
  expect(afterBodies.queuedBytes).toBeLessThan(1.25 * 1024 * 1024 + 4096);
  for (let turn = 0; turn < 800; turn += 1) tell(journal, { start: { request } });
  const afterRows = journal.counts();
  expect(afterRows.shedRows).toBeGreaterThan(0);
  expect(afterRows.queuedBytes).toBeLessThan(1.25 * 1024 * 1024 + 4096);
  // Once the writer moves again, all that was kept is written.
  writeFileSync(join(directory.path, "release"), "");
  await journal.close();
  expect(journal.counts()).toMatchObject({ queuedBytes: 0, shedRows: afterRows.shedRows, shedBodies: afterRows.shedBodies });
  const rows = written(directory.path).flatMap((line) => JSON.parse(line.slice(line.indexOf("["))) as unknown[]);
  expect(rows).toHaveLength(3 * 1601 - afterRows.shedRows);
});

test("a record whose body was given up says so, and its row is complete", async () => {
  using directory = scratch();
  const journal = await open(directory.path, { queueMb: 1 });
  const id = nextId();
  begin(journal, id, { request: record("POST /v1/responses", Buffer.alloc(3 << 20, "a"), [["x", "1"]]) });
  end(journal, id);
  await journal.close();
  expect(journal.counts()).toMatchObject({ shedBodies: 1, shedRows: 0 });
  const { clientRequest, clientReply } = recordsOf(directory.path, id);
  expect(clientRequest).toMatchObject({ start: "POST /v1/responses", headers: [["x", "1"]], body: null, size: 3 << 20, lost: "shed" });
  expect(clientReply).toMatchObject({ lost: null });
});

test("a batch that the disk refuses for now is written later, whole", async () => {
  using directory = scratch();
  const troubles: string[] = [];
  const journal = await open(directory.path, { writer: FAILING, onTrouble: (message) => troubles.push(message) });
  tell(journal, { start: { client: "refuse-once" } });
  await journal.flush();
  expect(journal.counts().trouble).toMatch(/cannot be written: no room/);
  tell(journal, { start: { client: "second" } });
  await vi.waitFor(() => expect(written(directory.path)).toHaveLength(2), 5000);
  expect(written(directory.path)).toEqual([expect.stringMatching(/^whole .*refuse-once/), expect.stringMatching(/^whole .*second/)]);
  // What is on disk is acknowledged a moment later.
  await vi.waitFor(() => expect(journal.counts()).toMatchObject({ shedBodies: 0, shedRows: 0, queuedBytes: 0, trouble: null }));
  expect(troubles).toEqual([expect.stringMatching(/no room/)]);
  await journal.close();
});

test("a batch that cannot be written at all is given up and counted, and the next one is written", async () => {
  using directory = scratch();
  const journal = await open(directory.path, { writer: FAILING });
  tell(journal, { start: { client: "refuse-always" } });
  await journal.flush();
  tell(journal, { start: { client: "second" } });
  await journal.flush();
  expect(journal.counts()).toMatchObject({ shedBodies: 4, shedRows: 3, trouble: null });
  expect(written(directory.path)).toHaveLength(1);
  await journal.close();
});

test("a writer that dies is started again; its batch loses the bodies and keeps the rows", async () => {
  using directory = scratch();
  const troubles: string[] = [];
  const journal = await open(directory.path, { writer: FAILING, onTrouble: (message) => troubles.push(message) });
  tell(journal, { start: { client: "die" } });
  await vi.waitFor(() => expect(troubles).toHaveLength(1), 5000);
  expect(troubles[0]).toMatch(/stopped \(out of memory\)/);
  tell(journal, { start: { client: "second" } });
  await vi.waitFor(() => expect(written(directory.path)).toHaveLength(2), 5000);
  expect(written(directory.path)).toEqual([expect.stringMatching(/^rows .*die/), expect.stringMatching(/^whole .*second/)]);
  await vi.waitFor(() => expect(journal.counts()).toMatchObject({ shedBodies: 4, shedRows: 0, trouble: null }));
  await journal.close();
});

test("a data directory that cannot be made is a trouble; once it can, the log is written", async () => {
  using directory = scratch();
  const inTheWay = join(directory.path, "file");
  writeFileSync(inTheWay, "");
  const dataDir = join(inTheWay, "data");
  const troubles: string[] = [];
  const journal = await open(dataDir, { onTrouble: (message) => troubles.push(message) });
  expect(journal.counts().trouble).toMatch(/ENOTDIR/);
  const id = tell(journal);
  await journal.flush();
  expect(journal.counts()).toMatchObject({ shedBodies: 0, shedRows: 0 });
  rmSync(inTheWay);
  await vi.waitFor(() => expect(journal.counts()).toMatchObject({ queuedBytes: 0, trouble: null }), 5000);
  await journal.close();
  expect(read(dataDir, (query) => query.find(id))).toMatchObject({ kind: "turn", turn: { id, state: "done" } });
  expect(troubles.length).toBeGreaterThan(0);
});

test("closing while the disk refuses ends, and counts what was lost", async () => {
  using directory = scratch();
  const inTheWay = join(directory.path, "file");
  writeFileSync(inTheWay, "");
  const journal = await open(join(inTheWay, "data"));
  tell(journal);
  await journal.close();
  expect(journal.counts()).toMatchObject({ shedBodies: 4, shedRows: 3, queuedBytes: 0 });
  // Whoever is late is not heard and not harmed.
  begin(journal, nextId());
  attempt(journal, nextId());
  end(journal, nextId());
});

function written(dataDir: string): string[] {
  const path = join(dataDir, "written");
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
}
