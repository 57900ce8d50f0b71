// Walks a conversation once and gathers what a hand-over is made of. Promises linear time, and that no item makes it throw.
import { asString } from "../../kit/json.ts";
import { builtInResult } from "../built-in.ts";
import { textOf, type Item, type MessageItem } from "../item.ts";
import { cutMiddle } from "./cut-middle.ts";
import { FileLog } from "./file-log.ts";
import type { HandOver } from "./hand-over.ts";
import { handedSummary, ownWords } from "./injected.ts";
import { mergeHandOver } from "./merge-hand-over.ts";
import { openCallId } from "./open-call.ts";
import { readCall, type ReadCall } from "./read-call.ts";
import { readCommand } from "./read-command.ts";
import { readOutcome, type Outcome } from "./read-outcome.ts";
import { RunLog } from "./run-log.ts";
import { sentencesOf } from "./sentence.ts";
import { demandsOf } from "./user-words.ts";
import { isDecision, isFinding } from "./telling-words.ts";
import { splitHandOver } from "./write-hand-over.ts";

/** The longest statement of a choice, and the longest answer or message of another agent, in bytes. */
const CHOICE = 400;
const REPORT = 1500;
/** So many decisions and findings are kept; the oldest give way, since the newest often replace them. */
const MOST_DECISIONS = 400;
const MOST_FINDINGS = 40;

/** The output of a call: what it belongs to and its text; undefined for every other item. */
function readOutput(item: Item): { callId: string; text: string } | undefined {
  switch (item.type) {
    case "function_call_output":
    case "custom_tool_call_output":
      return { callId: item.call_id, text: textOf(item.output) };
    case "tool_search_output":
      return { callId: item.call_id ?? "", text: "" };
    case "built_in_output":
      return { callId: item.call_id, text: builtInResult(item) };
    default:
      return undefined;
  }
}

/** Notes a statement as the newest; the oldest give way where there are too many. */
function note(statements: Set<string>, text: string, limit: number, most = MOST_DECISIONS): void {
  const kept = cutMiddle(text.trim(), limit);
  statements.delete(kept);
  statements.add(kept);
  if (statements.size > most) statements.delete(statements.values().next().value ?? "");
}

/** Joins hand-overs in pairs, so that many of them cost no more than their length times its logarithm. */
function joinAll(handOvers: readonly HandOver[]): HandOver | undefined {
  if (handOvers.length < 2) return handOvers[0];
  const middle = Math.ceil(handOvers.length / 2);
  const older = joinAll(handOvers.slice(0, middle));
  const newer = joinAll(handOvers.slice(middle));
  return older === undefined || newer === undefined ? (older ?? newer) : mergeHandOver(older, newer);
}

/** What was gathered so far. */
export class Gathering {
  /** The user's own words, one text per message. */
  readonly userMessages: string[] = [];
  /** Demands that stand elsewhere: in a developer's messages in mid-conversation, in a free summary, in answers to the model. */
  readonly demands: string[] = [];
  readonly files = new FileLog();
  readonly runs = new RunLog();
  plan: string[] = [];
  lastMessage = "";
  lastThought = "";
  /** Calls since the model's last message, with how they ended. */
  sinceMessage: string[] = [];
  /** What earlier compactions handed over, oldest first. */
  readonly #earlier: HandOver[] = [];
  /** Ids of outputs whose calls are not here. */
  readonly #answered = new Set<string>();
  readonly #decisions = new Set<string>();
  readonly #findings = new Set<string>();
  readonly #open = new Map<string, ReadCall[]>();

