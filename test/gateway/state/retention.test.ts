// What is kept, for how long, and that nothing is left of what is not.
import { expect, test } from "vitest";
import { DAY, MINUTE, NOW, openTables, saving, wire } from "./tables.ts";

const message = (number: number): { role: string; content: string } => ({
  role: number % 2 === 0 ? "user" : "assistant",
  content: `message ${number}`,
});

test("a history that is sent again costs only what is new in it", () => {
  const tables = openTables();
  const history = Array.from({ length: 100 }, (_, number) => message(number));
  tables.handle.save(saving("resp_1", { input: history }));
  const before = { nodes: tables.count("nodes"), texts: tables.count("texts") };
  tables.handle.save(saving("resp_2", { input: [...history, message(100)] }));
  expect(tables.count("nodes") - before.nodes).toBe(2);
  expect(tables.count("texts") - before.texts).toBe(2);
  const ids = (id: string): string[] => {
    const page = tables.handle.inputItems({ owner: "me", id, paging: { after: null, limit: 100, order: "asc" }, include: [] });
    return page.found
      ? [
          ...Buffer.from(page.bytes)
            .toString()
            .matchAll(/"id":"([^"]*)"/g),
        ].map(([, item]) => item ?? "")
      : [];
  };
  expect(ids("resp_2")).toEqual(ids("resp_1"));
  expect(new Set(ids("resp_1")).size).toBe(100);
});

