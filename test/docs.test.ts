// The documentation names only what is there: every path in it leads to a file, and every command to a script.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { COMMANDS } from "../src/cli/command-line.ts";
import { asObject, parseJson } from "../src/kit/json.ts";

const ROOT = resolve(import.meta.dirname, "..");

const pages = [
  "README.md",
  "AGENTS.md",
  "CHANGELOG.md",
  ...(await readdir(join(ROOT, "docs"), { recursive: true })).filter((name) => name.endsWith(".md")).map((name) => join("docs", name)),
  ...(await readdir(join(ROOT, "providers")))
    .map((name) => join("providers", name, "README.md"))
    .filter((path) => existsSync(join(ROOT, path))),
];
const texts = await Promise.all(pages.map(async (page) => ({ page, text: await readFile(join(ROOT, page), "utf8") })));

/** Paths of the project that stand in backquotes; those with a placeholder in capitals or brackets are patterns. */
const CODE_PATH = /`((?:src|providers|test|docs|bench|\.ci)\/[\w./-]*)`/g;
const LINK = /\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g;

test.each(texts)("$page leads nowhere that is not there", ({ page, text }) => {
  const linked = [...text.matchAll(LINK)].map(([, target = ""]) => join(dirname(page), target));
  const named = [...text.matchAll(CODE_PATH)].map(([, path = ""]) => path).filter((path) => !/[A-Z]{3}/.test(path.replace(/README/, "")));
  expect([...linked, ...named].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("every type in the table of docs/design.md is one of ours", async () => {
  const design = texts.find(({ page }) => page === join("docs", "design.md"))?.text ?? "";
  const rows = [...design.matchAll(/^\|[^|]*\|([^|]*)\|[^|]*`src\//gm)].map(([, types = ""]) => types);
  const types = rows.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, type = ""]) => type));
  const files = (await readdir(join(ROOT, "src"), { recursive: true })).filter((name) => name.endsWith(".ts"));
  const sources = (await Promise.all(files.map((name) => readFile(join(ROOT, "src", name), "utf8")))).join("\n");
  expect(types.length).toBeGreaterThan(20);
  expect(types.filter((type) => !new RegExp(`^export (?:type|interface|class) ${type}\\b`, "m").test(sources))).toEqual([]);
});

test("every test that docs/faults.md names exists", async () => {
  const page = texts.find((text) => text.page === join("docs", "faults.md"))?.text ?? "";
  const named = [...page.matchAll(/`(test\/[\w./-]+)` "([^"|]+)"/g)];
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:-+|What happens) /.test(line));
  expect(named.length).toBeGreaterThan(30);
  expect(named).toHaveLength(rows.length);
  for (const [, path = "", title = ""] of named) expect(await readFile(join(ROOT, path), "utf8")).toContain(`"${title}"`);
});

test("every npm script and command that the documentation names exists", async () => {
  const scripts = Object.keys(asObject(asObject(parseJson(await readFile(join(ROOT, "package.json"), "utf8")))?.["scripts"]) ?? {});
  const all = texts.map(({ text }) => text).join("\n");
  const run = [...all.matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => name);
  const commands = [...all.matchAll(/npm start -- ([a-z]+)/g)].map(([, name = ""]) => name);
  expect(run.length + commands.length).toBeGreaterThan(10);
  expect(run.filter((name) => !scripts.includes(name))).toEqual([]);
  expect(commands.filter((name) => !COMMANDS.some((command) => command === name))).toEqual([]);
});

test("AGENTS.md stays short", () => {
  expect(texts.find(({ page }) => page === "AGENTS.md")?.text.split("\n").length).toBeLessThanOrEqual(100);
});
