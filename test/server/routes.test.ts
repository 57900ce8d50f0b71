import { describe, expect, test, vi } from "vitest";
import { request } from "undici";
import { answerError } from "./answers.ts";
import { get, jsonOf, post, rawClient } from "./raw-client.ts";
import { serve } from "./serve.ts";

describe("routes", () => {
  test("a turn reaches the gateway with its bytes and headers, and its reply goes out as the gateway gave it", async () => {
    const { origin, gateway } = await serve();
    const reply = await request(`${origin}/v1/responses?beta=true`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Thing": ["a", "b"] },
      body: '{"model":"m"}',
    });
    expect(await reply.body.json()).toEqual({ bytes: 13, text: '{"model":"m"}' });
    expect(reply.headers["x-request-id"]).toMatch(/^req_[0-9a-f]{32}$/);
    expect(reply.headers["server"]).toBeUndefined();
    expect(Object.keys(reply.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    const turn = gateway.turns[0];
    expect(turn).toMatchObject({ dialect: "responses", method: "POST", path: "/v1/responses?beta=true" });
    expect(turn?.headers["x-thing"]).toBe("a, b");
    expect(turn?.rawHeaders.filter(([name]) => name === "x-thing")).toEqual([
      ["x-thing", "a"],
      ["x-thing", "b"],
    ]);
    expect(turn).not.toHaveProperty("encoding");
  });

  test("headers as large as Codex's turn metadata pass; larger than the limit are 431", async () => {
    const { port, gateway } = await serve();
    const client = rawClient(port);
    client.send(post(port, "{}", [`x-codex-turn-metadata: ${"m".repeat(40_000)}`]));
    await client.until(/"bytes":2/);
    expect(gateway.turns[0]?.headers["x-codex-turn-metadata"]).toHaveLength(40_000);
    client.socket.destroy();
    const large = rawClient(port);
    large.send(post(port, "{}", [`x-large: ${"m".repeat(80_000)}`]));
    expect(await large.closed).toMatch(/^HTTP\/1\.1 431 .*"type":"invalid_request_error"/s);
  });

  test("the model list has an ETag and answers 304 to a client that has it", async () => {
    const { origin, gateway } = await serve();
    const first = await request(`${origin}/v1/models?client_version=0.169.0`, { headers: { "user-agent": "codex" } });
    expect(first.statusCode).toBe(200);
    expect(first.headers["etag"]).toBe('"one"');
    expect(await first.body.json()).toEqual({ object: "list", data: [], models: [] });
    expect(gateway.events).toEqual(["models codex"]);
    for (const [tag, status] of [
      ['"one"', 304],
      ['W/"one"', 304],
      ['"zero", "one"', 304],
      ["*", 304],
      ['"zero"', 200],
    ] as const) {
      const again = await request(`${origin}/v1/models`, { headers: { "if-none-match": tag } });
      expect([tag, again.statusCode]).toEqual([tag, status]);
      expect(again.headers["etag"]).toBe('"one"');
      expect((await again.body.text()).length > 0).toBe(status === 200);
    }
  });

  test("one model is found by its name, also where that holds an encoded slash", async () => {
    const { origin } = await serve();
    const whole = await request(`${origin}/v1/models/vendor%2Fknown`);
    expect(await whole.body.json()).toEqual({ id: "vendor/known", object: "model" });
    const plain = await request(`${origin}/v1/models/vendor/known`);
    expect(await plain.body.json()).toEqual({ id: "vendor/known", object: "model" });
    const none = await request(`${origin}/v1/models/unknown`);
    expect(await answerError(none)).toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    const wrong = await request(`${origin}/v1/models/%E0%A4%A`);
    expect(await answerError(wrong)).toMatchObject({ status: 404, code: "model_not_found" });
  });

  test("health, readiness and metrics answer", async () => {
    const { origin, gateway } = await serve();
    expect(await (await request(`${origin}/health`)).body.json()).toEqual({ status: "ok" });
    expect((await request(`${origin}/ready`)).statusCode).toBe(200);
    gateway.drain();
    const unready = await request(`${origin}/ready`);
    expect([unready.statusCode, await unready.body.json()]).toEqual([503, { status: "draining" }]);
    const metrics = await request(`${origin}/metrics`);
    expect(metrics.headers["content-type"]).toContain("text/plain");
    expect(await metrics.body.text()).toBe("waystation_turns_total 1\n");
  });

  test("HEAD works where GET does, without a body", async () => {
    const { port } = await serve();
    for (const path of ["/health", "/ready", "/metrics", "/v1/models", "/v1/models/known"]) {
      const client = rawClient(port);
      client.send(get(port, path, ["Connection: close"]).replace("GET", "HEAD"));
      const received = await client.closed;
      expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(received).toMatch(/content-length: [1-9]/);
      expect(received).toMatch(/\r\n\r\n$/);
    }
  });

  test("what is planned says what is missing; what has another method says which; what is misspelt says what was meant", async () => {
    const { origin } = await serve();
    const ask = async (method: "GET" | "POST" | "PUT" | "HEAD" | "OPTIONS", path: string) => {
      const reply = await request(`${origin}${path}`, { method, body: method === "POST" ? "{}" : null });
      const error = method === "HEAD" ? { status: reply.statusCode, message: "" } : await answerError(reply);
      return { ...error, allow: reply.headers["allow"] };
    };
    expect(await ask("GET", "/v1/responses/resp_1")).toMatchObject({ status: 404, type: "invalid_request_error", code: null });
    expect((await ask("POST", "/v1/chat/completions")).message).toMatch(/Chat Completions.*POST \/v1\/responses/);
    expect((await ask("POST", "/v1beta/models/gemini:generateContent")).message).toMatch(/Gemini/);
    expect(await ask("GET", "/v1/responses")).toMatchObject({ status: 405, allow: "POST", code: "method_not_allowed" });
    expect(await ask("HEAD", "/v1/responses")).toMatchObject({ status: 405, allow: "POST" });
    expect(await ask("PUT", "/v1/responses/resp_1")).toMatchObject({ status: 405, allow: "DELETE, GET, HEAD" });
    expect(await ask("OPTIONS", "/v1/models")).toMatchObject({ status: 405, allow: "GET, HEAD" });
    expect((await ask("POST", "/responses")).message).toContain("Did you mean POST /v1/responses?");
    expect((await ask("POST", "/v1/v1/responses")).message).toContain("Did you mean POST /v1/responses?");
    expect((await ask("POST", "/v1/respones")).message).toContain("Did you mean POST /v1/responses?");
    expect((await ask("GET", "/models")).message).toContain("Did you mean GET /v1/models?");
    expect(await ask("GET", "/wholly/elsewhere")).toMatchObject({ status: 404, type: "invalid_request_error" });
  });

  test("a WebSocket upgrade on any path is 426 with a JSON error, at once, where there is none", async () => {
    const { port, gateway } = await serve({ websocket: false });
    for (const path of ["/v1/responses", "/elsewhere"]) {
      const client = rawClient(port);
      client.send(get(port, path, ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA=="]));
      const received = await client.closed;
      expect(received).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
      expect(jsonOf(received)).toMatchObject({ error: { type: "invalid_request_error", param: null } });
    }
    expect(gateway.turns).toHaveLength(0);
  });

  test("an offer of HTTP/2 in the clear is passed over, as Java's client expects", async () => {
    const { port } = await serve();
    const client = rawClient(port);
    client.send(post(port, "{}", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"]));
    await client.until(/^HTTP\/1\.1 200 .*"bytes":2/s);
    client.socket.destroy();
  });

  test("a defect in the gateway costs one reply, not the server, and shows nothing of itself", async () => {
    const { origin, gateway } = await serve();
    gateway.script = () => {
      throw new Error("secret detail");
    };
    const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const reply = await request(`${origin}/v1/responses`, { method: "POST", body: "{}" });
    const text = told.mock.calls.join("");
    told.mockRestore();
    expect(text).toMatch(/^waystation: unexpected Error in POST \/v1\/responses\n {4}at /);
    expect(text).not.toContain("secret");
    expect(await answerError(reply)).toMatchObject({ status: 500, type: "server_error", message: expect.not.stringContaining("secret") });
    expect((await request(`${origin}/health`)).statusCode).toBe(200);
  });
});
