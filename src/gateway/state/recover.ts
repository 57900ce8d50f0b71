// What a start does about responses that an earlier process left running. Promises that none stays in progress for ever: each is failed
// with a reason, and a kept stream gets the terminal event that its end never wrote.
import type { DatabaseSync } from "node:sqlite";
import { isObject, parseJson } from "../../kit/json.ts";
import type { JsonObject } from "../../kit/json.ts";
import { EVENTS } from "./events.ts";
import type { Events } from "./events.ts";
import type { Responses } from "./responses.ts";

const REASON = "Waystation was stopped before the response was complete.";

/** Ends what is left running; gives the number of responses. */
export function recover(database: DatabaseSync, responses: Responses, events: Events, now: number): number {
  const running = database.prepare("SELECT seq, head FROM responses WHERE status IN ('queued', 'in_progress') AND passing = 1");
  const fail = database.prepare("UPDATE responses SET status = 'failed', ended = ?, head = ? WHERE seq = ?");
  const open = database.prepare(
    `SELECT responses.id AS id, seq, status, owners.name AS owner FROM responses JOIN owners ON owners.id = owner
     WHERE events = ${EVENTS.live} AND passing = 1`,
  );
  const rows = running.all();
  for (const row of rows) {
    const head = parseJson(String(row["head"]));
    const failed: JsonObject = { ...(isObject(head) ? head : {}), error: { code: "server_error", message: REASON } };
    fail.run(now, JSON.stringify(failed), Number(row["seq"]));
  }
  for (const row of open.all()) {
    const id = String(row["id"]);
    const type = terminalOf(String(row["status"]));
    const response = responses.read(String(row["owner"]), id, [])?.text ?? "null";
    const next = events.next(Number(row["seq"]));
    const frame = `event: ${type}\ndata: {"type":"${type}","sequence_number":${next},"response":${response}}\n\n`;
    events.add(id, next, 1, Buffer.from(frame), true);
  }
  return rows.length;
}

/** The terminal event of a response that ended so. */
function terminalOf(status: string): string {
  return status === "completed" || status === "incomplete" ? `response.${status}` : "response.failed";
}
