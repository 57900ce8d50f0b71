// A streamed chat reply in every vendor's spelling: the same pieces, and nothing taken for something.
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/kit/json.ts";
import { chunk, createReader, faultIn, lines, readBytes, readStream, sse, STOP } from "./replies.ts";
import type { Piece } from "../../../src/hub/piece.ts";

const hello = [chunk({ content: "Hel" }), chunk({ content: "lo" })];
const USAGE = { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29 };

describe("first chunks say nothing", () => {
  test.each<[string, JsonObject]>([
    ["role and empty content", chunk({ role: "assistant", content: "" })],
    ["role and null", chunk({ role: "assistant", content: null })],
    ["role alone", chunk({ role: "assistant" })],
    ["refusal null", chunk({ role: "assistant", content: "", refusal: null })],
    ["every field null", chunk({ role: null, content: null, reasoning_content: null, reasoning: null, tool_calls: null })],
    ["empty lists", chunk({ content: "", tool_calls: [], reasoning_details: [], annotations: [] })],
    ["no choice", { id: "", object: "", model: "", choices: [], prompt_filter_results: [{ prompt_index: 0 }] }],
    ["a choice without a delta", { choices: [{ index: 0, finish_reason: null, content_filter_results: {} }] }],
    ["an empty delta", chunk({})],
    ["a delta that is null", { choices: [{ index: 0, delta: null }] }],
  ])("%s", (_name, first) => {
    expect(lines(readStream([first, ...hello, STOP]))).toEqual(["text Hello", "finish stop"]);
  });
});

describe("text", () => {
  test("comes with the role in every chunk, with padding, or without an index", () => {
    const chunks = hello.map((one, at) => ({ ...one, obfuscation: "x".repeat(at), p: "abc" }));
    expect(
      lines(readStream([...chunks, chunk({ role: "assistant", content: "!" }), { choices: [{ delta: { content: "?" } }] }, STOP])),
    ).toEqual(["text Hello!?", "finish stop"]);
  });

  test("of other choices is not ours", () => {
    const other = { choices: [{ index: 1, delta: { content: "other" }, finish_reason: null }] };
    const both = {
      choices: [
        { index: 1, delta: { content: "other" } },
        { index: 0, delta: { content: "lo" } },
      ],
    };
    expect(lines(readStream([chunk({ content: "Hel" }), other, both, STOP]))).toEqual(["text Hello", "finish stop"]);
  });

  test("in the finish chunk is said", () => {
    expect(lines(readStream([chunk({ content: "Hel" }), chunk({ content: "lo" }, "stop")]))).toEqual(["text Hello", "finish stop"]);
  });

  test("that is repeated whole beside the delta is not said twice", () => {
    const cumulative = (delta: string, message: string): JsonObject => ({
      object: "chat.completion",
      choices: [{ index: 0, delta: { role: "assistant", content: delta }, message: { role: "assistant", content: message } }],
    });
    expect(
      lines(
        readStream([
          cumulative("Hel", "Hel"),
          cumulative("lo", "Hello"),
          { choices: [{ delta: { content: "" }, message: { content: "Hello" }, finish_reason: "stop" }] },
        ]),
      ),
    ).toEqual(["text Hello", "finish stop"]);
  });

  test("of the legacy field is read where there is no delta, and only there", () => {
    expect(
      lines(readStream([{ choices: [{ index: 0, text: "Hi" }] }, { choices: [{ index: 0, text: "!", delta: { content: "!" } }] }, STOP])),
    ).toEqual(["text Hi!", "finish stop"]);
  });

  test("with log probabilities keeps them", () => {
    const logprobs = { content: [{ token: "Hi", logprob: -0.5, bytes: null, top_logprobs: [{ token: "Ho", logprob: -2, bytes: [72] }] }] };
    const pieces = readStream([{ choices: [{ index: 0, delta: { content: "Hi" }, logprobs }] }, STOP]);
    expect(pieces[0]).toEqual({
      kind: "text",
      text: "Hi",
      logprobs: [{ token: "Hi", bytes: [], logprob: -0.5, top_logprobs: [{ token: "Ho", bytes: [72], logprob: -2 }] }],
    });
  });

  test("with log probabilities is told apart from thoughts in tags, which have none", () => {
    const token = (text: string): JsonObject => ({
      choices: [
        { index: 0, delta: { content: text }, logprobs: { content: [{ token: text, logprob: -1, bytes: null, top_logprobs: [] }] } },
      ],
    });
    const told = (pieces: readonly Piece[]): unknown[] =>
      pieces.flatMap((piece) => (piece.kind === "text" ? [piece.text, (piece.logprobs ?? []).map((one) => one["token"])] : []));
    const thought = readStream([..."<think>,hm,</think>,\n\n,Hel,lo".split(",").map(token), STOP]);
    expect(thought.filter((piece) => piece.kind === "reasoning")).toEqual([{ kind: "reasoning", text: "hm" }]);
    expect(told(thought)).toEqual(["Hel", ["Hel"], "lo", ["lo"]]);
    expect(told(readStream([...["<", "b", ">"].map(token), STOP]))).toEqual(["<b", ["<", "b"], ">", [">"]]);
  });

  test("refused streams as a refusal", () => {
    expect(lines(readStream([chunk({ refusal: "I " }), chunk({ content: null, refusal: "cannot" }), STOP]))).toEqual([
      "refusal I ",
      "refusal cannot",
      "finish stop",
    ]);
  });

  test("citations become annotations, nested or flat; other kinds are none", () => {
    const cited = { url: "u", title: "t", start_index: 1, end_index: 2 };
    const annotation = { type: "url_citation", ...cited };
    const pieces = readStream([
      chunk({ content: "Hi", annotations: [{ type: "url_citation", url_citation: cited }, annotation, { type: "else" }] }),
      STOP,
    ]);
    expect(lines(pieces)).toEqual([
      "text Hi",
      `annotation ${JSON.stringify(annotation)}`,
      `annotation ${JSON.stringify(annotation)}`,
      "finish stop",
    ]);
  });
});

