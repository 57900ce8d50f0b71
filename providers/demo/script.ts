// What the demo says: think, call the client's shell tool once, read its result, answer. Promises to depend on the
// request alone, and to run nothing that could change anything on the user's machine.
import { asList, asObject, asString, isObject, parseJson } from "../../src/contract.ts";
import type { JsonObject } from "../../src/contract.ts";
import { sampleArguments, sampleOf } from "./sample.ts";
import { commandArguments, findShell } from "./shell-tool.ts";

/** One reply: reasoning and text in words, so that a stream has something to stream. */
export interface DemoTurn {
  reasoning: string[];
  text: string[];
  call?: { name: string; arguments: string };
  finish: "stop" | "tool_calls" | "length";
}

const DEFAULT_COMMAND = "echo hello from the waystation demo";

/** The commands that a user may choose by naming them in backticks: none writes, none takes a path. */
const HARMLESS = /`(ls|pwd|date|whoami|uname -a|echo [\w .,!-]{1,80})`/;

/** Plays one turn of the script for a chat-completions body. */
export function playTurn(body: JsonObject): DemoTurn {
  const messages = objectsOf(body["messages"]);
  const last = messages.at(-1);
  if (last?.["role"] === "tool") return answerResult(messages, last);
  const prompt = readContent(messages.findLast((message) => message["role"] === "user")?.["content"]);
  const call = chooseCall(body, HARMLESS.exec(prompt.text)?.[1] ?? DEFAULT_COMMAND);
  if (call) {
    const thought = `The user said something and I have a tool, \`${call.name}\`. I will call it, read what it gives back, and answer with that.`;
    return { reasoning: words(thought), text: [], call, finish: "tool_calls" };
  }
  return say("There is no tool for me to call, so I answer at once.", answerInForm(body, answerPrompt(prompt)));
}

/** The call that `tools` and `tool_choice` ask for, if any; only a tool that the client insists on is called without being a shell. */
function chooseCall(body: JsonObject, command: string): DemoTurn["call"] {
  const choice = body["tool_choice"];
  if (choice === "none") return undefined;
  const functions = objectsOf(objectsOf(body["tools"]).map((tool) => tool["function"]));
  const wanted = asString(asObject(asObject(choice)?.["function"])?.["name"]);
  const offered = wanted === undefined ? functions : functions.filter((one) => one["name"] === wanted);
  const shell = findShell(offered);
  if (shell) return { name: shell.name, arguments: JSON.stringify(commandArguments(shell, command)) };
  const forced = wanted !== undefined || choice === "required" ? offered[0] : undefined;
  const name = asString(forced?.["name"]);
  return forced && name ? { name, arguments: JSON.stringify(sampleArguments(forced["parameters"])) } : undefined;
}

function answerResult(messages: JsonObject[], result: JsonObject): DemoTurn {
  const call = messages.flatMap((message) => objectsOf(message["tool_calls"])).findLast((one) => one["id"] === result["tool_call_id"]);
  const name = asString(asObject(call?.["function"])?.["name"]) ?? "the tool";
  const output = plainOutput(readContent(result["content"]).text).slice(0, 2000);
  const quoted = output === "" ? "It gave nothing back." : `It gave back:\n\n\`\`\`\n${output}\n\`\`\``;
  const closing = "That is all that I do: I am a small script inside Waystation, and a real model takes the same path.";
  return say("The tool has answered. I only have to tell the user.", `I called \`${name}\`. ${quoted}\n\n${closing}`);
}

function answerPrompt(prompt: Prompt): string {
  const said = prompt.text.trim().slice(0, 200);
  const heard = said === "" ? "You sent no text." : `You said: "${said}"`;
  const unseen = prompt.others > 0 ? ` With it came ${prompt.others} part(s) that are no text; I cannot see them.` : "";
  return `Hello from Waystation's demo. ${heard}${unseen} I am a small script, not a language model; choose a real model to get a real answer.`;
}

/** The answer as the JSON that the client asked for, if it did. */
function answerInForm(body: JsonObject, answer: string): string {
  const format = asObject(body["response_format"]);
  if (format?.["type"] === "json_object") return JSON.stringify({ answer });
  const schema = asObject(format?.["json_schema"])?.["schema"];
  return format?.["type"] === "json_schema" && asObject(schema) ? JSON.stringify(sampleOf(schema, "answer")) : answer;
}

function say(thought: string, text: string): DemoTurn {
  return { reasoning: words(thought), text: words(text), finish: "stop" };
}

interface Prompt {
  text: string;
  /** Parts that are no text. */
  others: number;
}

function readContent(content: unknown): Prompt {
  if (typeof content === "string") return { text: content, others: 0 };
  const parts = asList(content).map(asObject);
  const texts = parts.flatMap((part) => (part?.["type"] === "text" ? (asString(part["text"]) ?? []) : []));
  return { text: texts.join("\n"), others: parts.length - texts.length };
}

/** What a command printed, out of the reports that agent CLIs wrap around it: `{"output": ...}`, or lines up to `Output:`. */
function plainOutput(report: string): string {
  const wrapped = asObject(parseJson(report));
  const output = asString(wrapped?.["output"]) ?? asString(wrapped?.["stdout"]) ?? report;
  const heading = /^Output:[ \t]*\n?/m.exec(output);
  return (heading ? output.slice(heading.index + heading[0].length) : output).trim();
}

function objectsOf(list: unknown): JsonObject[] {
  return asList(list).filter((one) => isObject(one));
}

function words(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}
