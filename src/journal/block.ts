// Blocks: the compressed BLOBs in which bodies lie. Promises the exact bytes back.
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

// Under load a batch is large and its parts repeat each other: the fastest level is then nearly as dense.
const LARGE = 256 << 10;

/** Compresses a block. */
export function packBlock(bytes: Uint8Array): Buffer {
  const level = bytes.length >= LARGE ? 1 : 3;
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } });
}

/** The bytes of a block; throws where it is damaged. */
export function unpackBlock(data: Uint8Array): Buffer {
  return zstdDecompressSync(data);
}
