// Errors inside a reply that began with HTTP 200: wherever a vendor puts them, the client gets the vendor's words.
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/kit/json.ts";
import { chunk, faultIn, lines, readBytes, readStream, readWhole, reply, sse, STOP } from "./replies.ts";

const hello = chunk({ content: "Hello" });

describe("in a stream", () => {
  test.each<[string, JsonObject[], string]>([
    ["an error alone", [{ error: { message: "boom", type: "server_error", code: null } }], "server boom"],
    ["an error in words", [{ error: "boom" }], "server boom"],
    ["a flat error", [{ object: "error", message: "boom", type: "internal_error", param: null, code: "3000" }], "server boom"],
    ["an error beside a choice", [chunk({ content: "" }, "error", { error: { code: 502, message: "boom" } })], "server boom"],
    ["a finish that is an error", [chunk({}, "error")], "server The upstream ended its reply with an error and no message."],
    [
      "a model too long for its window",
      [{ error: { code: 500, message: "Context size has been exceeded." } }],
      "context_length Context size has been exceeded.",
    ],
    ["an overload", [{ error: { type: "overloaded_error", message: "Overloaded" } }], "overloaded Overloaded"],
    ["a rate limit by its code alone", [{ error: { code: "rate_limit_exceeded", message: "Slow down" } }], "rate_limit Slow down"],
    ["a rate limit by its status", [{ error: { code: 429, message: "Slow down" } }], "rate_limit Slow down"],
    ["no money left", [{ error: { code: "insufficient_quota", message: "Pay" } }], "quota Pay"],
  ])("%s", (_name, chunks, line) => {
    expect(lines(readStream([hello, ...chunks]))).toEqual(["text Hello", `fault ${line}`]);
    expect(lines(readStream([hello, ...chunks], { done: false }))).toEqual(["text Hello", `fault ${line}`]);
  });

  test("an event named error holds the error itself, or says it in words", () => {
    const named = (data: string): string => `${sse([hello], false)}event: error\ndata: ${data}\n\n`;
    for (const data of ['{"error":{"message":"boom"}}', '{"message":"boom","code":500}', '"boom"', "boom"]) {
      expect(lines(readBytes([named(data)]))).toEqual(["text Hello", "fault server boom"]);
    }
  });

  test("llama.cpp's builds of 2025 name the error in a field of its own", () => {
    const body =
      'error: {"code":400,"message":"the request exceeds the available context size. try increasing it","type":"invalid_request_error"}\n\ndata: [DONE]\n\n';
    expect(faultIn(readBytes([body]))).toMatchObject({ kind: "context_length", code: "context_length_exceeded", upstream: true });
  });

  test("DeepSeek breaks a reply off when it has no room", () => {
    expect(lines(readStream([hello, chunk({}, "insufficient_system_resource")]))).toEqual([
      "text Hello",
      "fault overloaded The upstream broke its reply off: insufficient_system_resource.",
    ]);
  });

  test("null, or nothing, is no error", () => {
    expect(lines(readStream([{ ...hello, error: null }, STOP]))).toEqual(["text Hello", "finish stop"]);
  });

  test("after the finish is an error still", () => {
    expect(faultIn(readStream([hello, STOP, { error: { message: "boom" } }]))?.message).toBe("boom");
  });
});

describe("in a whole reply", () => {
  test("an error with or without choices", () => {
    expect(lines(readWhole({ error: { message: "boom", code: 503 } }))).toEqual(["fault overloaded boom"]);
    expect(faultIn(readWhole(reply({ content: "Hi" }, "error", { error: { message: "boom" } })))?.message).toBe("boom");
  });

  test("any other JSON is a bad reply that shows what came", () => {
    expect(lines(readWhole({ hello: "world" }))).toEqual([
      'fault bad_reply The upstream\'s reply is no chat completion: {"hello":"world"}',
    ]);
    for (const body of [null, "text", 5, [], { choices: null }]) expect(faultIn(readWhole(body))?.kind).toBe("bad_reply");
  });

  test("a run that failed without a word is no answer", () => {
    expect(faultIn(readWhole(reply({ role: "", content: "" }, null)))?.kind).toBe("cut");
    expect(faultIn(readWhole({ choices: [] }))?.kind).toBe("cut");
  });
});
