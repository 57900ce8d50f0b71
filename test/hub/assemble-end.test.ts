// The end of a reply: one terminal event, built from what was said, and nothing after it.
import { describe, expect, test } from "vitest";
import { fault } from "../../src/hub/fault.ts";
import type { Piece } from "../../src/hub/piece.ts";
import { assemble, begin, ESTIMATE } from "./assembled.ts";
import { args, call, ended, finish, statuses, text } from "./pieces.ts";

describe("the end", () => {
  test.each<["stop" | "length" | "content_filter", string, unknown]>([
    ["stop", "completed", null],
    ["length", "incomplete", { reason: "max_output_tokens" }],
    ["content_filter", "incomplete", { reason: "content_filter" }],
  ])("%s", (reason, status, details) => {
    const { response, violations, output } = assemble([
      text("one"),
      call(0),
      args(0, "{}"),
      ended(0),
      text("two"),
      finish(reason),
      finish("stop"),
    ]);
    expect(violations).toEqual([]);
    expect(response).toMatchObject({ status, incomplete_details: details, completed_at: reason === "stop" ? 1_700_000_001 : null });
    expect(statuses(output)).toEqual(["message completed", "function_call completed", `message ${status}`]);
  });

  test("a call that was cut short is never completed, wherever it stands", () => {
    const last = assemble([call(0), args(0, "{}"), ended(0), call(1), args(1, '{"a'), ended(1, false), finish("stop")]);
    expect(last.violations).toEqual([]);
    expect(last.response).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
    expect(statuses(last.output)).toEqual(["function_call completed", "function_call incomplete"]);

    const both = assemble([call(0), call(1), args(0, '{"a'), args(1, '{"b'), ended(0, false), ended(1, false), finish("length")]);
    expect(both.violations).toEqual([]);
    expect(statuses(both.output)).toEqual(["function_call incomplete", "function_call incomplete"]);

    const first = assemble([call(0), args(0, '{"a'), ended(0, false), call(1), args(1, "{}"), ended(1), finish("stop")]);
    expect(first.response["status"]).toBe("incomplete");
    expect(statuses(first.output)[0]).toBe("function_call incomplete");
    expect(first.violations).toEqual([]);
  });

  test("a call of which nobody said that it was whole counts as cut", () => {
    const { output, response } = assemble([call(0), args(0, "{}"), finish("stop")]);
    expect(statuses(output)).toEqual(["function_call incomplete"]);
    expect(response["status"]).toBe("incomplete");
  });

  test("a call without arguments has an empty object", () => {
    const { output, violations } = assemble([call(0), ended(0), finish("stop")]);
    expect(violations).toEqual([]);
    expect(output).toMatchObject([{ arguments: "{}", status: "completed" }]);
  });

  test("a call that was left out makes the reply incomplete", () => {
    const { assembler, finish: now } = begin();
    assembler.start();
    assembler.push(finish("stop"));
    assembler.cutShort();
    assembler.end(0, ESTIMATE);
    expect(now().response).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
  });

  test("usage is the upstream's last, or the estimate", () => {
    const count = (input: number): Piece => ({ kind: "usage", usage: { ...ESTIMATE, input, estimated: false } });
    expect(assemble([count(1), text("x"), count(20)]).response["usage"]).toMatchObject({ input_tokens: 20, total_tokens: 23 });
    expect(assemble([text("x")]).response["usage"]).toMatchObject({ input_tokens: 7, output_tokens: 3, total_tokens: 10 });
  });

  test("completed_at is never before created_at", () => {
    const { assembler, finish: now } = begin();
    assembler.end(5, ESTIMATE);
    expect(now().response).toMatchObject({ created_at: 1_700_000_000, completed_at: 1_700_000_000 });
    expect(now().violations).toEqual([]);
  });
});

describe("a failure", () => {
  test("leaves the open item undone and says what went wrong", () => {
    const { output, response, events, violations } = assemble(
      [text("one"), call(0), args(0, '{"a":1}'), ended(0)],
      {},
      fault("cut", "torn"),
    );
    expect(violations).toEqual([]);
    expect(response).toMatchObject({ status: "failed", error: { code: "server_error", message: "torn" }, completed_at: null, usage: null });
    expect(statuses(output)).toEqual(["message completed", "function_call incomplete"]);
    expect(events.filter((event) => event["type"] === "response.output_item.done")).toHaveLength(1);
  });

  test("tells a limited client when to come back, in the words that it reads", () => {
    expect(assemble([], {}, fault("rate_limit", "Slow down.", { retryAfter: 3 })).response["error"]).toEqual({
      code: "rate_limit_exceeded",
      message: "Slow down. Please try again in 3s.",
    });
  });
});

describe("after the end nothing comes", () => {
  test.each(["end", "fail"] as const)("%s", (how) => {
    const { assembler, finish: now } = begin();
    assembler.start();
    assembler.push(call(0));
    if (how === "end") assembler.end(0, ESTIMATE);
    else assembler.fail(fault("cut", "torn"));
    const before = now().sse;
    assembler.heartbeat();
    assembler.push(text("late"));
    assembler.push(ended(0));
    assembler.fail(fault("cut", "again"));
    assembler.end(0, ESTIMATE);
    expect(now().sse).toBe(before);
  });
});
