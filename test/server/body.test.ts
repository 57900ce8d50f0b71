import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { request } from "undici";
import { answerError } from "./answers.ts";
import { jsonOf, post, rawClient } from "./raw-client.ts";
import { serve } from "./serve.ts";

const CODINGS: Record<string, (data: Uint8Array) => Buffer> = {
  gzip: (data) => gzipSync(data),
  br: (data) => brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: (data) => zstdCompressSync(data),
  deflate: (data) => deflateSync(data),
};

const MEBIBYTE = 1024 * 1024;
/** JSON that compresses as prose does, not a thousandfold. */
const document = Buffer.from(JSON.stringify({ input: Array.from({ length: 20_000 }, (_, index) => `line ${index * 7919}`) }));

const send = (origin: string, body: Uint8Array, coding?: string) =>
  request(`${origin}/v1/responses`, { method: "POST", body, headers: coding === undefined ? {} : { "content-encoding": coding } });

describe("content codings", () => {
  test("each is decoded, and the turn is told which it was", async () => {
    const { origin, gateway } = await serve();
    for (const [coding, encode] of [
      ...Object.entries(CODINGS),
      ["x-gzip", CODINGS["gzip"]],
      ["deflate", deflateRawSync],
      ["GZIP", CODINGS["gzip"]],
    ] as const) {
      const reply = await send(origin, encode?.(document) ?? document, coding);
      expect([coding, reply.statusCode]).toEqual([coding, 200]);
      await reply.body.dump();
      const turn = gateway.turns.at(-1);
      expect(Buffer.compare(Buffer.from(turn?.body ?? []), document)).toBe(0);
      expect(turn?.encoding).toBe(coding);
    }
    expect((await send(origin, document, "identity")).statusCode).toBe(200);
  });

  test("a bomb in any coding is 413 long before it is unpacked, and is logged", async () => {
    const { origin, gateway } = await serve({}, { body_mb: 64 });
    const zeros = Buffer.alloc(40 * MEBIBYTE);
    for (const [coding, encode] of Object.entries(CODINGS)) {
      const error = await answerError(await send(origin, encode(zeros), coding));
      expect([coding, error]).toEqual([
        coding,
        expect.objectContaining({ status: 413, type: "invalid_request_error", message: expect.stringContaining("200 times") }),
      ]);
      const refusal = gateway.refusals.at(-1);
      expect(refusal?.fault.kind).toBe("too_large");
      expect(refusal?.request.body.length).toBeLessThanOrEqual(64 * 1024);
    }
    expect(gateway.turns).toHaveLength(0);
  });

  test("the limit counts decoded bytes", async () => {
    const { origin } = await serve({}, { body_mb: 1 });
    const large = Buffer.from("0123456789".repeat(150_000).replaceAll("5", () => String(Math.random())));
    expect(large.length).toBeGreaterThan(MEBIBYTE);
    for (const [coding, encode] of Object.entries(CODINGS)) {
      expect([coding, (await send(origin, encode(large.subarray(0, MEBIBYTE)), coding)).statusCode]).toEqual([coding, 200]);
      expect([coding, await answerError(await send(origin, encode(large.subarray(0, MEBIBYTE + 1)), coding))]).toEqual([
        coding,
        expect.objectContaining({ status: 413, message: expect.stringContaining("limits.body_mb") }),
      ]);
    }
  });

  test("a frame that breaks off, bytes of another kind and none at all are 400", async () => {
    const { origin, gateway } = await serve();
    for (const [coding, encode] of Object.entries(CODINGS)) {
      const whole = encode(document);
      expect([coding, await answerError(await send(origin, whole.subarray(0, whole.length - 9), coding))]).toEqual([
        coding,
        expect.objectContaining({ status: 400, message: expect.stringContaining("in the middle") }),
      ]);
      expect([coding, (await answerError(await send(origin, Buffer.from("{not compressed at all}"), coding))).status]).toEqual([
        coding,
        400,
      ]);
      expect([coding, (await answerError(await send(origin, new Uint8Array(0), coding))).status]).toEqual([coding, 400]);
    }
    expect(gateway.refusals).toHaveLength(12);
  });

  test("layers and unknown codings are 415 with the list of known ones", async () => {
    const { origin, gateway } = await serve();
    for (const coding of ["gzip, gzip", "gzip,br", "compress", "aes128gcm", "gzip;q=1"]) {
      const error = await answerError(await send(origin, gzipSync(gzipSync(document)), coding));
      expect([coding, error]).toEqual([
        coding,
        expect.objectContaining({ status: 415, message: expect.stringContaining("gzip, br, zstd, deflate") }),
      ]);
    }
    expect(gateway.refusals.map(({ request: { encoding } }) => encoding)).toContain("gzip, gzip");
  });

  test("a zstd frame that asks for a window of gigabytes is refused unread", async () => {
    const { origin } = await serve();
    // Magic, a descriptor without content size, a window of 2^31 bytes, an empty last block.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (31 - 10) << 3, 0x01, 0x00, 0x00]);
    expect((await answerError(await send(origin, frame, "zstd"))).status).toBe(400);
  });
});

