// Upstreams that cannot be reached: a 502 that names the host and says what to look at, and no key in it.
import type { LookupFunction } from "node:net";
import { expect, test } from "vitest";
import { startChatScript } from "../support/chat-script.ts";
import { startFaultUpstream } from "../support/fault-upstream.ts";
import { afterThis, startGateway, type TestGateway, type TestGatewayOptions } from "../support/gateway.ts";
import { blockPort } from "./blocked-port.ts";
import { ask, body, errorOf, failureOf, finished, send } from "./client.ts";

const STREAM = body({ stream: true });
const KEY = "sk-provider-key-0123456789";

/** Of nobody and for nobody: a certificate that signs itself, and its key. */
const SELF_SIGNED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgH8YSHTb6CDknVI1X
7uFLlEIBcHPSydspXC4Kq9MwxvehRANCAAS3BpVykTHqj6O7xY7UHEUqmTD1bdRX
3TqK1WW0v+19ecnx0Vea5cuZcZO45SRLQ4sEPzvobbl1bXEUQJPq+QbO
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUdJDWNRzZS2vICH3tVEskDCmulKUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTEwNDY1N1oYDzIxMjYxMTAx
MTA0NjU3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS3BpVykTHqj6O7xY7UHEUqmTD1bdRX3TqK1WW0v+19ecnx0Vea5cuZ
cZO45SRLQ4sEPzvobbl1bXEUQJPq+QbOo1MwUTAdBgNVHQ4EFgQUuW8CLu7yVEah
ZG+ZlENe0tuAQtAwHwYDVR0jBBgwFoAUuW8CLu7yVEahZG+ZlENe0tuAQtAwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiA83LG7ltt8NsjOnsRufjnZ
LA1uU0siyjWdUEy/6u6iPgIgCeRE32nKUS8Z5DciQDoNPViDRDYek63BIhnD1Ld/
cz8=
-----END CERTIFICATE-----`,
};

function startAt(baseUrl: string, limits: Record<string, number> = {}, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const entries = {
    providers: { box: { dialect: "chat", base_url: baseUrl, key: KEY } },
    models: { m: { provider: "box" } },
    limits: { retries: 1, retry_wait_s: 0.01, ...limits },
  };
  return startGateway(entries, options);
}

/** A port at which nothing listens. */
async function closedPort(): Promise<number> {
  const upstream = await startFaultUpstream();
  await upstream.close();
  return upstream.port;
}

test("a port where nothing listens is a 502 that names it", async () => {
  const port = await closedPort();
  const { url, log } = await startAt(`http://127.0.0.1:${port}/v1`);
  const reply = await ask(url, STREAM);
  const error = errorOf(reply);
  expect(error).toMatchObject({ status: 502, code: "server_error", type: "server_error" });
  expect(error.message).toContain(`127.0.0.1:${port}`);
  expect(error.message).toMatch(/running/);
  expect(reply.text).not.toContain(KEY);
  const { attempts, end } = await log.ended(0);
  expect(attempts).toMatchObject([
    { status: null, fault: "unreachable", reply: null },
    { status: null, fault: "unreachable", reply: null },
  ]);
  expect(end).toMatchObject({ state: "failed", fault: "unreachable", status: 502 });
});

test("a server that cannot be reached after the commit is a failed response", async () => {
  const blocked = await blockPort();
  afterThis(() => blocked.close());
  const { url } = await startAt(`http://127.0.0.1:${blocked.port}/v1`, { retries: 0, connect_s: 0.3, commit_s: 0.01 });
  const reply = await send(url, STREAM).reply;
  await reply.until("response.created");
  const failure = failureOf(await finished(reply));
  expect(failure.code).toBe("server_error");
  expect(failure.message).toContain(`127.0.0.1:${blocked.port}`);
});

