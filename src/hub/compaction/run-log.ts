// Commands that ran, how each ended, and which failures still stand. Promises one entry per command with its newest end; a failure
// stands until the same command, or a broader one, is run again.
import type { Outcome } from "./read-outcome.ts";
import { endsBadly, tellingLines } from "./telling-lines.ts";

interface Run {
  end: string;
  times: number;
}

/** The longest command in an entry, in characters: what comes behind is data. */
const COMMAND = 400;
/** How the end of a command reads that has none yet; its later output is no further run. */
const RUNNING = "still running";
/** So many failures of one program are kept apart. */
const MOST_APART = 12;

/** Programs whose first argument says what they do: without it they do something else, not more. */
const withTasks = new Set([
  "make",
  "just",
  "task",
  "npm",
  "pnpm",
  "yarn",
  "bun",
  "cargo",
  "go",
  "git",
  "docker",
  "rake",
  "npx",
  "node",
  "python",
]);

/** The words of a command that say what it covers: no way into a folder, no options, no redirection or filter behind it. */
function words(command: string): string[] {
  const bare = command.replace(/^(?:cd\s+\S+\s*&&\s*|\w+=\S*\s+)+/, "");
  return (bare.split(/\||2?>/, 1)[0] ?? "").split(/\s+/).filter((word) => word !== "" && !word.startsWith("-"));
}

/** What commands must share to be able to mend each other. */
function programOf(command: string): string {
  return words(command)[0] ?? "";
}

/** Whether a run of the one says all that a run of the other would say: it has no word that the other lacks. */
function covers(broad: string, narrow: string): boolean {
  const own = words(broad);
  const inside = words(narrow);
  if (own[0] !== inside[0]) return false;
  if (own.length === 1 && inside.length > 1 && withTasks.has(own[0] ?? "")) return false;
  const set = new Set(inside);
  return own.every((word) => set.has(word));
}

/** Only so many old failures, and so many runs of one program, are held against each other. */
const MOST_FAILURES = 100;
const MOST_RUNS = 50;

/** The entries of failures that none of the later commands' entries has answered by running the same or more. */
export function stillFailing(failures: readonly string[], commands: readonly string[]): string[] {
  const runs = new Map<string, string[]>();
  for (const command of commands.map(commandOf)) {
    if (command === undefined) continue;
    const program = programOf(command);
    const others = runs.get(program);
    if (others === undefined) runs.set(program, [command]);
    else others.push(command);
  }
  return failures.slice(-MOST_FAILURES).filter((failure) => {
    const failed = commandOf(failure);
    return (
      failed === undefined ||
      !runs
        .get(programOf(failed))
        ?.slice(-MOST_RUNS)
        .some((run) => covers(run, failed))
    );
  });
}

/** `` `command` → end ``, with the command as one line. */
function entryOf(command: string, end: string): string {
  return `\`${command}\` → ${end}`;
}

/** The command that an entry of such a log speaks of; undefined for any other text. */
export function commandOf(entry: string): string | undefined {
  return /^`([^\n]{1,500})` → /.exec(entry)?.[1];
}

function shortCommand(command: string): string {
  const [line = "", ...more] = command.trim().split("\n");
  return `${line.slice(0, COMMAND)}${line.length > COMMAND || more.length > 0 ? " …" : ""}`;
}

/** Whether the command failed; where its exit code is missing or a filter's, what it printed says so. */
function hasFailed(command: string, outcome: Outcome): boolean {
  if (outcome.failed || outcome.session !== undefined) return outcome.failed;
  return (outcome.exit === undefined || command.includes("|")) && endsBadly(outcome.text);
}

function endOf(outcome: Outcome, failed: boolean): string {
  if (outcome.session !== undefined) return `${RUNNING} (session ${outcome.session})`;
  if (outcome.exit !== undefined && outcome.failed === failed) return `exit ${outcome.exit}`;
  return failed ? "failed" : "ended";
}

/** Collects runs. */
export class RunLog {
  readonly #runs = new Map<string, Run>();
  /** By program, then by command: what its newest failure said. */
  readonly #failures = new Map<string, Map<string, string>>();
  readonly #sessions = new Map<string, string>();

  /** Notes a command's end, or that it still runs; `isNoteworthy` is false for commands that only look, which count when they fail. */
  note(given: string, outcome: Outcome, isNoteworthy: boolean): void {
    const command = shortCommand(given);
    if (outcome.session !== undefined) this.#sessions.set(outcome.session, command);
    // A search that finds nothing ends with 1, and a failure to look at something is seldom what is to be mended.
    if (!isNoteworthy) return;
    const failed = hasFailed(command, outcome);
    const lines = failed ? tellingLines(outcome.text) : [];
    const end = endOf(outcome, failed);
    const known = this.#runs.get(command);
    this.#runs.delete(command);
    this.#runs.set(command, {
      end: end + summaryOf(outcome),
      times: (known?.times ?? 0) + (known?.end.startsWith(RUNNING) === true ? 0 : 1),
    });
    if (outcome.session === undefined)
      this.settle(command, failed ? `${entryOf(command, end)}${lines.map((line) => `\n${line}`).join("")}` : undefined);
  }

  /** The command that runs under a session's id. */
  running(session: string): string | undefined {
    return this.#sessions.get(session);
  }

  /** Drops what failed before under the same name, then notes the new failure, if there is one. */
  settle(name: string, failure: string | undefined): void {
    const program = programOf(name);
    const others = this.#failures.get(program) ?? new Map<string, string>();
    for (const other of others.keys()) if (covers(name, other)) others.delete(other);
    if (failure !== undefined) others.set(name, failure);
    if (others.size > MOST_APART) others.delete(others.keys().next().value ?? "");
    // The program whose failure is newest goes last.
    this.#failures.delete(program);
    if (others.size > 0) this.#failures.set(program, others);
  }

  /** One entry per command, oldest run first. */
  entries(): string[] {
    return [...this.#runs].map(([command, { end, times }]) => entryOf(command, times > 1 ? `${end} (run ${times} times)` : end));
  }

  /** What failed and was not mended, oldest first. */
  failures(): string[] {
    return [...this.#failures.values()].flatMap((failures) => [...failures.values()]);
  }
}

/** The line in which a test runner counts, from the end of an output. */
function summaryOf(outcome: Outcome): string {
  const lines = outcome.text.slice(-1500).split("\n");
  const line = lines.findLast((one) => /\b\d+ (?:tests? )?(?:passed|failed|passing|failing|failures?|errors?)\b|test result:/i.test(one));
  return line === undefined ? "" : `: ${line.trim().slice(0, 120)}`;
}
