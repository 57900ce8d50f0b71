// How a call ended, read from its output as the clients write them. Promises linear time and no throw; what says nothing of an
// end counts as gone well.
import { isObject, parseJson } from "../../kit/json.ts";

/** The end of a call. */
export interface Outcome {
  /** The exit code, where the output names one. */
  exit?: number;
  failed: boolean;
  /** The id under which the command still runs, where it does. */
  session?: string;
  /** The output without the client's head. */
  text: string;
}

/** Codex (`Process exited with code 1`, `Exit code: 1`), our own rendering of shell items (`(exit code 1)`), other clients. */
const exitCode = /(?:process exited with code|exit(?:ed)?[ _](?:with )?(?:code|status)"?)[:=]? ?(-?\d{1,10})/i;
const runningSession = /Process running with session ID (\d+)/;
const bodyMark = /^Output:\n/m;
/** An output whose first line says that it went wrong, though it has no exit code. */
const badStart =
  /^[\s([]{0,3}(?:<tool_use_error>|error\b|errno|exception|traceback|fatal|failed|failure|aborted|unsupported call|invalid|cannot|could not|permission denied|script (?:failed|error)|apply_patch verification failed|patch failed|timed? ?out|no such file)/i;
/** Where clients say how a call ended: near the output's start, or in its last line. */
const HEAD = 600;
const TAIL = 200;

function wrapped(output: string): string {
  if (!output.startsWith("{")) return output;
  const json = parseJson(output);
  if (!isObject(json)) return output;
  const { output: text, metadata } = json;
  if (typeof text !== "string") return output;
  const code = isObject(metadata) ? metadata["exit_code"] : json["exit_code"];
  return typeof code === "number" ? `Exit code: ${code}\nOutput:\n${text}` : text;
}

/** Reads the text of an output. */
export function readOutcome(output: string): Outcome {
  const whole = wrapped(output);
  const head = whole.slice(0, HEAD);
  const mark = bodyMark.exec(head);
  const text = mark === null ? whole : whole.slice(mark.index + mark[0].length);
  // A client's head ends at its mark; behind it stands the program's own output, which may speak of other exits.
  const found = exitCode.exec(mark === null ? head : head.slice(0, mark.index)) ?? exitCode.exec(whole.slice(-TAIL));
  const session = runningSession.exec(head)?.[1];
  if (session !== undefined) return { failed: false, session, text };
  if (found !== null) return { exit: Number(found[1]), failed: Number(found[1]) !== 0, text };
  return { failed: badStart.test(head) || badStart.test(text.slice(0, HEAD)), text };
}
