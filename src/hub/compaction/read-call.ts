// What a call of an agent's tool sets out to do, whatever the client names its tools: run commands, touch files, set the plan,
// ask the user. Promises linear time and no throw.
import { asList, asString, isObject, parseJson, type Json, type JsonObject } from "../../kit/json.ts";
import { builtInArguments } from "../built-in.ts";
import type { Item } from "../item.ts";
import { plainCommand, type FileDeed } from "./read-command.ts";
import { readPatch } from "./read-patch.ts";
import { readPlan } from "./read-plan.ts";

/** A call as the extract sees it. */
export interface ReadCall {
  callId: string;
  /** With its namespace, as `namespace.name`. */
  name: string;
  /** Its arguments or input as they stand in the item. */
  given: string;
  /** Command lines that it runs. */
  commands: string[];
  /** Files that it touches besides what the commands do. */
  files: FileDeed[];
  /** The plan that it sets. */
  plan: string[] | undefined;
  /** Whether its output is what the user said. */
  asksUser: boolean;
  /** The running command that it goes on with. */
  session: string | undefined;
}

/** Commands of one call that are looked at, each against the whole output that they share. */
const MOST_COMMANDS = 32;
const commandNames = ["cmd", "command", "commands", "script"];
const pathNames = ["path", "file_path", "filePath", "filepath", "filename", "target_file", "notebook_path", "file"];
const patchNames = ["input", "patch", "patchText", "diff"];
const contentNames = ["new_string", "newString", "new_str", "content", "file_text", "contents"];
const asking = /^(?:request_user_input|ask.*(?:user|question)|askquestion)/i;
const deedsByTool: readonly [RegExp, string][] = [
  [/delete|remove/i, "deleted"],
  [/write|create/i, "written"],
  [/edit|replace|patch|update|insert/i, "edited"],
  [/read|view|open|cat|get/i, "read"],
];
/** A command in a script of Codex's code mode: `tools.exec_command({cmd: "…"})`. */
const scriptCommand = /\bcmd["']?\s*:\s*(?:"((?:[^"\\]|\\[^]){1,4000})"|'((?:[^'\\]|\\[^]){1,4000})'|`((?:[^`\\]|\\[^]){1,4000})`)/g;
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

const unescaped = (text: string): string => text.replaceAll(/\\([^])/g, (_, letter: string) => escapes[letter] ?? letter);

function strings(value: Json | undefined): string[] {
  return asList(value).filter((one) => typeof one === "string");
}

/** One command line, a program with its arguments, or a list of command lines under `commands`. */
function commandsOf(given: JsonObject): string[] {
  for (const name of commandNames) {
    const value = given[name];
    if (typeof value === "string") return [plainCommand(value)];
    const words = strings(value);
    if (words.length > 0) return name === "commands" ? words.slice(0, MOST_COMMANDS).map(plainCommand) : [plainCommand(words)];
  }
  return [];
}

function firstLine(text: string): string {
  return (/[^\s][^\n]{0,90}/.exec(text.slice(0, 2000))?.[0] ?? "").trim();
}

function filesOf(tool: string, given: JsonObject): FileDeed[] {
  const patch = patchNames.map((name) => asString(given[name])).find((text) => text?.includes("*** "));
  if (patch !== undefined) return readPatch(patch);
  const path = pathNames.map((name) => asString(given[name])).find((text) => text !== undefined && text !== "");
  const operation = asString(given["type"]) ?? "";
  const done = deedsByTool.find(([pattern]) => pattern.test(operation) || pattern.test(tool))?.[1];
  if (path === undefined || done === undefined) return [];
  const content = contentNames.map((name) => asString(given[name])).find((text) => text !== undefined);
  return [{ path, done, detail: done === "read" || content === undefined ? "" : firstLine(content) }];
}

/** A script's commands, or a bare command or patch. */
function readText(tool: string, text: string): Pick<ReadCall, "commands" | "files"> {
  const commands = [...text.matchAll(scriptCommand)]
    .slice(0, MOST_COMMANDS)
    .map(([, double, single, back]) => unescaped(double ?? single ?? back ?? ""));
  const patch = text.includes("\\n") && !text.includes("\n*** ") ? unescaped(text) : text;
  const isShell = commands.length === 0 && /shell|bash|command|terminal/i.test(tool);
  return { commands: isShell ? [text.trim()] : commands, files: readPatch(patch) };
}

function readGiven(callId: string, name: string, given: string): ReadCall {
  const tool = name.slice(name.lastIndexOf(".") + 1);
  const json = parseJson(given);
  const session = isObject(json) ? (json["session_id"] ?? json["cell_id"]) : undefined;
  const deeds = isObject(json) ? { commands: commandsOf(json), files: filesOf(tool, json) } : readText(tool, given);
  return {
    callId,
    name,
    given,
    commands: deeds.commands,
    files: [...deeds.files, ...deeds.commands.flatMap(readPatch)],
    plan: readPlan(tool, given),
    asksUser: asking.test(tool),
    session: typeof session === "string" || typeof session === "number" ? String(session) : undefined,
  };
}

/** Reads an item that is a call; undefined for every other item. */
export function readCall(item: Item): ReadCall | undefined {
  switch (item.type) {
    case "function_call":
      return readGiven(item.call_id, item.namespace === undefined ? item.name : `${item.namespace}.${item.name}`, item.arguments);
    case "custom_tool_call":
      return readGiven(item.call_id, item.namespace === undefined ? item.name : `${item.namespace}.${item.name}`, item.input);
    case "tool_search_call":
      return readGiven(item.call_id ?? "", "tool_search", JSON.stringify(item.arguments));
    case "built_in_call":
      return readGiven(item.call_id, item.tool, builtInArguments(item));
    default:
      return undefined;
  }
}
