// Finds among a client's tools the one that runs a command, whatever the client calls it, and fills its parameters:
// Codex's `exec_command{cmd}` and `shell{command[]}`, Claude Code's `Bash{command}`, Gemini CLI's `run_shell_command{command}`.
import { asObject, asString } from "../../src/contract.ts";
import type { JsonObject } from "../../src/contract.ts";
import { sampleArguments, typeOf } from "./sample.ts";

/** A tool that runs a command given in one of its parameters. */
export interface ShellTool {
  name: string;
  parameters: JsonObject;
  /** The parameter that takes the command. */
  field: string;
  /** The command is a list of words. */
  list: boolean;
}

const SHELL_WORD = /^(shell|bash|sh|exec|execute|terminal|commands?|cmd|powershell)$/;
const OTHER_WORD = /^(stdin|input|output|kill|stop|status|read|list|wait|search)$/;
const COMMAND_FIELDS = ["cmd", "command", "commands", "commandline", "shellcommand", "script"];

/** The first function whose name and parameters look like a shell. */
export function findShell(functions: readonly JsonObject[]): ShellTool | undefined {
  for (const one of functions) {
    const name = asString(one["name"]) ?? "";
    const words = name
      .replace(/([a-z])([A-Z])/g, "$1_$2")
      .toLowerCase()
      .split(/[^a-z]+/);
    if (!words.some((word) => SHELL_WORD.test(word)) || words.some((word) => OTHER_WORD.test(word))) continue;
    const parameters = asObject(one["parameters"]);
    const properties = asObject(parameters?.["properties"]) ?? {};
    const field = Object.keys(properties).find((key) => COMMAND_FIELDS.includes(key.toLowerCase().replaceAll("_", "")));
    const type = field === undefined ? undefined : typeOf(properties[field]);
    if (parameters && field !== undefined && (type === "string" || type === "array"))
      return { name, parameters, field, list: type === "array" };
  }
  return undefined;
}

/** Arguments that run a command: the command, and something sensible for whatever else is required. */
export function commandArguments(tool: ShellTool, command: string): JsonObject {
  // `command: [...]` holds the words of one command, `commands: [...]` several commands.
  const list = /s$/i.test(tool.field) ? [command] : command.split(" ");
  return { ...sampleArguments(tool.parameters), [tool.field]: tool.list ? list : command };
}
