// Writes a synthetic agent session and keeps account of what was planted in it. Promises that what it returns as planted stands in
// the items, and that call ids are unique.
import { extract } from "../../src/hub/compaction/extract.ts";
import { writeHandOver } from "../../src/hub/compaction/write-hand-over.ts";
import type { Item } from "../../src/hub/item.ts";
import {
  call,
  chatter,
  customCall,
  customOutput,
  diceOf,
  ended,
  log,
  message,
  opening,
  output,
  path,
  reply,
  source,
  thought,
  type Dice,
} from "./agent-sessions-parts.ts";

/** Something that a hand-over should tell, by a text that must stand in it. */
export interface Fact {
  kind: "file" | "decision" | "failure" | "plan" | "command" | "next";
  text: string;
}

/** A session and what was planted in it. */
export interface AgentSession {
  name: string;
  items: Item[];
  /** The user's demands, word for word. */
  constraints: string[];
  /** Calls without output: the id and a part of the arguments. */
  openCalls: { callId: string; given: string }[];
  facts: Fact[];
  /** What was mended since and must not stand as a failure. */
  mended: string[];
}

/** The UTF-8 bytes of items as JSON. */
export function bytesOf(items: readonly Item[]): number {
  return Buffer.byteLength(JSON.stringify(items));
}

/** Builds one session. */
export class SessionWriter {
  readonly dice: Dice;
  #items: Item[] = opening();
  readonly #constraints = new Set<string>();
  readonly #openCalls: AgentSession["openCalls"] = [];
  readonly #facts: Fact[] = [];
  readonly #mended: string[] = [];
  readonly #seed: number;
  #calls = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.dice = diceOf(seed);
  }

  /** Notes a demand of the user. */
  constraint(text: string): string {
    this.#constraints.add(text);
    return text;
  }

  /** Notes a fact. */
  fact(kind: Fact["kind"], text: string): string {
    this.#facts.push({ kind, text });
    return text;
  }

  /** Notes a decision. */
  decision(text: string): string {
    return this.fact("decision", text);
  }

  /** Notes a failure that the session mends. */
  mended(text: string): string {
    this.#mended.push(text);
    return text;
  }

  /** Adds an item. */
  add(item: Item): void {
    this.#items.push(item);
  }

  /** The user says something. */
  user(text: string): void {
    this.add(message("user", text));
  }

  /** The model says something. */
  say(text: string): void {
    this.add(reply(`${chatter(this.dice)} ${text}`));
  }

  /** The model thinks something. */
  think(text: string): void {
    this.add(thought(text));
  }

  /** A command runs and ends. */
  run(command: string, exit: number, text: string): void {
    this.tool("exec_command", { cmd: command, workdir: "/home/dev/shop" }, ended(exit, text));
  }

  /** The model looks around: a thought, a reading or a search, now and then a word about it. */
  look(): void {
    const where = path(this.dice);
    this.think(`I wonder how ${where} does it.`);
    if (this.dice.below(3) > 0) this.run(`sed -n '1,120p' ${where}`, 0, source(this.dice, 30));
    else this.run(`rg -n "cart|total" ${where}`, this.dice.below(2), log(this.dice, 12));
    if (this.dice.below(2) === 0) this.say(`I'll use rg to look at ${path(this.dice)} next, because ${chatter(this.dice)}`);
  }

  /** A patch changes a line of a file. */
  patch(file: string, line: string): void {
    const callId = this.#callId();
    this.add(customCall(callId, "apply_patch", `*** Begin Patch\n*** Update File: ${file}\n@@\n-old\n+${line}\n*** End Patch\n`));
    this.add(customOutput(callId, `Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following files:\nM ${file}\n`));
  }

  /** A script of code mode runs. */
  script(input: string, text: string): void {
    const callId = this.#callId();
    this.add(customCall(callId, "exec", input));
    this.add(customOutput(callId, "Script completed\nWall time 0.1 seconds\nOutput:\n", text));
  }

  /** A function is called and answers. */
  tool(name: string, given: object, text: string): void {
    const callId = this.#callId();
    this.add(call(callId, name, given));
    this.add(output(callId, text));
  }

  /** The plan is set; steps before `current` are done. */
  plan(steps: readonly string[], current: number): void {
    const status = (place: number) => (place < current ? "completed" : place === current ? "in_progress" : "pending");
    this.tool("update_plan", { plan: steps.map((step, place) => ({ step, status: status(place) })) }, "Plan updated");
  }

  /** A function is called and has not answered when the session is cut. */
  leaveOpen(name: string, given: object, namespace?: string): void {
    const callId = this.#callId();
    this.add(call(callId, name, given, namespace));
    this.expectOpen(callId, JSON.stringify(given));
  }

  /** Notes that a call is open. */
  expectOpen(callId: string, given: string): void {
    this.#openCalls.push({ callId, given });
  }

  /** The session is compacted: what follows sees only a hand-over of a fifth of its bytes. */
  compact(): void {
    const handOver = extract(this.#items, { tokens: bytesOf(this.#items) / 20, bytesPerToken: 4 });
    this.#items = [...opening(), message("user", writeHandOver(handOver))];
  }

  /** The whole session. */
  finish(kind: string): AgentSession {
    return {
      name: `${kind} ${this.#seed}`,
      items: this.#items,
      constraints: [...this.#constraints],
      openCalls: this.#openCalls,
      facts: this.#facts,
      mended: this.#mended,
    };
  }

  #callId(): string {
    this.#calls += 1;
    return `call_${this.#seed}_${this.#calls}`;
  }
}
