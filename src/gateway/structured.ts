// Structured output where nothing holds the model to it: the answer is checked against the schema, and asked for once more where it
// does not fit. Promises that the client gets JSON that fits or the model's own first answer with a declared loss, in bounded time.
import type { LossList } from "../hub/loss.ts";
import type { HeldAnswer } from "../hub/held-answer.ts";
import { checkSchema } from "../hub/check-schema.ts";
import type { SchemaVerdict } from "../hub/check-schema.ts";
import type { Item } from "../hub/item.ts";
import type { Piece } from "../hub/piece.ts";
import type { HubRequest } from "../hub/request.ts";
import { unwrapJson } from "../hub/unwrap-json.ts";
import type { Json, JsonObject } from "../kit/json.ts";
import { withinTime } from "../kit/time-limit.ts";
import type { Counters } from "./counters.ts";

/** How an answer is settled. */
export interface SettleOptions {
  schema: JsonObject;
  losses: LossList;
  counters: Counters;
  /** Asks the model once more with its answer and these words about it; null = that came to nothing. */
  askAgain: (complaint: string) => Promise<HeldAnswer | null>;
}

/** How long a schema may take over one answer. */
const CHECK_MS = 500;

type Judgement = { good: true; text: string } | { good: false; complaint: string };

/** What goes out for an answer that was held: itself, the JSON in it, or the answer to the second question. */
export async function settleAnswer(first: HeldAnswer, options: SettleOptions): Promise<Piece[]> {
  const { losses } = options;
  if (!isWhole(first)) return first.release();
  const judged = judge(first.text, options);
  if (judged.good) return unwrapped(first, judged.text, losses);
  const second = await options.askAgain(judged.complaint);
  const again = second !== null && isWhole(second) ? judge(second.text, options) : null;
  options.counters.askedAgain(again?.good === true ? "met" : "unmet");
  if (again?.good === true) {
    losses.add("lowered", "text.format.json_schema_repaired", "The model's first answer did not fit the schema; this is its second.");
    return first.replaceText(again.text);
  }
  losses.add("lowered", "text.format.json_schema_unmet", `The answer does not fit the schema, nor did a second one. ${judged.complaint}`);
  return first.release();
}

/** The request for the second question: the same, the answer, and what is wrong with it. */
export function complain(request: HubRequest, answer: string, complaint: string): HubRequest {
  const said: Item = {
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text: answer, annotations: [], logprobs: [] }],
  };
  const asked: Item = { type: "message", role: "user", content: [{ type: "input_text", text: complaint }] };
  return { ...request, input: [...request.input, ...(answer.trim() === "" ? [] : [said]), asked] };
}

/** An answer that was cut, or is no mere text, is not judged. */
function isWhole(answer: HeldAnswer): boolean {
  return !answer.isFree && answer.finish === "stop";
}

function unwrapped(answer: HeldAnswer, text: string, losses: LossList): Piece[] {
  if (text === answer.text) return answer.release();
  losses.add("lowered", "text.format.json_unwrapped", "What the model wrote around the JSON value was left out, with its annotations.");
  return answer.replaceText(text);
}

function judge(answer: string, { schema, losses }: SettleOptions): Judgement {
  const json = unwrapJson(answer);
  if (json === undefined) return { good: false, complaint: complaintOf([noJson(answer)]) };
  const verdict = check(json.value, schema);
  switch (verdict.state) {
    case "fits":
      return { good: true, text: json.text };
    case "fails":
      return { good: false, complaint: complaintOf(verdict.problems) };
    case "unusable":
      losses.add("lowered", "text.format.json_schema_unchecked", `The answer could not be checked against the schema: ${verdict.why}`);
      return { good: true, text: json.text };
  }
}

function check(value: Json, schema: JsonObject): SchemaVerdict {
  return withinTime(CHECK_MS, () => checkSchema(value, schema)) ?? { state: "unusable", why: `it takes more than ${CHECK_MS} ms.` };
}

function noJson(answer: string): string {
  if (answer.trim() === "") return "the whole value: There is none, the answer was empty.";
  return "the whole value: The answer is not exactly one JSON value.";
}

function complaintOf(problems: readonly string[]): string {
  const lines = problems.map((problem) => `- ${problem}`).join("\n");
  return `Your last answer does not fit the JSON Schema that was asked for:\n${lines}\nAnswer again, with the corrected JSON value and nothing else.`;
}
