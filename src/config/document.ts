// YAML text as plain values that know where they stand in it. Promises a position for every key and value, an end to every
// document (aliases that multiply or contain themselves are refused), and problems that say what to do.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, Scalar } from "yaml";
import type { Document } from "yaml";
import { interpolate } from "./interpolate.ts";
import type { Environment } from "./interpolate.ts";
import type { Position, Problem } from "./problem.ts";
import { explainSyntax } from "./syntax.ts";

/** A path into a document: keys of maps, indexes of lists. */
export type Path = readonly PropertyKey[];

/** A value read from YAML: the values of JSON. */
export type Tree = string | number | boolean | null | Tree[] | { [key: string]: Tree };

/** A document after reading: its value, and where each part of it stands. */
export interface Located {
  value: Tree;
  /** False where the text is no YAML, or too much of it: then the value is empty. */
  whole: boolean;
  problems: Problem[];
  /** Where the value at a path begins; where there is none, the nearest part that contains it. */
  valueAt(path: Path): Position;
  /** Where the key that is the last step of a path stands. */
  keyAt(path: Path): Position;
  /** Whether the value at a path came out of the environment, and so is text whatever it looks like. */
  fromEnvironment(path: Path): boolean;
}

/** The most values in a document, aliases counted each time: nobody writes as many by hand. */
const MAX_VALUES = 50_000;
const MAX_DEPTH = 32;

interface Place {
  key?: Position;
  value: Position;
  fromEnvironment: boolean;
}

interface Reading {
  document: Document.Parsed;
  environment: Environment;
  problems: Problem[];
  places: Map<string, Place>;
  positionOf(offset: number): Position;
  values: number;
  /** Set where the document was cut off. */
  excess: Problem | undefined;
}

/** Reads YAML 1.2 (and so JSON) and replaces references to the environment in every value. */
export function readDocument(text: string, environment: Environment): Located {
  const lineCounter = new LineCounter();
  // Our own walk refuses duplicate keys, because it can say where the first one is.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, merge: false });
  const positionOf = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const reading: Reading = { document, environment, problems: [], places: new Map(), positionOf, values: 0, excess: undefined };
  const [broken] = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  let value: Tree = {};
  if (broken !== undefined) {
    reading.problems.push({ at: positionOf(broken.pos[0]), message: explainSyntax(broken, text) });
  } else if (document.contents !== null) {
    value = readNode(document.contents, [], reading, undefined);
  }
  // What was cut off would only look like further mistakes.
  if (reading.excess !== undefined) return { value: {}, whole: false, problems: [reading.excess], ...lookups(reading.places) };
  return { value, whole: broken === undefined, problems: reading.problems, ...lookups(reading.places) };
}

function lookups(places: Map<string, Place>): Pick<Located, "valueAt" | "keyAt" | "fromEnvironment"> {
  const place = (path: Path): Place | undefined => places.get(nameOf(path));
  const valueAt = (path: Path): Position => {
    for (let length = path.length; length >= 0; length--) {
      const found = place(path.slice(0, length));
      if (found !== undefined) return found.value;
    }
    return { line: 1, column: 1 };
  };
  return {
    valueAt,
    keyAt: (path) => place(path)?.key ?? valueAt(path),
    fromEnvironment: (path) => place(path)?.fromEnvironment ?? false,
  };
}

const nameOf = (path: Path): string => JSON.stringify(path.map(String));

function readNode(node: unknown, path: Path, reading: Reading, key: Position | undefined): Tree {
  const at = positionOfNode(node, reading) ?? key ?? { line: 1, column: 1 };
  const place: Place = { value: at, fromEnvironment: false, ...(key === undefined ? {} : { key }) };
  reading.places.set(nameOf(path), place);
  reading.values += 1;
  if (reading.values > MAX_VALUES || path.length > MAX_DEPTH) {
    reading.excess ??= { at, message: "too many values or levels; write less, and no alias inside its own anchor" };
    return null;
  }
  if (isAlias(node)) {
    const target = node.resolve(reading.document);
    if (target !== undefined) return readNode(target, path, reading, key);
    reading.problems.push({ at, message: '"*" begins an alias, and no such anchor comes before; put the value in quotes' });
    return null;
  }
  if (isMap(node)) return readMap(node.items, path, reading);
  if (isSeq(node)) return node.items.map((item, index) => readNode(item, [...path, index], reading, undefined));
  if (!isScalar(node)) return null;
  const { value } = node;
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  // YAML's core schema has texts besides these, and nothing else.
  const text = typeof value === "string" ? value : "";
  const replaced = interpolate(text, reading.environment);
  if (!replaced.ok) {
    reading.problems.push({ at, message: replaced.message });
    return text;
  }
  place.fromEnvironment = replaced.used;
  return replaced.value;
}

function readMap(items: readonly { key: unknown; value: unknown }[], path: Path, reading: Reading): { [key: string]: Tree } {
  const map: { [key: string]: Tree } = {};
  const seen = new Map<string, Position>();
  for (const pair of items) {
    const at = positionOfNode(pair.key, reading) ?? { line: 1, column: 1 };
    const key = keyText(pair.key);
    const first = key === undefined ? undefined : seen.get(key);
    if (key === undefined) {
      reading.problems.push({ at, message: "a key must be text on one line; put it in quotes" });
    } else if (key === "__proto__") {
      reading.problems.push({ at, message: '"__proto__" cannot be a name; choose another' });
    } else if (first !== undefined) {
      reading.problems.push({ at, message: `"${key}" is given twice, first on line ${first.line}; keep one of them` });
    } else {
      seen.set(key, at);
      map[key] = readNode(pair.value, [...path, key], reading, at);
    }
  }
  return map;
}

/** A key as it is written, so that a model may be called 4.10 or null. */
function keyText(key: unknown): string | undefined {
  if (!(key instanceof Scalar)) return undefined;
  return key.source ?? (typeof key.value === "string" ? key.value : undefined);
}

function positionOfNode(node: unknown, reading: Reading): Position | undefined {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  const start: unknown = Array.isArray(range) ? range[0] : undefined;
  return typeof start === "number" ? reading.positionOf(start) : undefined;
}
