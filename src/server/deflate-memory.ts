// What zlib holds for a WebSocket, given back. ws keeps a compressor (some 256 KiB) and a decompressor (some 50 KiB) for each connection
// that used them once, although without context takeover nothing in them outlives a message (RFC 7692, 7.1.1). Promises to do nothing
// where ws is made otherwise than we know it.
import type { WebSocket } from "ws";

/** Frees the decompressor. Only right inside of a `message` event, when no message is being read. */
export function freeInflater(socket: WebSocket): void {
  free(socket, "_inflate");
}

/** Frees the compressor. Only right when all that was sent has left. */
export function freeDeflater(socket: WebSocket): void {
  free(socket, "_deflate");
}

function free(socket: WebSocket, field: "_inflate" | "_deflate"): void {
  const extension = child(child(socket, "_extensions"), "permessage-deflate");
  const stream = child(extension, field);
  const close: unknown = stream === undefined ? undefined : Reflect.get(stream, "close");
  if (extension === undefined || stream === undefined || typeof close !== "function") return;
  Reflect.apply(close, stream, []);
  // As after its own `cleanup`: made anew with the next message.
  Reflect.set(extension, field, null);
}

function child(parent: object | undefined, name: string): object | undefined {
  const value: unknown = parent === undefined ? undefined : Reflect.get(parent, name);
  return typeof value === "object" && value !== null ? value : undefined;
}
