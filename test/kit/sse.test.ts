// Server-sent events: the same frames however the bytes are cut, whatever the server's line ends.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_FRAME, SseReader } from "../../src/kit/sse.ts";

type Frame = [data: string, event: string | null];

/** The frames of a body that arrives in these chunks, and whether the reader took them all. */
function read(chunks: readonly Uint8Array[], maxFrame = MAX_FRAME): { frames: Frame[]; fits: boolean } {
  const frames: Frame[] = [];
  const reader = new SseReader((data, event) => frames.push([data, event]), maxFrame);
  let fits = true;
  for (const chunk of chunks) fits = reader.push(chunk) && fits;
  return { frames, fits: reader.end() && fits };
}

function framesOf(text: string): Frame[] {
  return read([Buffer.from(text)]).frames;
}

function everyByte(text: string): Uint8Array[] {
  const bytes = Buffer.from(text);
  return [...bytes].map((_, at) => bytes.subarray(at, at + 1));
}

describe("frames", () => {
  test.each<[string, string, Frame[]]>([
    ["one", "data: a\n\n", [["a", null]]],
    ["without a space after the colon", "data:a\n\n", [["a", null]]],
    ["only one space is not content", "data:  a\n\n", [[" a", null]]],
    [
      "named",
      "event: error\ndata: a\n\ndata: b\n\n",
      [
        ["a", "error"],
        ["b", null],
      ],
    ],
    ["several lines of data", "data: a\ndata\ndata: c\n\n", [["a\n\nc", null]]],
    ["empty data", "data:\n\n", [["", null]]],
    ["comments, ids and retries", ": PROCESSING\n\n:\nid: 7\nretry: 10\nother: x\ndata: a\n\n", [["a", null]]],
    ["a name without data is no frame", "event: ping\n\ndata: a\n\n", [["a", null]]],
    ["many blank lines", "\n\n\ndata: a\n\n\n\n", [["a", null]]],
    [
      "CR alone",
      "data: a\r\rdata: b\r\r",
      [
        ["a", null],
        ["b", null],
      ],
    ],
    [
      "CRLF",
      "data: a\r\n\r\ndata: b\r\n\r\n",
      [
        ["a", null],
        ["b", null],
      ],
    ],
    [
      "line ends mixed",
      "data: a\r\n\ndata: b\n\r\ndata: c\r\n\r",
      [
        ["a", null],
        ["b", null],
        ["c", null],
      ],
    ],
    ["a byte order mark", "\uFEFFdata: a\n\n", [["a", null]]],
    ["a byte order mark later is content", "data: a\uFEFF\n\n", [["a\uFEFF", null]]],
    [
      "the last without its blank line",
      "data: a\n\ndata: b\n",
      [
        ["a", null],
        ["b", null],
      ],
    ],
    [
      "the last without any line end",
      "data: a\n\ndata: b",
      [
        ["a", null],
        ["b", null],
      ],
    ],
    ["nothing", "", []],
  ])("%s", (_name, text, frames) => {
    expect(framesOf(text)).toEqual(frames);
    expect(read(everyByte(text)).frames).toEqual(frames);
  });

  test("an error line of older llama.cpp builds is a frame named error", () => {
    expect(framesOf('error: {"code":500}\n\n')).toEqual([['{"code":500}', "error"]]);
  });
});

const line = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }).map((text) => `data: ${text.replace(/[\r\n]/g, "")}`),
  fc.constantFrom("", "", ": comment", "event: x", "data", "id: 1", "data:äöü€😀", "error: {}"),
);
const body = fc
  .array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 20 })
  .map((lines) => lines.map(([text, end]) => text + end).join(""));

test("any cut of the bytes gives the same frames", () => {
  fc.assert(
    fc.property(body, fc.array(fc.nat(400), { maxLength: 10 }), fc.boolean(), (text, places, isMarked) => {
      const whole = (isMarked ? "\uFEFF" : "") + text;
      const bytes = Buffer.from(whole);
      const cuts = [0, ...places.map((place) => Math.min(place, bytes.length)).toSorted((one, other) => one - other), bytes.length];
      const chunks = cuts.slice(1).map((to, at) => bytes.subarray(cuts[at], to));
      expect(read(chunks).frames).toEqual(framesOf(text));
      expect(read(everyByte(whole)).frames).toEqual(framesOf(text));
    }),
  );
});

describe("a frame that is too long", () => {
  test.each<[string, string]>([
    ["in one line", `data: ${"x".repeat(200)}`],
    ["in many lines", "data: x\n".repeat(200)],
    ["in another field", `event: ${"x".repeat(200)}`],
  ])("is refused %s", (_name, text) => {
    expect(read([Buffer.from(text)], 100).fits).toBe(false);
    expect(read(everyByte(text), 100).fits).toBe(false);
  });

  test("but any number of frames below the bound fits", () => {
    const text = `data: ${"x".repeat(80)}\n\n`.repeat(50);
    expect(read([Buffer.from(text)], 100)).toMatchObject({ fits: true, frames: { length: 50 } });
    expect(read(everyByte(text), 100)).toMatchObject({ fits: true, frames: { length: 50 } });
  });
});
