// The built-in model `demo`, as a first-time user meets it: with Codex, without key, model server or configuration.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./install-clients.ts";
import { startProcess } from "./run-process.ts";
import { useStage } from "./stage.ts";

const stage = useStage(() => ({}));

test("it thinks, runs a command by Codex's shell, and answers with what the command printed", async () => {
  await writeFile(join(stage.place.work, "teapot.txt"), "");
  const run = await stage.codex("what is here? run `ls`", { model: "demo" });
  expect(run).toMatchObject({ code: 0, errors: [] });
  expect(run.items("reasoning").length).toBeGreaterThan(0);
  expect(run.items("command_execution")).toMatchObject([{ aggregated_output: "teapot.txt\n" }]);
  expect(run.said.at(-1)).toContain("teapot.txt");
});

test("its turns stand in the log, readable, and go on in a second process", async () => {
  const run = await stage.codex("what day is it? run `date`", { model: "demo" });
  const again = await stage.codex("once more, run `whoami`", { model: "demo", resume: run.thread });
  expect(again).toMatchObject({ code: 0, errors: [] });
  const logs = await stage.gateway.command("logs");
  expect(logs.code).toBe(0);
  const turns = [...new Set(logs.stdout.match(/\bturn_[0-9a-f]+/g))].toSorted();
  expect(turns.length).toBeGreaterThanOrEqual(4);
  const shown = await stage.gateway.command("show", turns.at(-1) ?? "");
  expect(shown).toMatchObject({ code: 0 });
  expect(shown.stdout).toContain("once more, run `whoami`");
  expect(shown.stdout).toContain("exec_command");
});

test("`npm run demo` shows all of it and ends well", async () => {
  const demo = startProcess("npm", ["run", "--silent", "demo"], { cwd: ROOT, env: process.env, timeoutMs: 50_000 });
  const { code, stdout, stderr } = await demo.finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/waystation listening on http:.*travel-plan\.txt.*turn_[0-9a-f]+.*travel-plan\.txt/s);
});
