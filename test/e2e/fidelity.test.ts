// The one slow test (some fifteen seconds): recorded replies of real servers, played to the gateway as `npm start` runs it, and every
// reply compared with an independent reading of the recorded bytes, streamed and whole, there and back again.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { asString, isObject, parseJson } from "../../src/kit/json.ts";
import { startProcess } from "../clients/run-process.ts";
import { corpus } from "../support/corpus.ts";
import { afterThis } from "../support/gateway.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const VENDORS = "llamacpp|ollama|vllm|openai|deepseek|openrouter";
const suite = corpus === undefined ? undefined : join(corpus, "tools/fidelity");
const isHere = suite !== undefined && existsSync(join(suite, "fidelity.mjs"));

/** Checks that may fail, `CASE CHECK`, each with its reason. */
const REPAIRED = "the model gave a boolean as text, and the client gets a boolean";
const KNOWN: ReadonlyMap<string, string> = new Map([
  ["ollama.chat.rec.0.6bcf13 calls", REPAIRED],
  ["ollama.chat.rec.0.6bcf13 back.calls", REPAIRED],
]);

/** Below the ports that systems give out by themselves, and not the same for every process: the suite takes some fifty in a row. */
const FIRST_PORT = 10_000 + (process.pid % 300) * 60;

test.skipIf(!isHere)("recorded chat replies say the same on the other side", { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "waystation-fidelity-"));
  afterThis(() => rm(folder, { recursive: true, force: true }));
  const failures = join(folder, "failures.jsonl");
  const options = {
    "--set": `REPO=${ROOT}`,
    "--workers": "1",
    "--port": String(FIRST_PORT),
    "--only": `^chat/(${VENDORS})/`,
    "--dir": join(folder, "run"),
    "--out": failures,
  };
  const program = join(suite ?? "", "fidelity.mjs");
  const args = [program, join(suite ?? "", "specs/waystation.json"), ...Object.entries(options).flat()];
  const running = startProcess(process.execPath, args, { cwd: folder, env: process.env, timeoutMs: 170_000 });
  const { stdout, stderr, code } = await running.finished;
  const [, cases = "0"] = / of (\d+) cases without a failure/.exec(stdout) ?? [];
  expect(Number(cases), stdout + stderr).toBeGreaterThan(500);
  const failed = (await readFile(failures, "utf8")).split("\n").map(parseJson).filter(isObject);
  const named = failed.filter((failure) => !KNOWN.has(`${asString(failure["case"])} ${asString(failure["check"])}`));
  expect(named).toEqual([]);
  // What is excused must still fail, or the excuse is out of date.
  expect(failed).toHaveLength(KNOWN.size);
  expect(code).toBe(KNOWN.size === 0 ? 0 : 1);
});
