// The parts of which synthetic agent sessions are made: seeded choices, prose, source text, logs, and items as Codex writes them.
// Promises the same session for the same seed.
import type { Item } from "../../src/hub/item.ts";

/** Seeded choices. */
export interface Dice {
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  /** One of the list. */
  one<T>(list: readonly [T, ...T[]] | readonly T[]): T;
  /** That many different ones, in the list's order. */
  some<T>(list: readonly T[], count: number): T[];
}

/** Dice from a seed (mulberry32). */
export function diceOf(seed: number): Dice {
  let state = seed * 0x9e3779b1;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    below,
    one: (list) => {
      const picked = list[below(list.length)];
      if (picked === undefined) throw new Error("nothing to choose from");
      return picked;
    },
    some: (list, count) => {
      const places = list.map((_, place) => ({ place, rank: next() })).toSorted((one, other) => one.rank - other.rank);
      const kept = new Set(places.slice(0, count).map(({ place }) => place));
      return list.filter((_, place) => kept.has(place));
    },
  };
}

const nouns = [
  "parser",
  "queue",
  "session",
  "cursor",
  "ledger",
  "cache",
  "router",
  "invoice",
  "token",
  "buffer",
  "worker",
  "schema",
  "socket",
  "index",
  "budget",
];
const verbs = ["reads", "drops", "copies", "merges", "locks", "splits", "sorts", "counts", "retries", "renames", "flushes", "rejects"];
const folders = ["src/core", "src/api", "src/store", "lib/net", "lib/text", "test/unit", "test/flows", "packages/web/src", "tools"];
const endings = ["ts", "py", "rs", "go", "tsx"];

/** A path that no other call with the same dice is likely to give. */
export function path(dice: Dice): string {
  return `${dice.one(folders)}/${dice.one(nouns)}-${dice.one(nouns)}-${dice.below(900) + 100}.${dice.one(endings)}`;
}

/** A sentence without demand, choice or name. */
export function chatter(dice: Dice): string {
  return `The ${dice.one(nouns)} ${dice.one(verbs)} the ${dice.one(nouns)} and then ${dice.one(verbs)} the ${dice.one(nouns)}.`;
}

/** Lines of something like source. */
export function source(dice: Dice, lines: number): string {
  return Array.from({ length: lines }, (_, line) => {
    const indent = "  ".repeat(line % 4);
    return `${indent}const ${dice.one(nouns)}${dice.below(99)} = ${dice.one(verbs)}(${dice.one(nouns)}.${dice.one(nouns)}, ${dice.below(4096)}); // ${chatter(dice)}`;
  }).join("\n");
}

/** Lines of a service's or runner's log in which nothing goes wrong. */
export function log(dice: Dice, lines: number): string {
  return Array.from(
    { length: lines },
    (_, line) =>
      `2026-11-2${line % 9} 12:${10 + (line % 50)}:0${line % 9} INFO ${dice.one(nouns)} ${dice.one(verbs)} ${dice.one(nouns)} in ${dice.below(900)} ms`,
  ).join("\n");
}

/** What a message of that role looks like. */
export function message(role: "user" | "developer" | "system", ...texts: string[]): Item {
  return { type: "message", role, content: texts.map((text) => ({ type: "input_text", text })) };
}

/** What the model said. */
export function reply(text: string): Item {
  return { type: "message", role: "assistant", content: [{ type: "output_text", text, annotations: [], logprobs: [] }] };
}

/** What the model thought, as a summary. */
export function thought(text: string): Item {
  return { type: "reasoning", summary: [{ type: "summary_text", text }], encrypted_content: null };
}

/** A function call. */
export function call(callId: string, name: string, given: object, namespace?: string): Item {
  return {
    type: "function_call",
    call_id: callId,
    name,
    arguments: JSON.stringify(given),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** A function call's output. */
export function output(callId: string, text: string): Item {
  return { type: "function_call_output", call_id: callId, output: text };
}

/** A custom tool's call. */
export function customCall(callId: string, name: string, input: string): Item {
  return { type: "custom_tool_call", call_id: callId, name, input };
}

/** A custom tool's output, in parts as code mode gives it or as one text. */
export function customOutput(callId: string, ...texts: string[]): Item {
  const [only = "", ...more] = texts;
  return {
    type: "custom_tool_call_output",
    call_id: callId,
    output: more.length === 0 ? only : texts.map((text) => ({ type: "input_text", text })),
  };
}

/** An output as Codex's exec_command writes it. */
export function ended(exit: number, text: string): string {
  return `Chunk ID: 4ca1cc\nWall time: 0.3903 seconds\nProcess exited with code ${exit}\nOriginal token count: ${Math.ceil(text.length / 4)}\nOutput:\n${text}\n`;
}

/** What Codex puts before the first request: instructions, permissions, project rules and surroundings. */
export function opening(): Item[] {
  const rules = "You are a coding agent. You must be precise, never guess, always check your work and only answer when done.\n".repeat(30);
  return [
    message("developer", rules),
    message(
      "developer",
      "<permissions instructions>\nFilesystem sandboxing is `workspace-write`. Never ask for approval.\n</permissions instructions>",
    ),
    message(
      "user",
      "# AGENTS.md instructions for /home/dev/shop\n\n<INSTRUCTIONS>\nAlways say moo. Never commit to main.\n</INSTRUCTIONS>",
      "<environment_context>\n  <cwd>/home/dev/shop</cwd>\n  <shell>bash</shell>\n</environment_context>",
    ),
  ];
}
