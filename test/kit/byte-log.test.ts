// What a log of bytes gives back: all of it, and what is new, however it was cut into pieces.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteLog } from "../../src/kit/byte-log.ts";

/** Pieces from a few bytes to more than a block: short ones are copied, large ones kept as they are. */
const piece = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
  fc.integer({ min: 1, max: 40_000 }).map((length) => new Uint8Array(length).fill(length % 251)),
);

test("gives back what was kept, and each time what came since the last", () => {
  fc.assert(
    fc.property(fc.array(fc.array(piece, { maxLength: 5 }), { maxLength: 8 }), (reads) => {
      const log = new ByteLog();
      for (const pieces of reads) {
        for (const bytes of pieces) log.append(bytes);
        expect(Buffer.from(log.takeNew()).equals(Buffer.concat(pieces))).toBe(true);
      }
      expect(Buffer.concat(log.parts()).equals(Buffer.concat(reads.flat()))).toBe(true);
    }),
  );
});

test("text counts as new, and nothing is new after it was forgotten", () => {
  const log = new ByteLog();
  log.append(Buffer.from("one "));
  expect(log.write("zwei€").toString()).toBe("zwei€");
  expect(Buffer.from(log.takeNew()).toString()).toBe("one zwei€");
  expect(log.takeNew()).toHaveLength(0);
  log.clear();
  log.append(Buffer.from("three"));
  expect(Buffer.from(log.takeNew()).toString()).toBe("three");
});
