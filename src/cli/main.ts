// The command line: reads what was asked for, loads the configuration, runs the command. Promises an exit code for every end:
// 0 well, 1 a failure, 2 a wrong configuration or command line, 3 nothing answers; and a sentence on stderr for each but the first.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { providers } from "../../providers/index.ts";
import type { Config } from "../config/config.ts";
import { findConfigFile, loadConfig, loadDataDir } from "../config/load.ts";
import { ConfigError } from "../config/problem.ts";
import { baseUrlForms } from "../gateway/known-providers.ts";
import { describeConfig } from "./check.ts";
import { readCommandLine, UsageError } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";
import { HELP } from "./help.ts";
import { printModels } from "./models.ts";
import { processTerminal } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";

/** Runs the command that the arguments name (those after the program's own name) and gives its exit code. Never throws. */
export async function run(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  try {
    const line = readCommandLine(argv);
    if (line === "version") return print(terminal, `${await readVersion()}\n`);
    return await runCommand(line, terminal);
  } catch (error) {
    if (error instanceof UsageError) terminal.error(`waystation: ${error.message}\nSee: npm start -- help\n`);
    else if (error instanceof ConfigError) terminal.error(`${error.message}\n`);
    else terminal.error(`waystation: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
  }
}

/** Commands load what only they need, so that each starts fast and none fails for another's sake. */
async function runCommand(line: CommandLine, terminal: Terminal): Promise<number> {
  switch (line.command) {
    case "serve": {
      const { serve } = await import("../serve.ts");
      return serve(await load(line, terminal), terminal);
    }
    case "check":
      if (line.provider !== undefined) return checkProvider(line, line.provider, terminal);
      return print(terminal, describeConfig(await load(line, terminal), fileOf(line, terminal), providers, terminal.environment));
    case "models":
      return printModels(await load(line, terminal), line.json, terminal);
    case "logs": {
      const { logs } = await import("./logs.ts");
      return logs(line.rest, { ...terminal, dataDir: await dataDirOf(line, terminal) });
    }
    case "show": {
      const { show } = await import("./show.ts");
      return show(line.rest, { ...terminal, dataDir: await dataDirOf(line, terminal) });
    }
    case "compact": {
      const { compact } = await import("./compact.ts");
      return compact(line.rest, () => load(line, terminal), terminal);
    }
    case "help":
      return print(terminal, HELP);
  }
}

const USUAL_TIMEOUT_S = 60;

async function checkProvider(line: CommandLine, provider: string, terminal: Terminal): Promise<number> {
  const { probeProvider } = await import("./probe.ts");
  const { model, json, timeoutS = USUAL_TIMEOUT_S } = line;
  return probeProvider(
    { provider, json, timeoutS, ...(model === undefined ? {} : { model }) },
    await load(line, terminal),
    providers,
    terminal,
  );
}

function load({ config, host, port }: CommandLine, terminal: Terminal): Promise<Config> {
  return loadConfig({
    ...(config === undefined ? {} : { file: config }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    env: terminal.environment,
    knownProviders: providers.map((provider) => provider.id),
    baseUrlForms: baseUrlForms(providers),
  });
}

const place = ({ config }: CommandLine, { environment }: Terminal) => ({
  ...(config === undefined ? {} : { file: config }),
  env: environment,
});
const fileOf = (line: CommandLine, terminal: Terminal): string | undefined => findConfigFile(place(line, terminal));
const dataDirOf = (line: CommandLine, terminal: Terminal): Promise<string> => loadDataDir(place(line, terminal));

function print(terminal: Terminal, text: string): number {
  terminal.out(text);
  return 0;
}

async function readVersion(): Promise<string> {
  const text = await readFile(resolve(import.meta.dirname, "../../package.json"), "utf8");
  // Our own package.json has a version.
  return (JSON.parse(text) as { version: string }).version;
}
