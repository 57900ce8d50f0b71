// A hand-over as text: headings and lists that any model reads, and back again, because the next compaction merges it.
// Promises: pure; what writeHandOver writes, findHandOver reads to the same hand-over (texts trimmed at their ends).
import { emptyHandOver, handOverFields, isEmpty, type HandOver } from "./hand-over.ts";

const title = "# Hand-over of the work so far";
const lead =
  "The earlier conversation is no longer here; this replaces it. Go on from this state: do not begin again, and do not ask for what stands here.";

const headings: Record<keyof HandOver, string> = {
  task: "## Task",
  constraints: "## What the user demands and said",
  decisions: "## Decisions",
  files: "## Files",
  commands: "## Commands",
  open_calls: "## Calls still without output",
  plan: "## Plan",
  failures: "## Failures not mended yet",
  next: "## What was said last, and what is next",
};

function writeEntry(entry: string): string {
  return `- ${entry.trim().replaceAll(/\n(?=[^\n])/g, "\n  ")}`;
}

/** The UTF-8 bytes that an entry takes in the text, its line's end included. */
export function entryBytes(entry: string): number {
  return Buffer.byteLength(writeEntry(entry)) + 1;
}

/** The UTF-8 bytes that a field's entries take in the text. */
export function fieldBytes(field: string | readonly string[]): number {
  return (typeof field === "string" ? [field] : field).reduce((sum, entry) => sum + entryBytes(entry), 0);
}

/** The UTF-8 bytes of all that is not an entry, where only these fields are filled. */
export function frameBytes(fields: readonly (keyof HandOver)[]): number {
  const lines = [title, lead, ...fields.map((name) => headings[name])];
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 2, 0);
}

/** The hand-over as a text from which a model picks the work up; empty fields are left out, and an empty hand-over is no text. */
export function writeHandOver(handOver: HandOver): string {
  if (isEmpty(handOver)) return "";
  const sections = [title, lead];
  for (const name of handOverFields) {
    const field = handOver[name];
    const entries = (typeof field === "string" ? [field] : field).filter((entry) => entry.trim() !== "");
    if (entries.length > 0) sections.push(`${headings[name]}\n${entries.map(writeEntry).join("\n")}`);
  }
  return `${sections.join("\n\n")}\n`;
}

const leftOut = /^\(\d+ more left out\)$/;

/** The entry that stands for entries which had no room; it is no entry any more when the text is read back. */
export function leftOutNote(count: number): string {
  return `(${count} more left out)`;
}

const fieldsByHeading = new Map(handOverFields.map((name) => [headings[name], name]));

/** A hand-over that was found in a text, and the words that stand around it, which somebody else said. */
export interface FoundHandOver {
  handOver: HandOver;
  around: string;
}

/** The hand-over that a text holds, written by {@link writeHandOver}, wherever in the text it stands; undefined where there is none. */
export function findHandOver(text: string): HandOver | undefined {
  return splitHandOver(text)?.handOver;
}

/** Whether a text is a hand-over and nothing else. */
export function isHandOverText(text: string): boolean {
  return splitHandOver(text)?.around === "";
}

/** The same hand-over as {@link findHandOver} gives, and what else the text says. */
export function splitHandOver(text: string): FoundHandOver | undefined {
  const start = text.indexOf(`${title}\n`);
  if (start === -1) return undefined;
  const entries = new Map<keyof HandOver, string[][]>(handOverFields.map((name) => [name, []]));
  const around = [text.slice(0, start)];
  const lines = text.slice(start + title.length + 1).split("\n");
  let field: keyof HandOver | undefined;
  for (const [at, line] of lines.entries()) {
    const heading = fieldsByHeading.get(line);
    const open = field === undefined ? undefined : entries.get(field);
    if (heading !== undefined) field = heading;
    else if (line.startsWith("- ")) open?.push([line.slice(2)]);
    else if (line.startsWith("  ")) open?.at(-1)?.push(line.slice(2));
    else if (line === "") open?.at(-1)?.push("");
    else if (field !== undefined) {
      around.push(lines.slice(at).join("\n"));
      break;
    } else if (line !== lead) around.push(line);
  }
  const handOver = emptyHandOver();
  for (const name of handOverFields) {
    const texts = (entries.get(name) ?? []).map((entry) => entry.join("\n").trim()).filter((entry) => entry !== "" && !leftOut.test(entry));
    if (name === "task" || name === "next") handOver[name] = texts.join("\n");
    else handOver[name] = texts;
  }
  return isEmpty(handOver) ? undefined : { handOver, around: around.join("\n").trim() };
}
