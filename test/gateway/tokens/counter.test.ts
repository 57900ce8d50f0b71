// The counting thread: that it counts, and that nothing that it is given or that happens to it holds anybody up.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { LARGEST_BODY, MOST_WAITING, createTokenCounter } from "../../../src/gateway/tokens/counter.ts";
import { afterThis } from "../../support/gateway.ts";

const hello = Buffer.from(JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "Hello, world!" }] }));

test("counts a request in its thread, as OpenAI does: three and four tokens around the four of the text", async () => {
  expect(await createTokenCounter().count("gpt-4o", hello)).toBe(11);
});

test("counts the same for several that ask at once", async () => {
  const counter = createTokenCounter();
  expect(await Promise.all([1, 2, 3].map(() => counter.count("gpt-4", hello)))).toEqual([11, 11, 11]);
});

test("the body that was counted is still there for others", async () => {
  await createTokenCounter().count("gpt-4o", hello);
  expect(hello.toString()).toContain("Hello, world!");
});

test.each([
  ["no JSON", "{"],
  ["no object", "[]"],
  ["a schema nested beyond any stack", `{"tools":[${'{"function":'.repeat(50_000)}1${"}".repeat(50_000)}]}`],
])("what cannot be counted is null: %s", async (_, text) => {
  const counter = createTokenCounter();
  expect(await counter.count("qwen", Buffer.from(text))).toBeNull();
  expect(await counter.count("gpt-4o", hello)).toBe(11);
});

test("what is too large is not even looked at", async () => {
  expect(await createTokenCounter().count("gpt-4o", new Uint8Array(LARGEST_BODY + 1))).toBeNull();
});

/** A counter whose thread does what the test says. */
async function withThread(script: string, patienceMs: number): Promise<ReturnType<typeof createTokenCounter>> {
  const folder = await mkdtemp(join(tmpdir(), "waystation-tokens-"));
  afterThis(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "thread.mjs");
  await writeFile(file, `import { parentPort } from "node:worker_threads";\n${script}`);
  return createTokenCounter({ module: pathToFileURL(file), patienceMs });
}

test("a thread that does not answer is ended, and all who wait are told", async () => {
  const counter = await withThread('parentPort.on("message", () => {});', 50);
  expect(await Promise.all([counter.count("gpt-4o", hello), counter.count("gpt-4o", hello)])).toEqual([null, null]);
});

test("a thread that dies is no end: the next question gets another", async () => {
  const counter = await withThread('parentPort.on("message", () => process.exit(1));', 10_000);
  expect(await counter.count("gpt-4o", hello)).toBeNull();
  expect(await counter.count("gpt-4o", hello)).toBeNull();
});

test("only so many may wait", async () => {
  const counter = await withThread('parentPort.on("message", () => {});', 100);
  const asked = Array.from({ length: MOST_WAITING }, () => counter.count("gpt-4o", hello));
  let refused = false;
  await counter.count("gpt-4o", hello).then(() => (refused = true));
  expect(refused).toBe(true);
  expect(await Promise.all(asked)).toEqual(asked.map(() => null));
});
