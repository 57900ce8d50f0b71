// Estimates: what a target's replies teach, and what they must not.
import { expect, test } from "vitest";
import { Calibration, promptBytes } from "../../src/gateway/estimate.ts";

test("a target is taken at four bytes a token until it says better", () => {
  const calibration = new Calibration();
  expect(calibration.bytesPerToken("a/b")).toBe(4);
  calibration.learn("a/b", 3000, 1000);
  expect(calibration.bytesPerToken("a/b")).toBe(3);
  expect(calibration.bytesPerToken("a/other")).toBe(4);
});

test("later replies move the ratio, each a little", () => {
  const calibration = new Calibration();
  calibration.learn("a/b", 3000, 1000);
  calibration.learn("a/b", 5000, 1000);
  expect(calibration.bytesPerToken("a/b")).toBeCloseTo(3.4);
});

test("counts that no vocabulary gives teach nothing: a server that counts only what its cache lacked, a prompt that is all template", () => {
  const calibration = new Calibration();
  calibration.learn("a/b", 100_000, 60);
  calibration.learn("a/b", 100, 1000);
  calibration.learn("a/b", 30, 10);
  expect(calibration.bytesPerToken("a/b")).toBe(4);
});

test("an attachment counts a flat sum, not its base64", () => {
  const text = JSON.stringify({ content: "look" });
  const image = JSON.stringify({
    content: "look",
    url: `data:image/png;base64,${"A".repeat(1_000_000)}`,
    more: `data:image/png;base64,${"B".repeat(500_000)}`,
  });
  expect(promptBytes(Buffer.from(text))).toBe(text.length);
  expect(promptBytes(Buffer.from(image))).toBeGreaterThan(8000);
  expect(promptBytes(Buffer.from(image))).toBeLessThan(8200);
});
