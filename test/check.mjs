// `npm run check`: every check that needs no running gateway, one summary line each. Exit 1 if any of them failed.
// Each tool's own output is printed where it has something to say.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

const TOOLS = [
  { title: "types", name: "typescript", command: "tsc", args: ["-p", "tsconfig.json"] },
  { title: "lint", name: "oxlint", command: "oxlint", args: [] },
  { title: "format", name: "oxfmt", command: "oxfmt", args: ["--check"] },
  { title: "unused", name: "knip", command: "knip", args: ["--no-progress"] },
  { title: "architecture", name: "vitest", command: "vitest", args: ["run", "test/architecture.test.ts", "--reporter=dot"] },
];

/** The script behind a package's command: run under this very Node, wherever npm's own links point. */
function scriptOf(name, command) {
  const folder = join(root, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}

const summary = TOOLS.map(({ title, name, command, args }) => {
  const start = performance.now();
  const done = spawnSync(process.execPath, [scriptOf(name, command), ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ok = done.status === 0;
  if (!ok)
    process.stdout.write(
      `--- ${title}: ${command} ${args.join(" ")}\n${done.stdout ?? ""}${done.stderr ?? ""}${done.error?.message ?? ""}\n`,
    );
  return { ok, line: `${title.padEnd(14)}${ok ? "ok    " : "FAILED"}  ${((performance.now() - start) / 1000).toFixed(1)} s` };
});
process.stdout.write(`${summary.map(({ line }) => line).join("\n")}\n`);
process.exitCode = summary.every(({ ok }) => ok) ? 0 : 1;
