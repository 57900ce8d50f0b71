// Starts, ends and accidents: crashes, two processes on one directory, damaged files, and how much is captured.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { DataDirectoryInUse } from "../../src/journal/lock.ts";
import { begin, nextId, open, read, recordsOf, scratch, tell } from "./turns.ts";

const ONE_TURN = new URL("one-turn.ts", import.meta.url);

const stateOf = (dataDir: string, id: string): string =>
  read(dataDir, (query) => {
    const found = query.find(id);
    return found.kind === "turn" ? found.turn.state : found.kind;
  });

test("a process killed in mid-turn leaves the turn's row, and the next start marks it", async () => {
  using directory = scratch();
  const id = nextId();
  const child = spawn(process.execPath, [fileURLToPath(ONE_TURN), directory.path, id], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(child.stdout, "data");
    // No flush: the row comes by itself, within one batch interval.
    await vi.waitFor(() => expect(stateOf(directory.path, id)).toBe("open"), { timeout: 5000, interval: 20 });
    const refused = open(directory.path);
    await expect(refused).rejects.toBeInstanceOf(DataDirectoryInUse);
    await expect(refused).rejects.toThrow(`${directory.path} is in use by another Waystation (process ${child.pid} on `);
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  const journal = await open(directory.path);
  expect(journal.interrupted).toBe(1);
  expect(stateOf(directory.path, id)).toBe("interrupted");
  expect(String(recordsOf(directory.path, id).clientRequest?.body)).toBe('{"model":"m","input":"hello"}');
  await journal.close();
}, 20_000);

test("a second journal on the same directory is refused until the first is closed", async () => {
  using directory = scratch();
  const first = await open(directory.path);
  await expect(open(directory.path)).rejects.toThrow(
    /in use by another Waystation \(process \d+ on .*\): stop it, or give this one its own data_dir/,
  );
  await expect(open(directory.path, { capture: "off" })).rejects.toBeInstanceOf(DataDirectoryInUse);
  await first.close();
  await (await open(directory.path)).close();
});

test("turns that were ended are left as they are by the next start; turn numbers go on", async () => {
  using directory = scratch();
  const first = await open(directory.path);
  const done = tell(first);
  const open1 = nextId();
  begin(first, open1);
  await first.close();
  const second = await open(directory.path);
  expect(second.interrupted).toBe(1);
  const later = tell(second);
  await second.close();
  expect((await reopened(directory.path)).interrupted).toBe(0);
  const turns = read(directory.path, (query) => query.list({ limit: 10 }));
  expect(turns.map((turn) => [turn.id, turn.state, turn.seq])).toEqual([
    [later, "done", 3],
    [open1, "interrupted", 2],
    [done, "done", 1],
  ]);
});

test("only the owner may read what is written", async () => {
  using directory = scratch();
  const dataDir = join(directory.path, "deep", "data");
  const umask = process.umask(0);
  const journal = await open(dataDir);
  try {
    tell(journal);
    await journal.flush();
  } finally {
    process.umask(umask);
  }
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  const names = readdirSync(dataDir);
  expect(names).toEqual(expect.arrayContaining(["lock", "log.db", "log.db-wal", "log.db-shm"]));
  for (const name of names) expect([name, statSync(join(dataDir, name)).mode & 0o777]).toEqual([name, 0o600]);
  await journal.close();
});

test("a file that is no database is set aside at the start, and a new log is begun", async () => {
  using directory = scratch();
  writeFileSync(join(directory.path, "log.db"), Buffer.alloc(50_000, "this is no database "));
  const troubles: string[] = [];
  const journal = await open(directory.path, { onTrouble: (message) => troubles.push(message) });
  const id = tell(journal);
  await journal.close();
  expect(stateOf(directory.path, id)).toBe("done");
  expect(troubles).toEqual([expect.stringMatching(/^log.db was damaged: it is now .*log\.db\.damaged-/)]);
  const aside = readdirSync(directory.path).find((name) => name.startsWith("log.db.damaged-")) ?? "";
  expect(readFileSync(join(directory.path, aside)).length).toBe(50_000);
  expect(journal.counts()).toMatchObject({ trouble: null, shedRows: 0, shedBodies: 0 });
});

test("a log that turns out to be damaged in mid-work is set aside, and nothing told from then on is lost", async () => {
  using directory = scratch();
  const first = await open(directory.path);
  for (let turn = 0; turn < 200; turn += 1) tell(first);
  await first.close();
  spoil(join(directory.path, "log.db"));
  const troubles: string[] = [];
  const journal = await open(directory.path, { onTrouble: (message) => troubles.push(message) });
  const id = tell(journal);
  await journal.close();
  expect(stateOf(directory.path, id)).toBe("done");
  expect(troubles).toEqual([expect.stringMatching(/was damaged/)]);
  expect(journal.counts()).toMatchObject({ shedRows: 0, shedBodies: 0 });
});

test("a log of a newer version is left alone", async () => {
  using directory = scratch();
  await reopened(directory.path);
  const database = new DatabaseSync(join(directory.path, "log.db"));
  database.exec("PRAGMA user_version = 99");
  database.close();
  const journal = await open(directory.path);
  expect(journal.counts().trouble).toMatch(/newer version/);
  tell(journal);
  await journal.close();
  expect(journal.counts()).toMatchObject({ shedRows: 3 });
  expect(readdirSync(directory.path).filter((name) => name.includes("damaged"))).toEqual([]);
});

test("capture metadata keeps rows and heads, but no bodies", async () => {
  using directory = scratch();
  const journal = await open(directory.path, { capture: "metadata" });
  const id = tell(journal);
  await journal.close();
  const { clientRequest, attempts, clientReply } = recordsOf(directory.path, id);
  for (const record of [clientRequest, attempts[0]?.request, attempts[0]?.reply, clientReply]) {
    expect(record).toMatchObject({ body: null, lost: "capture" });
  }
  expect(clientRequest).toMatchObject({ start: "POST /v1/responses", size: '{"model":"m","input":"hello"}'.length });
  expect(journal.counts()).toMatchObject({ turns: 1, shedBodies: 0, shedRows: 0 });
});

test("capture off writes nothing", async () => {
  using directory = scratch();
  mkdirSync(directory.path, { recursive: true });
  const journal = await open(directory.path, { capture: "off" });
  tell(journal);
  await journal.flush();
  await journal.close();
  expect(readdirSync(directory.path)).toEqual(["lock"]);
});

async function reopened(dataDir: string): Promise<{ interrupted: number }> {
  const journal = await open(dataDir);
  await journal.close();
  return journal;
}

/** Overwrites the index of the turns' ids, which is not read before a turn is written. */
function spoil(path: string): void {
  const database = new DatabaseSync(path);
  const root = Number(database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_turns_1'").get()?.["rootpage"]);
  const size = Number(database.prepare("PRAGMA page_size").get()?.["page_size"]);
  database.close();
  const bytes = readFileSync(path);
  bytes.fill(0xee, (root - 1) * size, root * size);
  writeFileSync(path, bytes);
}