  /** What was found or reasoned, then what was decided, each oldest first. */
  decisions(): string[] {
    return [...this.#findings, ...this.#decisions];
  }

  /** What earlier compactions handed over, in one, without the calls that have been answered since. */
  earlier(): HandOver | undefined {
    const joined = joinAll(this.#earlier);
    if (joined === undefined) return undefined;
    return { ...joined, open_calls: joined.open_calls.filter((entry) => !this.#answered.has(openCallId(entry) ?? "")) };
  }

  /** Calls without output, in their order. */
  openCalls(): ReadCall[] {
    return [...this.#open.values()].flat();
  }

  /** Takes the next item of the conversation. */
  take(item: Item): void {
    const call = readCall(item);
    const output = call === undefined ? readOutput(item) : undefined;
    if (call !== undefined) this.#takeCall(call);
    else if (output !== undefined) this.#takeOutput(output.callId, output.text);
    else if (item.type === "message") this.#takeMessage(item);
    else if (item.type === "agent_message") note(this.#decisions, `${item.author} reported: ${item.text}`, REPORT);
    else if (item.type === "reasoning") {
      const text = [...item.summary, ...(item.content ?? [])].map((part) => part.text).join("\n");
      if (text !== "") this.lastThought = text;
      this.#takeSentences(text, false);
    } else if (item.type === "opaque" && asString(item.wire["type"])?.endsWith("_call") === true) {
      this.sinceMessage.push(`${asString(item.wire["type"]) ?? ""} ${JSON.stringify(item.wire["action"] ?? "")}`);
    }
  }

  #takeMessage(item: MessageItem): void {
    const whole = textOf(item.content);
    const found = splitHandOver(whole);
    const text = found?.around ?? whole;
    const summary = handedSummary(text);
    if (found !== undefined) {
      this.#earlier.push(found.handOver);
      // A client that hands it on says so before it.
      if (text === "" || summary !== undefined) return;
    }
    if (summary !== undefined) {
      note(this.#decisions, `An earlier summary said: ${summary}`, 4 * REPORT);
      this.#demand(summary);
    } else if (item.role === "assistant") this.#takeReply(text);
    else if (item.role === "user") {
      const own = ownWords(text);
      const hasImage = item.content.some((part) => part.type === "input_image" || part.type === "input_file");
      if (own !== "" || hasImage) this.userMessages.push(hasImage ? `${own} (with an image or a file that is not here)`.trim() : own);
    } else if (this.userMessages.length > 0) {
      // What stands before the user's first words are a client's standing instructions, and it sends them again.
      this.#demand(ownWords(text));
    }
  }

  #demand(text: string): void {
    for (const demand of demandsOf(text)) this.demands.push(demand);
  }

  #takeReply(text: string): void {
    if (text.trim() === "") return;
    this.lastMessage = text.trim();
    this.lastThought = "";
    this.sinceMessage = [];
    this.#takeSentences(text, true);
  }

  #takeSentences(text: string, withFindings: boolean): void {
    for (const sentence of sentencesOf(text)) {
      if (isDecision(sentence)) note(this.#decisions, sentence, CHOICE);
      else if (withFindings && isFinding(sentence)) note(this.#findings, sentence, CHOICE, MOST_FINDINGS);
    }
  }

  #takeCall(call: ReadCall): void {
    const others = this.#open.get(call.callId);
    if (others === undefined) this.#open.set(call.callId, [call]);
    else others.push(call);
    if (call.plan !== undefined) this.plan = call.plan;
  }

  #takeOutput(callId: string, text: string): void {
    const calls = this.#open.get(callId);
    const call = calls?.pop();
    if (calls?.length === 0) this.#open.delete(callId);
    if (call !== undefined) this.#settle(call, readOutcome(text));
    else this.#answered.add(callId);
  }

  #settle(call: ReadCall, outcome: Outcome): void {
    const resumed = call.session === undefined ? undefined : this.runs.running(call.session);
    const commands = resumed === undefined ? call.commands : [resumed];
    const deeds = [...call.files];
    for (const command of commands) {
      const { files, onlyReads } = readCommand(command);
      this.runs.note(command, outcome, !onlyReads);
      deeds.push(...files);
    }
    if (!outcome.failed) for (const deed of deeds) this.files.note(deed);
    if (commands.length === 0) this.#settleTool(call, outcome);
    if (call.asksUser && !outcome.failed)
      this.demands.push(`Answer to ${cutMiddle(call.given, REPORT)}: ${cutMiddle(outcome.text, REPORT)}`);
    const what = commands.length > 0 ? commands.join("; ") : `${call.name} ${call.files.map(({ path }) => path).join(", ")}`.trim();
    this.sinceMessage.push(`${cutMiddle(what, 160)}${outcome.failed ? " (failed)" : ""}`);
  }

  /** A tool that is no command: its failure stands until it works on the same files. */
  #settleTool(call: ReadCall, outcome: Outcome): void {
    const name = [call.name, ...call.files.map(({ path }) => path)].join(" ");
    const lines = outcome.text.slice(0, REPORT).trim();
    this.runs.settle(name, outcome.failed ? `\`${name}\` → failed\n${lines}` : undefined);
  }
}
