// What a reply is where its label does not say or lies: a stream, or one body. Pure. Promises that a stream is known by its first
// line, so that it can be read while it comes.
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";

/** An SSE body begins with a comment or a field. */
const STREAM = /^\s*(?::|(?:data|event|id|retry):)/;
/** Characters after which a body that is no stream so far will not become one. */
const LONGEST_FIELD = "event:".length;

/** As much of a body as tells its form. */
const BEGINNING_BYTES = 200;

/** The form of a body from the parts that have come so far; undefined while too little of it is there to tell. */
export function formOf(parts: readonly Uint8Array[], isLabelled: boolean): "stream" | "whole" | undefined {
  const bytes = Buffer.concat(parts);
  const form = formOfText(bytes.toString("utf8", 0, BEGINNING_BYTES), isLabelled);
  if (form !== undefined || bytes.length <= BEGINNING_BYTES) return form;
  return isLabelled ? "stream" : "whole";
}

/** A body that is labelled as a stream is one unless it is JSON, as the errors of some servers are (Lemonade among them). */
function formOfText(beginning: string, isLabelled: boolean): "stream" | "whole" | undefined {
  const start = beginning.trimStart();
  if (isLabelled) return start === "" ? undefined : /^[{[]/.test(start) ? "whole" : "stream";
  if (STREAM.test(beginning)) return "stream";
  return start.length >= LONGEST_FIELD || /^[^a-z]/.test(start) ? "whole" : undefined;
}

/** The fault of a body that should have been JSON; it is quoted without tags. */
export function notJson(text: string, type: string | undefined, host: string): Fault {
  const start = text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 200);
  if (text.trim() === "") return fault("bad_reply", `${host} answered with an empty body.`);
  return fault("bad_reply", `${host} answered with ${type || "no content type"} instead of JSON: is base_url right? It says: ${start}`);
}
