// The house's order, checked on the source itself: who may import whom, how long a file may be, and that no code outside a
// vendor's folder knows a vendor.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const MAX_LINES = 300;

/** For each room the rooms that it may import, and those of which it may import types alone. */
const FENCES: Readonly<Record<string, { values: readonly string[]; types?: readonly string[] }>> = {
  kit: { values: [] },
  hub: { values: ["kit"] },
  dialects: { values: ["hub", "kit"] },
  contract: { values: ["hub", "kit"], types: ["dialects"] },
  providers: { values: ["contract"] },
  config: { values: ["kit"], types: ["hub", "contract"] },
  journal: { values: ["kit"], types: ["hub", "contract"] },
  gateway: { values: ["kit", "hub", "dialects", "contract", "config", "journal"] },
  server: { values: ["kit", "hub", "dialects", "contract", "config", "journal", "gateway"] },
  cli: { values: ["kit", "hub", "dialects", "contract", "config", "journal", "gateway", "server", "serve", "providers"] },
  serve: { values: ["kit", "hub", "dialects", "contract", "config", "journal", "gateway", "server", "providers"], types: ["cli"] },
  main: { values: ["cli"] },
};

/** Where the clock, the network, randomness and frameworks are not allowed, whatever they are called. */
const PURE_ROOMS = new Set(["hub", "dialects"]);
const IMPURE = /^node:(?!crypto$|buffer$|util$|zlib$|string_decoder$)|^(undici|ws)$/;

interface Source {
  /** Path from the root. */
  path: string;
  text: string;
  imports: { from: string; typeOnly: boolean }[];
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s(type\s)?[^;"']*?from\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']|(?:^|\n)import\s*["']([^"']+)["']/g;

async function readSource(path: string): Promise<Source> {
  const text = await readFile(join(ROOT, path), "utf8");
  const imports = [...text.matchAll(IMPORT)].map(([, type, statement, dynamic, bare]) => ({
    from: statement ?? dynamic ?? bare ?? "",
    typeOnly: type !== undefined,
  }));
  return { path, text, imports };
}

async function readFolder(folder: string): Promise<Source[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name));
  return Promise.all(files.map((file) => readSource(join(file.parentPath, file.name).slice(ROOT.length + 1))));
}

/** `hub` for `src/hub/item.ts`, `main` for `src/main.ts`, `providers` for all below `providers/`. */
function roomOf(path: string): string {
  const [top, second = "", third] = path.split("/");
  if (top === "providers") return "providers";
  return third === undefined ? second.replace(/\.\w+$/, "") : second;
}

const sources = [...(await readFolder("src")), ...(await readFolder("providers"))];

/** Each import of a file of ours by another, as paths from the root. */
const ownImports = sources.flatMap((source) =>
  source.imports
    .filter(({ from }) => from.startsWith("."))
    .map(({ from, typeOnly }) => ({ importer: source.path, imported: normalize(join(dirname(source.path), from)), typeOnly })),
);

describe("fences", () => {
  test("every room is in the table, and its imports were found", () => {
    const rooms = new Set(sources.filter(({ path }) => path.endsWith(".ts")).map(({ path }) => roomOf(path)));
    expect([...rooms].filter((room) => !Object.hasOwn(FENCES, room))).toEqual([]);
    expect(ownImports.length).toBeGreaterThan(50);
    expect(ownImports.filter(({ imported }) => !sources.some(({ path }) => path === imported))).toEqual([]);
  });

  test("rooms import only what lies below them", () => {
    const wrong = ownImports.filter(({ importer, imported, typeOnly }) => {
      const [from, to] = [roomOf(importer), roomOf(imported)];
      const fence = FENCES[from];
      return from !== to && !(fence?.values.includes(to) === true || (typeOnly && fence?.types?.includes(to) === true));
    });
    expect(wrong.map(({ importer, imported }) => `${importer} imports ${imported}`)).toEqual([]);
  });

  test("a vendor's folder sees the contract and itself", () => {
    const wrong = ownImports.filter(({ importer, imported }) => {
      const [top, vendor, file] = importer.split("/");
      return top === "providers" && file !== undefined && imported !== "src/contract.ts" && !imported.startsWith(`providers/${vendor}/`);
    });
    expect(wrong).toEqual([]);
  });

  test("only src/server knows the HTTP framework and WebSockets", () => {
    const users = sources.filter(({ imports }) => imports.some(({ from }) => /^(hono|ws|@hono\/.*)(\/|$)/.test(from)));
    expect(users.map(({ path }) => roomOf(path)).filter((room) => room !== "server")).toEqual([]);
  });

  test("hub and dialects are pure", () => {
    const pure = sources.filter(({ path }) => PURE_ROOMS.has(roomOf(path)));
    expect(pure.filter(({ imports }) => imports.some(({ from }) => IMPURE.test(from))).map(({ path }) => path)).toEqual([]);
    const clocks = /\b(Date\.now|performance\.now|Math\.random|randomUUID|randomBytes|setTimeout|setInterval|new Date\(\)|fetch\()/;
    expect(pure.filter(({ text }) => clocks.test(withoutComments(text))).map(({ path }) => path)).toEqual([]);
  });
});

describe("vendors", () => {
  test("every folder of providers/ is listed in providers/index.ts", async () => {
    const entries = await readdir(join(ROOT, "providers"), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    const listed = ownImports.filter(({ importer }) => importer === "providers/index.ts").map(({ imported }) => imported);
    expect(folders.filter((folder) => !listed.includes(`providers/${folder}/index.ts`))).toEqual([]);
  });

  test("no code outside providers/ compares with a vendor's name", async () => {
    const names = (await readdir(join(ROOT, "providers"), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const all = [...names, "openai", "anthropic", "google", "gemini-api", "mistral", "groq", "xai"].join("|");
    const compared = new RegExp(`(?:===?|!==?|case)\\s*["'\`](?:${all})["'\`]|["'\`](?:${all})["'\`]\\s*(?:===?|!==?)`, "i");
    const wrong = sources.filter(({ path, text }) => roomOf(path) !== "providers" && compared.test(withoutComments(text)));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

describe("files", () => {
  test(`none has more than ${MAX_LINES} lines`, () => {
    const long = sources.filter(({ text }) => text.split("\n").length - 1 > MAX_LINES);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test("each says at its head what it is for", () => {
    expect(sources.filter(({ text }) => !/^(#!.*\n)?\/\/ \S/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test("none is a drawer for everything", () => {
    expect(
      sources.filter(({ path }) => /(^|[/-])(utils?|helpers?|common|managers?|misc)(\.|\/|-)/.test(path)).map(({ path }) => path),
    ).toEqual([]);
  });

  test("no default export but a vendor's", () => {
    const wrong = sources.filter(({ path, text }) => /^export default /m.test(text) && !/^providers\/[^/]+\/index\.ts$/.test(path));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
}
