// The body of a request, from the socket into one buffer of decoded bytes. Promises that every way in which a body can go wrong is
// a fault: too large, expanding too far, broken off, too slow, in no coding of ours; and that a little of what came is kept for the log.
import type { IncomingMessage } from "node:http";
import type { Headers } from "../contract.ts";
import type { Limits } from "../config/config.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import { CONTENT_CODINGS, DECODE_RATIO, openDecoder, readCoding } from "../kit/decode-body.ts";
import type { ContentCoding, Decoder, DecodeProblem } from "../kit/decode-body.ts";

/** A body that arrived, or why it did not and the first of its decoded bytes. */
export type BodyOutcome = { ok: true; bytes: Uint8Array } | { ok: false; fault: Fault; bytes: Uint8Array };

/** A body under way. */
export interface BodyReading {
  /** Never rejects. */
  readonly outcome: Promise<BodyOutcome>;
  /** Ends the reading with a fault that the connection noticed. */
  readonly fail: (reason: Fault) => void;
}

type BodyLimits = Pick<Limits, "body_mb" | "client_request_s">;

const MEBIBYTE = 1024 * 1024;
/** How much of a refused body is kept. */
const KEPT_BYTES = 64 * 1024;

/** The coding of a body to be read, or the fault for which its headers alone suffice. */
export function checkBodyHead(headers: Headers, limits: BodyLimits): { coding: ContentCoding | "identity" } | { fault: Fault } {
  const coding = readCoding(headers["content-encoding"]);
  if (coding === undefined) {
    const message = `This content-encoding is not supported. Send the body as it is, or in one of ${CONTENT_CODINGS}, applied once.`;
    return { fault: fault("invalid_request", message, { status: 415 }) };
  }
  const length = Number(headers["content-length"] ?? 0);
  return length > limits.body_mb * MEBIBYTE ? { fault: tooLarge(limits) } : { coding };
}

/** Reads a body to its end. Nothing may have been read before. */
export function readBody(incoming: IncomingMessage, coding: ContentCoding | "identity", limits: BodyLimits): BodyReading {
  const { promise: outcome, resolve } = Promise.withResolvers<BodyOutcome>();
  const maximum = limits.body_mb * MEBIBYTE;
  const chunks: Uint8Array[] = [];
  let wireBytes = 0;
  let open = true;
  let timer: NodeJS.Timeout | undefined;

  const settle = (reason?: Fault): void => {
    if (!open) return;
    open = false;
    clearTimeout(timer);
    incoming.off("data", take);
    decoder.stop();
    if (reason === undefined) resolve({ ok: true, bytes: join(chunks) });
    else resolve({ ok: false, fault: reason, bytes: beginningOf(chunks) });
  };
  const decoder: Decoder = openDecoder(
    coding,
    { bytes: maximum, ...DECODE_RATIO },
    {
      data: (bytes) => chunks.push(bytes),
      end: () => settle(),
      fail: (problem) => settle(problemFault(problem, coding, limits)),
      drain: () => incoming.resume(),
    },
  );
  const take = (chunk: Uint8Array): void => {
    wireBytes += chunk.length;
    if (wireBytes > maximum) settle(tooLarge(limits));
    else if (!decoder.write(chunk)) incoming.pause();
  };
  // Most bodies are whole by the time that the headers are dealt with, and need no clock.
  process.nextTick(() => {
    if (open && !incoming.complete) timer = setTimeout(() => settle(tooSlow(limits)), limits.client_request_s * 1000);
  });
  incoming.on("data", take);
  incoming.on("end", () => decoder.end());
  incoming.on("error", () => settle(fault("client_closed", "The client left before its request was whole.")));
  return { outcome, fail: settle };
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

function beginningOf(chunks: readonly Uint8Array[]): Uint8Array {
  const first: Uint8Array[] = [];
  let size = 0;
  for (const chunk of chunks) {
    if (size >= KEPT_BYTES) break;
    first.push(chunk.subarray(0, KEPT_BYTES - size));
    size += chunk.length;
  }
  return Buffer.concat(first);
}

function problemFault(problem: DecodeProblem, coding: string, limits: BodyLimits): Fault {
  switch (problem) {
    case "too_large":
      return tooLarge(limits);
    case "bomb":
      return fault(
        "too_large",
        `The request body expands more than ${DECODE_RATIO.ratio} times when its ${coding} is decoded. Send it uncompressed.`,
      );
    case "truncated":
      return fault("invalid_request", `The request body ends in the middle of its ${coding} data. Send the whole of it.`);
    case "corrupt":
      return fault(
        "invalid_request",
        `The request body is not what its content-encoding says (${coding}). Send matching bytes, or none of that header.`,
      );
  }
}

function tooLarge(limits: BodyLimits): Fault {
  return fault("too_large", `The request body is larger than ${limits.body_mb} MiB, the most this gateway takes (limits.body_mb).`);
}

function tooSlow(limits: BodyLimits): Fault {
  const message = `The request body was not whole within ${limits.client_request_s} s (limits.client_request_s).`;
  return fault("invalid_request", message, { status: 408, code: "request_timeout" });
}
