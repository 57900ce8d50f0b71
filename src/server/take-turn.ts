// From an exchange to a turn: reads the body, then hands over to the gateway. Promises that a body which cannot be read is refused
// by way of the gateway, so that the log has it, and that a defect of ours ends this one exchange and nothing else.
import type { Dialect } from "../contract.ts";
import type { Limits } from "../config/config.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { TurnRequest } from "../gateway/port.ts";
import { answerDefect } from "./defect.ts";
import type { Exchange } from "./exchange.ts";
import { checkBodyHead, readBody } from "./read-body.ts";
import type { BodyOutcome } from "./read-body.ts";

const NO_BYTES = new Uint8Array(0);

/** Runs a turn, or a compaction, in the dialect of its route; resolves when the gateway is done with it. Never rejects. */
export async function takeTurn(
  exchange: Exchange,
  dialect: Dialect,
  gateway: Gateway,
  limits: Limits,
  kind: "turn" | "compact" = "turn",
): Promise<void> {
  try {
    await run(exchange, dialect, gateway, limits, kind);
  } catch (error) {
    answerDefect(exchange, error);
  }
}

async function run(exchange: Exchange, dialect: Dialect, gateway: Gateway, limits: Limits, kind: "turn" | "compact"): Promise<void> {
  const body = await takeBody(exchange, limits);
  const request = turnRequest(exchange, dialect, body.bytes);
  return body.ok ? gateway[kind](request, exchange.reply) : gateway.refuse(request, body.fault, exchange.reply);
}

/** Reads the body of an exchange to its end, or finds out why it cannot be read. */
export async function takeBody(exchange: Exchange, limits: Limits): Promise<BodyOutcome> {
  const check = checkBodyHead(exchange.head.headers, limits);
  if ("fault" in check) return { ok: false, fault: check.fault, bytes: NO_BYTES };
  if (exchange.expectsContinue) exchange.outgoing.writeContinue();
  const reading = readBody(exchange.incoming, check.coding, limits);
  exchange.connection.readingBody(reading.fail);
  const body = await reading.outcome;
  exchange.connection.readingBody(undefined);
  exchange.reply.bodyUnread(!exchange.incoming.complete);
  return body;
}

/** An exchange as the gateway takes it. */
export function turnRequest(exchange: Exchange, dialect: Dialect, body: Uint8Array): TurnRequest {
  const { headers, pairs } = exchange.head;
  const request: TurnRequest = {
    dialect,
    owner: exchange.owner,
    method: exchange.method,
    path: exchange.target,
    headers,
    rawHeaders: pairs,
    body,
    at: exchange.at,
    startedAt: exchange.startedAt,
  };
  const encoding = headers["content-encoding"];
  return encoding === undefined ? request : { ...request, encoding };
}