describe("size and framing", () => {
  test("a Content-Length over the limit is refused before any of it is sent, without leave to continue", async () => {
    const { port, gateway } = await serve({}, { body_mb: 1 });
    const client = rawClient(port);
    client.send(
      `POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${2 * MEBIBYTE}\r\nExpect: 100-continue\r\n\r\n`,
    );
    await client.until(/\}\}$/);
    expect(client.received()).toMatch(/^HTTP\/1\.1 413 /);
    expect(client.received().toLowerCase()).toContain("connection: close");
    expect(gateway.refusals[0]?.fault).toMatchObject({ kind: "too_large", status: 413 });
    client.socket.destroy();
  });

  test("a client that sends on regardless, and reads only then, can read why it was refused", async () => {
    const { port } = await serve({}, { body_mb: 1 });
    const client = rawClient(port);
    client.socket.pause();
    client.send(`POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${16 * MEBIBYTE}\r\n\r\n`);
    // More than lies in any buffer on the way: the server has answered long before the last of it is taken.
    await new Promise<void>((resolve) => client.socket.write(Buffer.alloc(16 * MEBIBYTE), () => resolve()));
    client.socket.resume();
    expect(jsonOf(await client.closed)).toMatchObject({ error: { code: "request_too_large" } });
  });

  test("what follows in the pipe of a refused body is not begun", async () => {
    const { port, gateway } = await serve({}, { body_mb: 1 });
    const client = rawClient(port);
    client.socket.pause();
    const head = `POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${2 * MEBIBYTE}\r\n\r\n`;
    client.send(Buffer.concat([Buffer.from(head), Buffer.alloc(2 * MEBIBYTE), Buffer.from(post(port, "{}"))]));
    await gateway.arrived(1);
    client.socket.end();
    client.socket.resume();
    expect((await client.closed).match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(gateway.turns).toHaveLength(0);
  });

  test("chunks that add up to more than the limit are refused, and the connection closes", async () => {
    const { port, gateway } = await serve({}, { body_mb: 1 });
    const client = rawClient(port);
    client.send(`POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const chunk = Buffer.concat([Buffer.from("40000\r\n"), Buffer.alloc(0x40000, "x"), Buffer.from("\r\n")]);
    for (let count = 0; count < 8; count++) client.send(chunk);
    client.send("0\r\n\r\n");
    expect(await client.closed).toMatch(/^HTTP\/1\.1 413 .*connection: close/is);
    expect(gateway.refusals[0]?.request.body).toHaveLength(64 * 1024);
  });

  test("leave to continue is given to a request that will be read", async () => {
    const { port } = await serve();
    const client = rawClient(port);
    client.send(`POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n`);
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.send("{}");
    await client.until(/HTTP\/1\.1 200 OK.*"bytes":2/s);
    // The connection lives on.
    client.send(post(port, "{} "));
    await client.until(/"bytes":3/);
    client.socket.destroy();
  });

  test("an expectation that we do not know is passed over", async () => {
    const { port } = await serve();
    const client = rawClient(port);
    client.send(post(port, "{}", ["Expect: miracles"]));
    await client.until(/^HTTP\/1\.1 200 OK.*"bytes":2/s);
    client.socket.destroy();
  });

  test("a body that drips is 408 when its time is over, with a log row", async () => {
    const { port, gateway } = await serve({}, { client_request_s: 0.05 });
    const client = rawClient(port);
    client.send(`POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 1000\r\n\r\n{"model":`);
    await client.until(/\}\}$/);
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 /);
    expect(gateway.refusals[0]).toMatchObject({ fault: { status: 408, code: "request_timeout" } });
    expect(Buffer.from(gateway.refusals[0]?.request.body ?? []).toString()).toBe('{"model":');
    client.socket.destroy();
  });

  test("headers that drip are 408", async () => {
    const { port } = await serve({}, { client_request_s: 0.05 });
    const client = rawClient(port);
    client.send("POST /v1/responses HTTP/1.1\r\nHost: 127");
    expect(await client.closed).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
  });

  test.each([
    ["both lengths", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"],
    ["two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"],
    ["a negative length", "Content-Length: -1\r\n\r\n"],
    ["an unknown transfer coding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"],
    ["a folded header", "Content-Length: 2\r\nX-A: b\r\n c\r\n\r\n{}"],
    ["a blank before the colon", "Content-Length : 2\r\n\r\n{}"],
  ])("%s: 400 in OpenAI's shape, the connection closes, no turn", async (_name, rest) => {
    const { port, gateway } = await serve();
    const client = rawClient(port);
    client.send(`POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${rest}`);
    const received = await client.closed;
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(jsonOf(received)).toMatchObject({ error: { type: "invalid_request_error" } });
    expect(gateway.turns).toHaveLength(0);
  });

  test("a broken chunk and a body that ends early are 400 with a log row", async () => {
    const { port, gateway } = await serve();
    const broken = rawClient(port);
    broken.send(`POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`);
    broken.send("zz\r\nmore garbage\r\n");
    await broken.until(/\}\}$/);
    expect(broken.received()).toMatch(/^HTTP\/1\.1 400 /);
    broken.socket.destroy();
    const short = rawClient(port);
    short.send(`POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 100\r\n\r\n{"half":`);
    short.socket.end();
    expect(await short.closed).toMatch(/^HTTP\/1\.1 400 /);
    expect(gateway.refusals.map(({ fault }) => fault.status)).toEqual([400, 400]);
    expect(Buffer.from(gateway.refusals[1]?.request.body ?? []).toString()).toBe('{"half":');
  });

  test("a client that is reset in the middle of its body leaves a row that says so", async () => {
    const { port, gateway } = await serve();
    const client = rawClient(port);
    client.send(`POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n`);
    await client.until(/100 Continue/);
    client.socket.resetAndDestroy();
    await gateway.arrived(1);
    expect(gateway.refusals[0]?.fault.kind).toBe("client_closed");
  });

  test("a large body of a request that is refused for other reasons does not hold the connection", async () => {
    const { port } = await serve({ keys: ["wk_0123456789abcdef"] });
    const client = rawClient(port);
    client.send(`POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${MEBIBYTE}\r\n\r\n`, Buffer.alloc(MEBIBYTE));
    expect(await client.closed).toMatch(/^HTTP\/1\.1 401 .*connection: close/is);
    const small = rawClient(port);
    small.send(post(port, "{}"), post(port, "{}"));
    await small.until(/HTTP\/1\.1 401 .*HTTP\/1\.1 401 /s);
    small.socket.destroy();
  });

  test("neither does one of unknown length, or one whose sender waits for leave that it does not get", async () => {
    const { port } = await serve({ keys: ["wk_0123456789abcdef"] });
    for (const header of ["Transfer-Encoding: chunked", "Content-Length: 2\r\nExpect: 100-continue"]) {
      const client = rawClient(port);
      client.send(`POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${header}\r\n\r\n`);
      expect(await client.closed).toMatch(/^HTTP\/1\.1 401 .*connection: close/is);
    }
  });
});