test("another owner's history is another, and nothing of it is found", () => {
  const tables = openTables();
  tables.handle.save(saving("resp_1", { input: [{ id: "msg_mine", role: "user", content: "x" }] }));
  tables.handle.save(saving("resp_2", { owner: "another", input: [{ id: "msg_theirs", role: "user", content: "x" }] }));
  const find = (owner: string, id: string): boolean =>
    tables.handle.history({ owner, previous: null, conversation: null, references: [id] }).found;
  expect([find("me", "msg_mine"), find("me", "msg_theirs"), find("another", "msg_theirs"), find("nobody", "msg_mine")]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

test("old responses go, and what newer ones were built on stays", () => {
  const tables = openTables({ keepDays: 30 });
  tables.handle.save(saving("resp_old"));
  tables.handle.save(saving("resp_alone"));
  tables.handle.save(saving("resp_new", { now: NOW + 20 * DAY, previous: "resp_old" }));
  tables.sweepAll(NOW + 29 * DAY);
  expect(tables.count("responses")).toBe(3);
  tables.sweepAll(NOW + 31 * DAY);
  expect(tables.count("responses")).toBe(1);
  expect(tables.history("resp_new")).toEqual(["asked resp_old", "said resp_old", "asked resp_new", "said resp_new"]);
  tables.sweepAll(NOW + 51 * DAY);
  for (const table of ["responses", "nodes", "contents", "texts"]) expect(tables.count(table), table).toBe(0);
});

test("a deleted response is hidden at once, and gone after an hour", () => {
  const tables = openTables();
  tables.handle.save(
    saving("resp_1", { response: wire("resp_1", "said", { instructions: "Be brief.", tools: [{ type: "custom", name: "t" }] }) }),
  );
  expect(tables.handle.remove({ owner: "me", id: "resp_1", now: NOW })).toBe("removed");
  expect(tables.handle.response({ owner: "me", id: "resp_1", include: [] })).toBeNull();
  expect(tables.handle.remove({ owner: "me", id: "resp_1", now: NOW })).toBe("none");
  // A turn that continues it may have been running when it was deleted.
  tables.sweepAll(NOW + 59 * MINUTE);
  expect(tables.count("responses")).toBe(1);
  tables.sweepAll(NOW + 61 * MINUTE);
  for (const table of ["responses", "nodes", "contents", "texts"]) expect(tables.count(table), table).toBe(0);
});

test("over the bound the oldest go first, and the file becomes small again", () => {
  const tables = openTables({ maxMb: 10 });
  const large = (id: number): string => `${id} `.repeat(200_000);
  const pages = (): number => Number(tables.database.prepare("PRAGMA page_count").get()?.["page_count"]);
  const create = { owner: "me", id: "conv_1", now: NOW, metadata: {}, items: [{ role: "user", content: "kept" }] };
  tables.handle.createConversation(create);
  for (let id = 10; id < 60; id += 1) tables.handle.save(saving(`resp_${id}`, { input: large(id) }));
  const before = pages();
  tables.sweepAll(NOW);
  const left = tables.database
    .prepare("SELECT id FROM responses ORDER BY seq")
    .all()
    .map(({ id }) => String(id));
  expect(left.at(-1)).toBe("resp_59");
  expect(left.length).toBeGreaterThan(5);
  expect(left).toEqual(Array.from({ length: left.length }, (_, index) => `resp_${60 - left.length + index}`));
  expect(pages() * 4096).toBeLessThan(11 * 1024 * 1024);
  expect(pages()).toBeLessThan(before / 2);
  expect(tables.handle.conversation({ owner: "me", id: "conv_1" })).not.toBeNull();
});

test("conversations go only where there is nothing else to remove, the longest unused first", () => {
  const tables = openTables({ maxMb: 10 });
  for (let number = 0; number < 12; number += 1) {
    const items = [{ role: "user", content: `${number} `.repeat(400_000) }];
    tables.handle.createConversation({ owner: "me", id: `conv_${number}`, now: NOW + number, metadata: {}, items });
  }
  tables.sweepAll(NOW + 365 * DAY);
  expect(tables.handle.conversation({ owner: "me", id: "conv_0" })).toBeNull();
  expect(tables.handle.conversation({ owner: "me", id: "conv_11" })).not.toBeNull();
});

test("what is kept for some minutes goes after them: events, and background responses with store: false", () => {
  const tables = openTables();
  const background = { background: true, streamed: true, response: wire("x", "", { status: "queued", output: [] }) };
  for (const [id, store] of [
    ["resp_kept", true],
    ["resp_passing", false],
  ] as const) {
    tables.handle.save(saving(id, { ...background, store }));
    tables.handle.addEvents({ id, first: 0, count: 1, frames: Buffer.from("event: a\ndata: {}\n\n"), over: false });
  }
  // However long it takes, what runs is kept.
  tables.sweepAll(NOW + 60 * MINUTE);
  expect(tables.count("responses")).toBe(2);
  const end = NOW + 60 * MINUTE;
  for (const id of ["resp_kept", "resp_passing"]) {
    tables.handle.save(saving(id, { ...background, body: null, now: end, response: wire(id, "done") }));
    tables.handle.addEvents({ id, first: 1, count: 1, frames: Buffer.from("event: b\ndata: {}\n\n"), over: true });
  }
  tables.sweepAll(end + 9 * MINUTE);
  const read = (id: string, from: number): string => {
    const { frames, state } = tables.handle.events({ owner: "me", id, from });
    return `${state} ${Buffer.from(frames).toString().replaceAll("\n", "")}`;
  };
  expect(read("resp_kept", 0)).toBe("over event: adata: {}event: bdata: {}");
  expect(read("resp_kept", 1)).toBe("over event: bdata: {}");
  expect(read("resp_kept", 2)).toBe("over ");
  tables.sweepAll(end + 11 * MINUTE);
  expect(read("resp_kept", 0)).toBe("forgotten ");
  expect(tables.handle.response({ owner: "me", id: "resp_kept", include: [] })?.status).toBe("completed");
  expect(tables.handle.response({ owner: "me", id: "resp_passing", include: [] })).toBeNull();
  expect(tables.count("events")).toBe(0);
});

test("how many are kept is known after each way in and out, and after a transaction that was undone", () => {
  const tables = openTables({ keepDays: 30 });
  expect(tables.responses()).toBe(0);
  for (const id of ["resp_1", "resp_2", "resp_3"]) tables.handle.save(saving(id));
  tables.handle.save(saving("resp_passing", { store: false, conversation: null }));
  expect(tables.responses()).toBe(3);
  tables.handle.remove({ owner: "me", id: "resp_1", now: NOW });
  expect(tables.responses()).toBe(2);
  tables.database.exec("BEGIN");
  tables.handle.save(saving("resp_undone"));
  tables.database.exec("ROLLBACK");
  tables.reset();
  expect(tables.responses()).toBe(2);
  tables.sweepAll(NOW + 61 * MINUTE);
  expect(tables.responses()).toBe(2);
  tables.sweepAll(NOW + 31 * DAY);
  expect(tables.responses()).toBe(0);
});
