// A secret planted in every place that a turn has is found nowhere on disk and nowhere in what is read back.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { open, read, record, recordsOf, scratch, tell } from "./turns.ts";

// One that only the configuration knows, and one that looks like a key.
const CONFIGURED = "canary5b1fe2provider9key";
const SHAPED = "sk-canary0123456789abcdefghijklmnop";

test.each([
  ["a configured key", CONFIGURED],
  ["what looks like a key", SHAPED],
])("%s is nowhere in the log", async (_what, secret) => {
  using directory = scratch();
  const journal = await open(directory.path, { secrets: [CONFIGURED] });
  const body = JSON.stringify({ text: `the key is ${secret}`, nested: JSON.stringify({ key: secret }) });
  const large = `${"some text and more of it ".repeat(20_000)}${body}${"and so on ".repeat(3000)}`;
  const headers = [
    ["authorization", `Bearer ${secret}`],
    ["x-odd", `value ${secret}`],
  ] as const;
  const id = tell(journal, {
    start: { session: secret, client: `agent ${secret}`, request: record(`POST /v1/responses?x=${secret}`, body, headers) },
    attempt: {
      url: `http://host/v1?key=${secret}&note=${secret}`,
      detail: `the upstream said: bad key ${secret}`,
      model: `model ${secret}`,
      provider: secret,
      request: record("POST /up", large, headers),
      reply: record("401", body, headers),
    },
    end: {
      model: secret,
      detail: secret,
      losses: [{ kind: "dropped", feature: "f", detail: secret }],
      reply: record("200", large, headers),
    },
  });
  await journal.flush();
  // The WAL is on disk now, nothing of it is in the main file yet.
  const onDisk = (): boolean[] => readdirSync(directory.path).map((name) => readFileSync(join(directory.path, name)).includes(secret));
  expect(onDisk()).not.toContain(true);
  await journal.close();
  expect(onDisk()).not.toContain(true);

  const turn = read(directory.path, (query) => query.list({ limit: 1 }));
  const records = recordsOf(directory.path, id);
  const bodies = [records.clientRequest, records.attempts[0]?.request, records.attempts[0]?.reply, records.clientReply].map(
    (one) => one?.body,
  );
  expect(JSON.stringify([turn, records]) + bodies.map(String).join("\n")).not.toContain(secret);
  // Head and body lost three: the parameter of the start line goes by value, and so do the two in the body.
  expect(records.clientRequest?.redactions).toBe(4);
  expect(records.clientRequest?.size).toBe(body.length);
  expect(JSON.parse(String(records.clientRequest?.body))).toEqual({ text: "the key is [redacted]", nested: '{"key":"[redacted]"}' });
  expect(String(records.attempts[0]?.request?.body)).toBe(large.replaceAll(secret, "[redacted]"));
});
