// YAML's syntax errors in words that help. Promises that no message repeats text of the file beyond a word: keys stand in it.
import type { YAMLError } from "yaml";

/** One sentence, `what is wrong; what to do`. `text` is the whole file. */
export function explainSyntax(error: YAMLError, text: string): string {
  const before = text.slice(0, error.pos[0]);
  const start = before.lastIndexOf("\n") + 1;
  const line = text.slice(start).split("\n", 1)[0] ?? "";
  if (/^\s*\*\s*:/.test(line)) return 'a bare "*" means something else in YAML; write "*" in quotes';
  switch (error.code) {
    case "TAB_AS_INDENT":
      return "a tab is used to indent; indent with spaces";
    case "MULTILINE_IMPLICIT_KEY":
      return missingColon(line);
    case "BLOCK_AS_IMPLICIT_KEY":
      return 'two keys in one value; begin a new line, indent alike, or put a value that contains ": " in quotes';
    case "BAD_INDENT":
      return /^(Flow|Block)/.test(error.message) && /must (be|end)/.test(error.message)
        ? 'a "{" or "[" before here is not closed; close it, or indent the lines inside it'
        : "this line is indented unlike its neighbours; give keys of one level the same indent";
    case "MISSING_CHAR":
      return error.message.includes("quote")
        ? "a quote is opened and not closed; close it"
        : "something is missing here; look for a missing colon, comma, bracket or quote";
    case "BAD_SCALAR_START":
      return "this character cannot begin a plain value; put the value in quotes";
    case "BAD_DQ_ESCAPE":
      return "unknown escape after a backslash; double the backslash, or use single quotes";
    case "MULTIPLE_DOCS":
      return 'a second document begins; remove the "---"';
    case "TAG_RESOLVE_FAILED":
      return '"!" begins a tag, and tags are not used here; put the value in quotes';
    case "BAD_ALIAS":
      return 'a name after "*" is no alias; put the value in quotes';
    case "UNEXPECTED_TOKEN":
      if (line.includes("${")) return "a ${...} inside { } or [ ] must be in quotes; put it in quotes";
      return "this does not belong here; look for a missing quote, comma or bracket, or a wrong indent";
    default:
      return "this is not valid YAML; look for a missing colon or quote, or a wrong indent";
  }
}

function missingColon(line: string): string {
  const glued = /^\s*([\w-]+):\S/.test(line);
  return glued ? "no space after the colon; write `key: value`" : "no colon after the key; write `key: value`";
}
