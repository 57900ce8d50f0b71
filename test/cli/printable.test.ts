// Nothing that a client or a model wrote can act on the terminal that shows it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableJson, printableLine } from "../../src/cli/printable.ts";

test.each([
  ["colours", "a\u001b[1;31mb\u001b[0mc", "abc"],
  ["a window title", "a\u001b]0;owned\u0007b", "ab"],
  ["a link", "a\u001b]8;;http://x\u001b\\b", "ab"],
  ["a title without an end", "a\u001b]0;text goes on\nand on", "a0;text goes on\nand on"],
  ["C1 sequences", "a\u009b31mb\u009d0;x\u009cc", "abc"],
  ["bidirectional overrides", "a\u202eb\u2066c\u200fd", "abcd"],
  ["a bell and a backspace", "a\u0007b\u0008c\u007f", "abc"],
  ["a carriage return that hides the line", "a\rb\r\nc", "a\nb\nc"],
  ["half a character", "a\ud83dz", "a\ufffdz"],
  ["what is harmless", "tab\tline\n日本 é 👩‍🚀", "tab\tline\n日本 é 👩‍🚀"],
])("%s", (_what, text, shown) => {
  expect(printable(text)).toBe(shown);
});

const DANGEROUS = /(?![\n\t])\p{Cc}|\p{Bidi_Control}/u;

test("no text of any kind leaves a control character behind, in one line not even a line end", () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom("\u001b", "\u009b", "[", "]", "\u0007", "m", "\n", "\u202e", "\ud800"),
      fc.string({ unit: "binary", maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(text, (given) => {
      expect(printable(given)).not.toMatch(DANGEROUS);
      expect(printableLine(given)).not.toMatch(/[\n\t]/u);
      const line = printableJson({ given });
      expect(line).not.toMatch(DANGEROUS);
      expect(JSON.parse(line)).toEqual({ given });
    }),
  );
});
