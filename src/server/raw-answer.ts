// Answers where Node has no response object for us: an upgrade, and what its parser could not read. Promises a whole HTTP reply
// with OpenAI's error object and an id, and that it is never written into another reply.
import type { Duplex } from "node:stream";
import { STATUS_CODES } from "node:http";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import { faultBody } from "./answer.ts";
import { LINGER_MS } from "./client-reply.ts";
import { requestId } from "./exchange.ts";

/** Writes a fault as a raw reply and closes. */
export function answerRaw(socket: Duplex, failure: Fault, headers: readonly string[] = []): void {
  const body = faultBody(failure);
  const lines = [
    `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status] ?? ""}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    `x-request-id: ${requestId()}`,
    ...headers,
  ];
  // The client may still be sending, and may never close.
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
  socket.resume();
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** What Node's HTTP parser or its clock found wrong; undefined where the client has just gone. */
export function parserFault(error: NodeJS.ErrnoException): Fault | undefined {
  switch (error.code) {
    case "HPE_HEADER_OVERFLOW":
      return fault("invalid_request", "The request's headers are larger than this server takes.", { status: 431 });
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return fault("too_large", "The extensions of the request body's chunks are larger than this server takes.");
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return fault("invalid_request", "The request's headers did not arrive in time.", { status: 408, code: "request_timeout" });
    case "HPE_INVALID_EOF_STATE":
      return fault("invalid_request", "The request broke off before its end.");
    default:
      return error.code?.startsWith("HPE_") === true ? fault("invalid_request", "The request is not valid HTTP/1.1.") : undefined;
  }
}
