// The judge is judged by a second, independent one: over every recorded stream and its mutations their verdicts agree.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { isObject, parseJson, type JsonObject } from "../../src/kit/json.ts";
import { corpus, recordedSse, recordings } from "./corpus.ts";
import { mutate, randomFrom } from "./spoil.ts";
import { validateEvents } from "./validate-stream.ts";

/** The other judge: `validateEvents(events).violations`, empty where it has no complaint of any level. */
type OtherJudge = (events: readonly unknown[]) => { violations: unknown[] };

const otherJudge = corpus === undefined ? undefined : join(corpus, "tools/validate-stream.mjs");

/** All recorded Responses streams, one list of events for each response. */
function recordedStreams(): [string, JsonObject[]][] {
  const texts: [string, string][] = recordings("resp").flatMap((recording) => {
    const sse = recordedSse(recording);
    return sse === undefined ? [] : [[recording.id, sse] satisfies [string, string]];
  });
  const folder = join(corpus ?? "", "recordings/responses-streams");
  for (const file of readdirSync(folder)) {
    if (/\.(sse|jsonl)$/.test(file)) texts.push([file, readFileSync(join(folder, file), "utf8")]);
  }
  return texts.flatMap(([name, text]) => {
    const events = text
      .split("\n")
      .map((line) => parseJson(line.replace(/^data: ?/, "")))
      .filter(isObject);
    const runs: JsonObject[][] = [];
    for (const event of events) {
      if (runs.length === 0 || event["type"] === "response.created") runs.push([]);
      runs.at(-1)?.push(event);
    }
    return runs.map((run, index): [string, JsonObject[]] => [`${name}#${index}`, run]);
  });
}

describe.skipIf(otherJudge === undefined || !existsSync(otherJudge))("beside another judge, over recorded streams", async () => {
  const module: unknown = otherJudge !== undefined && existsSync(otherJudge) ? await import(pathToFileURL(otherJudge).href) : {};
  // The other judge is plain JavaScript; what is used of it is written down in OtherJudge.
  const judge = (module as { validateEvents: OtherJudge }).validateEvents;
  const accepts = (events: readonly JsonObject[]): boolean => {
    try {
      return judge(events).violations.length === 0;
    } catch {
      return false;
    }
  };
  const streams = otherJudge !== undefined && existsSync(otherJudge) ? recordedStreams() : [];

  test("the verdict on each is the same", () => {
    const differing = streams.filter(([, events]) => accepts(events) !== (validateEvents(events).length === 0)).map(([name]) => name);
    expect(differing).toEqual([]);
    expect(streams.filter(([, events]) => accepts(events)).length).toBeGreaterThan(100);
  });

  test("what it refuses of their mutations is refused, and little else", () => {
    const random = randomFrom(20260101);
    const stricter = new Set(["part.order", "logprobs.sum"]);
    const differing: string[] = [];
    const short = streams.filter(([, events]) => events.length < 150 && accepts(events));
    for (const [name, events] of short) {
      for (let round = 0; round < 12; round += 1) {
        const mutation = mutate(events, random);
        const violations = validateEvents(mutation);
        const isStricter = violations.length > 0 && violations.every(({ rule }) => stricter.has(rule));
        if (accepts(mutation) !== (violations.length === 0) && !isStricter) differing.push(`${name} round ${round}`);
      }
    }
    expect(differing).toEqual([]);
  });
});
