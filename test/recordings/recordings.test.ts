// What a client gets for each small recording, event for event, and what was lost on the way: as golden files.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { asObject, parseJson } from "../../src/kit/json.ts";
import { translateStream } from "../support/translate.ts";
import { validateSse } from "../support/validate-stream.ts";

const GOLDEN = join(import.meta.dirname, "../golden/recordings");
const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

describe.each(names)("%s", (name) => {
  const read = (file: string): string => readFileSync(join(import.meta.dirname, name, file), "utf8");
  const request = asObject(parseJson(read("request.json"))) ?? {};
  // A frame at a time, as a server at its own pace sends them.
  const frames = read("reply.sse").split(/(?<=\n\r?\n)/);
  const { sse, losses } = translateStream(frames.map((frame) => Buffer.from(frame)), { request });

  test("gives a valid stream", () => {
    expect(validateSse(sse)).toEqual([]);
  });

  test("gives the events of its golden file", async () => {
    await expect(sse).toMatchFileSnapshot(join(GOLDEN, `${name}.sse`));
  });

  test("gives the losses of its golden file", async () => {
    const lines = losses.map((loss) => `${loss.kind} ${loss.feature}: ${loss.detail}\n`).join("");
    await expect(lines === "" ? "nothing\n" : lines).toMatchFileSnapshot(join(GOLDEN, `${name}.losses.txt`));
  });
});
