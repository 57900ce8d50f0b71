import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DECODE_RATIO, openDecoder, readCoding } from "../../src/kit/decode-body.ts";
import type { ContentCoding, DecodeLimits } from "../../src/kit/decode-body.ts";

const LIMITS: DecodeLimits = { bytes: 8 * 1024 * 1024, ...DECODE_RATIO };

const ENCODERS: readonly (readonly [ContentCoding | "identity", (data: Uint8Array) => Uint8Array])[] = [
  ["identity", (data) => data],
  ["gzip", (data) => gzipSync(data)],
  ["br", (data) => brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ["zstd", (data) => zstdCompressSync(data)],
  ["deflate", (data) => deflateSync(data)],
  ["deflate", (data) => deflateRawSync(data)],
];

/** Decodes chunks as they would come; holds back where it is asked to. Resolves with the bytes, or with the problem. */
async function decode(coding: ContentCoding | "identity", chunks: readonly Uint8Array[], limits = LIMITS): Promise<Buffer | string> {
  const out: Uint8Array[] = [];
  const ended = Promise.withResolvers<Buffer | string>();
  let drained = Promise.withResolvers<void>();
  const decoder = openDecoder(coding, limits, {
    data: (bytes) => out.push(bytes),
    end: () => ended.resolve(Buffer.concat(out)),
    fail: (problem) => ended.resolve(problem),
    drain: () => drained.resolve(),
  });
  for (const chunk of chunks) {
    drained = Promise.withResolvers<void>();
    if (!decoder.write(chunk)) await Promise.race([drained.promise, ended.promise]);
  }
  decoder.end();
  return ended.promise;
}

/** The same bytes in pieces. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe("openDecoder", () => {
  test("gives back what was encoded, wherever the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 5000 }), fc.array(fc.nat(6000), { maxLength: 8 }), async (data, places) => {
        for (const [coding, encode] of ENCODERS) {
          expect([coding, await decode(coding, cut(encode(data), places))]).toEqual([coding, Buffer.from(data)]);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("tells any cut-off frame from a whole one", async () => {
    const data = Buffer.from(JSON.stringify({ input: Array.from({ length: 200 }, (_, index) => index * 7919) }));
    for (const [coding, encode] of ENCODERS.slice(1)) {
      const whole = encode(data);
      for (let length = 0; length < whole.length; length += 13) {
        expect([coding, length, await decode(coding, [whole.subarray(0, length)])]).toEqual([coding, length, "truncated"]);
      }
    }
  });

  test("stops at the size, exactly", async () => {
    const data = Buffer.alloc(1000, "x");
    for (const [coding, encode] of ENCODERS) {
      expect([coding, await decode(coding, [encode(data)], { ...LIMITS, bytes: 1000 })]).toEqual([coding, data]);
      expect([coding, await decode(coding, [encode(data)], { ...LIMITS, bytes: 999 })]).toEqual([coding, "too_large"]);
    }
  });

  test("takes what expands far but stays small, and stops what goes on", async () => {
    const small = Buffer.alloc(DECODE_RATIO.ratioAfter);
    const large = Buffer.alloc(DECODE_RATIO.ratioAfter + 1);
    for (const [coding, encode] of ENCODERS.slice(1)) {
      expect(encode(small).length * DECODE_RATIO.ratio).toBeLessThan(small.length);
      expect([coding, (await decode(coding, [encode(small)])).length]).toEqual([coding, small.length]);
      expect([coding, await decode(coding, [encode(large)])]).toEqual([coding, "bomb"]);
    }
  });

  test("says nothing after it was stopped", async () => {
    for (const [coding, encode] of ENCODERS) {
      const heard: string[] = [];
      const decoder = openDecoder(coding, LIMITS, {
        data: () => heard.push("data"),
        end: () => heard.push("end"),
        fail: () => heard.push("fail"),
        drain: () => heard.push("drain"),
      });
      decoder.stop();
      decoder.write(encode(Buffer.from("abc")));
      decoder.end();
      // Another decoder's whole way through zlib's threads: time enough for the first to speak.
      await decode(coding, [encode(Buffer.from("abc"))]);
      expect([coding, heard]).toEqual([coding, []]);
    }
  });
});

test("readCoding knows one layer of a known coding, by any spelling", () => {
  expect([undefined, "", " identity ", "Identity"].map(readCoding)).toEqual(Array(4).fill("identity"));
  expect(["gzip", "X-GZIP", "br", "ZSTD", "deflate"].map(readCoding)).toEqual(["gzip", "gzip", "br", "zstd", "deflate"]);
  expect(["gzip, br", "gzip,gzip", "identity, gzip", "compress", "*"].map(readCoding)).toEqual(Array(5).fill(undefined));
});
