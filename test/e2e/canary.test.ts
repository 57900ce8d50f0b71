// Keys planted in every place where they can stand, and echoed by the upstream in every way that it has: none is found in a reply,
// in the output of the process, or in the log, neither in its files nor in what is read back from them.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openQuery } from "../../src/journal/query.ts";
import { frame, text, whole } from "../support/chat-frames.ts";
import { startFaultUpstream, type Step } from "../support/fault-upstream.ts";
import { afterThis } from "../support/gateway.ts";
import { ask, body, type Answer } from "./client.ts";
import { makeHome, type Home } from "./gateway-process.ts";

vi.setConfig({ testTimeout: 60_000 });

/** None of them looks like a key: only who knows them can find them. */
const PROVIDER_KEY = "canaryprovider7f3a9c1e5b2d8046";
const PROVIDER_HEADER = "canaryheader5b1fe26d90a7c384";
const ENV_KEY = "canaryenvironment40c1b2e8d7f6a593";
const CLIENT_KEY = "wk_canaryclient2e9d7c5b3a1f0864";
/** A client's own key of somebody else, sent to us by mistake. */
const FOREIGN_KEY = "sk-canaryforeign6a5b4c3d2e1f0987";
const CANARY = /canary(?:provider|header|environment|client|foreign)/;

/** Every way in which an upstream can say a secret. */
const echoes = (secret: string): [string, Step][] => [
  [
    "the message of a 401",
    (exchange) => exchange.answer(401, { error: { message: `Incorrect API key provided: ${secret}.`, code: "invalid_api_key" } }),
  ],
  [
    "the text of a 403, and its headers",
    (exchange) =>
      exchange.answer(403, `Bearer ${secret} may not`, {
        "content-type": "text/plain",
        "x-echo": secret,
        "www-authenticate": `Bearer ${secret}`,
      }),
  ],
  [
    "an unknown field of a 400",
    (exchange) => exchange.answer(400, { error: { message: { seen: { authorization: `Bearer ${secret}` } } } }),
  ],
  ["the param of a 400", (exchange) => exchange.answer(400, { error: { message: "bad", param: secret, code: secret, type: secret } })],
  ["the address of a redirect", (exchange) => exchange.answer(302, "", { location: `http://127.0.0.1:1/?key=${secret}` })],
  ["a page", (exchange) => exchange.answer(200, `<html><body>Your key ${secret} is odd</body></html>`, { "content-type": "text/html" })],
  ["a page that is cut inside it", (exchange) => exchange.answer(200, `${"x".repeat(184)} ${secret}`, { "content-type": "text/html" })],
  ["JSON that is no reply", (exchange) => exchange.answer(200, { key: secret })],
  ["an error inside a 200", (exchange) => exchange.answer(200, { error: { message: `key ${secret} expired` } })],
  ["the reason of a 500", (exchange) => exchange.raw(`HTTP/1.1 500 ${secret}\r\ncontent-length: 0\r\n\r\n`)],
  [
    "an error in mid-stream",
    (exchange) => {
      exchange.send(text("half a") + frame({ error: { message: `key ${secret} expired` } }));
      exchange.end();
    },
  ],
  [
    "a broken event",
    (exchange) => {
      exchange.send(`${text("half a")}data: {${secret}\n\n`);
      exchange.end();
    },
  ],
];

/** All that the log says of its turns, decoded. */
function readLog(home: Home): string {
  using query = openQuery(home.dataDir);
  return query
    .list({ limit: 1000 })
    .map((turn) => {
      const { clientRequest, clientReply, attempts } = query.records(turn);
      const records = [clientRequest, clientReply, ...attempts.flatMap(({ request, reply }) => [request, reply])];
      expect(records.every((record) => record === null || record.lost === null)).toBe(true);
      return JSON.stringify([turn, attempts]) + records.map((record) => JSON.stringify(record) + String(record?.body)).join("\n");
    })
    .join("\n");
}

