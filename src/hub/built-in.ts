// Tools that the API itself defines and the client runs (`local_shell`, `shell`, `apply_patch`), as plain functions and back.
// Promises that a call keeps all that the client's item needs, and that an output reads as a tool's result.
import { asList, asNumber, asObject, asString, isObject, parseJson } from "../kit/json.ts";
import type { Json, JsonObject } from "../kit/json.ts";
import type { BuiltInCallItem, BuiltInOutputItem, BuiltInTool, ItemStatus } from "./item.ts";

/** The name of such a tool, which is also its wire type. */
export type BuiltInName = BuiltInTool["tool"];

/** Id prefixes of their items as recorded. */
export const BUILT_IN_PREFIX: Readonly<Record<BuiltInName, string>> = { local_shell: "lsh", shell: "sh", apply_patch: "apc" };

const text = (description: string): JsonObject => ({ type: "string", description });
const object = (properties: JsonObject, required: string[]): JsonObject => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

/** Description and parameters of the function that stands for the tool. */
export const BUILT_IN_FUNCTION: Readonly<Record<BuiltInName, { description: string; parameters: JsonObject }>> = {
  local_shell: {
    description: "Runs one command on the user's machine and gives back what it printed.",
    parameters: object(
      {
        command: {
          type: "array",
          items: { type: "string" },
          description: 'The program and its arguments, such as ["bash", "-lc", "ls -l"].',
        },
        working_directory: text("Where to run it; left out, the current directory."),
        timeout_ms: { type: "integer", description: "Milliseconds after which it is ended." },
      },
      ["command"],
    ),
  },
  shell: {
    description: "Runs shell commands on the user's machine, side by side, and gives back stdout, stderr and exit code of each.",
    parameters: object(
      {
        commands: { type: "array", items: { type: "string" }, description: "Shell command lines." },
        timeout_ms: { type: "integer", description: "Milliseconds after which they are ended." },
        max_output_length: { type: "integer", description: "Most characters of output to give back." },
      },
      ["commands"],
    ),
  },
  apply_patch: {
    description:
      "Creates, updates or deletes one file. For create_file and update_file give the diff in the V4A format: the changed lines with some " +
      "lines of context around them, each line beginning with a space (context), `-` (removed) or `+` (added); sections begin with `@@`, " +
      "which may name the enclosing function or class. No line numbers, no file headers.",
    parameters: object(
      {
        type: { type: "string", enum: ["create_file", "update_file", "delete_file"] },
        path: text("The file, relative to the working directory."),
        diff: text("The change; left out for delete_file."),
      },
      ["type", "path"],
    ),
  },
};

/** A call of the history as the arguments of its function. */
export function builtInArguments(item: BuiltInCallItem): string {
  const inner = asObject(item.wire[item.tool === "apply_patch" ? "operation" : "action"]) ?? {};
  const names = Object.keys(asObject(BUILT_IN_FUNCTION[item.tool].parameters["properties"]) ?? {});
  const given = names.filter((name) => inner[name] !== undefined && inner[name] !== null);
  return JSON.stringify(Object.fromEntries(given.map((name) => [name, inner[name]])));
}

/** An output of the history as the text of a tool's result. */
export function builtInResult(item: BuiltInOutputItem): string {
  const { output, status } = item.wire;
  if (typeof output === "string" && output !== "") return output;
  if (Array.isArray(output)) return output.filter(isObject).map(commandResult).join("\n\n");
  return status === "failed" ? "Failed." : "Done.";
}

function commandResult(entry: JsonObject): string {
  const outcome = asObject(entry["outcome"]);
  const end = outcome?.["type"] === "timeout" ? "timed out" : `exit code ${asNumber(outcome?.["exit_code"]) ?? "unknown"}`;
  const stdout = asString(entry["stdout"]) ?? "";
  const stderr = asString(entry["stderr"]) ?? "";
  return [`(${end})`, stdout, stderr === "" ? "" : `stderr:\n${stderr}`].filter((part) => part !== "").join("\n");
}

/** The wire form of a call, from the arguments that the model gave; arguments that are missing or of a wrong type are made up as nothing. */
export function builtInWire(tool: BuiltInName, callId: string, id: string, status: ItemStatus, args: string): JsonObject {
  const parsed = parseJson(args);
  const given = isObject(parsed) ? parsed : {};
  const head = { id, type: `${tool}_call`, status, call_id: callId };
  switch (tool) {
    case "local_shell":
      return { ...head, action: { type: "exec", command: commandOf(given["command"]), env: {}, ...localOptions(given) } };
    case "shell":
      return {
        ...head,
        action: {
          commands: texts(given["commands"] ?? given["command"]),
          timeout_ms: asNumber(given["timeout_ms"]) ?? null,
          max_output_length: asNumber(given["max_output_length"]) ?? null,
        },
        environment: null,
      };
    case "apply_patch":
      return { ...head, operation: operationOf(given) };
  }
}

/** One string where a list was asked for is a command line. */
function commandOf(value: Json | undefined): string[] {
  return typeof value === "string" ? ["bash", "-lc", value] : texts(value);
}

function texts(value: Json | undefined): string[] {
  return typeof value === "string" ? [value] : asList(value).filter((one) => typeof one === "string");
}

function localOptions(given: JsonObject): JsonObject {
  const directory = asString(given["working_directory"]);
  const timeout = asNumber(given["timeout_ms"]);
  return {
    ...(directory === undefined ? {} : { working_directory: directory }),
    ...(timeout === undefined ? {} : { timeout_ms: timeout }),
  };
}

function operationOf(given: JsonObject): JsonObject {
  const type = asString(given["type"]) ?? "update_file";
  const path = asString(given["path"]) ?? "";
  return type === "delete_file" ? { type, path } : { type, path, diff: asString(given["diff"]) ?? "" };
}
