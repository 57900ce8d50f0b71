// A chat stream, however it is spelled, cut, torn or interleaved, becomes the same valid Responses stream.
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { cutAt, translateStream, translateWhole, type Translation } from "../support/translate.ts";
import { validateSse } from "../support/validate-stream.ts";
import { chatStreams, orderedStreams, sseOf, wholeOf } from "./chat-stream.ts";
import { meantBy, saidIn } from "./said.ts";

/** More runs than the usual find rarer mistakes: `WAYSTATION_RUNS=20000 npm test -- test/properties`. */
const RUNS = { numRuns: Number(process.env["WAYSTATION_RUNS"] ?? 300) };
// Many runs on a busy machine take their time.
vi.setConfig({ testTimeout: 60_000 });
const places = fc.array(fc.nat(4000), { maxLength: 12 });

/** Everything of a translation that may not depend on how the bytes came. */
function essence({ response }: Translation): unknown {
  return { output: response["output"], status: response["status"], details: response["incomplete_details"], usage: response["usage"] };
}

describe("a generated chat stream", () => {
  test("says what was meant, in a valid stream", () => {
    fc.assert(
      fc.property(chatStreams, (stream) => {
        const translation = translateStream(cutAt(sseOf(stream).text, []));
        expect(validateSse(translation.sse)).toEqual([]);
        expect(saidIn(translation.response)).toEqual(meantBy(stream));
        expect(translation.response["status"]).toBe(stream.finish === "stop" ? "completed" : "incomplete");
      }),
      RUNS,
    );
  });

  test("gives the same items for any cut of its bytes", () => {
    fc.assert(
      fc.property(chatStreams, places, fc.boolean(), (stream, some, isEveryByte) => {
        const { text } = sseOf(stream);
        const everywhere = isEveryByte ? Array.from({ length: Buffer.byteLength(text) }, (_, place) => place) : some;
        const translation = translateStream(cutAt(text, everywhere));
        expect(essence(translation)).toEqual(essence(translateStream(cutAt(text, []))));
        expect(validateSse(translation.sse)).toEqual([]);
      }),
      RUNS,
    );
  });

  test("never ends completed when it is cut off before the model's finish", () => {
    fc.assert(
      fc.property(
        chatStreams,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom("ended" as const, "torn" as const),
        (stream, part, end) => {
          const { text, finishedAt } = sseOf(stream);
          const torso = Buffer.from(text).subarray(0, Math.floor(part * (finishedAt - 1)));
          const translation = translateStream([torso], {}, end);
          expect(validateSse(translation.sse)).toEqual([]);
          expect(translation.response["status"]).toBe("failed");
        },
      ),
      RUNS,
    );
  });

  test("says the same as the whole reply would", () => {
    fc.assert(
      fc.property(orderedStreams, (stream) => {
        const streamed = translateStream(cutAt(sseOf(stream).text, []));
        const whole = translateWhole(wholeOf(stream));
        expect(validateSse(whole.sse)).toEqual([]);
        const expected = essence(streamed);
        // Without usage both are estimates, over different bytes.
        expect(essence(whole)).toEqual(
          stream.vendor.usage === "none" ? { ...(expected as object), usage: whole.response["usage"] } : expected,
        );
      }),
      RUNS,
    );
  });
});
