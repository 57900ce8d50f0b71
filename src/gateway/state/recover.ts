// What a start does about responses that an earlier process left running. Promises that none stays in progress for ever: each is failed
// with a reason and with what is known of its output, and a kept stream gets the terminal event that its end never wrote.
import type { DatabaseSync } from "node:sqlite";
import { keepItem } from "../../dialects/responses/kept-item.ts";
import { isObject, parseJson } from "../../kit/json.ts";
import type { JsonObject } from "../../kit/json.ts";
import { readStream } from "../transcript-stream.ts";
import { EVENTS } from "./events.ts";
import type { Events } from "./events.ts";
import type { Responses } from "./responses.ts";

const REASON = "Waystation was stopped before the response was complete.";

/** What streams hold without being asked for it. */
const STREAMED = ["reasoning.encrypted_content", "message.output_text.logprobs"];

/** Ends what is left running; gives the number of responses. */
export function recover(database: DatabaseSync, responses: Responses, events: Events, now: number): number {
  const running = database.prepare("SELECT seq, head FROM responses WHERE passing = 1 AND status IN ('queued', 'in_progress')").all();
  const fail = database.prepare("UPDATE responses SET status = 'failed', ended = ?, head = ? WHERE seq = ?");
  for (const row of running) {
    const seq = Number(row["seq"]);
    const head = parseJson(String(row["head"]));
    const failed: JsonObject = { ...(isObject(head) ? head : {}), error: { code: "server_error", message: REASON } };
    fail.run(now, JSON.stringify(failed), seq);
    responses.setOutput(seq, saidIn(events.text(seq)));
  }
  const open = database.prepare(
    `SELECT responses.id AS id, seq, status, owners.name AS owner FROM responses JOIN owners ON owners.id = owner
     WHERE passing = 1 AND events = ${EVENTS.live}`,
  );
  for (const row of open.all()) {
    const id = String(row["id"]);
    const type = terminalOf(String(row["status"]));
    const response = responses.read(String(row["owner"]), id, STREAMED)?.text ?? "null";
    const next = events.next(Number(row["seq"]));
    const frame = `event: ${type}\ndata: {"type":"${type}","sequence_number":${next},"response":${response}}\n\n`;
    events.add(id, next, 1, Buffer.from(frame), true);
  }
  return running.length;
}

/** The items of a stream that was broken off; the last may have been in the making. */
function saidIn(frames: string): JsonObject[] {
  return readStream(frames).items.flatMap((item) => {
    const kept = isObject(item) ? keepItem(item) : null;
    if (kept === null) return [];
    return [kept["status"] === "in_progress" ? { ...kept, status: "incomplete" } : kept];
  });
}

/** The terminal event of a response that ended so. */
function terminalOf(status: string): string {
  return status === "completed" || status === "incomplete" ? `response.${status}` : "response.failed";
}
