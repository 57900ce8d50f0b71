// How events stand on the wire: as server-sent events, or each as one message of a WebSocket. Promises that a message is one line, so
// that a run of them can be cut at its line ends, and that each repeats the lane that it belongs to.
import { writeError } from "../../hub/fault.ts";
import type { Fault } from "../../hub/fault.ts";

/** What stands before and after an event's fields. */
export interface Framing {
  /** Up to and with the comma after `type`. */
  open(type: string): string;
  readonly close: string;
}

/** Server-sent events (contract 6.1): event line, one data line, blank line, LF. */
export const SSE: Framing = { open: (type) => `event: ${type}\ndata: {"type":"${type}",`, close: "}\n\n" };

/** Messages of a WebSocket (contract 7), one a line; `streamId` is the lane that the client gave. */
export function messageFraming(streamId: string | null): Framing {
  const lane = laneField(streamId);
  return { open: (type) => `{"type":"${type}",${lane}`, close: "}\n" };
}

/**
 * A fault as the error envelope of a WebSocket. Its code may not be null (Open Responses). Headers stand where OpenAI's types have them
 * and beside `error`, where Codex reads them.
 */
export function writeErrorMessage(failure: Fault, streamId: string | null, headers: Readonly<Record<string, string>> = {}): string {
  const { type, code, message, param } = writeError(failure);
  const some = Object.keys(headers).length > 0 ? { headers } : {};
  const error = { type, code: code ?? type, message, param, ...some };
  const rest = JSON.stringify({ status: failure.status, error, ...some });
  return `{"type":"error",${laneField(streamId)}${rest.slice(1)}\n`;
}

function laneField(streamId: string | null): string {
  return streamId === null ? "" : `"stream_id":${JSON.stringify(streamId)},`;
}