describe("usage", () => {
  test.each<[string, JsonObject[]]>([
    ["in a chunk of its own", [...hello, STOP, { choices: [], usage: USAGE }]],
    ["in the finish chunk", [...hello, { ...STOP, usage: USAGE }]],
    [
      "in a chunk that repeats an empty delta after the finish",
      [...hello, STOP, chunk({ role: "assistant", content: "" }, null, { usage: USAGE })],
    ],
    ["null until the end", [...hello.map((one) => ({ ...one, usage: null })), { ...STOP, usage: USAGE }]],
    ["as Groq's own field", [...hello, { ...STOP, x_groq: { id: "r", usage: USAGE } }]],
  ])("%s", (_name, chunks) => {
    expect(lines(readStream(chunks)).toSorted()).toEqual(["finish stop", "text Hello", "usage 20 9 0 0 0"]);
  });

  test("in every chunk: the last counts", () => {
    const counting = hello.map((one, at) => ({
      ...one,
      usage: { prompt_tokens: 20, completion_tokens: at === 0 ? null : 3, total_tokens: at === 0 ? null : 23 },
    }));
    const pieces = readStream([...counting, { ...STOP, usage: USAGE }]);
    expect(lines(pieces).findLast((line) => line.startsWith("usage"))).toBe("usage 20 9 0 0 0");
    expect(lines(pieces).filter((line) => !line.startsWith("usage"))).toEqual(["text Hel", "text lo", "finish stop"]);
  });

  test.each<[string, JsonObject, string]>([
    [
      "details",
      { ...USAGE, prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 }, completion_tokens_details: { reasoning_tokens: 3 } },
      "usage 20 9 4 2 3",
    ],
    ["DeepSeek's cache", { ...USAGE, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 12 }, "usage 20 9 8 0 0"],
    ["Moonshot's cache", { ...USAGE, cached_tokens: 5 }, "usage 20 9 5 0 0"],
    ["reasoning at the top", { ...USAGE, reasoning_tokens: 4 }, "usage 20 9 0 0 4"],
    [
      "reasoning apart, as the total proves",
      { prompt_tokens: 20, completion_tokens: 9, total_tokens: 59, completion_tokens_details: { reasoning_tokens: 30 } },
      "usage 20 39 0 0 30",
    ],
    [
      "more reasoning than completion",
      { prompt_tokens: 20, completion_tokens: 9, completion_tokens_details: { reasoning_tokens: 30 } },
      "usage 20 39 0 0 30",
    ],
    ["details null", { ...USAGE, prompt_tokens_details: null, completion_tokens_details: null }, "usage 20 9 0 0 0"],
  ])("%s", (_name, usage, line) => {
    expect(lines(readStream([...hello, { ...STOP, usage }]))).toContain(line);
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["zeros", { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
    ["nulls", { prompt_tokens: null, completion_tokens: null }],
    ["an empty object", {}],
    ["a string", "many"],
  ])("that says nothing is none: %s", (_name, usage) => {
    expect(lines(readStream([...hello, { ...STOP, usage: usage as JsonObject }]))).toEqual(["text Hello", "finish stop"]);
  });
});

describe("the finish", () => {
  test.each([
    ["stop", "stop"],
    ["tool_calls", "stop"],
    ["function_call", "stop"],
    ["eos", "stop"],
    ["length", "length"],
    ["max_tokens", "length"],
    ["model_length", "length"],
    ["content_filter", "content_filter"],
  ])("%s is %s", (word, meaning) => {
    expect(lines(readStream([...hello, chunk({}, word)]))).toEqual(["text Hello", `finish ${meaning}`]);
  });

  test("holds: what repeats or resets it afterwards means nothing", () => {
    expect(lines(readStream([...hello, chunk({}, "length"), chunk({ content: "" }, null), chunk({}, "stop")]))).toEqual([
      "text Hello",
      "finish length",
    ]);
  });

  test("may be missing where [DONE], or usage in a last chunk of its own, says that the reply is whole", () => {
    expect(lines(readStream(hello))).toEqual(["text Hello", "finish stop"]);
    expect(lines(readStream([...hello, { choices: [], usage: USAGE }], { done: false }))).toEqual([
      "text Hello",
      "usage 20 9 0 0 0",
      "finish stop",
    ]);
    expect(lines(readStream([...hello, chunk({}, "")]))).toEqual(["text Hello", "finish stop"]);
  });

  test("without [DONE] is the end all the same", () => {
    expect(lines(readStream([...hello, STOP], { done: false }))).toEqual(["text Hello", "finish stop"]);
  });

  test("whatever comes after [DONE] is not read", () => {
    const reader = createReader();
    const out: Piece[] = [];
    reader.push(Buffer.from(sse([...hello, STOP])), out);
    expect(reader.done).toBe(true);
    reader.push(Buffer.from(sse([chunk({ content: "late" }), "no JSON"])), out);
    reader.end(out);
    expect(lines(out)).toEqual(["text Hello", "finish stop"]);
  });

  test("marked without a blank line, or with a CR, is the end", () => {
    expect(lines(readBytes([sse([...hello, STOP], false) + "data: [DONE]"]))).toEqual(["text Hello", "finish stop"]);
    expect(lines(readBytes([sse([...hello, STOP]).replaceAll("\n", "\r\n")]))).toEqual(["text Hello", "finish stop"]);
  });
});

describe("a stream that ends too early", () => {
  test("is cut, whether it said something or not", () => {
    expect(lines(readStream(hello, { done: false }))).toEqual([
      "text Hello",
      "fault cut The upstream's stream ended before the reply was complete.",
    ]);
    expect(lines(readStream([], { done: false }))).toEqual(["fault cut The upstream ended its reply without saying anything."]);
    expect(lines(readStream([]))).toEqual(["fault cut The upstream ended its reply without saying anything."]);
  });

  test("in the middle of a chunk is cut, not malformed", () => {
    expect(lines(readBytes([`${sse(hello, false)}data: {"choices":[{"de`]))).toEqual([
      "text Hello",
      "fault cut The upstream's stream ended before the reply was complete.",
    ]);
  });

  test("after its thoughts alone has said something", () => {
    expect(faultIn(readStream([chunk({ reasoning: "hm" })], { done: false }))?.message).toBe(
      "The upstream's stream ended before the reply was complete.",
    );
  });

  test("after the finish is whole", () => {
    expect(lines(readBytes([`${sse([...hello, STOP], false)}data: {"choices":[],"usa`]))).toEqual(["text Hello", "finish stop"]);
  });

  test("after early counts is cut", () => {
    const early = { choices: [], usage: { ...USAGE, completion_tokens: 0, total_tokens: 20 } };
    expect(faultIn(readStream([early, chunk({ content: "a" }), chunk({ content: "b" })], { done: false }))?.kind).toBe("cut");
  });
});

describe("what is no chunk", () => {
  test("that is no JSON is a bad reply, before the finish", () => {
    expect(faultIn(readStream([...hello, "<html>"]))).toMatchObject({
      kind: "bad_reply",
      message: "The upstream sent a stream event that is no JSON object: <html>",
    });
    expect(faultIn(readStream([...hello, "[1]"]))?.kind).toBe("bad_reply");
    expect(lines(readStream([...hello, STOP, "<html>"]))).toEqual(["text Hello", "finish stop"]);
  });

  test("that is empty or unknown is passed over", () => {
    expect(lines(readStream(["", chunk({ content: "Hi" }), " ", { ping: true }, STOP]))).toEqual(["text Hi", "finish stop"]);
  });

  test("that never ends is refused", () => {
    const reader = createReader();
    const out: Piece[] = [];
    const block = Buffer.alloc(1024 * 1024, "x");
    reader.push(Buffer.from("data: "), out);
    for (let count = 0; count < 18; count++) reader.push(block, out);
    reader.end(out);
    expect(lines(out)).toEqual(["fault bad_reply The upstream sent a stream event of more than 16 MiB."]);
    expect(reader.done).toBe(true);
  });
});
