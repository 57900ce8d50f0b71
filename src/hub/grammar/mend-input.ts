// Inputs of custom tools that are not what the tool's grammar says, mended where it is certain what was meant: what models put around
// a text (a fence, quotes, blank lines) and how they end its lines. Promises that only a text which then fits is ever changed.

/** An input after the check. `mended` = changed, and it fits now; `off` = it does not fit, and is as it was. */
export interface MendedInput {
  text: string;
  state: "fits" | "mended" | "off";
}

/** Longer inputs are not mended: each try is a look at the whole text. */
const LONGEST = 2_000_000;
const FENCE = "```";

/** The ways of mending, in the order in which they are tried: each may be done or not, and a later one builds on the earlier. */
const WAYS: readonly ((text: string) => string)[] = [unquote, unfence, withPlainLineEnds, withoutBlankLines, withLastLineEnd];

/** Checks an input, and mends it if need be. */
export function mendInput(text: string, fits: (text: string) => boolean): MendedInput {
  if (fits(text)) return { text, state: "fits" };
  if (text.length > LONGEST) return { text, state: "off" };
  let tries = [text];
  for (const way of WAYS) {
    const fresh: string[] = [];
    for (const before of tries) {
      const after = way(before);
      if (after === before) continue;
      if (fits(after)) return { text: after, state: "mended" };
      fresh.push(after);
    }
    tries = [...tries, ...fresh];
  }
  return { text, state: "off" };
}

/** A text that was written as a JSON string inside the JSON string, with its quotes or without. */
function unquote(text: string): string {
  const whole = text.trim();
  const isQuoted = whole.startsWith('"') && whole.endsWith('"') && whole.length > 1;
  if (!isQuoted && (text.includes("\n") || !text.includes("\\n"))) return text;
  try {
    const value: unknown = JSON.parse(isQuoted ? whole : `"${text}"`);
    return typeof value === "string" ? value : text;
  } catch {
    return text;
  }
}

/** What a Markdown fence around the whole holds. */
function unfence(text: string): string {
  const whole = text.trim();
  const start = whole.indexOf("\n") + 1;
  const isFenced = whole.startsWith(FENCE) && whole.endsWith(FENCE) && start > 0 && whole.length >= start + FENCE.length;
  return isFenced ? whole.slice(start, -FENCE.length) : text;
}

/** Lines that all end in CR LF, as lines that end in LF; one that does not end so has meant its CRs. */
function withPlainLineEnds(text: string): string {
  return /(^|[^\r])\n/.test(text) ? text : text.replaceAll("\r\n", "\n");
}

/** Without blank lines before the first line that is not, and after the last. */
function withoutBlankLines(text: string): string {
  const body = text.trimEnd();
  return (body === text ? text : `${body}\n`).replace(/^(?:[ \t]*\r?\n)+/, "");
}

function withLastLineEnd(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
