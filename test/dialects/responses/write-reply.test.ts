// Events on the wire: OpenAI's framing, complete snapshots, and the same JSON in the stream as in the whole reply.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ResponsesWriter } from "../../../src/dialects/responses/write-reply.ts";
import type { Event } from "../../../src/hub/event.ts";
import type { ResponseSnapshot } from "../../../src/hub/response.ts";
import { writeUsage } from "../../../src/hub/usage.ts";
import { isObject, parseJson, type JsonObject } from "../../../src/kit/json.ts";
import { assemble, begin, ESTIMATE } from "../../hub/assembled.ts";
import { args, call, ended, state, text, thought } from "../../hub/pieces.ts";

const PIECES = [thought("hm"), state("s"), text('é😀 "quoted"\n'), text("more"), call(0), args(0, '{"x"'), args(0, ":1}"), ended(0)];

/** Every field that a current reply of the service has. */
const ALWAYS =
  "id object created_at status background completed_at error frequency_penalty incomplete_details instructions max_output_tokens max_tool_calls " +
  "model moderation output parallel_tool_calls presence_penalty previous_response_id prompt_cache_key prompt_cache_retention reasoning " +
  "safety_identifier service_tier store temperature text tool_choice tools top_logprobs top_p truncation usage user metadata";

const snapshot: ResponseSnapshot = {
  id: "resp_1",
  created_at: 100,
  completed_at: 101,
  status: "completed",
  error: null,
  incomplete_details: null,
  output: [],
  usage: writeUsage(ESTIMATE),
  echo: { model: "m", tools: [] },
};

function delta(
  words: string,
  more: Partial<{ item_id: string; output_index: number; content_index: number; sequence_number: number }> = {},
): Event {
  return {
    type: "response.output_text.delta",
    sequence_number: 5,
    item_id: "msg_1",
    output_index: 0,
    content_index: 0,
    delta: words,
    logprobs: [],
    ...more,
  };
}

function dataOf(frame: string): JsonObject {
  const body = parseJson(frame.split("\n")[1]?.slice("data: ".length) ?? "");
  return isObject(body) ? body : {};
}

describe("framing", () => {
  test("is a line for the event, one for the data, and a blank one, whatever is said", () => {
    const { sse } = assemble(PIECES);
    for (const frame of sse.split("\n\n").slice(0, -1))
      expect(frame).toMatch(/^event: (response\.[a-z_.]+)\ndata: \{"type":"\1","?[^\n]+\}$/);
    expect(sse.endsWith("\n\n")).toBe(true);
    expect(sse).not.toContain("[DONE]");
    expect(sse).not.toContain("\r");
  });

  test("keeps Unicode as it is, and line separators inside one line", () => {
    expect(new ResponsesWriter().event(delta("é😀\u2028\n\u0001"))).toBe(
      'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":5,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"é😀\u2028\\n\\u0001","logprobs":[]}\n\n',
    );
  });

  test("numbers every event, one after the other", () => {
    const { events } = assemble(PIECES);
    expect(events.map((event) => event["sequence_number"])).toEqual(events.map((_, at) => at));
  });
});

describe("deltas", () => {
  test("say where they belong, also when that changes from one to the next", () => {
    const writer = new ResponsesWriter();
    const places = [
      { item_id: "msg_1", output_index: 0, content_index: 0, sequence_number: 1 },
      { item_id: "msg_1", output_index: 0, content_index: 0, sequence_number: 2 },
      { item_id: "msg_1", output_index: 0, content_index: 1, sequence_number: 3 },
      { item_id: "msg_2", output_index: 1, content_index: 1, sequence_number: 4 },
      { item_id: "msg_2", output_index: 1, content_index: 0, sequence_number: 5 },
    ];
    for (const place of places) expect(dataOf(writer.event(delta("x", place)))).toMatchObject({ ...place, delta: "x" });
    const at = { item_id: "fc_1", output_index: 2, sequence_number: 6, delta: "{" };
    expect(dataOf(writer.event({ type: "response.function_call_arguments.delta", ...at }))).toEqual({
      type: "response.function_call_arguments.delta",
      ...at,
    });
    expect(dataOf(writer.event({ type: "response.custom_tool_call_input.delta", ...at }))).toEqual({
      type: "response.custom_tool_call_input.delta",
      ...at,
    });
    const inPart = { ...at, content_index: 0 };
    expect(dataOf(writer.event({ type: "response.refusal.delta", ...inPart }))).toEqual({ type: "response.refusal.delta", ...inPart });
    expect(dataOf(writer.event({ type: "response.reasoning_text.delta", ...inPart }))).toEqual({
      type: "response.reasoning_text.delta",
      ...inPart,
    });
  });

  test("of any text are what JSON.stringify would write", () => {
    const writer = new ResponsesWriter();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (words) => {
        expect(dataOf(writer.event(delta(words)))["delta"]).toBe(
          words.toWellFormed() === words ? words : JSON.parse(JSON.stringify(words)),
        );
      }),
    );
  });

  test("carry their log probabilities", () => {
    const logprobs = [{ token: "a", logprob: -0.1, bytes: [97], top_logprobs: [] }];
    const { events } = assemble([{ kind: "text", text: "a", logprobs }]);
    expect(events.find((event) => event["type"] === "response.output_text.delta")).toMatchObject({ logprobs });
  });
});

