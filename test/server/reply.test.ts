import { describe, expect, test } from "vitest";
import { bytes, heldTurns, SSE } from "./fake-gateway.ts";
import { get, post, rawClient, unchunk } from "./raw-client.ts";
import { serve } from "./serve.ts";

describe("a stream", () => {
  test("sends headers at once, each write as it comes, and ends right after the last", async () => {
    const { port, gateway } = await serve();
    const { ports, finish } = heldTurns(gateway);
    const client = rawClient(port);
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    const reply = ports[0];
    reply?.start(200, SSE);
    const head = await client.until(/\r\n\r\n$/);
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toContain("content-type: text/event-stream; charset=utf-8\r\n");
    expect(head.toLowerCase()).not.toMatch(/^(server|x-powered-by|access-control)/m);
    expect(reply?.write(bytes("data: 1\n\n"))).toBe(true);
    await client.until(/data: 1/);
    reply?.write(bytes("data: 2\n\n"));
    reply?.end();
    await client.until(/0\r\n\r\n$/);
    expect(unchunk(client.received())).toEqual({ text: "data: 1\n\ndata: 2\n\n", whole: true });
    // After the end nothing more goes out, and the connection carries the next request.
    reply?.write(bytes("late"));
    reply?.start(500, {});
    reply?.end();
    finish();
    client.send(get(port, "/health"));
    await client.until(/\{"status":"ok"\}$/);
    expect(client.received()).not.toContain("late");
    client.socket.destroy();
  });

  test("keeps its bytes in order and its chunks whole, however large the writes and whenever they come", async () => {
    const { port, gateway } = await serve();
    const sizes = [1, 15, 16, 0, 17, 16_383, 16_384, 16_385, 3, 100_000, 0, 5, 40_000, 40_000, 2];
    const pieces = sizes.map((size, index) => String.fromCodePoint(97 + index).repeat(size));
    gateway.script = async (request, reply) => {
      const pause = Number(request.headers["x-pause"]);
      reply.start(200, SSE);
      for (const [index, piece] of pieces.entries()) {
        reply.write(bytes(piece));
        if (pause > 0 && index % pause === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      reply.end();
    };
    for (const pause of [0, 1, 2, 3]) {
      const client = rawClient(port);
      client.send(post(port, "{}", [`x-pause: ${pause}`]));
      const received = await client.until(/\r\n0\r\n\r\n$/);
      expect(unchunk(received)).toEqual({ text: pieces.join(""), whole: true });
      client.socket.destroy();
    }
  });

  test("to a client of HTTP/1.0 goes without chunks", async () => {
    const { port, gateway } = await serve();
    gateway.script = (_request, reply) => {
      reply.start(200, SSE);
      reply.write(bytes("data: 1\n\n"));
      reply.write(bytes("data: 2\n\n"));
      reply.end();
    };
    const client = rawClient(port);
    client.send(post(port, "{}").replace("HTTP/1.1", "HTTP/1.0"));
    expect(await client.closed).toMatch(/\r\n\r\ndata: 1\n\ndata: 2\n\n$/);
  });

  test.each([
    ["small", 1],
    ["large", 30_000],
  ])("that is broken off arrives as far as it got and is not ended properly (%s)", async (_name, size) => {
    const { port, gateway } = await serve();
    const last = `data: ${"x".repeat(size)}\n\n`;
    gateway.script = (_request, reply) => {
      reply.start(200, SSE);
      reply.write(bytes(last));
      reply.destroy();
    };
    const client = rawClient(port);
    client.send(post(port, "{}"));
    expect(unchunk(await client.closed)).toEqual({ text: last, whole: false });
  });

  test("whose turn ends without a word is broken off too", async () => {
    const { port, gateway } = await serve();
    gateway.script = (_request, reply) => reply.end();
    const client = rawClient(port);
    client.send(post(port, "{}"));
    expect(await client.closed).toBe("");
  });
});

describe("a slow client", () => {
  const block = new Uint8Array(256 * 1024).fill(0x78);

  test("that never reads is cut off once bytes have waited too long", async () => {
    const { port, gateway } = await serve({}, { client_stall_s: 0.05 });
    const { ports, gone } = heldTurns(gateway);
    const client = rawClient(port);
    client.socket.pause();
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    ports[0]?.start(200, SSE);
    // Enough for the buffers of both systems, and then some.
    let writes = 0;
    while (ports[0]?.write(block) === true || writes < 64) writes++;
    await gone;
    client.socket.destroy();
  });

  test("that reads in the end is told of, and gets every byte", async () => {
    const { port, gateway } = await serve();
    const { ports, finish } = heldTurns(gateway);
    const client = rawClient(port);
    client.socket.pause();
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    const reply = ports[0];
    reply?.start(200, { ...SSE, "content-length": String(block.length * 64) });
    let writes = 0;
    while (writes < 64) {
      writes++;
      if (reply?.write(block) === false && writes > 32) break;
    }
    const drained = new Promise<void>((resolve) => reply?.onDrain(resolve));
    client.socket.resume();
    await drained;
    for (; writes < 64; writes++) reply?.write(block);
    reply?.end();
    finish();
    await client.until(/\r\n\r\nx{10}/);
    client.socket.end();
    const received = await client.closed;
    expect(received.length - received.indexOf("\r\n\r\n") - 4).toBe(block.length * 64);
  });

  test("of small chunks is told of as well", async () => {
    const { port, gateway } = await serve();
    const { ports, finish } = heldTurns(gateway);
    const client = rawClient(port);
    client.socket.pause();
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    const reply = ports[0];
    reply?.start(200, SSE);
    let calls = 0;
    const drained = new Promise<void>((resolve) =>
      reply?.onDrain(() => {
        calls++;
        resolve();
      }),
    );
    while (reply?.write(bytes("x".repeat(1000))) === true) {
      // Until the client is slow.
    }
    client.socket.resume();
    await drained;
    expect(calls).toBe(1);
    reply?.end();
    finish();
    expect(unchunk(await client.until(/\r\n0\r\n\r\n$/)).whole).toBe(true);
    client.socket.destroy();
  });

  test("whose stream is silent for longer than a client may stall keeps it", async () => {
    const { port, gateway } = await serve({}, { client_stall_s: 0.02 });
    const { ports, finish, goneCount } = heldTurns(gateway);
    const client = rawClient(port);
    // A second connection shows that the clock has run out: idle ones are closed by it.
    const idle = rawClient(port);
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    ports[0]?.start(200, SSE);
    await idle.closed;
    const later = rawClient(port);
    await later.closed;
    ports[0]?.write(bytes("data: 1\n\n"));
    ports[0]?.end();
    finish();
    expect(unchunk(await client.until(/0\r\n\r\n$/)).whole).toBe(true);
    expect(goneCount()).toBe(0);
    client.socket.destroy();
  });
});

describe("pipelined requests", () => {
  test("a stream that waits behind another holds back what was written meanwhile, and goes on in the same way", async () => {
    const { port, gateway } = await serve();
    const first = Promise.withResolvers<void>();
    const drained = Promise.withResolvers<void>();
    gateway.script = async (request, reply) => {
      reply.start(200, SSE);
      if (Buffer.from(request.body).toString() === "first") {
        await first.promise;
        reply.write(bytes("1"));
        reply.end();
        return;
      }
      reply.onDrain(drained.resolve);
      let writes = 1;
      while (reply.write(bytes("2".repeat(1000)))) writes++;
      expect(writes).toBeGreaterThan(1);
      first.resolve();
      await drained.promise;
      reply.write(bytes("3"));
      reply.end();
    };
    const client = rawClient(port);
    client.send(post(port, "first") + post(port, "second"));
    const received = await client.until(/3\r\n0\r\n\r\n$/);
    const second = received.indexOf("HTTP/1.1", 9);
    expect(unchunk(received.slice(0, second))).toEqual({ text: "1", whole: true });
    expect(unchunk(received.slice(second)).text).toMatch(/^2+3$/);
    client.socket.destroy();
  });

  test("are answered in order, whichever turn is done first", async () => {
    const { port, gateway } = await serve();
    const second = Promise.withResolvers<void>();
    gateway.script = async (request, reply) => {
      const name = Buffer.from(request.body).toString();
      if (name === "first") await second.promise;
      reply.start(200, SSE);
      reply.write(bytes(`data: ${name}\n\n`));
      reply.end();
      if (name === "second") second.resolve();
    };
    const client = rawClient(port);
    client.send(post(port, "first") + post(port, "second") + get(port, "/health"));
    const received = await client.until(/\{"status":"ok"\}$/);
    expect(received.indexOf("data: first")).toBeGreaterThan(0);
    expect(received.indexOf("data: second")).toBeGreaterThan(received.indexOf("data: first"));
    expect(received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
    client.socket.destroy();
  });

  test("behind a stream, what is not HTTP ends the connection and never stands in the stream", async () => {
    const { port, gateway } = await serve();
    const { ports, gone } = heldTurns(gateway);
    const client = rawClient(port);
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    ports[0]?.start(200, SSE);
    ports[0]?.write(bytes("data: 1\n\n"));
    await client.until(/data: 1/);
    client.send("nonsense\r\n\r\n");
    await gone;
    expect(await client.closed).not.toContain("error");
  });

  test("behind a stream, an upgrade does not stand in it either", async () => {
    const { port, gateway } = await serve();
    const { ports, gone } = heldTurns(gateway);
    const client = rawClient(port);
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    ports[0]?.start(200, SSE);
    ports[0]?.write(bytes("data: 1\n\n"));
    await client.until(/data: 1/);
    client.send(get(port, "/v1/responses", ["Connection: Upgrade", "Upgrade: websocket"]));
    await gone;
    expect(await client.closed).not.toContain("426");
  });
});
