// What happens when the same batch is written twice: the writer died between the disk and its answer.
import { expect, test } from "vitest";
import { Collector } from "../../src/journal/collect.ts";
import { openDatabase } from "../../src/journal/database.ts";
import { makeFindSecrets } from "../../src/journal/redact.ts";
import { makeStore } from "../../src/journal/store.ts";
import type { Batch } from "../../src/journal/writer.ts";
import { attempt, begin, end, nextId, read, recordsOf, scratch } from "./turns.ts";

test("rows that come again without their bytes are not written again, and take nothing away", () => {
  using directory = scratch();
  const { database } = openDatabase(directory.path);
  const store = makeStore(database, makeFindSecrets([]));
  const batches: Batch[] = [];
  const sink = {
    queuedBytes: 0,
    backlog: 0,
    post: (batch: Batch) => void batches.push(batch),
    spareArena: () => undefined,
    spareLarge: () => undefined,
  };
  const collector = new Collector(sink, "full", 1 << 26);
  const [early, late] = [nextId(), nextId()];
  begin(collector, early);
  collector.flush();
  begin(collector, late);
  attempt(collector, late);
  end(collector, late);
  attempt(collector, early);
  end(collector, early);
  collector.flush();

  for (const batch of batches) store.write({ kind: "batch", number: 1, ...batch });
  const before = [early, late].map((id) => [turnOf(directory.path, id), recordsOf(directory.path, id)]);
  for (const batch of batches) store.write({ kind: "batch", number: 1, ...batch, arena: undefined });
  expect([early, late].map((id) => [turnOf(directory.path, id), recordsOf(directory.path, id)])).toEqual(before);
  expect(before.map(([turn]) => turn)).toMatchObject([
    { seq: 1, state: "done" },
    { seq: 2, state: "done" },
  ]);

  // A turn that was never written is, without its bytes.
  const lost = nextId();
  begin(collector, lost);
  end(collector, lost);
  collector.flush();
  store.write({ kind: "batch", number: 1, ...batches[2], rows: batches[2]?.rows ?? "[]", used: 0, large: undefined, arena: undefined });
  expect(turnOf(directory.path, lost)).toMatchObject({ seq: 3, state: "done", status: 200 });
  expect(recordsOf(directory.path, lost)).toEqual({ clientRequest: null, clientReply: null, attempts: [] });
  database.close();
});

const turnOf = (dataDir: string, id: string) => read(dataDir, (query) => query.list({ limit: 10 }).find((turn) => turn.id === id));
