// What is derived from the schema stands up to date beside it: the JSON Schema for editors, the list of keys in the
// documentation, and the comments of config.yaml. `npm run golden` rewrites the first two.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { jsonSchema } from "../../src/config/schema.ts";
import { asObject } from "../../src/kit/json.ts";
import { keyLines } from "./reference.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const MARK = "<!-- From here on written from the schema by `npm run golden`. -->\n";
/** Models take the same overrides as providers, which are listed once. */
const KEYS = keyLines(asObject(jsonSchema()) ?? {}).filter(({ path }) => !/^models\.NAME\.(capabilities|quirks)\./.test(path));

test("config.schema.json is the schema", async () => {
  await expect(`${JSON.stringify(jsonSchema(), null, 2)}\n`).toMatchFileSnapshot(join(ROOT, "config.schema.json"));
});

test("docs/config.md lists every key", async () => {
  const file = join(ROOT, "docs/config.md");
  const [prose, , ...more] = (await readFile(file, "utf8")).split(MARK);
  expect(more).toEqual([]);
  await expect(`${prose}${MARK}\n${KEYS.map((key) => key.line).join("\n")}\n`).toMatchFileSnapshot(file);
});

describe("every key", () => {
  test("has a sentence of documentation", () => {
    expect(KEYS.length).toBeGreaterThan(50);
    expect(KEYS.filter(({ line }) => !/: [A-Z`a-z].*\.$/.test(line))).toEqual([]);
  });

  test("stands in config.yaml, in use or as an example", async () => {
    const text = await readFile(join(ROOT, "config.yaml"), "utf8");
    const all: unknown = parse(text.replace(/^(\s*)#(?=[^\s#])/gm, "$1"));
    const present = new Set(pathsOf(all, ""));
    expect(KEYS.map((key) => key.path).filter((path) => !present.has(path))).toEqual([]);
  });
});

/** Every path of a value; the second step below `providers` and `models` as NAME, all entries together. */
function pathsOf(value: unknown, path: string): string[] {
  return Object.entries(asObject(value) ?? {}).flatMap(([key, below]) => {
    const named = path === "providers" || path === "models" ? "NAME" : key;
    const here = path === "" ? named : `${path}.${named}`;
    return [here, ...pathsOf(below, here)];
  });
}
