// Old tool results cut to their head and tail, where the user asked for it. Pure. Promises that the latest results are whole, that each
// cut is marked where it was made and is a declared loss, and that the same history is cut the same way.
import type { InputPart, Item, ToolOutput } from "./item.ts";
import type { LossList } from "./loss.ts";
import { isOutput } from "./pair-calls.ts";

/** Which results are cut: all but the last `keepLast`, where their text has more than `overBytes` bytes of UTF-8. */
export interface AgeRule {
  keepLast: number;
  overBytes: number;
}

/** The history with old results cut; the same items where nothing is. */
export function ageResults(items: readonly Item[], rule: AgeRule, losses: LossList): readonly Item[] {
  const outputs = items.flatMap((item, index) => (isOutput(item) ? [index] : []));
  const old = new Set(outputs.slice(0, Math.max(0, outputs.length - rule.keepLast)));
  let isCut = false;
  const aged = items.map((item, index) => {
    if (!old.has(index) || (item.type !== "function_call_output" && item.type !== "custom_tool_call_output")) return item;
    const output = cutOutput(item.output, rule.overBytes);
    if (output === item.output) return item;
    isCut = true;
    losses.add(
      "dropped",
      `aged.${item.type}[${index}]`,
      `The middle of an old tool result (${item.call_id}) was left out (age_tool_results).`,
    );
    return { ...item, output };
  });
  return isCut ? aged : items;
}

function cutOutput(output: ToolOutput, overBytes: number): ToolOutput {
  if (typeof output === "string") return cutText(output, overBytes);
  let isCut = false;
  const parts = output.map((part): InputPart => {
    if (part.type !== "input_text") return part;
    const text = cutText(part.text, overBytes);
    if (text === part.text) return part;
    isCut = true;
    return { ...part, text };
  });
  return isCut ? parts : output;
}

/** Head and tail of a text, about `overBytes` together, with a mark between; the same text where it is not longer. */
function cutText(text: string, overBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= overBytes) return text;
  const half = Math.floor(overBytes / 2);
  const head = bytes.subarray(0, startOfCharacter(bytes, half));
  const tail = bytes.subarray(startOfCharacter(bytes, bytes.length - half));
  const left = bytes.length - head.length - tail.length;
  const mark = `\n[${left} bytes of this older tool result were left out here; run the tool again if they are needed]\n`;
  return bytes.length <= head.length + tail.length + mark.length ? text : `${head.toString()}${mark}${tail.toString()}`;
}

/** The place at or before which a character begins. */
function startOfCharacter(bytes: Buffer, at: number): number {
  let start = at;
  // The bytes after the first of a character have the form 10xxxxxx.
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}