/** The names of the files that hold a canary. */
function tainted(home: Home): string[] {
  const names = readdirSync(home.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(names.length).toBeGreaterThan(1);
  return names.map((entry) => join(entry.parentPath, entry.name)).filter((path) => CANARY.test(readFileSync(path, "latin1")));
}

test("keys are found nowhere, whatever the upstream does with them", async () => {
  const upstream = await startFaultUpstream();
  afterThis(() => upstream.close());
  const home = await makeHome({
    server: { keys: [CLIENT_KEY] },
    providers: {
      box: { dialect: "chat", base_url: upstream.url, key: PROVIDER_KEY, headers: { "api-key": PROVIDER_HEADER, "x-team": "agents" } },
      deepseek: { base_url: upstream.url, key: "${CANARY_ENVIRONMENT}" },
    },
    models: { m: { provider: "box" }, d: { provider: "deepseek" } },
    limits: { retries: 1, retry_wait_s: 0.01 },
  });
  const gateway = await home.start({ CANARY_ENVIRONMENT: ENV_KEY });
  const headers = { authorization: `Bearer ${CLIENT_KEY}` };
  const replies: [string, Answer][] = [];
  for (const [model, secret] of [
    ["m", PROVIDER_KEY],
    ["m", PROVIDER_HEADER],
    ["d", ENV_KEY],
  ] as const) {
    for (const [where, step] of echoes(secret)) {
      upstream.always(step);
      for (const stream of [true, false]) replies.push([where, await ask(gateway.url, body({ model, stream }), { headers })]);
    }
  }
  expect(upstream.exchanges.some(({ request }) => request.headers["authorization"] === `Bearer ${ENV_KEY}`)).toBe(true);

  // What a client says of keys: in a wrong header, in its prompt, in the name of a model, in its path.
  upstream.always((exchange) => exchange.answer(200, whole("fine")));
  const careless = `my key is ${CLIENT_KEY}, and here is ${FOREIGN_KEY}`;
  replies.push(["a wrong key", await ask(gateway.url, body(), { headers: { authorization: `Bearer ${FOREIGN_KEY}` } })]);
  // A conversation that is kept is kept word for word; this one is not.
  replies.push(["a prompt", await ask(gateway.url, body({ input: careless, store: false }), { headers })]);
  replies.push(["a further header", await ask(gateway.url, body(), { headers: { ...headers, "x-openai-key": FOREIGN_KEY } })]);
  replies.push(["the path", await ask(gateway.url, body(), { headers, path: `/v1/responses?api_key=${CLIENT_KEY}` })]);
  for (const [where, reply] of replies) expect(JSON.stringify([reply.headers, reply.text]), where).not.toMatch(CANARY);

  const rows = replies.length - 1;
  await expect.poll(() => countRows(home)).toBe(rows);
  expect(tainted(home)).toEqual([]);
  const { stdout, stderr, code } = await gateway.stop();
  expect(code).toBe(0);
  expect(stdout + stderr).not.toMatch(CANARY);
  expect(tainted(home)).toEqual([]);
  const log = readLog(home);
  expect(log).toContain("[redacted]");
  expect(CANARY.exec(log)).toBeNull();
});

function countRows(home: Home): number {
  using query = openQuery(home.dataDir);
  return query.list({ limit: 1000 }).filter((turn) => turn.state !== "open").length;
}

test("a wrong configuration says nothing of the keys in it", async () => {
  const home = await makeHome({
    server: { keys: [CLIENT_KEY, `${CLIENT_KEY} `], host: "0.0.0.0", hots: [] },
    providers: {
      box: {
        dialect: "chat",
        base_url: `http://user:${PROVIDER_KEY}@127.0.0.1:1/v1`,
        key: `${PROVIDER_KEY}\n`,
        headers: { "bad header": PROVIDER_HEADER },
      },
    },
  });
  const { code, stdout, stderr } = await home.run().finished;
  expect(code).toBe(2);
  expect(stderr).toContain("config.yaml");
  expect(stdout + stderr).not.toMatch(CANARY);
});
