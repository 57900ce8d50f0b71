// The command line as data. Promises that nothing on it is ignored: an unknown command, option or a value too many is a
// usage error with a suggestion.
import { parseArgs } from "node:util";
import { suggest } from "../config/suggest.ts";

/** The commands that there are. */
export const COMMANDS = ["serve", "check", "models", "logs", "show", "compact", "help"] as const;
export type Command = (typeof COMMANDS)[number];

/** What was asked for. */
export interface CommandLine {
  command: Command;
  config?: string;
  host?: string;
  port?: number;
  json: boolean;
  /** Of `check`: the provider to ask, its model, and the seconds for one answer. */
  provider?: string;
  model?: string;
  timeoutS?: number;
  /** What `logs`, `show` and `compact` read themselves. */
  rest: string[];
}

/** A command line that cannot be followed; the message says why and what to write. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

const OPTIONS = {
  config: { type: "string" },
  host: { type: "string" },
  port: { type: "string" },
  model: { type: "string" },
  timeout: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;
type Option = keyof typeof OPTIONS;

const ALLOWED: Readonly<Record<Command, readonly Option[]>> = {
  serve: ["config", "host", "port"],
  check: ["config", "host", "port", "model", "timeout", "json"],
  models: ["config", "host", "port", "json"],
  logs: ["config"],
  show: ["config"],
  compact: ["config"],
  help: [],
};

/**
 * Reads the arguments after the program's name; without a command it is `serve`. `"version"` where that is asked for.
 * @throws UsageError
 */
export function readCommandLine(argv: readonly string[]): CommandLine | "version" {
  const [first] = argv;
  const named = first !== undefined && !first.startsWith("-");
  const command = named ? readCommand(first) : "serve";
  const after = named ? argv.slice(1) : argv;
  if (command === "logs" || command === "show" || command === "compact") return readForwarded(command, after);
  const { tokens } = parseArgs({ args: [...after], options: OPTIONS, strict: false, tokens: true });
  const given = new Map<Option, string>();
  let provider: string | undefined;
  for (const token of tokens) {
    if (token.kind === "positional" && command === "check" && provider === undefined) provider = token.value;
    else if (token.kind === "positional" && command !== "help") throw tooMany(token.value, command, named);
    if (token.kind !== "option") continue;
    if (!isOption(token.name)) throw unknownOption(token.rawName, command);
    const allowed = token.name === "help" || token.name === "version" || ALLOWED[command].includes(token.name);
    if (!allowed) throw unknownOption(token.rawName, command);
    given.set(token.name, readValue(token.name, token.rawName, token.value));
  }
  if (given.has("version")) return "version";
  if (given.has("help")) return { command: "help", json: false, rest: [] };
  return { command, ...valuesOf(given), ...probeValues(command, provider, given), json: given.has("json"), rest: [] };
}

function tooMany(word: string, command: Command, named: boolean): UsageError {
  if (!named && COMMANDS.some((known) => known === word)) return new UsageError(`a command stands first; write ${word} before the options`);
  return new UsageError(`"${word}" is one word too many for ${command}; remove it`);
}

function readCommand(word: string): Command {
  const found = COMMANDS.find((command) => command === word);
  if (found === undefined) throw new UsageError(`there is no command "${word}"; ${suggest(word, COMMANDS, "commands")}`);
  return found;
}

/** Takes `--config` out of arguments that belong to another reader. */
function readForwarded(command: Command, after: readonly string[]): CommandLine {
  const rest: string[] = [];
  let config: string | undefined;
  for (let index = 0; index < after.length; index++) {
    const argument = after[index] ?? "";
    if (argument === "--config") {
      index += 1;
      config = readValue("config", argument, after[index]);
    } else if (argument.startsWith("--config=")) config = readValue("config", "--config", argument.slice("--config=".length));
    else rest.push(argument);
  }
  return { command, ...(config === undefined ? {} : { config }), json: false, rest };
}

function readValue(name: Option, raw: string, value: string | undefined): string {
  if (OPTIONS[name].type === "boolean") {
    if (value !== undefined) throw new UsageError(`${raw} takes no value; write it alone`);
    return "";
  }
  if (value === undefined || value === "" || value.startsWith("--"))
    throw new UsageError(`${raw} needs a value; write ${raw} ${PLACEHOLDERS[name]}`);
  return value;
}

const PLACEHOLDERS: Readonly<Partial<Record<Option, string>>> = {
  config: "FILE",
  host: "127.0.0.1",
  port: "8787",
  model: "MODEL",
  timeout: "60",
};

const LONGEST_TIMEOUT_S = 600;

/** What belongs to `check PROVIDER` alone. */
function probeValues(command: Command, provider: string | undefined, given: ReadonlyMap<Option, string>): Partial<CommandLine> {
  if (command !== "check") return {};
  const lonely = (["model", "timeout", "json"] as const).find((name) => provider === undefined && given.has(name));
  if (lonely !== undefined) throw new UsageError(`--${lonely} belongs to check PROVIDER; name the provider to ask`);
  const [model, timeout] = [given.get("model"), given.get("timeout")];
  const timeoutS = Number(timeout);
  if (timeout !== undefined && !(/^\d{1,3}$/.test(timeout) && timeoutS > 0 && timeoutS <= LONGEST_TIMEOUT_S))
    throw new UsageError(`--timeout must be a whole number of seconds from 1 to ${LONGEST_TIMEOUT_S}`);
  return {
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { model }),
    ...(timeout === undefined ? {} : { timeoutS }),
  };
}

function valuesOf(given: ReadonlyMap<Option, string>): { config?: string; host?: string; port?: number } {
  const [config, host, port] = [given.get("config"), given.get("host"), given.get("port")];
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw new UsageError("--port must be a whole number from 0 to 65535; 0 takes a free port");
  }
  return {
    ...(config === undefined ? {} : { config }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

const isOption = (name: string): name is Option => Object.hasOwn(OPTIONS, name);

function unknownOption(raw: string, command: Command): UsageError {
  const known = [...ALLOWED[command], "help", "version"].map((name) => `--${name}`);
  return new UsageError(`${command} has no option ${raw}; ${suggest(raw, known, "options")}`);
}