test("a connection that is not accepted within connect_s is a 502 that says so", async () => {
  const blocked = await blockPort();
  afterThis(() => blocked.close());
  const { url } = await startAt(`http://127.0.0.1:${blocked.port}/v1`, { retries: 0, connect_s: 0.2 });
  const error = errorOf(await ask(url, STREAM));
  expect(error.status).toBe(502);
  expect(error.message).toContain(`127.0.0.1:${blocked.port} did not accept a connection in time`);
});

test("a client that leaves while its call connects ends its turn at once", async () => {
  const blocked = await blockPort();
  afterThis(() => blocked.close());
  const { url, log } = await startAt(`http://127.0.0.1:${blocked.port}/v1`, { connect_s: 10, commit_s: 0.01 });
  const reply = await send(url, STREAM).reply;
  await reply.until("response.created");
  reply.leave();
  expect((await log.ended(0)).end).toMatchObject({ state: "client_closed" });
  expect(log.turns[0]?.end?.durationMs).toBeLessThan(5000);
});

test.each(["ENOTFOUND", "EAI_AGAIN"])("a host name that cannot be resolved (%s) is a 502 that names it", async (code) => {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _, callback) => {
    asked.push(hostname);
    setImmediate(() => callback(Object.assign(new Error(`getaddrinfo ${code} ${hostname}`), { code }), ""));
  };
  const { url, log } = await startAt("https://nowhere.example:8443/secret-path/v1", {}, { lookup });
  const reply = await ask(url, STREAM);
  const error = errorOf(reply);
  expect(error).toMatchObject({ status: 502, code: "server_error" });
  expect(error.message).toContain("The host name nowhere.example cannot be resolved");
  expect(reply.text).not.toMatch(new RegExp(`${KEY}|secret-path`));
  // What may pass is asked again, what is certain is not.
  expect(asked).toHaveLength(code === "ENOTFOUND" ? 1 : 2);
  expect((await log.ended(0)).attempts).toMatchObject([{ fault: "unreachable" }, { fault: "unreachable" }]);
});

test("a host name whose address does not come is a 502 after connect_s that says so", async () => {
  const { url } = await startAt("http://slow.example/v1", { retries: 0, connect_s: 0.2 }, { lookup: () => {} });
  const error = errorOf(await ask(url, STREAM));
  expect(error).toMatchObject({ status: 502, code: "server_error" });
  expect(error.message).toContain("The host name slow.example was not resolved in time");
});

test("a host name is resolved by the system where nothing else is said", async () => {
  const upstream = await startFaultUpstream();
  afterThis(() => upstream.close());
  upstream.always((exchange) => exchange.answer(200, { choices: [{ message: { content: "well" }, finish_reason: "stop" }] }));
  const { url } = await startAt(`http://localhost:${upstream.port}/v1`);
  expect((await ask(url, body())).text).toContain('"well"');
  const unknown = await startAt("http://nowhere.invalid/v1");
  expect(errorOf(await ask(unknown.url, STREAM)).message).toContain("nowhere.invalid");
});

test("a certificate that nobody vouches for is a 502 that says so, and is not tried again", async () => {
  const upstream = await startFaultUpstream(SELF_SIGNED);
  afterThis(() => upstream.close());
  const { url, log } = await startAt(upstream.url);
  const reply = await ask(url, STREAM);
  const error = errorOf(reply);
  expect(error).toMatchObject({ status: 502, code: "server_error" });
  expect(error.message).toMatch(/certificate/);
  expect(error.message).toContain(`127.0.0.1:${upstream.port}`);
  expect(upstream.exchanges).toEqual([]);
  expect((await log.ended(0)).attempts).toHaveLength(1);
});

test("a server without TLS behind https is a 502 that says so", async () => {
  const script = await startChatScript();
  afterThis(() => script.close());
  const { url, log } = await startAt(script.url.replace("http:", "https:"));
  const error = errorOf(await ask(url, STREAM));
  expect(error).toMatchObject({ status: 502, code: "server_error" });
  expect(error.message).toMatch(/does not speak TLS/);
  expect((await log.ended(0)).attempts).toHaveLength(1);
});
