// What the user said, arranged for a hand-over: the first and the newest message as the task, the rest whole where it fits, else its
// demands alone, word for word. Promises linear time, no repetition, and that no demand is left out for want of room here.
import { cutMiddle } from "./cut-middle.ts";
import { sentencesOf } from "./sentence.ts";
import { isAboutMatter, isDemand } from "./telling-words.ts";

/** The user's part of a hand-over. */
export interface UserWords {
  task: string;
  constraints: string[];
}

/** How a task's parts are told apart, so that a later compaction can put a newer request in the place of the old one. */
const newestMark = "Newest request: ";

/** A message this short is kept as it is: taking it to pieces saves nothing. */
const SHORT = 400;
/** Shares of the hand-over: all messages as they are; where that is too much, the first and the newest one each, and the others. */
const WHOLE = 0.5;
const TASK = 0.1;
const REST = 0.35;
/** The longest sentence that is kept as it is, in bytes; longer ones are pasted data with a demand in it. */
const SENTENCE = 1500;

/** Messages that only say go on. */
const nod =
  /^(?:ok(?:ay)?|yes|y|yep|sure|go(?: on| ahead)?|continue|proceed|thanks?(?: you)?|please continue|ja|weiter|gut|danke|oui|sí|да|继续|好的?|是|続けて|계속)[\s.!。！]*$/iu;

/** Texts equal up to their spaces count as one. */
const key = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/** The texts without those whose every sentence was in an earlier one, or in `known`. */
export function withoutRepetition(texts: readonly string[], known: readonly string[] = []): string[] {
  const seen = new Set(known.flatMap(sentencesOf).map(key));
  const kept: string[] = [];
  for (const text of texts) {
    const whole = key(text);
    const sentences = sentencesOf(text).map(key);
    if (whole === "" || seen.has(whole) || (sentences.length > 0 && sentences.every((sentence) => seen.has(sentence)))) continue;
    seen.add(whole);
    for (const sentence of sentences) seen.add(sentence);
    kept.push(text.trim());
  }
  return kept;
}

/** The task in one text, of the first request and the newest one. */
function taskOf(first: string, newest: string | undefined): string {
  return newest === undefined || newest === first ? first : `${first}\n${newestMark}${newest}`;
}

/** A task with a newer request: the older task's own newest one gives way, and comes back as `earlier`. */
export function renewTask(task: string, newer: string): { task: string; earlier: string } {
  if (newer === "" || newer === task) return { task, earlier: "" };
  const at = task.indexOf(`\n${newestMark}`);
  const first = at === -1 ? task : task.slice(0, at);
  const earlier = at === -1 ? "" : task.slice(at + 1 + newestMark.length);
  const there = newer.indexOf(`\n${newestMark}`);
  if (first === "") return { task: newer, earlier };
  const newest = there === -1 ? newer : newer.slice(there + 1 + newestMark.length);
  const middle = there === -1 || newer.slice(0, there) === first ? "" : newer.slice(0, there);
  return { task: taskOf(first, newest), earlier: [earlier === newest ? "" : earlier, middle].filter((text) => text !== "").join("\n") };
}

/** A message's demands, and these in their order with its first sentence and all that names numbers, paths or code. */
function sortSentences(message: string): { demands: string[]; matter: string[] } {
  const sentences = sentencesOf(message).map((sentence) => cutMiddle(sentence, SENTENCE));
  const demands = sentences.filter(isDemand);
  const known = new Set(demands);
  return { demands, matter: sentences.filter((sentence, place) => place === 0 || known.has(sentence) || isAboutMatter(sentence)) };
}

/** The sentences of a text that demand, forbid or limit something. */
export function demandsOf(text: string): string[] {
  return sortSentences(text).demands;
}

const bytesOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 3, 0);

/**
 * Arranges the user's messages, oldest first, for a hand-over of so many bytes, together with demands that stand elsewhere.
 */
export function arrangeUserWords(messages: readonly string[], demandsElsewhere: readonly string[], bytes: number): UserWords {
  const said = withoutRepetition(messages.filter((message) => !nod.test(message)));
  const texts = said.length > 0 ? said : withoutRepetition(messages);
  const first = texts[0] ?? "";
  const newest = texts.length > 1 ? texts.at(-1) : undefined;
  if (bytesOf(texts) + bytesOf(demandsElsewhere) <= bytes * WHOLE) {
    return { task: taskOf(first, newest), constraints: withoutRepetition([...texts.slice(1, -1), ...demandsElsewhere], texts.slice(0, 1)) };
  }
  const room = Math.floor(bytes * TASK);
  const kept = [first, newest ?? ""].filter((text) => Buffer.byteLength(text) <= room);
  const others = texts.filter((text) => !kept.includes(text));
  return {
    task: taskOf(cutMiddle(first, room), newest === undefined ? undefined : cutMiddle(newest, room)),
    constraints: withoutRepetition([...shorten(others, bytes * REST - bytesOf(demandsElsewhere)), ...demandsElsewhere], kept),
  };
}

/** Messages in about so many bytes: of each its demands, and where there is room, from the newest back, what it is about or all of it. */
function shorten(messages: readonly string[], bytes: number): string[] {
  const sorted = messages.map((text) => (Buffer.byteLength(text) <= SHORT ? { demands: [text], matter: [text] } : sortSentences(text)));
  let room = bytes - sorted.reduce((sum, { demands }) => sum + bytesOf(demands), 0);
  const chosen = sorted.map(({ demands }) => demands);
  for (const [place, { demands, matter }] of [...sorted.entries()].toReversed()) {
    const forms = [[messages[place] ?? ""], matter];
    const cost = (form: readonly string[]) => bytesOf(form) - bytesOf(demands);
    const form = forms.find((one) => cost(one) <= room);
    if (form === undefined) continue;
    room -= Math.max(0, cost(form));
    chosen[place] = form;
  }
  return chosen.flat();
}
