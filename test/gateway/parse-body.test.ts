// A client's body: parsed, or refused with a sentence that helps, before it can cost anything.
import { expect, test } from "vitest";
import { parseBody } from "../../src/gateway/parse-body.ts";

function parse(text: string): ReturnType<typeof parseBody> {
  return parseBody(Buffer.from(text));
}

test("JSON is parsed, whatever it is", () => {
  for (const value of [{ model: "m", input: "é😀" }, [1], "text", null, 5])
    expect(parse(JSON.stringify(value))).toEqual({ ok: true, body: value });
});

test("a view into a larger buffer is read alone", () => {
  const bytes = Buffer.from('xx{"a":1}yy');
  expect(parseBody(new Uint8Array(bytes.buffer, bytes.byteOffset + 2, 7))).toEqual({ ok: true, body: { a: 1 } });
});

test.each<[string, string, RegExp]>([
  ["nothing", "", /no body.*`model`/],
  ["torn", '{"model":"m"', /could not parse/],
  ["no JSON", "model=m", /could not parse/],
  ["too deep", "[".repeat(200) + "]".repeat(200), /nested deeper than 128 levels/],
  ["too many values", `[${"1,".repeat(1_000_001)}1]`, /more than 1000000 values/],
  ["deep without an end", "[".repeat(100_000), /nested deeper/],
])("%s is refused", (_name, text, words) => {
  const parsed = parse(text);
  expect(parsed.ok).toBe(false);
  if (parsed.ok) return;
  expect(parsed.fault).toMatchObject({ kind: "invalid_request", status: 400 });
  expect(parsed.fault.message).toMatch(words);
  expect(parsed.fault.message.length).toBeLessThan(400);
});
