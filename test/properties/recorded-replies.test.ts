// Recorded chat streams of every vendor in the corpus: the same items for any cut, a valid stream, and no torso that
// passes for a whole reply.
import { describe, expect, test, vi } from "vitest";
import { asList, isObject, parseJson } from "../../src/kit/json.ts";
import { corpus, recordedSse, recordings } from "../support/corpus.ts";
import { randomFrom } from "../support/spoil.ts";
import { cutAt, translateStream, type Translation } from "../support/translate.ts";
import { validateSse } from "../support/validate-stream.ts";

// Many recordings on a busy machine take their time.
vi.setConfig({ testTimeout: 60_000 });

const streams = recordings("chat").flatMap((recording) => {
  const text = recordedSse(recording);
  return text === undefined ? [] : [{ id: recording.id, text }];
});

/** Everything of a translation that may not depend on how the bytes came. */
function essence({ response }: Translation): unknown {
  return { output: response["output"], status: response["status"], error: response["error"], usage: response["usage"] };
}

/** How many bytes come before the end of the frame that says why the model stopped; all of them where none does. */
function finishedAt(text: string): number {
  let from = 0;
  for (const line of text.split("\n")) {
    const end = from + Buffer.byteLength(line);
    const chunk = line.startsWith("data:") ? parseJson(line.slice(5)) : undefined;
    const choice = isObject(chunk) ? asList(chunk["choices"])[0] : undefined;
    if (isObject(choice) && typeof choice["finish_reason"] === "string" && choice["finish_reason"] !== "") return end;
    if (/^data: ?\[DONE\]/.test(line)) return end;
    from = end + 1;
  }
  return Buffer.byteLength(text);
}

describe.skipIf(corpus === undefined)("recorded chat streams", () => {
  test("are many", () => {
    expect(streams.length).toBeGreaterThan(200);
  });

  test("give valid streams", () => {
    const invalid = streams.flatMap(({ id, text }) => {
      const violations = validateSse(translateStream([Buffer.from(text)]).sse);
      return violations.length === 0 ? [] : [{ id, violations: violations.slice(0, 2) }];
    });
    expect(invalid).toEqual([]);
  });

  test("give the same items for any cut", () => {
    const random = randomFrom(1);
    const differing = streams.filter(({ text }) => {
      const places = Array.from({ length: 20 }, () => random(Buffer.byteLength(text)));
      const whole = essence(translateStream([Buffer.from(text)]));
      return JSON.stringify(essence(translateStream(cutAt(text, places)))) !== JSON.stringify(whole);
    });
    expect(differing.map(({ id }) => id)).toEqual([]);
  });

  test("never end completed when they are cut off", () => {
    const random = randomFrom(2);
    const completed = streams.flatMap(({ id, text }) => {
      const bytes = Buffer.from(text);
      const limit = finishedAt(text) - 1;
      return Array.from({ length: 5 }, () => random(limit)).flatMap((place) => {
        const { response, sse } = translateStream([bytes.subarray(0, place)]);
        const isRight = response["status"] === "failed" && validateSse(sse).length === 0;
        return isRight
          ? []
          : [`${id} cut at ${place}: ${JSON.stringify(response["status"])} ${JSON.stringify(validateSse(sse).slice(0, 1))}`];
      });
    });
    expect(completed).toEqual([]);
  });
});
