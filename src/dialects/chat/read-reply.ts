// Chat-completions replies, streamed or whole, to pieces. Promises the same pieces for both forms and however the bytes
// are cut, and that a reply which breaks off is never taken for a whole one.
import type { Json } from "../../kit/json.ts";
import { isObject, parseJson } from "../../kit/json.ts";
import { SseReader } from "../../kit/sse.ts";
import type { Fault } from "../../hub/fault.ts";
import { fault } from "../../hub/fault.ts";
import type { Piece } from "../../hub/piece.ts";
import type { ReadOptions, ReplyReader } from "../dialect.ts";
import { ChatReply } from "./chat-reply.ts";
import { DeltaTemplate } from "./delta-template.ts";
import { readReplyError } from "./faults.ts";

/** A reader for one streamed chat reply. */
export function createReader(options: ReadOptions): ReplyReader {
  const reply = new ChatReply(options, false);
  const template = new DeltaTemplate();
  let sink: Piece[] = [];
  let done = false;
  let marked = false;
  let broken = false;
  let ending = false;
  const breakOff = (failure: Fault | null): void => {
    broken = true;
    done = true;
    if (failure !== null) sink.push({ kind: "fault", fault: failure });
  };
  const frame = (data: string, event: string | null): void => {
    if (done) return;
    const text = template.match(data);
    if (text !== null) return reply.fast(template.field, text, sink);
    if (data.startsWith("[DONE]")) {
      marked = true;
      done = true;
      return;
    }
    const body = parseJson(data);
    if (event === "error" && !isErrorBody(body)) return breakOff(readReplyError({ error: body ?? data }));
    if (isObject(body)) {
      const isFlat = body["object"] === "error" && !isErrorBody(body);
      if (!reply.take(isFlat ? { error: body } : body, sink)) breakOff(null);
      else template.learn(data, body);
    } else if (data.trim() !== "" && !reply.finished && !ending) {
      // What stands there when the body ends is a torso, and after the finish nothing is missed.
      breakOff(fault("bad_reply", `The upstream sent a stream event that is no JSON object: ${shorten(data)}`));
    }
  };
  const sse = new SseReader(frame);
  const overlong = (): void => breakOff(fault("bad_reply", "The upstream sent a stream event of more than 16 MiB."));
  return {
    push: (bytes, out) => {
      sink = out;
      if (!done && !sse.push(bytes)) overlong();
    },
    end: (out) => {
      sink = out;
      ending = true;
      if (!done && !sse.end()) overlong();
      if (broken) return;
      reply.close(out, !reply.finished);
      if (reply.finished) return;
      // Some servers never give a finish reason; the end marker, or usage that comes last, says that the reply is whole.
      if ((marked || reply.usageLast) && reply.said) out.push({ kind: "finish", reason: "stop" });
      else out.push({ kind: "fault", fault: torso(reply.spoke) });
    },
    get done() {
      return done;
    },
  };
}

/** The pieces of a whole chat reply. */
export function readWhole(body: Json, options: ReadOptions): Piece[] {
  const out: Piece[] = [];
  const reply = new ChatReply(options, true);
  if (!isObject(body) || (!Array.isArray(body["choices"]) && body["error"] === undefined)) {
    return [{ kind: "fault", fault: fault("bad_reply", `The upstream's reply is no chat completion: ${shorten(JSON.stringify(body))}`) }];
  }
  if (!reply.take(body, out) || reply.finished) return out;
  reply.close(out, true);
  out.push(reply.said ? { kind: "finish", reason: "stop" } : { kind: "fault", fault: torso(reply.spoke) });
  return out;
}

function isErrorBody(body: Json | undefined): boolean {
  return isObject(body) && body["error"] !== undefined && body["error"] !== null;
}

function torso(said: boolean): Fault {
  const words = said
    ? "The upstream's stream ended before the reply was complete."
    : "The upstream ended its reply without saying anything.";
  return fault("cut", words);
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