describe("snapshots", () => {
  test("have every field that the service always sends, running and ended", () => {
    const { events } = assemble(PIECES);
    for (const event of [events[0], events[1], events.at(-1)])
      expect(Object.keys(event?.["response"] ?? {}).toSorted()).toEqual(ALWAYS.split(" ").toSorted());
    expect(events[0]?.["response"]).toMatchObject({
      object: "response",
      status: "in_progress",
      output: [],
      usage: null,
      error: null,
      completed_at: null,
    });
  });

  test("name the tier that served: not known yet while it runs, the default at the end", () => {
    const { events, response } = assemble(PIECES);
    expect(events[0]?.["response"]).toMatchObject({ service_tier: "auto" });
    expect(response["service_tier"]).toBe("default");
  });

  test("of a heartbeat are those of the beginning", () => {
    const { assembler, finish } = begin();
    assembler.start();
    assembler.push(text("a"));
    assembler.heartbeat();
    assembler.end(0, ESTIMATE);
    const beats = finish().events.filter((event) => event["type"] === "response.in_progress");
    expect(beats).toHaveLength(2);
    expect(beats[1]?.["response"]).toEqual(beats[0]?.["response"]);
  });

  test("at the end hold the items as they were done", () => {
    const { events, output } = assemble(PIECES);
    expect(events.filter((event) => event["type"] === "response.output_item.done").map((event) => event["item"])).toEqual(output);
  });

  test("are the same JSON in the stream and as a whole", () => {
    const last: Event = { type: "response.completed", sequence_number: 7, response: snapshot };
    const streamed = dataOf(new ResponsesWriter().event(last))["response"];
    expect(parseJson(new ResponsesWriter().whole(snapshot))).toEqual(streamed);
  });

  test("of a failure say what it was", () => {
    const failed: ResponseSnapshot = {
      ...snapshot,
      status: "failed",
      completed_at: null,
      error: { code: "server_error", message: "to\nrn" },
      usage: null,
    };
    expect(parseJson(new ResponsesWriter().whole(failed))).toMatchObject({
      status: "failed",
      error: { code: "server_error", message: "to\nrn" },
      usage: null,
      completed_at: null,
    });
  });

  test("without an echo are JSON still", () => {
    expect(parseJson(new ResponsesWriter().whole({ ...snapshot, echo: {} }))).toMatchObject({ id: "resp_1", output: [] });
  });

  test("may hold words that look like a field of theirs", () => {
    const trap = '","service_tier":"auto","x":"';
    const echo = { instructions: trap, metadata: { service_tier: "auto" }, service_tier: "auto" };
    expect(parseJson(new ResponsesWriter().whole({ ...snapshot, echo }))).toMatchObject({
      instructions: trap,
      metadata: { service_tier: "auto" },
      service_tier: "default",
    });
  });
});
