// Content decoding of a body while it arrives. Promises one layer only, an end to what comes out (by size and by expansion),
// and that a body which breaks off is told from one that is wrong. Nothing here waits for the whole of either side.
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from "node:zlib";
import type { Transform } from "node:stream";

/** A content coding that we can undo. */
export type ContentCoding = "gzip" | "br" | "zstd" | "deflate";

/** Bounds of what comes out. */
export interface DecodeLimits {
  /** Most bytes, decoded. */
  bytes: number;
  /** Most bytes out for each byte in, asked once `ratioAfter` bytes are out. */
  ratio: number;
  ratioAfter: number;
}

/** Expansion that no real request reaches, and the size below which nobody need care. */
export const DECODE_RATIO = { ratio: 200, ratioAfter: 1024 * 1024 } as const;

/** Why decoding ended early: past the size, past the expansion, broken off, or not of the coding. */
export type DecodeProblem = "too_large" | "bomb" | "truncated" | "corrupt";

/** Where decoded bytes go. After `end` or `fail` nothing more is called. */
export interface DecodeSink {
  data(bytes: Uint8Array): void;
  end(): void;
  fail(problem: DecodeProblem): void;
  /** More may be written after `write` has returned false. */
  drain(): void;
}

/** Takes encoded bytes. */
export interface Decoder {
  /** False = hold back until `drain`. */
  write(bytes: Uint8Array): boolean;
  end(): void;
  /** Gives up; the sink hears nothing more. */
  stop(): void;
}

/** Names of codings for an `accept-encoding` header. */
export const CONTENT_CODINGS = "gzip, br, zstd, deflate";

/** What a `content-encoding` header asks for; undefined where it is unknown to us or names more than one layer. */
export function readCoding(header: string | undefined): ContentCoding | "identity" | undefined {
  const name = (header ?? "").trim().toLowerCase();
  switch (name) {
    case "":
    case "identity":
      return "identity";
    case "gzip":
    case "x-gzip":
      return "gzip";
    case "br":
    case "zstd":
    case "deflate":
      return name;
    default:
      return undefined;
  }
}

/** A decoder for one body. `identity` counts bytes and passes them on at once; the others answer later, from zlib's threads. */
export function openDecoder(coding: ContentCoding | "identity", limits: DecodeLimits, sink: DecodeSink): Decoder {
  return coding === "identity" ? passOn(limits, sink) : decode(coding, limits, sink);
}

function passOn(limits: DecodeLimits, sink: DecodeSink): Decoder {
  let size = 0;
  let over = false;
  return {
    write(bytes) {
      if (over) return true;
      size += bytes.length;
      over = size > limits.bytes;
      if (over) sink.fail("too_large");
      else sink.data(bytes);
      return true;
    },
    end: () => (over ? undefined : sink.end()),
    stop: () => (over = true),
  };
}

function decode(coding: ContentCoding, limits: DecodeLimits, sink: DecodeSink): Decoder {
  let stream: Transform | undefined;
  let read = 0;
  let written = 0;
  let over = false;
  const stop = (): void => {
    over = true;
    stream?.destroy();
  };
  const fail = (problem: DecodeProblem): void => {
    if (over) return;
    stop();
    sink.fail(problem);
  };
  const take = (bytes: Uint8Array): void => {
    if (over) return;
    written += bytes.length;
    if (written > limits.bytes) fail("too_large");
    else if (written > limits.ratioAfter && written > limits.ratio * read) fail("bomb");
    else sink.data(bytes);
  };
  const open = (first: number): Transform => {
    const made = createStream(coding, first);
    made.on("data", take);
    made.on("drain", () => over || sink.drain());
    made.on("error", (error: NodeJS.ErrnoException) => fail(error.code === "Z_BUF_ERROR" ? "truncated" : "corrupt"));
    made.on("end", () => {
      if (over) return;
      over = true;
      sink.end();
    });
    return made;
  };
  return {
    write(bytes) {
      if (over || bytes.length === 0) return true;
      read += bytes.length;
      stream ??= open(bytes[0] ?? 0);
      return stream.write(bytes);
    },
    end() {
      if (over) return;
      stream ??= open(0);
      stream.end();
    },
    stop,
  };
}

/** zstd as a content coding may not need a larger window than this (RFC 9659); a frame may ask its reader for gigabytes. */
const ZSTD_WINDOW_LOG = 23;
const CHUNK = { chunkSize: 64 * 1024 };

function createStream(coding: ContentCoding, first: number): Transform {
  switch (coding) {
    case "gzip":
      return createGunzip(CHUNK);
    case "br":
      return createBrotliDecompress(CHUNK);
    case "zstd":
      return createZstdDecompress({ ...CHUNK, params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } });
    case "deflate":
      // The standard means zlib's envelope, whose first byte ends in 8; some clients send the bare stream.
      return (first & 0x0f) === 8 ? createInflate(CHUNK) : createInflateRaw(CHUNK);
  }
}
