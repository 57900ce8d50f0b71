// A message of a client on a WebSocket, read as far as the connection needs it: what it is, whose lane it belongs to, what it says in place
// of headers. Promises that a message which cannot be read is a fault with a sentence, and never an error.
import type { Limits } from "../config/config.ts";
import type { Headers } from "../contract.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import { asObject, asString, isObject } from "../kit/json.ts";
import type { Json, JsonObject } from "../kit/json.ts";
import { parseBody } from "../gateway/parse-body.ts";

/** A message. `body` of `create` is without the fields that are told apart here. */
export type SocketFrame =
  | { kind: "create"; streamId: string | null; generate: boolean; body: JsonObject }
  /** A wish to steer a running response. */
  | { kind: "steer"; body: JsonObject }
  | { kind: "bad"; streamId: string | null; fault: Fault };

const LONGEST_STREAM_ID = 256;
const LONGEST_SHOWN = 64;

/** Reads a message. */
export function readFrame(bytes: Uint8Array, isBinary: boolean): SocketFrame {
  if (isBinary) return bad("A message must be text that holds a JSON object; this one is binary.");
  const parsed = parseBody(bytes);
  if (!parsed.ok) return { kind: "bad", streamId: null, fault: parsed.fault };
  const { body } = parsed;
  if (!isObject(body)) return bad('A message must be a JSON object such as {"type":"response.create", ...}.');
  switch (body["type"]) {
    case "response.create":
      return readCreate(body);
    case "response.steer":
      return { kind: "steer", body };
    case undefined:
      return bad('Missing required parameter: \'type\'. Send {"type":"response.create", ...}.', "type", "missing_required_parameter");
    default: {
      const message = `Invalid value: '${shown(body["type"])}'. Supported values are: 'response.create' and 'response.steer'.`;
      return bad(message, "type", "invalid_value");
    }
  }
}

function readCreate(body: JsonObject): SocketFrame {
  const { stream_id: lane, generate, background, stream: _, ...rest } = body;
  const streamId = lane ?? null;
  if (streamId !== null && (typeof streamId !== "string" || streamId === "" || streamId.length > LONGEST_STREAM_ID)) {
    return bad(`Invalid 'stream_id': a string of 1 to ${LONGEST_STREAM_ID} characters is needed.`, "stream_id", "invalid_value");
  }
  if (typeof (generate ?? true) !== "boolean") {
    return bad("Invalid type for 'generate': expected a boolean.", "generate", "invalid_type", streamId);
  }
  if ((background ?? false) !== false) {
    const message = "Background responses are not made over WebSocket; send POST /v1/responses with background: true.";
    return bad(message, "background", "unsupported_parameter", streamId);
  }
  // A WebSocket always streams.
  return { kind: "create", streamId, generate: generate !== false, body: { ...rest, stream: true } };
}

function bad(message: string, param: string | null = null, code: string | null = null, streamId: string | null = null): SocketFrame {
  return { kind: "bad", streamId, fault: fault("invalid_request", message, { param, code }) };
}

function shown(value: Json | undefined): string {
  return (asString(value) ?? JSON.stringify(value) ?? "").slice(0, LONGEST_SHOWN);
}

/** Codex 0.169 puts the headers of a request on a kept connection into `client_metadata`, some under names of their own. */
const HEADER_FIELD = /^(?:ws_request_header_(x_[a-z0-9_]{1,80})|(x-(?:codex|openai)-[a-z0-9-]{1,80})|(session_id|thread_id))$/;
const LONGEST_HEADER = 16 * 1024;

/** The headers of one message: those of the connection, and over them what the message says in their place. */
export function frameHeaders(headers: Headers, body: JsonObject): Headers {
  const said = Object.entries(asObject(body["client_metadata"]) ?? {}).flatMap(([field, value]) => {
    const [, header, plain, id] = HEADER_FIELD.exec(field) ?? [];
    const name = plain ?? (header ?? id)?.replaceAll("_", "-");
    return name !== undefined && typeof value === "string" && value.length <= LONGEST_HEADER ? [[name, value] as const] : [];
  });
  return said.length === 0 ? headers : { ...headers, ...Object.fromEntries(said) };
}

/** The answer to a wish to steer: this gateway does not. */
export function steerRefusal(body: JsonObject): string {
  const previous = asString(body["previous_response_id"]) ?? "";
  const message = "This gateway does not steer running responses; send the input with the next response.create.";
  const error = { type: "invalid_request_error", code: "steering_not_supported", message };
  const steer = { previous_response_id: previous, input: body["input"] ?? [] };
  return JSON.stringify({ type: "response.steer.failed", sequence_number: 0, steer, error });
}

/** What was wrong with a message that ws closes the connection for; undefined where the connection itself failed. */
export function brokenMessage(error: NodeJS.ErrnoException, { body_mb }: Limits): Fault | undefined {
  if (error.code?.startsWith("WS_ERR_") !== true) return undefined;
  const closed = "the connection was closed";
  if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH")
    return fault("too_large", `A message was larger than limits.body_mb (${body_mb} MB): ${closed} with code 1009.`);
  if (error.code === "WS_ERR_INVALID_UTF8") return fault("invalid_request", `A message was no valid UTF-8: ${closed} with code 1007.`);
  return fault("invalid_request", `A message broke the WebSocket protocol (${error.message}): ${closed}.`);
}
