import { describe, expect, test } from "vitest";
import type { ReplyPort } from "../../src/gateway/port.ts";
import { startServer } from "../../src/server/start-server.ts";
import { bytes, FakeGateway, SSE } from "./fake-gateway.ts";
import { get, post, rawClient } from "./raw-client.ts";
import { serve, serverConfig } from "./serve.ts";

/** A turn that stands still until it is let go. */
function heldTurn(gateway: FakeGateway): { port: () => ReplyPort; finish: () => void } {
  let port: ReplyPort | undefined;
  const finished = Promise.withResolvers<void>();
  gateway.script = (_request, reply) => {
    port = reply;
    return finished.promise;
  };
  return {
    port: () => {
      if (port === undefined) throw new Error("no turn yet");
      return port;
    },
    finish: finished.resolve,
  };
}

describe("close", () => {
  test("with idle and silent connections takes no time", async () => {
    const { port, close, gateway } = await serve();
    const used = rawClient(port);
    used.send(get(port, "/health"));
    await used.until(/\}$/);
    const silent = rawClient(port);
    await new Promise<void>((resolve) => silent.socket.once("connect", () => resolve()));
    const before = performance.now();
    await close();
    // Two clocks of two seconds and one of thirty would each show.
    expect(performance.now() - before).toBeLessThan(1500);
    await Promise.all([used.closed, silent.closed]);
    expect(gateway.events).toEqual(["drain"]);
    const refused = rawClient(port);
    expect(await refused.closed).toBe("");
  });

  test("lets a running stream end by itself, says not ready meanwhile, and closes its connection after it", async () => {
    const { port, close, gateway } = await serve();
    const turn = heldTurn(gateway);
    const client = rawClient(port);
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    turn.port().start(200, SSE);
    turn.port().write(bytes("data: 1\n\n"));
    await client.until(/data: 1/);
    const closed = close();
    client.send(get(port, "/ready"));
    const late = rawClient(port);
    await late.closed;
    turn.port().write(bytes("data: last\n\n"));
    turn.port().end();
    turn.finish();
    await closed;
    const received = await client.closed;
    expect(received).toContain("data: last");
    expect(received).toMatch(/0\r\n\r\n(HTTP\/1\.1 503|$)/);
    expect(gateway.events).toEqual(["drain"]);
  });

  test("closes the connection of a stream that has ended, while others still run", async () => {
    const { port, close, gateway } = await serve();
    const ports: ReplyPort[] = [];
    const finished = Promise.withResolvers<void>();
    gateway.script = (_request, reply) => {
      reply.start(200, SSE);
      ports.push(reply);
      return finished.promise;
    };
    const clients = [rawClient(port), rawClient(port)];
    for (const [index, client] of clients.entries()) {
      client.send(post(port, "{}"));
      await gateway.arrived(index + 1);
      await client.until(/\r\n\r\n$/);
    }
    const closed = close();
    ports[0]?.end();
    expect(await clients[0]?.closed).toMatch(/0\r\n\r\n$/);
    expect(clients[1]?.socket.destroyed).toBe(false);
    ports[1]?.end();
    finished.resolve();
    await closed;
  });

  test("waits for a reply that is written but not yet taken", async () => {
    const { port, close, gateway } = await serve();
    const size = 16 * 1024 * 1024;
    gateway.script = (_request, reply) => {
      reply.start(200, { "content-length": String(size) });
      reply.write(new Uint8Array(size).fill(0x78));
      reply.end();
    };
    const client = rawClient(port);
    client.socket.pause();
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    const closed = close();
    client.socket.resume();
    await closed;
    const received = await client.closed;
    expect(received.length - received.indexOf("\r\n\r\n") - 4).toBe(size);
  });

  test("tells a client whose headers are not out yet that the connection closes", async () => {
    const { port, close, gateway } = await serve();
    const turn = heldTurn(gateway);
    const client = rawClient(port);
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    const closed = close();
    turn.port().start(200, { "content-type": "application/json", "content-length": "2" });
    turn.port().write(bytes("{}"));
    turn.port().end();
    turn.finish();
    await closed;
    expect(await client.closed).toMatch(/connection: close\r\n[^]*\r\n\r\n\{\}$/i);
  });

  test("ends turns at the limit, and their last event arrives", async () => {
    const { port, close, gateway } = await serve({}, { drain_s: 0.05 });
    const turn = heldTurn(gateway);
    gateway.onAbort = () => {
      turn.port().write(bytes("data: failed\n\n"));
      turn.port().end();
      turn.finish();
    };
    const client = rawClient(port);
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    turn.port().start(200, SSE);
    await close();
    expect(gateway.events).toEqual(["drain", "abortAll"]);
    expect(await client.closed).toMatch(/data: failed\n\n\r\n0\r\n\r\n$/);
  });

  test("called again stops at once", async () => {
    const { port, close, gateway } = await serve();
    const turn = heldTurn(gateway);
    const client = rawClient(port);
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    turn.port().start(200, SSE);
    const first = close();
    await close();
    await first;
    await client.closed;
    expect(gateway.events).toEqual(["drain", "abortAll"]);
    turn.finish();
  });

  test("does not wait for a turn that will not end, nor for a client that will not read", async () => {
    const { port, close, gateway } = await serve({}, { drain_s: 0.01 });
    const turn = heldTurn(gateway);
    gateway.onAbort = () => {
      turn.port().end();
      turn.finish();
    };
    const client = rawClient(port);
    client.socket.pause();
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    turn.port().start(200, SSE);
    for (let count = 0; count < 64; count++) turn.port().write(new Uint8Array(256 * 1024));
    await close();
    client.socket.destroy();
  });
});

describe("listen", () => {
  test("a port in use is refused with a sentence that says what to do", async () => {
    const { port } = await serve();
    const second = startServer({ config: serverConfig({ port }), gateway: new FakeGateway() });
    await expect(second).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
    await expect(second).rejects.toThrow("--port");
  });

  test("an address of another machine is refused likewise", async () => {
    await expect(startServer({ config: serverConfig({ host: "203.0.113.1" }), gateway: new FakeGateway() })).rejects.toThrow(
      "not an address of this machine",
    );
  });

  test("the origin is one that a client can use", async () => {
    const { origin, port } = await serve({ host: "::1" }).catch(() => serve());
    expect(origin).toMatch(new RegExp(`^http://(\\[::1\\]|127\\.0\\.0\\.1):${port}$`));
    expect((await fetch(`${origin}/health`)).status).toBe(200);
  });
});
