import { describe, expect, test } from "vitest";
import { request } from "undici";
import { answerError } from "./answers.ts";
import { get, jsonOf, rawClient } from "./raw-client.ts";
import { serve, serverConfig } from "./serve.ts";
import { guardRequest, serverNames } from "../../src/server/guard.ts";

/** The status of one raw request, and the message of its error. */
async function ask(port: number, raw: string): Promise<{ status: number; message: string }> {
  const client = rawClient(port);
  client.send(raw);
  const received = await client.until(/\r\n\r\n[^]*\}$/);
  client.socket.destroy();
  const body = jsonOf(received);
  const message = JSON.stringify(body);
  expect(received.toLowerCase()).not.toContain("access-control");
  return { status: Number(received.slice(9, 12)), message };
}

const raw = (target: string, ...headers: string[]): string => `${[`GET ${target} HTTP/1.1`, ...headers].join("\r\n")}\r\n\r\n`;

describe("Host", () => {
  test("the loopback names with the right port are taken, any other name is not", async () => {
    const { port } = await serve();
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, `LocalHost:${port}`]) {
      expect([host, (await ask(port, raw("/health", `Host: ${host}`))).status]).toEqual([host, 200]);
    }
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "localhost",
      "127.0.0.1",
      `127.0.0.1:${port + 1}`,
      `localhost.:${port}`,
      `127.0.0.1.evil.example:${port}`,
    ]) {
      expect([host, (await ask(port, raw("/health", `Host: ${host}`))).status]).toEqual([host, 403]);
    }
    expect((await ask(port, raw("/health", "Host: evil.example:80"))).message).toContain("server.hosts");
  });

  test("two Host headers, none, an empty one and one with userinfo are refused", async () => {
    const { port } = await serve();
    const good = `Host: 127.0.0.1:${port}`;
    for (const headers of [
      [good, "Host: evil.example"],
      ["Host: evil.example", good],
      [good, good],
      ["Host: "],
      [`Host: user@127.0.0.1:${port}`],
    ]) {
      expect([headers, (await ask(port, raw("/health", ...headers))).status]).toEqual([headers, 400]);
    }
    for (const version of ["1.0", "1.1"]) {
      expect(await ask(port, `GET /health HTTP/${version}\r\n\r\n`)).toMatchObject({
        status: 400,
        message: expect.stringContaining("Host header"),
      });
    }
  });

  test("a configured name is taken with and without a port, as a proxy sends it", async () => {
    const { port } = await serve({ hosts: ["llm.example.com"] });
    for (const host of ["llm.example.com", "LLM.example.com", "llm.example.com:8443"]) {
      expect([host, (await ask(port, raw("/health", `Host: ${host}`))).status]).toEqual([host, 200]);
    }
    expect((await ask(port, raw("/health", "Host: other.example.com"))).status).toBe(403);
  });

  test("bound to every address, the one by which the client came is a name too; others are not", () => {
    const names = serverNames(serverConfig({ host: "0.0.0.0" }).server, 8787);
    const guard = (host: string, localAddress: string) =>
      guardRequest({ target: "/health", headers: { host }, localAddress }, names)?.status;
    expect(guard("192.168.1.5:8787", "192.168.1.5")).toBeUndefined();
    expect(guard("192.168.1.5:8787", "::ffff:192.168.1.5")).toBeUndefined();
    expect(guard("[fd00::1]:8787", "fd00::1")).toBeUndefined();
    expect(guard("192.168.1.6:8787", "192.168.1.5")).toBe(403);
    expect(guard("evil.example:8787", "192.168.1.5")).toBe(403);
  });

  test("a server on HTTP's own port is called without one", () => {
    const names = serverNames(serverConfig({ port: 80 }).server, 80);
    expect(guardRequest({ target: "/", headers: { host: "localhost" }, localAddress: "127.0.0.1" }, names)).toBeUndefined();
  });
});

describe("target", () => {
  test("whole URLs and odd spellings of a path are refused before any route sees them", async () => {
    const { port, gateway } = await serve();
    const host = `Host: 127.0.0.1:${port}`;
    const odd = [
      "//health",
      "/v1//responses",
      "/v1%2fresponses",
      "/v1%2Fresponses",
      "/health%00",
      "/v1/../health",
      "/v1/./health",
      "/v1/..",
      "/%2e%2e/health",
      "/v1\\health",
      "/v1%5chealth",
    ];
    for (const target of [`http://127.0.0.1:${port}/health`, `http://evil.example/health`, "http://user@evil.example/", ...odd]) {
      expect([target, (await ask(port, raw(target, host))).status]).toEqual([target, 400]);
    }
    expect(gateway.events).toEqual([]);
  });

  test("a query may hold what a path may not", async () => {
    const { port } = await serve();
    expect((await ask(port, get(port, "/health?next=//a/../b%2f"))).status).toBe(200);
  });
});

