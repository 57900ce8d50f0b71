import { expect, test } from "vitest";
import { messageFraming, SSE, writeErrorMessage } from "../../../src/dialects/responses/framing.ts";
import { fault } from "../../../src/hub/fault.ts";

test("a server-sent event has its name, one data line and a blank line", () => {
  expect(`${SSE.open("response.created")}"sequence_number":0${SSE.close}`).toBe(
    'event: response.created\ndata: {"type":"response.created","sequence_number":0}\n\n',
  );
});

test.each([null, "lane", 'a "quoted"\nlane'])("a message is one line of JSON, also in the lane %j", (lane) => {
  const framing = messageFraming(lane);
  const text = `${framing.open("response.created")}"sequence_number":0${framing.close}`;
  expect(text.indexOf("\n")).toBe(text.length - 1);
  expect(JSON.parse(text)).toEqual({ type: "response.created", sequence_number: 0, ...(lane === null ? {} : { stream_id: lane }) });
});

test("an error message has status and a code in any case, and headers at both places where clients look for them", () => {
  const failure = fault("rate_limit", "Slow\ndown.", { code: null, param: "model" });
  const text = writeErrorMessage(failure, "lane", { "retry-after": "3" });
  expect(text.indexOf("\n")).toBe(text.length - 1);
  const headers = { "retry-after": "3" };
  expect(JSON.parse(text)).toEqual({
    type: "error",
    stream_id: "lane",
    status: 429,
    error: { type: "rate_limit_error", code: "rate_limit_error", message: "Slow\ndown.", param: "model", headers },
    headers,
  });
});
