// What a shell command does to files, as far as its words say it: enough to list what was read and changed, no shell.
// Promises linear time and no throw; what it does not know it leaves out.

/** What was done to a file. */
export interface FileDeed {
  path: string;
  /** In the past: `read`, `edited`, `created`. */
  done: string;
  /** What the change was, in a few words; empty where nothing says it. */
  detail: string;
}

/** What a command does. */
export interface CommandDeeds {
  files: FileDeed[];
  /** Whether it only looks at things, so that it matters little once it is over. */
  onlyReads: boolean;
}

/** Only so much of a command is read: what comes behind is data. */
const LOOKED_AT = 6000;
const readers = new Set(["cat", "head", "tail", "less", "more", "nl", "bat", "sed", "awk", "wc", "file", "jq", "view"]);
const lookers = new Set([
  "ls",
  "find",
  "fd",
  "rg",
  "grep",
  "tree",
  "pwd",
  "echo",
  "cd",
  "which",
  "stat",
  "du",
  "env",
  "true",
  "sort",
  "uniq",
  "printf",
]);
const gitLookers = new Set(["status", "diff", "log", "show", "blame", "branch", "grep", "ls-files", "rev-parse"]);
const changers = new Map([
  ["rm", "deleted"],
  ["touch", "created"],
  ["tee", "written"],
  ["chmod", "mode changed"],
]);

const separators = new Set(["&&", "||", ";", "|", "\n", "&"]);
const token = /"(?:[^"\\]|\\[^])*"|'[^']*'|&&|\|\||[;|&\n]|\d?>>?(?:&\d)?|<<-?|(?:\\[^]|[^\s"';|&>\\])+/g;

/** Words of a command line, quotes taken off; separators and redirections are words of their own. */
function wordsOf(command: string): string[] {
  const words = command.slice(0, LOOKED_AT).match(token) ?? [];
  return words.map((word) => (/^(["']).*\1$/s.test(word) ? word.slice(1, -1) : word));
}

/** The command lines of a script, each as its words; here-documents' bodies are left out. */
function segmentsOf(command: string): string[][] {
  const segments: string[][] = [[]];
  let heredoc: string | undefined;
  for (const line of command.slice(0, LOOKED_AT).split("\n")) {
    if (heredoc !== undefined) {
      if (line.trim() === heredoc) heredoc = undefined;
      continue;
    }
    heredoc = /<<-?\s*["']?(\w+)/.exec(line)?.[1];
    for (const word of wordsOf(line)) {
      if (separators.has(word)) segments.push([]);
      else segments.at(-1)?.push(word);
    }
    segments.push([]);
  }
  return segments.filter((words) => words.length > 0);
}

function looksLikePath(word: string): boolean {
  return (
    word.length < 300 &&
    !word.startsWith("-") &&
    /^[\p{L}\p{N}_.~/@+-][^\s*?{}()[\]=,$^|\\]*$/u.test(word) &&
    /[./]/.test(word) &&
    /\p{L}/u.test(word)
  );
}

function redirected(words: readonly string[]): FileDeed[] {
  const deeds: FileDeed[] = [];
  for (const [place, word] of words.entries()) {
    const path = words[place + 1];
    if (!/^1?>>?$/.test(word) || path === undefined || path.startsWith("/dev/")) continue;
    deeds.push({ path, done: word.endsWith(">>") ? "appended to" : "written", detail: "" });
  }
  return deeds;
}

/** One command line's deeds; its first word is the program. */
function deedsOf(words: readonly string[]): CommandDeeds {
  const changed = redirected(words);
  const start = words.findIndex((word) => !/^\w+=/.test(word) && word !== "sudo" && word !== "time");
  const program = words[start]?.split("/").at(-1) ?? "";
  const rest = words.slice(start + 1);
  const paths = rest.filter(looksLikePath);
  const file = (done: string) => (path: string) => ({ path, done, detail: "" });
  if ((program === "sed" || program === "perl") && rest.some((word) => /^-\w*i/.test(word))) {
    const script = rest.find((word) => !word.startsWith("-")) ?? "";
    return {
      files: paths.filter((path) => path !== script).map((path) => ({ path, done: "edited", detail: script.slice(0, 80) })),
      onlyReads: false,
    };
  }
  const change = changers.get(program);
  if (change !== undefined) return { files: [...changed, ...paths.map(file(change))], onlyReads: false };
  if (program === "mv" || program === "cp" || (program === "git" && rest[0] === "mv")) {
    const [from, to] = paths.slice(-2);
    if (from === undefined || to === undefined) return { files: changed, onlyReads: false };
    const copied = { path: to, done: program === "cp" ? `copied from ${from}` : `renamed from ${from}`, detail: "" };
    return { files: program === "cp" ? [copied] : [{ path: from, done: `renamed to ${to}`, detail: "" }, copied], onlyReads: false };
  }
  if (changed.length > 0) return { files: changed, onlyReads: false };
  if (readers.has(program)) return { files: paths.map(file("read")), onlyReads: true };
  return { files: [], onlyReads: lookers.has(program) || (program === "git" && gitLookers.has(rest[0] ?? "")) };
}

/** Reads a command line or a script. */
export function readCommand(command: string): CommandDeeds {
  const deeds = segmentsOf(command).map(deedsOf);
  return { files: deeds.flatMap((deed) => deed.files), onlyReads: deeds.every((deed) => deed.onlyReads) };
}

/** The command without the shell around it and without the data behind it: `["bash","-lc","npm test"]` is `npm test`. */
export function plainCommand(command: string | readonly string[]): string {
  if (typeof command === "string") return command.trim();
  const [program = "", flag = "", script = "", ...more] = command;
  const isShell = /(?:^|\/)(?:ba|z|da)?sh$/.test(program) && /^-\w*c$/.test(flag) && more.length === 0;
  return (isShell ? script : command.join(" ")).trim();
}