describe("origin", () => {
  test("requests from pages of other origins are refused on every route, whatever they ask", async () => {
    const { port } = await serve();
    for (const header of [
      "Origin: https://evil.example",
      "Origin: null",
      `Origin: http://127.0.0.1:${port + 1}`,
      "Origin: http://127.0.0.1",
      `Origin: http://evil.example@127.0.0.1:${port}`,
      "Sec-Fetch-Site: cross-site",
      "Sec-Fetch-Site: same-site",
    ]) {
      for (const path of ["/health", "/v1/models", "/nowhere"]) {
        expect([header, path, (await ask(port, get(port, path, [header]))).status]).toEqual([header, path, 403]);
      }
    }
  });

  test("our own pages and programs are let in", async () => {
    const { port } = await serve();
    for (const header of [
      `Origin: http://127.0.0.1:${port}`,
      `Origin: http://localhost:${port}`,
      "Sec-Fetch-Site: same-origin",
      "Sec-Fetch-Site: none",
    ]) {
      expect([header, (await ask(port, get(port, "/health", [header]))).status]).toEqual([header, 200]);
    }
  });

  test("a page's preflight gets no permission", async () => {
    const { port } = await serve();
    const preflight = `OPTIONS /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Private-Network: true\r\n\r\n`;
    expect((await ask(port, preflight)).status).toBe(403);
  });
});

describe("client keys", () => {
  const key = "wk_0123456789abcdef";
  const other = "wk_fedcba9876543210";

  test("are taken from the header of any dialect, and nothing else is", async () => {
    const { origin } = await serve({ keys: [other, key] });
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await request(`${origin}/v1/models`, { headers })).statusCode;
    expect(await status({ authorization: `Bearer ${key}` })).toBe(200);
    expect(await status({ authorization: `bearer ${other}` })).toBe(200);
    expect(await status({ "x-api-key": key })).toBe(200);
    expect(await status({ "x-goog-api-key": key })).toBe(200);
    expect(await status({ authorization: `Bearer ${key}`, "x-api-key": key })).toBe(200);
    expect(await status({ authorization: `Bearer ${key}`, "x-api-key": other })).toBe(401);
    expect(await status({ authorization: `Bearer ${key}x` })).toBe(401);
    expect(await status({ authorization: `Basic ${key}` })).toBe(401);
    expect(await status({ "x-api-key": "" })).toBe(401);
    expect(await status({})).toBe(401);
  });

  test("a refusal has OpenAI's shape and does not repeat the key", async () => {
    const { origin, gateway } = await serve({ keys: [key] });
    const reply = await request(`${origin}/v1/responses`, {
      method: "POST",
      headers: { authorization: "Bearer wk_canarycanarycanary" },
      body: "{}",
    });
    expect(JSON.stringify(reply.headers)).not.toContain("canary");
    expect(reply.headers).toMatchObject({ "x-should-retry": "false", "www-authenticate": "Bearer" });
    const error = await answerError(reply);
    expect(error).toMatchObject({ status: 401, type: "invalid_request_error", code: "invalid_api_key", param: null });
    expect(error.message).not.toContain("canary");
    expect(gateway.turns).toHaveLength(0);
  });

  test("only health and readiness need none, in their plain spelling", async () => {
    const { origin } = await serve({ keys: [key] });
    const status = async (path: string): Promise<number> => (await request(`${origin}${path}`)).statusCode;
    expect(await status("/health")).toBe(200);
    expect(await status("/ready")).toBe(200);
    expect(await status("/ready?x=1")).toBe(200);
    expect(await status("/healt%68")).toBe(401);
    expect(await status("/metrics")).toBe(401);
    expect(await status("/nowhere")).toBe(401);
  });

  test("without configured keys any credential passes, also contradicting ones", async () => {
    const { origin } = await serve();
    const reply = await request(`${origin}/v1/models`, { headers: { authorization: "Bearer a", "x-api-key": "b" } });
    expect(reply.statusCode).toBe(200);
  });
});
