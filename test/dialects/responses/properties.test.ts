// Properties of the reader: whatever JSON comes, it is read or refused; what is read is in hub shape; reading what was read
// changes nothing.
import fc from "fast-check";
import { expect, test } from "vitest";
import { readRequest } from "../../../src/dialects/responses/read-request.ts";
import { FaultError } from "../../../src/hub/fault.ts";
import { LossList } from "../../../src/hub/loss.ts";
import type { HubRequest } from "../../../src/hub/request.ts";
import { isObject } from "../../../src/kit/json.ts";
import type { Json, JsonObject } from "../../../src/kit/json.ts";
import { everyItem } from "./every-item.ts";
import { asBody, misshapen } from "./hub-shape.ts";

/** The request, or undefined where it was refused as a refusal must be. Anything else fails the property. */
function readOrRefuse(body: Json): HubRequest | undefined {
  try {
    return readRequest(body, new LossList());
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    expect([400, 404]).toContain(error.fault.status);
    expect(error.fault.message).not.toBe("");
    return undefined;
  }
}

/** Words that the reader looks for, mixed with those that trip a careless lookup. */
const WORDS = "function custom message user assistant auto input_text output_text refusal reasoning __proto__ constructor toString".split(
  " ",
);
const anyJson: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 1e300, "", [], {}, ...WORDS),
  // fast-check's jsonValue makes what JSON.parse would, __proto__ keys included.
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
);

test("any JSON at all is read or refused", () => {
  fc.assert(
    fc.property(anyJson, (body) => void readOrRefuse(structuredClone(body))),
    { numRuns: 300 },
  );
});

/** Every place within a value, as a path of keys. */
function placesOf(value: Json | undefined, path: readonly string[] = []): (readonly string[])[] {
  const entries: [string, Json | undefined][] = Array.isArray(value)
    ? value.map((each, index) => [String(index), each])
    : isObject(value)
      ? Object.entries(value)
      : [];
  return [path, ...entries.flatMap(([key, each]) => placesOf(each, [...path, key]))];
}

function replaceAt(root: JsonObject, path: readonly string[], value: Json): Json {
  const last = path.at(-1);
  if (last === undefined) return value;
  // Arrays are reached by their indices like objects by their keys.
  let at: JsonObject = root;
  for (const key of path.slice(0, -1)) at = at[key] as JsonObject;
  at[last] = value;
  return root;
}

const places = placesOf(everyItem());
const bent = fc.array(fc.tuple(fc.constantFrom(...places), anyJson), { minLength: 0, maxLength: 2 }).map((changes) =>
  changes.reduce<Json>((body, [path, value]) => {
    const fits = placesOf(body).some((place) => place.join("\0") === path.join("\0"));
    return fits && isObject(body) ? replaceAt(body, path, structuredClone(value)) : body;
  }, everyItem()),
);

test("a request bent in any place is read into hub shape, or refused", () => {
  fc.assert(
    fc.property(bent, (body) => {
      const request = readOrRefuse(structuredClone(body));
      if (request !== undefined) expect(misshapen(request)).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

test("reading what was read changes nothing", () => {
  fc.assert(
    fc.property(bent, (body) => {
      const once = readOrRefuse(structuredClone(body));
      if (once === undefined) return;
      const { echo: _first, compaction: _wish, ...first } = structuredClone(once);
      const { echo: _second, ...second } = readRequest(asBody(once), new LossList());
      expect(second).toEqual(first);
    }),
    { numRuns: 1000 },
  );
});
