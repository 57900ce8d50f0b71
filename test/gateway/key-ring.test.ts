// The key ring: what it sealed it opens, and nobody else's, nor anything that was touched.
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile, chmod, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openKeyRing, ringOf } from "../../src/gateway/key-ring.ts";
import type { SealContent } from "../../src/hub/seal.ts";

const key = (byte: number): string => Buffer.alloc(32, byte).toString("base64");
const file = (primary: string, keys: Record<string, string>): string => JSON.stringify({ primary, keys });
const ring = ringOf(file("00000001", { "00000001": key(1) }), "keys.json");
const content: SealContent = {
  owner: "acme",
  dialect: "chat",
  model: "m",
  kind: "reasoning",
  data: { form: "reasoning", text: "hm é😀", details: [{ data: "x".repeat(5000) }] },
};

describe("a seal", () => {
  test("opens to what was put in", () => {
    const blob = ring.seal(content);
    expect(blob).toMatch(/^ws1\.[A-Za-z0-9_-]+$/);
    expect(ring.unseal(blob, "reasoning")).toEqual({ state: "ours", content });
  });

  test("is another each time, hides its content, and is small where that repeats itself", () => {
    const blob = ring.seal(content);
    expect(ring.seal(content)).not.toBe(blob);
    expect(Buffer.from(blob.slice(4), "base64url").includes("acme")).toBe(false);
    expect(blob.length).toBeLessThan(1000);
  });

  test("of one kind is not one of another", () => {
    expect(ring.unseal(ring.seal(content), "compaction")).toEqual({ state: "broken" });
  });

  test("does not open with any byte changed, cut or added", () => {
    const bytes = Buffer.from(ring.seal(content).slice(4), "base64url");
    for (let at = 0; at < bytes.length; at++) {
      const touched = Buffer.from(bytes);
      touched.writeUInt8((touched.readUInt8(at) ^ 1) & 0xff, at);
      expect(ring.unseal(`ws1.${touched.toString("base64url")}`, "reasoning")).toEqual({ state: "broken" });
    }
    for (const length of [0, 3, 4, 20, 31, bytes.length - 1])
      expect(ring.unseal(`ws1.${bytes.subarray(0, length).toString("base64url")}`, "reasoning").state).toBe("broken");
    expect(ring.unseal(`ws1.${Buffer.concat([bytes, Buffer.alloc(1)]).toString("base64url")}`, "reasoning").state).toBe("broken");
  });

  test("of somebody else is foreign, whatever it holds", () => {
    for (const blob of ["", "gAAAAABo", "ws2.AAAA", "ws1", "{}", "ws", " ws1.AAAA"])
      expect(ring.unseal(blob, "reasoning")).toEqual({ state: "foreign" });
    expect(ring.unseal("ws1.", "reasoning")).toEqual({ state: "broken" });
    expect(ring.unseal("ws1.!!!", "reasoning")).toEqual({ state: "broken" });
  });

  test("under another key does not open; under an old one it does", () => {
    const blob = ring.seal(content);
    expect(ringOf(file("00000001", { "00000001": key(2) }), "k").unseal(blob, "reasoning")).toEqual({ state: "broken" });
    const rotated = ringOf(file("00000002", { "00000001": key(1), "00000002": key(2) }), "k");
    expect(rotated.unseal(blob, "reasoning")).toEqual({ state: "ours", content });
    expect(ring.unseal(rotated.seal(content), "reasoning")).toEqual({ state: "broken" });
  });
});

describe("the key file", () => {
  let dir = "";
  const path = (): string => join(dir, "data", "keys.json");
  const mode = async (): Promise<number> => (await stat(path())).mode & 0o777;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "key-ring-"));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  test("is made at the first start, for its owner alone, and used at the next", async () => {
    const blob = (await openKeyRing(join(dir, "data"))).seal(content);
    expect(await mode()).toBe(0o600);
    const text = await readFile(path(), "utf8");
    expect((await openKeyRing(join(dir, "data"))).unseal(blob, "reasoning").state).toBe("ours");
    expect(await readFile(path(), "utf8")).toBe(text);
  });

  test("is one and the same for all who start at the same moment, and leaves nothing else behind", async () => {
    const rings = await Promise.all(Array.from({ length: 12 }, () => openKeyRing(join(dir, "data"))));
    const blobs = rings.map((one) => one.seal(content));
    for (const one of rings) expect(blobs.map((blob) => one.unseal(blob, "reasoning").state)).toEqual(blobs.map(() => "ours"));
    expect(await readdir(join(dir, "data"))).toEqual(["keys.json"]);
  });

  test("is whole from the first moment at which it is there", async () => {
    let seen: string | undefined;
    const look = (): void => {
      seen ??= existsSync(path()) ? readFileSync(path(), "utf8") : undefined;
      if (seen === undefined) watch = setImmediate(look);
    };
    let watch = setImmediate(look);
    await openKeyRing(join(dir, "data"));
    clearImmediate(watch);
    seen ??= readFileSync(path(), "utf8");
    expect(() => ringOf(seen ?? "", path())).not.toThrow();
  });

  test("that others could read is closed to them", async () => {
    await openKeyRing(join(dir, "data"));
    await chmod(path(), 0o644);
    await openKeyRing(join(dir, "data"));
    expect(await mode()).toBe(0o600);
  });

  test.each([
    ["empty", ""],
    ["no JSON", "{"],
    ["no keys", "{}"],
    ["a primary that is not there", file("00000001", { "00000002": key(1) })],
    ["a short key", file("00000001", { "00000001": "AAAA" })],
    ["an odd id", file("x", { x: key(1) })],
    ["keys of a wrong shape", '{"primary":"00000001","keys":[]}'],
  ])("that is unusable is named, and not overwritten: %s", async (_name, text) => {
    await mkdir(join(dir, "data"));
    await writeFile(path(), text);
    await expect(openKeyRing(join(dir, "data"))).rejects.toThrow(path());
    expect(await readFile(path(), "utf8")).toBe(text);
  });
});
