// The configuration from its file, the command line and the environment. Promises a `Config` that is whole and consistent,
// or a `ConfigError` that names every place at fault.
import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Config } from "./config.ts";
import { readDocument } from "./document.ts";
import type { Located, Path, Tree } from "./document.ts";
import { explainIssue } from "./explain.ts";
import type { Environment } from "./interpolate.ts";
import { ConfigError } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { resolveConfig } from "./resolve.ts";
import { fileSchema } from "./schema.ts";
import type { ConfigFile } from "./schema.ts";

/** Where a configuration comes from. */
export interface ConfigOptions {
  /** The file that the user named; else the one in the user's configuration folder, else the one that ships with the project. */
  file?: string;
  /** These two stand above the file. */
  host?: string;
  port?: number;
  env: Environment;
  /** Ids of the providers that need no description. */
  knownProviders: readonly string[];
  /** Those of them that have no address of their own, each with the form of the `base_url` that a user must give. */
  baseUrlForms?: Readonly<Record<string, string>>;
}

/** The folder of this project: where package.json and the config.yaml that ships stand. */
const ROOT = resolve(import.meta.dirname, "../..");

/** The file that will be read, undefined where there is none and defaults hold. Never one of the working folder unless named. */
export function findConfigFile(options: Pick<ConfigOptions, "file" | "env">): string | undefined {
  if (options.file !== undefined) return options.file;
  const home = options.env["HOME"] ?? options.env["USERPROFILE"];
  const xdg = options.env["XDG_CONFIG_HOME"] || (home === undefined ? undefined : join(home, ".config"));
  const candidates = [...(xdg === undefined ? [] : [join(xdg, "waystation", "config.yaml")]), join(ROOT, "config.yaml")];
  return candidates.find((candidate) => existsSync(candidate));
}

/**
 * Reads and checks the configuration.
 * @throws ConfigError with `file:line:column: what is wrong; what to do`, a line for each problem.
 */
export async function loadConfig(options: ConfigOptions): Promise<Config> {
  const { file, located } = await openFile(options);
  const checked = check(located);
  const problems = [...located.problems];
  if (!checked.ok) problems.push(...checked.problems.filter((problem) => !problems.some((other) => samePlace(problem, other))));
  if (!checked.ok || problems.length > 0) throw new ConfigError(file, problems);
  const resolved = resolveConfig(checked.file, located, options, dataDir(checked.file.data_dir, file, options.env));
  if (!resolved.ok) throw new ConfigError(file, resolved.problems);
  return resolved.config;
}

/**
 * The absolute path of the data folder alone: for commands that read the log and need nothing else to be right.
 * @throws ConfigError where the file cannot be read or its `data_dir` is wrong.
 */
export async function loadDataDir(options: Pick<ConfigOptions, "file" | "env">): Promise<string> {
  const { file, located } = await openFile(options);
  if (!located.whole) throw new ConfigError(file, located.problems);
  const { value } = located;
  const given = typeof value === "object" && value !== null && !Array.isArray(value) ? (value["data_dir"] ?? undefined) : undefined;
  const checked = check({ ...located, value: given === undefined ? {} : { data_dir: given } });
  const place = { at: located.valueAt(["data_dir"]), message: "" };
  const problems = given === undefined ? [] : located.problems.filter((problem) => samePlace(problem, place));
  if (!checked.ok || problems.length > 0) throw new ConfigError(file, checked.ok ? problems : checked.problems);
  return dataDir(checked.file.data_dir, file, options.env);
}

async function openFile(options: Pick<ConfigOptions, "file" | "env">): Promise<{ file: string; located: Located }> {
  const file = findConfigFile(options);
  if (file === undefined) return { file: join(ROOT, "config.yaml"), located: readDocument("", options.env) };
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(file, [
      { message: `${READ_FAILURES[error.code ?? ""] ?? `cannot be read (${error.code})`}; name another file with --config` },
    ]);
  });
  try {
    return { file, located: readDocument(new TextDecoder("utf-8", { fatal: true }).decode(bytes), options.env) };
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError(file, [{ message: "is not UTF-8 text; save it as UTF-8" }]);
    throw error;
  }
}

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "is a folder",
  ENOTDIR: "there is no such file",
  EACCES: "may not be read",
};

function dataDir(given: string, file: string, env: Environment): string {
  const home = env["HOME"] ?? env["USERPROFILE"];
  if (/^~(?=[/\\]|$)/.test(given) && home !== undefined) return join(home, given.slice(1));
  return isAbsolute(given) ? given : resolve(dirname(resolve(file)), given);
}

type Checked = { ok: true; file: ConfigFile } | { ok: false; problems: Problem[] };

function check(located: Located): Checked {
  const tree = withoutNulls(located.value, []);
  const first = fileSchema.safeParse(tree);
  if (first.success) return { ok: true, file: first.data };
  // A value out of the environment is text; where a number or a switch is wanted, it is read as one, and all checked again.
  for (const issue of first.error.issues) {
    if (issue.code === "invalid_type" && located.fromEnvironment(issue.path)) reread(tree, issue.path, issue.expected);
  }
  const second = fileSchema.safeParse(tree);
  if (second.success) return { ok: true, file: second.data };
  return { ok: false, problems: second.error.issues.flatMap((issue) => explainIssue(issue, tree, located)) };
}

/**
 * A key without a value is a key not given; a provider or model of which only the name is given is an empty entry. What is
 * passed on to a server as it is keeps its nulls.
 */
function withoutNulls(tree: Tree, path: readonly string[]): Tree {
  if (typeof tree !== "object" || tree === null || Array.isArray(tree) || path.at(-1) === "extra_fields") return tree ?? {};
  const names = path.length === 1 && (path[0] === "providers" || path[0] === "models");
  const entries = Object.entries(tree).filter(([, value]) => names || value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutNulls(value, [...path, key])]));
}

function reread(tree: Tree, path: Path, expected: string): void {
  let parent: unknown = tree;
  // The path comes from an issue about this tree, so every step but the last is an own map or list of it.
  for (const step of path.slice(0, -1)) parent = (parent as Record<PropertyKey, unknown>)[step];
  const map = parent as Record<PropertyKey, unknown>;
  const key = path.at(-1) ?? "";
  const text = String(map[key]).trim();
  if (expected === "boolean" && (text === "true" || text === "false")) map[key] = text === "true";
  if (expected === "number" && /^[-+]?(\d+\.?\d*|\.\d+)$/.test(text)) map[key] = Number(text);
}

const samePlace = (a: Problem, b: Problem): boolean => a.at !== undefined && a.at.line === b.at?.line && a.at.column === b.at.column;
