// Recorded chat exchanges that state their usage, as material for the measurement of token counts. Promises only what the recordings
// say: the request's body, what the vendor counted, and the text that came back.
import { asList, asNumber, asObject, asString, parseJson, type JsonObject } from "../../../src/kit/json.ts";
import { recordedSse, recordings } from "../../support/corpus.ts";

/** One exchange. */
export interface RecordedUsage {
  id: string;
  vendor: string;
  model: string;
  body: JsonObject;
  input: number;
  output: number;
  /** What was said, thought and called; the count of calls. */
  said: string[];
  calls: number;
}

/** Those whose messages are all text: attachments are cut in the corpus, and what they cost is a flat sum here anyway. */
export function recordedUsages(): RecordedUsage[] {
  return recordings("chat").flatMap((recording) => {
    const body = asObject(asObject(recording.whole["request"])?.["body"]);
    if (body === undefined || !Array.isArray(body["messages"]) || hasAttachment(body)) return [];
    const sse = recordedSse(recording);
    const replies = sse === undefined ? [asObject(recording.whole["response"])?.["body"]] : chunksOf(sse);
    const found = { model: asString(body["model"]) ?? asString(recording.whole["model"]) ?? "", input: 0, output: 0, calls: 0 };
    const said: string[] = [];
    for (const reply of replies.map(asObject)) {
      const usage = asObject(reply?.["usage"]) ?? asObject(asObject(reply?.["x_groq"])?.["usage"]);
      found.input = asNumber(usage?.["prompt_tokens"]) ?? found.input;
      found.output = asNumber(usage?.["completion_tokens"]) ?? found.output;
      for (const choice of asList(reply?.["choices"]).map(asObject)) found.calls += hear(choice, said);
    }
    return found.input > 0 && found.model !== "" ? [{ id: recording.id, vendor: recording.vendor, body, said, ...found }] : [];
  });
}

function chunksOf(sse: string): unknown[] {
  return sse.split(/\r?\n/).flatMap((line) => (line.startsWith("data:") ? [parseJson(line.slice(5))] : []));
}

function hasAttachment(body: JsonObject): boolean {
  const types = asList(body["messages"]).flatMap((message) =>
    asList(asObject(message)?.["content"]).map((part) => asObject(part)?.["type"]),
  );
  return types.some((type) => type !== undefined && type !== "text");
}

/** Adds what a choice says, and gives the number of calls that begin in it. */
function hear(choice: JsonObject | undefined, said: string[]): number {
  const message = asObject(choice?.["delta"]) ?? asObject(choice?.["message"]);
  for (const field of ["content", "reasoning_content", "reasoning"]) {
    const text = asString(message?.[field]);
    if (text !== undefined && text !== "") said.push(text);
  }
  let begun = 0;
  for (const call of asList(message?.["tool_calls"]).map((one) => asObject(asObject(one)?.["function"]))) {
    if (asString(call?.["name"])) begun += 1;
    said.push((asString(call?.["name"]) ?? "") + (asString(call?.["arguments"]) ?? ""));
  }
  return begun;
}
