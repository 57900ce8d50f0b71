// What is wrong with a configuration, in the form in which it is told: `file:line:column: what is wrong; what to do`.
// Promises that no message holds the value of a key or a header.

/** Where in the file; both count from 1, columns in UTF-16 units. */
export interface Position {
  line: number;
  column: number;
}

/** One thing wrong. Without a position it is about the whole file or about an option of the command line. */
export interface Problem {
  at?: Position;
  /** `what is wrong; what to do`. */
  message: string;
}

/** A configuration that cannot be used. Its message has one line for each problem, in the order of the file. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const sorted = problems.toSorted((a, b) => rank(a) - rank(b));
    super(sorted.map((problem) => line(file, problem)).join("\n"));
    this.name = "ConfigError";
    this.problems = sorted;
  }
}

function line(file: string, problem: Problem): string {
  const place = problem.at === undefined ? "" : `${problem.at.line}:${problem.at.column}:`;
  return [file === "" ? "" : `${file}:`, place].join("") + (file === "" && place === "" ? "" : " ") + problem.message;
}

const rank = (problem: Problem): number => (problem.at === undefined ? 0 : problem.at.line * 1e6 + problem.at.column);
