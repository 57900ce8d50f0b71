// The store with its thread: what it acknowledged is there after the thread, or the process, is gone; and nobody waits for ever.
import { copyFileSync, existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { openState, type StateOptions, type StateStore } from "../../../src/gateway/state/store.ts";
import type { SaveAsk } from "../../../src/gateway/state/message.ts";
import { makeFolder, saving as savingThen } from "./tables.ts";

async function open(dataDir: string, more: Partial<StateOptions> = {}): Promise<StateStore & { troubles: string[] }> {
  const troubles: string[] = [];
  const store = await openState({ dataDir, store: true, keepDays: 30, maxMb: 100, onTrouble: (told) => troubles.push(told), ...more });
  onTestFinished(() => store.close());
  return { ...store, troubles };
}

/** The thread sweeps by the clock: what is old would go. */
const saving = (id: string): SaveAsk => savingThen(id, { now: Date.now() });

const saved = (store: StateStore, id: string): Promise<boolean> =>
  store.ask("response", { owner: "me", id, include: [] }).then((found) => found !== null);

test("what was acknowledged is in the files at that moment", async () => {
  const folder = makeFolder();
  const store = await open(folder);
  await store.ask("save", saving("resp_1"));
  // The files as a crash would leave them now.
  const copy = makeFolder();
  for (const name of ["state.db", "state.db-wal"]) copyFileSync(join(folder, name), join(copy, name));
  const reopened = await open(copy);
  expect(reopened.counts().responses).toBe(1);
  expect(await saved(reopened, "resp_1")).toBe(true);
  if (process.platform !== "win32") expect(statSync(join(folder, "state.db")).mode & 0o777).toBe(0o600);
});

test("a thousand responses at once are all kept, each of its own", async () => {
  const store = await open(makeFolder());
  const ids = Array.from({ length: 1000 }, (_, number) => `resp_${number}`);
  await Promise.all(ids.map((id) => store.ask("save", saving(id))));
  const found = await Promise.all(ids.map((id) => store.ask("response", { owner: "me", id, include: [] })));
  expect(found.every((response, number) => response?.text.includes(`said resp_${number}"`) === true)).toBe(true);
});

test("more than may be on the way at once waits, and is kept", async () => {
  const store = await open(makeFolder());
  const bytes = 40 * 1024 * 1024;
  const ids = ["resp_1", "resp_2", "resp_3", "resp_4"];
  const all = Promise.all(ids.map((id) => store.ask("save", saving(id), bytes)));
  expect(store.counts().queuedBytes).toBe(4 * bytes);
  await all;
  expect(await Promise.all(ids.map((id) => saved(store, id)))).toEqual([true, true, true, true]);
  expect(store.counts()).toEqual({ responses: 4, queuedBytes: 0, refused: 0, trouble: null });
});

test("one that is refused takes no other along", async () => {
  const store = await open(makeFolder());
  const bad = store.ask("save", { ...saving("resp_bad"), response: "no JSON" });
  const good = store.ask("save", saving("resp_good"));
  await expect(bad).rejects.toMatchObject({ fault: { kind: "server", status: 500 } });
  await good;
  expect([await saved(store, "resp_good"), await saved(store, "resp_bad")]).toEqual([true, false]);
});

test("a thread that does not answer is waited for no longer than is bearable", async () => {
  const module = new URL("silent-worker.ts", import.meta.url);
  const store = await open(makeFolder(), { module, patienceMs: 50 });
  await expect(store.ask("save", saving("resp_1"))).rejects.toMatchObject({ message: expect.stringContaining("no answer within") });
  expect(store.counts().trouble).toContain("no answer");
});

test("a thread that dies is started again, and what it had is refused", async () => {
  const module = new URL("dying-worker.ts", import.meta.url);
  const store = await open(makeFolder(), { module });
  await expect(store.ask("save", saving("resp_1"))).rejects.toMatchObject({ message: expect.stringContaining("stopped") });
  await expect
    .poll(() =>
      store.ask("probe", null).then(
        () => "well",
        () => "ill",
      ),
    )
    .toBe("well");
  expect(store.counts().trouble).toBeNull();
  expect(store.troubles.some((told) => told.includes("started again"))).toBe(true);
});

test("a damaged file is set aside, and said so", async () => {
  const folder = makeFolder();
  writeFileSync(join(folder, "state.db"), "this is no database, and was never one ".repeat(500));
  const store = await open(folder);
  await store.ask("save", saving("resp_1"));
  expect(store.troubles.join()).toMatch(/state\.db was damaged/);
  expect(readdirSync(folder).some((name) => name.startsWith("state.db.damaged-"))).toBe(true);
});

test("a file of a newer version is left alone, and every question is refused with the reason", async () => {
  const folder = makeFolder();
  const database = new DatabaseSync(join(folder, "state.db"));
  database.exec("PRAGMA user_version = 99");
  database.close();
  const store = await open(folder);
  await expect(store.ask("save", saving("resp_1"))).rejects.toMatchObject({
    message: expect.stringMatching(/newer version.*store: false/),
  });
});

test("with store off no file is made", async () => {
  const folder = makeFolder();
  const store = await open(folder, { store: false });
  await expect(store.ask("probe", null)).rejects.toMatchObject({ fault: { status: 404 } });
  expect(existsSync(join(folder, "state.db"))).toBe(false);
});

test("what was asked before the end is answered", async () => {
  const folder = makeFolder();
  const store = await open(folder);
  const asked = store.ask("save", saving("resp_1"));
  await store.close();
  await asked;
  await expect(store.ask("probe", null)).rejects.toMatchObject({ message: expect.stringContaining("shutting down") });
  expect(await saved(await open(folder), "resp_1")).toBe(true);
});
